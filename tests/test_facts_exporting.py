"""Exports: CSV, XLSX, Parquet and SDMX-CSV, with texts that stay texts."""

import openpyxl
import pandas as pd
import pytest

from dxanalysis.facts import exporting
from dxanalysis.facts.records import DataError
from dxanalysis.facts.understand.door import understand

ROWS = pd.DataFrame({
    "indicator": ["digital_economy_share"] * 3,
    "definition": ["gso", "mic", "gso"],
    "area": ["viet-nam", "viet-nam", "quang-ninh"],
    "period": ["2023", "2024-Q1", "2024-07"],
    "value": [12.87, 18.3, 7.1],
    "unit": ["percent"] * 3,
    "status": ["official", "estimate", "reported"],
    "vintage": ["2025-01-06"] * 3,
    "source": ["founding-article"] * 3,
})
EVIL = ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "http://example.org", "Quảng Ninh"]


def test_csv_keeps_figures_and_letters(tmp_path):
    path = exporting.write(ROWS.assign(area="Quảng Ninh"), tmp_path / "a.csv")
    back = pd.read_csv(path)
    assert back["value"].tolist() == [12.87, 18.3, 7.1] and back["area"].tolist() == ["Quảng Ninh"] * 3


def test_no_text_becomes_a_formula_in_csv(tmp_path):
    path = exporting.write(pd.DataFrame({"=name": EVIL, "n": [-1.5] * 7}), tmp_path / "a.csv")
    lines = pd.read_csv(path, keep_default_na=False)
    assert lines["'=name"].tolist() == [
        "'=1+1", "'+cmd", "'-2+3", "'@SUM(A1)", "'\t=1", "http://example.org", "Quảng Ninh",
    ]
    assert lines["n"].tolist() == [-1.5] * 7


def test_no_text_becomes_a_formula_or_link_in_a_workbook(tmp_path):
    path = exporting.write(pd.DataFrame({"=name": EVIL, "n": [1, 2, 3, 4, 5, 6, None]}), tmp_path / "a.xlsx")
    page = openpyxl.load_workbook(path).active
    assert [cell.value for cell in page["A"]] == ["=name", *EVIL]
    assert {cell.data_type for cell in page["A"]} == {"s"}
    assert all(cell.hyperlink is None for cell in page["A"])
    assert [cell.value for cell in page["B"]] == ["n", 1, 2, 3, 4, 5, 6, None]


def test_the_same_table_gives_the_same_workbook(tmp_path):
    first, second = (exporting.write(ROWS, tmp_path / name).read_bytes() for name in ("a.xlsx", "b.xlsx"))
    assert first == second


def test_an_infinite_number_is_refused_and_the_old_file_stays(tmp_path):
    path = exporting.write(ROWS, tmp_path / "a.xlsx")
    before = path.read_bytes()
    with pytest.raises(ValueError, match="holds an infinite number in row 1"):
        exporting.write(ROWS.assign(value=float("inf")), path)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]


def test_parquet_comes_back_unchanged(tmp_path):
    pytest.importorskip("pyarrow", reason="the optional package pyarrow is not installed")
    pd.testing.assert_frame_equal(pd.read_parquet(exporting.write(ROWS, tmp_path / "a.parquet")), ROWS)


def test_sdmx_csv_is_read_back_by_the_importer(tmp_path):
    path = exporting.write(ROWS, tmp_path / "a.sdmx.csv")
    header, first = path.read_text(encoding="utf-8").splitlines()[:2]
    assert header.startswith("DATAFLOW,FREQ,REF_AREA,INDICATOR,DEFINITION,TIME_PERIOD,OBS_VALUE,OBS_STATUS")
    assert first.startswith("DX:FACTS(1.0),A,viet-nam,digital_economy_share,gso,2023,12.87,A")
    preview = understand(path)
    assert (preview.questions, preview.problems) == ({}, ())
    pd.testing.assert_frame_equal(preview.table[list(ROWS.columns)], ROWS)


def test_csv_of_observations_is_read_back_by_the_importer(tmp_path):
    preview = understand(exporting.write(ROWS, tmp_path / "a.csv"))
    assert (preview.questions, preview.problems) == ({}, ())
    pd.testing.assert_frame_equal(preview.table[list(ROWS.columns)], ROWS)


def test_sdmx_needs_the_columns_of_observations(tmp_path):
    with pytest.raises(ValueError, match=r"missing: \['unit'\]"):
        exporting.write(ROWS.drop(columns="unit"), tmp_path / "a.sdmx.csv")


def test_an_unknown_format_lists_the_known_ones(tmp_path):
    with pytest.raises(ValueError, match=r"Unknown format 'ods'. Formats: \['csv', 'xlsx', 'parquet', 'sdmx-csv'\]"):
        exporting.write(ROWS, tmp_path / "a.ods")


def test_an_absent_folder_is_said(tmp_path):
    with pytest.raises(DataError, match=r"the folder .* does not exist"):
        exporting.write(ROWS, tmp_path / "none" / "a.csv")


def test_a_table_longer_than_a_sheet_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "MAX_XLSX_ROWS", 2)
    with pytest.raises(ValueError, match="A sheet holds 2 rows; the table has 3"):
        exporting.write(ROWS, tmp_path / "a.xlsx")
