"""The failing inputs of users, where they are at hand: what each gives, or what it asks."""

import csv
from pathlib import Path

import pytest

import dxanalysis as dx
from dxanalysis.facts.records import DataError
from dxanalysis.facts.understand.reading import Unclear

SHARE, NET, PEOPLE, GRDP = "digital_economy_share", "internet_users_share", "population", "grdp_nominal"
CASES = Path(__file__).parents[1].parent / "shared" / "cases"
#: answers a user gives to each file -> what comes: first and last value of the history, or the keyword or fault asked
EXPECTED = {
    "amb.csv": ({"indicator": SHARE, "area": "quang-ninh"}, "decimal"),
    "blank_row_after_header.csv": (
        {"indicator": GRDP, "area": "quang-ninh", "where": {"column A": "Lạc"}},
        [200.0, 191.3],
    ),
    "blank_spacer.xlsx": ({"indicator": SHARE}, [12.3, 14.3]),
    "blank_spacer3.xlsx": ({"indicator": SHARE}, [12.3, 14.3]),
    "date_serials.xlsx": ({"indicator": SHARE}, [12.3, 14.3]),
    "enc_mojibake.csv": ({"indicator": SHARE}, "UTF-8 that was read as Windows-1252"),
    "enc_tcvn3_in_utf8.csv": ({"indicator": SHARE, "area": "Quảng Ninh"}, [12.5, 14.3]),
    "enc_vni_in_utf8.csv": ({"indicator": SHARE, "area": "Quảng Ninh"}, [12.5, 14.3]),
    "eurostat_flags.tsv": ({"indicator": NET, "area": "viet-nam"}, [70.3, 79.8]),
    "external_link.xlsx": ({"indicator": SHARE}, [12.5, 14.3]),
    "footmarks.csv": ({"indicator": SHARE}, "'(5,2)' is not a number"),
    "fractions.csv": ({"indicator": SHARE}, "scale"),
    "fred.csv": ({"area": "viet-nam"}, [68.7, 78.59]),
    "frictionless_datapackage.json": ({}, "Frictionless"),
    "ilostat.csv": ({"indicator": dx.measure("Thất nghiệp"), "where": {"sex": "SEX_T"}}, [1.5, 1.6]),
    "jsonstat_quarter.json": ({"indicator": PEOPLE, "area": "viet-nam", "annual": "last"}, [480.2, 480.2]),
    "mixed_dec.csv": ({"indicator": SHARE}, "decimal"),
    "nam_male.csv": ({"indicator": PEOPLE, "period": "2023", "where": {"heading": "Nam"}}, [2011.0, 1998.0]),
    "names.csv": ({"indicator": PEOPLE}, "repeats"),
    "nghin_nguoi.csv": ({"indicator": PEOPLE}, [1350900.0, 1362900.0]),
    "nghin_nguoi_col.csv": ({"indicator": PEOPLE}, [1350900.0, 1362900.0]),
    "nghin_ty.csv": ({"indicator": GRDP}, [238200.0, 269000.0]),
    "onlyunits.csv": ({"indicator": NET, "area": "viet-nam"}, [77.1, 77.9]),
    "owid.csv": ({"indicator": SHARE, "area": "quang-ninh"}, "indicator"),
    "pandas_index.csv": ({"indicator": SHARE, "area": "viet-nam"}, [11.9, 14.3]),
    "pct_mixed.csv": ({"indicator": SHARE, "area": "viet-nam"}, "scale"),
    "percent_currency_format.xlsx": ({"indicator": SHARE}, [12.3, 14.3]),
    "percent_escaped_format.xlsx": ({"indicator": SHARE}, [12.3, 14.3]),
    "percent_literal_format.xlsx": ({"indicator": SHARE}, [20.0, 14.3]),
    "percent_literal_small.xlsx": ({"indicator": SHARE}, [0.62, 0.65]),
    "percent_one_cell_unformatted.xlsx": ({"indicator": SHARE}, "scale"),
    "px_cont.px": ({"indicator": NET, "unit": "percent", "area": "Viet Nam"}, [77.8, 91.7]),
    "px_eq2.px": ({"indicator": NET, "unit": "percent"}, [77.8, 91.7]),
    "px_nospace.px": ({"indicator": NET}, "truncated"),
    "px_periodo.px": ({"indicator": PEOPLE, "unit": "count", "annual": "mean"}, [102.0, 102.0]),
    "sdmx_json.json": ({"indicator": NET}, [1.5, 1.5]),
    "sdmx_unit_mult.csv": ({}, [98506000.0, 99462000.0]),
    "text_numbers.xlsx": ({"indicator": SHARE}, "decimal"),
    "thousands_en.csv": ({"indicator": GRDP, "area": "quang-ninh"}, [1234.5, 1450.0]),
    "thousands_format.xlsx": ({"indicator": PEOPLE}, [98506000.0, 99462000.0]),
    "three_countries.csv": ({"indicator": NET, "area": "viet-nam"}, [78.6, 78.6]),
    "trieu_dong.csv": ({"indicator": GRDP}, [238000.0, 269000.0]),
    "unit_line_alone.xlsx": ({"indicator": PEOPLE, "area": "Quảng Ninh"}, [1350900.0, 1362900.0]),
    "uoc_tinh_nam_header.csv": ({"indicator": GRDP, "area": "quang-ninh"}, [284.5, 274.2]),
    "year_footnote.csv": ({"indicator": SHARE, "area": "Quảng Ninh"}, [41.2, 52.1]),
    "year_footnote2.csv": ({"indicator": SHARE}, [41.2, 52.1]),
    "year_formatted_dates.xlsx": ({"indicator": SHARE}, [12.3, 14.3]),
    "yearbook_layout.xlsx": ({"indicator": PEOPLE, "area": "Quảng Ninh"}, [1331600.0, 1381200.0]),
}


@pytest.mark.skipif(not CASES.is_dir(), reason="the folder of failing inputs is not beside the project")
@pytest.mark.parametrize("file", EXPECTED)
def test_the_failing_inputs_of_users_give_what_was_expected(file):
    answers, expected = EXPECTED[file]
    if isinstance(expected, list):
        history = dx.read(CASES / file, **answers)
        assert [history["value"].iloc[0], history["value"].iloc[-1]] == expected
    else:
        with pytest.raises((Unclear, DataError)) as said:
            dx.read(CASES / file, **answers)
        assert expected in getattr(said.value, "questions", {}) or expected in str(said.value)


@pytest.mark.skipif(not CASES.is_dir(), reason="the folder of failing inputs is not beside the project")
def test_every_input_of_the_list_is_tried():
    with (CASES / "cases.csv").open(encoding="utf-8") as stream:
        named = {row["input"] for row in csv.DictReader(stream)} - {""}
    assert named <= set(EXPECTED)
