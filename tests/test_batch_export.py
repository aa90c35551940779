"""The manifest in other people's formats."""

import csv
import json

import pytest

from dxanalysis.batch.errors import BatchError, MissingExtra
from dxanalysis.batch.manifest import Manifest, export_manifest


@pytest.fixture
def out(tmp_path):
    row = {"batch": "b", "notebook": "notebooks/n.ipynb", "attempt": 1, "reason": "never run", "digest": "d"}
    row |= {"parts": {}, "inputs": {"../data/a.csv": "1234567890123456"}}
    with Manifest(tmp_path) as manifest:
        first = manifest.claim("a/n", row | {"parameters": {"area": "Quảng Ninh", "codes": ["01"]}})
        manifest.finish(first, status="done", outputs={"n.ipynb": "x", "chart.png": "y"})
        second = manifest.claim("b/n", row | {"parameters": {"area": "b"}})
        manifest.finish(second, status="failed", error="ValueError: x")
    return tmp_path


def test_csv_and_json_hold_every_attempt(out, tmp_path):
    text = export_manifest(out, tmp_path / "runs.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert [(row["output"], row["status"]) for row in rows] == [("a/n", "done"), ("b/n", "failed")]
    assert json.loads(rows[0]["parameters"])["area"] == "Quảng Ninh"
    assert json.loads(export_manifest(out, tmp_path / "runs.json").read_text())[1]["error"] == "ValueError: x"


def test_parquet_is_read_by_pandas(out, tmp_path):
    pytest.importorskip("pyarrow")
    import pandas as pd

    frame = pd.read_parquet(export_manifest(out, tmp_path / "runs.parquet"))
    assert list(frame["status"]) == ["done", "failed"]


def test_parquet_without_pyarrow_names_the_extra(out, tmp_path, monkeypatch):
    import pandas as pd

    def fail(*_, **__):
        raise ImportError("no pyarrow")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", fail)
    with pytest.raises(MissingExtra, match=r"Install dxanalysis\[parquet\]"):
        export_manifest(out, tmp_path / "runs.parquet")


def test_an_unknown_ending_is_refused(out, tmp_path):
    with pytest.raises(BatchError, match=r"Unknown format 'runs.xlsx'\. Write to a file ending in \.csv, \.json"):
        export_manifest(out, tmp_path / "runs.xlsx")


def test_a_folder_without_runs_is_refused(tmp_path):
    with pytest.raises(BatchError, match=r"There are no runs in"):
        export_manifest(tmp_path / "none", tmp_path / "runs.csv")
