"""SDMX-CSV and SDMX-ML: generic and structure-specific, labels, hostile XML."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dxanalysis.facts.records import DataError
from dxanalysis.facts.understand.door import read
from dxanalysis.facts.understand.sdmx import read_sdmx_csv, read_sdmx_ml

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


def written(folder, text, name):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def figures(reading):
    columns = ["REF_AREA", "INDICATOR", "period", "value", "status"]
    return list(reading.cells.dropna(subset="value")[columns].itertuples(index=False, name=None))


def test_csv_with_codes_and_labels_is_split(tmp_path):
    reading = read(written(tmp_path, CSV, "a.csv"))
    assert figures(reading) == [("VN", "IT", "2022", 78.6, ""), ("VN", "IT", "2024-Q1", 79.1, "preliminary")]
    assert reading.labels == {"REF_AREA": {"VN": "Viet Nam"}, "INDICATOR": {"IT": "Internet users"}}
    assert reading.unit == "PT"


@pytest.mark.parametrize("text", [GENERIC, SPECIFIC, FLAT], ids=["generic", "specific", "flat"])
def test_every_form_of_xml_gives_the_same_figures(tmp_path, text):
    reading = read(written(tmp_path, text, "a.xml"))
    assert figures(reading) == [("VN", "IT", "2022", 78.6, ""), ("VN", "IT", "2023", 79.1, "preliminary")]
    assert reading.unit == "PT"


def test_generic_xml_agrees_with_an_independent_reader(tmp_path):
    sdmx = pytest.importorskip("sdmx", reason="the optional package sdmx1 is not installed")
    path = written(tmp_path, GENERIC_COMPLETE, "a.xml")
    with path.open("rb") as stream:  # given a path, sdmx1 leaves the file open
        theirs = sdmx.to_pandas(sdmx.read_sdmx(stream).data[0])
    assert sorted(theirs.tolist()) == sorted(value for *_, value, _ in figures(read(path)))


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


@pytest.mark.parametrize("evil", [ENTITY, LAUGHS, "<!DOCTYPE a>"])
def test_xml_with_a_document_type_is_refused(tmp_path, evil):
    text = GENERIC.replace("<m:GenericData", evil + "<m:GenericData", 1)
    with pytest.raises(DataError, match="declares a document type or entities"):
        read_sdmx_ml(written(tmp_path, text, "a.xml"))


@pytest.mark.parametrize(("text", "message"), [
    (GENERIC[:300], "is not well-formed XML"),
    ("<html><body/></html>", r"is XML \('html'\) without SDMX observations"),
    (GENERIC.replace("ObsValue", "Nothing"), "has no TIME_PERIOD and OBS_VALUE"),
])
def test_broken_xml_is_refused(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read_sdmx_ml(written(tmp_path, text, "a.xml"))


@given(st.sampled_from([GENERIC, SPECIFIC, CSV]), st.integers(0, 900), st.integers(0, 30), st.text(max_size=5))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_read_or_refused(tmp_path, text, place, length, junk):
    junk = re.sub("[\ud800-\udfff]", "", junk)
    path = written(tmp_path, text[:place] + junk + text[place + length :], "a.xml")
    for reader in (read_sdmx_ml, read_sdmx_csv):
        try:
            assert len(reader(path).cells) <= 4
        except DataError as error:
            assert error.problems
