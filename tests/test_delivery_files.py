"""Files have the same bytes for the same content and hold no formula a spreadsheet would run."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from dxanalysis.delivery import files
from dxanalysis.facts.exporting import harmless


@pytest.mark.parametrize("text", ["=1+1", "+84", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert harmless(text) == "'" + text


def test_numbers_and_plain_text_stay_as_they_are():
    assert harmless(-3.5) == -3.5
    assert harmless("Quảng Ninh") == "Quảng Ninh"


def test_a_csv_is_utf8_with_a_mark_and_full_precision(tmp_path):
    table = pd.DataFrame({"=name": ["Quảng Ninh", "=HYPERLINK(1)"], "value": [-0.1, 13.17]})
    path = files.write_csv(tmp_path / "t.csv", table)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf'=name,value\n")
    back = pd.read_csv(path)
    assert back["value"].tolist() == [-0.1, 13.17]
    assert back["'=name"].tolist() == ["Quảng Ninh", "'=HYPERLINK(1)"]


def test_json_has_no_nan_and_sorted_keys(tmp_path):
    path = files.write_json(tmp_path / "f.json", {"b": math.nan, "a": np.float64(1.5), "c": pd.NA})
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": 1.5, "b": None, "c": None}
    assert path.read_text(encoding="utf-8").index('"a"') < path.read_text(encoding="utf-8").index('"b"')


def test_a_file_is_replaced_whole_and_leaves_no_part_behind(tmp_path):
    files.write_text(tmp_path / "x.txt", "một")
    files.write_text(tmp_path / "x.txt", "hai")
    assert [path.name for path in tmp_path.iterdir()] == ["x.txt"]
    assert (tmp_path / "x.txt").read_text(encoding="utf-8") == "hai"
