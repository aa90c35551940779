"""Forms of other offices, and the failing inputs of users where they are at hand: what each gives, or what it asks."""

import csv
from pathlib import Path

import pytest

import dxanalysis as dx
from dxanalysis.facts.schema import DataError
from dxanalysis.facts.understand.reading import Unclear

SHARE, NET, PEOPLE, GRDP = "digital_economy_share", "internet_users_share", "population", "grdp_nominal"
CROSS = """<?xml version="1.0"?><m:CrossSectionalData xmlns:m="http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message">
<DataSet><Group TIME="2022" FREQ="A"><Section UNIT="PERS" UNIT_MULT="3"><POPULATION COUNTRY="VNM" value="99462"/>
<BIRTHS COUNTRY="VNM" value="1490"/></Section></Group></DataSet></m:CrossSectionalData>"""
EXPLICIT = """<?xml version="1.0"?><m:StructureSpecificData xmlns:m="urn:m"
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<m:DataSet><Series FREQ="A" TIME_PERIOD="2022" COUNTRY="VNM"><Obs xsi:type="d:POPULATION" OBS_VALUE="99462000"/>
<Obs xsi:type="d:BIRTHS" OBS_VALUE="1490000"/></Series></m:DataSet></m:StructureSpecificData>"""
PX = """CHARSET="ANSI";\nAXIS-VERSION="2013";\nCODEPAGE="utf-8";\nTITLE="x";\nUNITS="{unit}";\nSTUB="{stub}";
HEADING="{head}";\nVALUES("{stub}")={rows};\nVALUES("{head}")={columns};\nDATA=\n{data};\n"""
# name, text, answers -> rows of the history
TEXTS = [
    ("a.xml", CROSS, {"indicator": PEOPLE}, [["viet-nam", 2022, 99462000]]),
    ("b.xml", EXPLICIT, {"indicator": PEOPLE}, [["viet-nam", 2022, 99462000]]),
    ("se.px", PX.format(unit="antal", stub="region", head="år", rows='"Riket","Stockholm"', columns='"2022","2023"',
                        data="105 106 24 25"), {"indicator": PEOPLE, "area": "Sweden"},
     [["sweden", 2022, 105], ["sweden", 2023, 106]]),
    ("es.px", PX.format(unit="%", stub="Comunidades", head="Trimestre", rows='"Total Nacional"',
                        columns='"2023T1","2023T2"', data="13.25 11.75"),
     {"indicator": NET, "area": "Spain", "annual": "mean"}, [["spain", 2023, 12.5]]),
    ("ee.px", PX.format(unit="number", stub="County", head="Year", rows='"Whole country"', columns='"2022","2023"',
                        data="133 136"), {"indicator": PEOPLE, "area": "Estonia"},
     [["estonia", 2022, 133], ["estonia", 2023, 136]]),
    ("oecd.csv", "COU,Country,Year,Unit Code,Unit,PowerCode Code,PowerCode,Value,Flag Codes,Flags\nVNM,Viet Nam,2021,"
     "PER,Persons,3,Thousands,985,,\nVNM,Viet Nam,2022,PER,Persons,3,Thousands,994,P,Provisional value\n",
     {"indicator": PEOPLE}, [["viet-nam", 2021, 985000], ["viet-nam", 2022, 994000]]),
    ("estat.csv", "STRUCTURE,STRUCTURE_ID,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,Observation status (Flag) V2 structure,"
     "unit,Unit of measure\ndataflow,E,AT,2022,93.6,,,PC_IND,Percentage of individuals\ndataflow,E,AT,2023,95.3,b,"
     "break in time series,PC_IND,Percentage of individuals\n", {"indicator": NET},
     [["austria", 2022, 93.6], ["austria", 2023, 95.3]]),
    ("sdg.csv", "Year,Unit multiplier,Unit measure,Value\n2021,Thousands,Number of people,98.5\n"
     "2022,Units,Number of people,9\n",
     {"indicator": PEOPLE, "area": "viet-nam"}, [["viet-nam", 2021, 98500], ["viet-nam", 2022, 9]]),
    ("fy.csv", "country,fiscal_year,value\nIndia,FY22,48.7\nIndia,FY23,52.4\n", {"indicator": NET},
     [["india", 2022, 48.7], ["india", 2023, 52.4]]),
    ("title.csv", "country,indicator,year,value\nVNM,Internet users,2022,78.6\n",
     {"indicator": {"Internet users": NET}}, [["viet-nam", 2022, 78.6]]),
]


@pytest.mark.parametrize(("name", "text", "answers", "expected"), TEXTS, ids=[one[0] for one in TEXTS])
def test_forms_of_other_offices(tmp_path, name, text, answers, expected):
    (tmp_path / name).write_text(text, encoding="utf-8")
    history = dx.read(tmp_path / name, **answers)
    assert history[["area", "year", "value"]].values.tolist() == expected


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
