"""Formats of statistics offices: PX, JSON-stat and SDMX, and what broken files are told."""

import copy
import math
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dxanalysis.facts.schema import DataError
from dxanalysis.facts.understand.door import read
from dxanalysis.facts.understand.jsonstat import read_json
from dxanalysis.facts.understand.px import read_px
from dxanalysis.facts.understand.sdmx import read_sdmx_csv, read_sdmx_ml
from tests.tables import written

PX = """CHARSET="ANSI";
AXIS-VERSION="2006";
CODEPAGE="utf-8";
LANGUAGE="vi";
LANGUAGES="vi","en";
DECIMALS=1;
UNITS="Nghìn người";
CONTENTS="Dân số";
TITLE="Dân số trung bình "
"phân theo địa phương; giới tính";
STUB="Tỉnh, thành phố","Giới tính";
HEADING="Năm";
VALUES("Tỉnh, thành phố")="Hà Nội","Quảng Ninh";
VALUES("Giới tính")="Tổng số","Nam";
VALUES("Năm")="2021","Sơ bộ 2022";
TIMEVAL("Năm")=TLIST(A1),"2021","2022";
CODES("Tỉnh, thành phố")="01","22";
CODES("Giới tính")="T","M";
STUB[en]="Province","Sex";
HEADING[en]="Year";
VALUES[en]("Province")="Ha Noi","Quang Ninh";
VALUES[en]("Sex")="Total","Male";
VALUES[en]("Year")="2021","Prel. 2022";
SOURCE="Cục Thống kê";
DATA=
8330.8 8435.7
".." 4100
1350.9 "..."
- .;
"""


def test_codes_are_kept_beside_labels_and_periods_are_read(tmp_path):
    reading = read(written(tmp_path, PX, "a.px"))
    first = reading.cells.iloc[1]
    assert (first["Tỉnh, thành phố"], first["Giới tính"], first["period"], first["value"]) == (
        "01", "T", "2022", 8435.7,
    )
    assert first["status"] == "preliminary"
    assert reading.labels["Tỉnh, thành phố"] == {"01": "Hà Nội", "22": "Quảng Ninh"}
    assert reading.roles == {"Tỉnh, thành phố": "area", "period": "period"}


def test_the_texts_of_the_file_are_kept(tmp_path):
    reading = read_px(written(tmp_path, PX, "a.px"))
    assert reading.title == "Dân số trung bình phân theo địa phương; giới tính"
    assert (reading.unit, reading.source) == ("Nghìn người", "Cục Thống kê")


def test_every_missing_mark_is_missing_and_kept_as_symbol(tmp_path):
    cells = read_px(written(tmp_path, PX, "a.px")).cells
    missing = cells[cells["value"].isna()]
    assert missing["symbol"].tolist() == ["..", "...", "-", "."]


def test_another_language_shares_the_codes_and_an_absent_one_lists_those_present(tmp_path):
    reading = read_px(written(tmp_path, PX, "a.px"), language="en")
    assert reading.labels["Province"] == {"01": "Ha Noi", "22": "Quang Ninh"}
    assert reading.dimensions == ("Province", "Sex", "period")
    with pytest.raises(DataError, match=r"has no language 'fr'\. Languages: \['en', 'vi'\]"):
        read_px(tmp_path / "a.px", language="fr")


def test_a_file_without_codes_uses_its_labels(tmp_path):
    text = "\n".join(line for line in PX.splitlines() if not line.startswith("CODES"))
    assert read_px(written(tmp_path, text, "a.px")).cells["Giới tính"].tolist()[:3] == ["Tổng số", "Tổng số", "Nam"]


@pytest.mark.parametrize(
    ("stated", "encoding"), [('CODEPAGE="iso-8859-1"', "iso-8859-1"), ('CHARSET="ANSI"', "cp1252")]
)
def test_the_stated_codepage_is_used_and_without_one_the_western(tmp_path, stated, encoding):
    text = f'{stated};\nSTUB="Café";HEADING="Year";VALUES("Café")="ñ";VALUES("Year")="2021";\nDATA=1;\n'
    assert read_px(written(tmp_path, text, "a.px", encoding)).cells["Café"].tolist() == ["ñ"]


MANY = ",".join(f'"{i}"' for i in range(3000))


@pytest.mark.parametrize(("old", "new", "message"), [
    ("- .;", "-;", "holds 7 figures where 2 x 2 x 2 = 8 belong: truncated"),
    ("- .;", "- . 5;", "holds 9 figures"),
    ("- .;", "- .", "no closing ';'"),
    ("DATA=", "DATUM=", "has no DATA keyword"),
    ("8330.8", "8330,x", "holds 9 figures"),
    ("8330.8", "1e999", "neither a number nor a missing mark"),
    ("8330.8", "9" * 400, "neither a number nor a missing mark"),
    ('"Nam";', '"Nam","Nữ";', "2 codes .2 different. and 3 values for 'Giới tính'"),
    ('CODES("Giới tính")="T","M"', 'CODES("Giới tính")="T","T"', r"2 codes \(1 different\)"),
    ("DECIMALS=1;", "?!;", r"row 6.*is not written as PX near '\?!;"),
    ("DECIMALS=1;", 'KEYS("Năm")=CODES;', "uses KEYS"),
    ('HEADING="Năm"', 'HEADING="Kỳ"', "0 codes .0 different. and 0 values for 'Kỳ'"),
    ("Cục", "C\ufffdc", r"the sign of a lost letter \(U\+FFFD\)"),
    (PX, f'STUB="a";HEADING="b";VALUES("a")={MANY};VALUES("b")={MANY};\nDATA=1;\n', "spans 9,000,000 cells"),
])
def test_a_broken_file_is_refused_with_its_reason(tmp_path, old, new, message):
    assert old in PX
    with pytest.raises(DataError, match=message):
        read_px(written(tmp_path, PX.replace(old, new, 1), "a.px"))


def test_long_blanks_are_read_in_linear_time(tmp_path):
    blanks = "\n".join([" " * 5000] * 100)
    reading = read_px(
        written(tmp_path, PX.replace("DECIMALS=1;", f'NOTE("a"{blanks},{blanks}"b")={blanks}"x"{blanks};'), "a.px")
    )
    assert len(reading.cells) == 8


QUIET = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(
    st.integers(0, len(PX)),
    st.integers(0, 40),
    st.text(max_size=6) | st.sampled_from(['"', ";", "=", "(", "[en]", "DATA="]),
)
@QUIET
def test_a_damaged_file_is_read_or_refused(tmp_path, place, length, text):
    damaged = PX[:place] + text + PX[place + length :]
    path = tmp_path / "a.px"
    path.write_bytes(damaged.encode("utf-8", "surrogatepass"))
    try:
        values = read_px(path).cells["value"]
        assert not any(math.isinf(value) for value in values)
    except DataError as error:
        assert error.problems


def test_rows_that_end_with_a_semicolon_are_read(tmp_path):
    text = PX.replace("8330.8 8435.7", "8330.8 8435.7;").replace('".." 4100', '".." 4100;')
    assert read_px(written(tmp_path, text, "a.px")).cells["value"].tolist()[:2] == [8330.8, 8435.7]


# ---------- JSON-stat: list and object indexes, dense and sparse values, both versions

DATA = {
    "class": "dataset",
    "version": "2.0",
    "label": "Internet users",
    "source": "Statistics office",
    "updated": "2024-05-01",
    "id": ["geo", "t", "m"],
    "size": [2, 2, 1],
    "role": {"time": ["t"], "geo": ["geo"], "metric": ["m"]},
    "dimension": {
        "geo": {"category": {"index": {"22": 1, "01": 0}, "label": {"01": "Hà Nội", "22": "Quảng Ninh"}}},
        "t": {"category": {"index": ["2020", "2021"]}},
        "m": {"category": {"label": {"users": "Users"}, "unit": {"users": {"base": "percent"}}}},
    },
    "value": [70.5, None, 60, 65],
    "status": {"3": "p"},
}


def changed(**changes):
    return copy.deepcopy(DATA) | changes


def figures(reading):
    cells = reading.cells.dropna(subset="value")
    return list(cells[["geo", "period", "value", "status"]].itertuples(index=False, name=None))


BROAD = {"category": {"index": [str(i) for i in range(4000)]}}
EXPECTED = [("01", "2020", 70.5, ""), ("22", "2020", 60.0, ""), ("22", "2021", 65.0, "preliminary")]


def test_an_object_index_orders_the_categories(tmp_path):
    reading = read(written(tmp_path, DATA, "a.json"))
    assert figures(reading) == EXPECTED
    assert reading.labels["geo"] == {"01": "Hà Nội", "22": "Quảng Ninh"}
    assert (reading.unit, reading.source, reading.updated) == ("percent", "Statistics office", "2024-05-01")
    assert reading.roles == {"geo": "area", "m": "indicator", "period": "period"}


def test_sparse_values_stand_at_their_places(tmp_path):
    assert figures(read_json(written(tmp_path, changed(value={"0": 70.5, "2": 60, "3": 65}), "a.json"))) == EXPECTED


def test_version_1_keeps_ids_and_sizes_inside_the_dimension(tmp_path):
    old = copy.deepcopy(DATA)
    old["dimension"] |= {"id": old.pop("id"), "size": old.pop("size"), "role": old.pop("role")}
    assert figures(read_json(written(tmp_path, {"dataset": old}, "a.json"))) == EXPECTED


@pytest.mark.parametrize(("data", "message"), [
    (changed(value=[1, 2]), "holds 2 values where its dimensions span 4"),
    (changed(value={"9": 1}), "gives one of its values at '9', outside its 4 cells"),
    (changed(value={"-1": 1}), "outside its 4 cells"),
    (changed(value=["x", 1, 1, 1]), "no finite number. Received 'x'"),
    (changed(value=[True, 1, 1, 1]), "no finite number"),
    (changed(size=[3, 2, 1]), "states 3 categories for 'geo' but lists 2"),
    (changed(size=[2, 2]), "no JSON-stat data set"),
    (changed(id=["geo", "geo", "m"]), "names a dimension twice"),
    (changed(dimension=5), "no JSON-stat data set"),
    ('{"id": ["a"], "size": [1e999], "dimension": {"a": {}}}', "no JSON-stat data set .OverflowError"),
    ({"class": "collection"}, "collection of several data sets"),
    ({"a": 1}, "is JSON of an unknown kind"),
    ([1], "no JSON-stat object"),
    ('{"value": NaN}', "NaN is not a number in JSON"),
    ('{"value": [1', "is no JSON"),
    ("[" * 100_000, "is no JSON"),
    (changed(id=["a", "b"], size=[4000, 4000], dimension={"a": BROAD, "b": BROAD}, role={}, value={}),
     "spans 16,000,000 cells"),
])
def test_what_does_not_fit_together_is_refused(tmp_path, data, message):
    with pytest.raises(DataError, match=message):
        read_json(written(tmp_path, data, "a.json"))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*DATA, "0", "category", "index"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from([*DATA]), JUNK)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_data_set_with_one_foreign_part_is_read_or_refused(tmp_path, key, junk):
    try:
        assert len(read_json(written(tmp_path, changed(**{key: junk}), "a.json")).cells) <= 4
    except DataError as error:
        assert error.problems


# ---------- SDMX-CSV and SDMX-ML: generic and structure-specific, labels, hostile XML

CSV = """DATAFLOW,FREQ,REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MEASURE
AG:DF(1.0),A,VN: Viet Nam,IT: Internet users,2022,78.6,A,PT
AG:DF(1.0),A,VN: Viet Nam,IT: Internet users,2023,,M,PT
AG:DF(1.0),Q,VN: Viet Nam,IT: Internet users,2024-Q1,79.1,P,PT
"""

SPACES = (
    'xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" '
    'xmlns:g="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/generic"'
)
GENERIC = f"""<?xml version="1.0" encoding="UTF-8"?>
<m:GenericData {SPACES}><m:DataSet>
<g:Series><g:SeriesKey><g:Value id="REF_AREA" value="VN"/><g:Value id="INDICATOR" value="IT"/></g:SeriesKey>
<g:Attributes><g:Value id="UNIT_MEASURE" value="PT"/></g:Attributes>
<g:Obs><g:ObsDimension value="2022"/><g:ObsValue value="78.6"/></g:Obs>
<g:Obs><g:ObsDimension value="2023"/><g:ObsValue value="79.1"/>
<g:Attributes><g:Value id="OBS_STATUS" value="P"/></g:Attributes></g:Obs>
</g:Series></m:DataSet></m:GenericData>
"""
SPECIFIC = f"""<m:StructureSpecificData {SPACES} xmlns:x="http://www.w3.org/2001/XMLSchema-instance">
<m:DataSet x:type="a:DataSetType" xmlns:a="urn:a">
<Series REF_AREA="VN" INDICATOR="IT" UNIT_MEASURE="PT">
<Obs TIME_PERIOD="2022" OBS_VALUE="78.6"/><Obs TIME_PERIOD="2023" OBS_VALUE="79.1" OBS_STATUS="P"/>
</Series></m:DataSet></m:StructureSpecificData>
"""
FLAT = """<m:StructureSpecificData xmlns:m="urn:m"><m:DataSet>
<Obs REF_AREA="VN" INDICATOR="IT" UNIT_MEASURE="PT" TIME_PERIOD="2022" OBS_VALUE="78.6"/>
<Obs REF_AREA="VN" INDICATOR="IT" UNIT_MEASURE="PT" TIME_PERIOD="2023" OBS_VALUE="79.1" OBS_STATUS="P"/>
</m:DataSet></m:StructureSpecificData>
"""


def figures_sdmx(reading):
    columns = ["REF_AREA", "INDICATOR", "period", "value", "status"]
    return list(reading.cells.dropna(subset="value")[columns].itertuples(index=False, name=None))


def test_csv_with_codes_and_labels_is_split(tmp_path):
    reading = read(written(tmp_path, CSV, "a.csv"))
    assert figures_sdmx(reading) == [("VN", "IT", "2022", 78.6, ""), ("VN", "IT", "2024-Q1", 79.1, "preliminary")]
    assert reading.labels == {"REF_AREA": {"VN": "Viet Nam"}, "INDICATOR": {"IT": "Internet users"}}
    assert reading.unit == "PT"


@pytest.mark.parametrize("text", [GENERIC, SPECIFIC, FLAT], ids=["generic", "specific", "flat"])
def test_every_form_of_xml_gives_the_same_figures(tmp_path, text):
    reading = read(written(tmp_path, text, "a.xml"))
    assert figures_sdmx(reading) == [("VN", "IT", "2022", 78.6, ""), ("VN", "IT", "2023", 79.1, "preliminary")]
    assert reading.unit == "PT"


def test_generic_xml_agrees_with_an_independent_reader(tmp_path):
    sdmx = pytest.importorskip("sdmx", reason="the optional package sdmx1 is not installed")
    path = written(tmp_path, GENERIC_COMPLETE, "a.xml")
    with path.open("rb") as stream:  # given a path, sdmx1 leaves the file open
        theirs = sdmx.to_pandas(sdmx.read_sdmx(stream).data[0])
    assert sorted(theirs.tolist()) == sorted(value for *_, value, _ in figures_sdmx(read(path)))


GENERIC_COMPLETE = GENERIC.replace(
    "<m:DataSet>",
    "<m:Header><m:ID>x</m:ID><m:Test>false</m:Test><m:Prepared>2024-01-01T00:00:00</m:Prepared><m:Sender id='a'/>"
    "<m:Structure structureID='s' dimensionAtObservation='TIME_PERIOD'><c:Structure "
    "xmlns:c='http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common'><Ref agencyID='A' id='S' version='1.0'/>"
    "</c:Structure></m:Structure></m:Header><m:DataSet structureRef='s'>",
)


@pytest.mark.parametrize(("text", "message"), [
    (CSV.replace("OBS_VALUE", "VALUE"), "has no TIME_PERIOD and OBS_VALUE"),
    (CSV.replace("2023,,M,PT", "2023,,M"), "row 3: the row has another number of cells"),
    (CSV.replace("DATAFLOW", "STRUCTURE,ACTION").replace("AG:DF(1.0)", "dataflow,D"), "rows that delete data"),
    (CSV + '"', "is not CSV"),
    (CSV.replace("FREQ", "REF_AREA"), "row 1: names a column twice"),
])
def test_broken_csv_is_refused(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read_sdmx_csv(written(tmp_path, text, "a.csv"))


def test_cells_that_are_no_numbers_are_problems_and_no_periods_are_said(tmp_path):
    reading = read_sdmx_csv(written(tmp_path, CSV.replace("78.6", '"78,6"').replace("2024-Q1", "spring"), "a.csv"))
    assert [(p.row, p.column, p.value) for p in reading.problems] == [(2, "OBS_VALUE", "78,6")]
    assert any(note.startswith("1 figures left out: 'spring' are no years") for note in reading.notes)


ENTITY = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(("text", "message"), [
    (GENERIC[:300], "is not well-formed XML"),
    ("<html><body/></html>", r"is XML \('html'\) without SDMX observations"),
    (GENERIC.replace("ObsValue", "Nothing"), "has no TIME_PERIOD and OBS_VALUE"),
    *((GENERIC.replace("<m:GenericData", evil + "<m:GenericData", 1), "declares a document type or entities")
      for evil in (ENTITY, LAUGHS, "<!DOCTYPE a>")),
])
def test_broken_xml_is_refused(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read_sdmx_ml(written(tmp_path, text, "a.xml"))


@given(st.sampled_from([GENERIC, SPECIFIC, CSV]), st.integers(0, 900), st.integers(0, 30), st.text(max_size=5))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_read_or_refused_sdmx(tmp_path, text, place, length, junk):
    junk = re.sub("[\ud800-\udfff]", "", junk)
    path = written(tmp_path, text[:place] + junk + text[place + length :], "a.xml")
    for reader in (read_sdmx_ml, read_sdmx_csv):
        try:
            assert len(reader(path).cells) <= 4
        except DataError as error:
            assert error.problems
