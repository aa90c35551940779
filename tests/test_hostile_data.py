"""Files and data packages from strangers: what they may not do, whatever stands in them."""

import io
import json
import os
import zipfile

import openpyxl
import pytest

from dxanalysis.cli import main
from dxanalysis.facts import checks, names, package, schema
from dxanalysis.facts.schema import DataError
from dxanalysis.facts.understand.door import read
from tests.tables import cases

ESC = "\x1b[2J"
TURNED = "\u202e"


def written(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.fixture
def mine(tmp_path):
    """Give an empty package folder with a descriptor that names one table."""
    folder = tmp_path / "mine"
    folder.mkdir()
    described = {"name": "mine", "resources": [{"name": "sources", "path": "sources.csv"}]}
    (folder / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    return folder


def source(**changes):
    row = {"id": "s-1", "publisher": "Cục Thống kê", "title": "Niên giám", "published": "2024-06-30"}
    row |= {
        "published_basis": "exact",
        "read": "2024-07-01",
        "url": "https://example.vn/a",
        "grade": "official",
        "note": "",
    }
    row |= changes
    return ",".join(row) + "\n" + ",".join(f'"{value}"' for value in row.values()) + "\n"


# ---------------------------------------------------------------- what a terminal would obey, what turns the reading
def json_stat(word):
    geo = {"category": {"index": ["g"], "label": {"g": word}}}
    dimension = {"id": ["geo", "t"], "size": [1, 1], "geo": geo, "t": {"category": {"index": ["2020"]}}}
    return json.dumps({"dimension": dimension, "value": [1]})  # json writes the character as an escape: \u001b


def book(rows, change=bytes):
    """Give the bytes of a workbook of rows whose sheet was changed."""
    made, held, changed = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    for row in rows:
        made.active.append(row)
    made.save(held)
    with zipfile.ZipFile(held) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name.endswith("sheet1.xml") else old.read(name))
    return changed.getvalue()


def with_entity(sheet):
    evil = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    return (evil + sheet.decode().replace("<v>1</v>", "<v>&x;</v>", 1).split("?>", 1)[-1]).encode("utf-16")


YEARS = ["Tỉnh", "2020", "2021"]
XML = '<D><DataSet><Obs AREA="a&#x202E;b" TIME_PERIOD="2022" OBS_VALUE="1"/></DataSet></D>'
TYPED = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'


@cases("name content message", {
    **{f"behind an escape of JSON, {word!a}": ("a.json", json_stat(word), r"holds the control character U\+")
       for word in (f"a{ESC}", f"a{TURNED}b", "a\x9b31m")},
    "behind a reference of XML": ("a.xml", XML, r"holds the control character U\+202E"),
    "in a workbook": (
        "a.xlsx", book([YEARS, [f"Quảng{TURNED}hniN", 1, 2], ["Huế", 1, 2]]), r"holds the control character U\+202E"),
    "a document type in UTF-16": ("a.xml", TYPED.encode("utf-16"), "declares a document type"),
    "an entity in a sheet in UTF-16": (
        "a.xlsx", book([YEARS, ["Huế", 1, 2], ["Hà Nội", 1, 2]], with_entity), "is damaged|declares a document type"),
    "a million columns": (
        "a.csv", "area" + ",2020" * 1_000_000 + "\n", "has more than 5,000,000 cells|at most 1,000,000 are read"),
    **{f"a figure of JSON-stat that is no finite number, {value[:9]}": (
        "a.json", json_stat("Huế").replace("[1]}", f"[{value}]}}"), "no finite number|is no JSON")
       for value in ("1e999", "9" * 400, "9" * 5000, "NaN", "true", '"1"')},
})
def test_a_file_that_would_be_obeyed_or_fill_the_memory_is_refused(tmp_path, name, content, message):
    with pytest.raises(DataError, match=message):
        read(written(tmp_path, name, content))


@pytest.mark.parametrize("year", ["9" * 110, "202²", "2e9", "٢٠٢٣"])
def test_a_year_that_no_spreadsheet_writes_is_no_period_and_no_traceback(tmp_path, year):
    found = read(written(tmp_path, "a.csv", f"area,year,value\nquang-ninh,{year},1\n"))
    assert "year" not in found.roles and found.cells["year"].tolist() == [year]


@pytest.mark.parametrize("word", [f"Sở{ESC}", f"Sở{TURNED}", "Sở\x85"])
def test_a_control_character_in_a_package_is_a_fault_of_its_cell(mine, word):
    (mine / "sources.csv").write_text(source(publisher=word), encoding="utf-8")
    assert [str(p) for p in checks.check(mine) if "holds the control character" in p.message and p.row == 2]


def test_messages_show_control_characters_and_do_not_send_them(tmp_path, capsys):
    assert main(["data", "import", str(tmp_path / f"a{ESC}.csv")]) == 2
    shown = capsys.readouterr()
    assert "\\x1b[2J" in shown.err
    assert "\x1b" not in shown.err + shown.out


def test_a_listing_shows_control_characters_and_does_not_send_them(tmp_path, capsys):
    assert main(["status", "--out", str(tmp_path / f"o{ESC}{TURNED}")]) == 0
    assert capsys.readouterr().out == f"No runs in {tmp_path}/o\\x1b[2J\\u202e.\n"


# ---------------------------------------------------------------- links
@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,<b>", "file:///etc/passwd", 'https://a"onclick=x', "//a.vn"]
)
def test_an_address_that_is_no_page_is_refused(mine, url):
    (mine / "sources.csv").write_text(source(url=url.replace('"', '""')), encoding="utf-8")
    assert "no address of a page." in [problem.message for problem in checks.check(mine)]


def test_an_address_of_a_page_is_taken(mine):
    (mine / "sources.csv").write_text(source(), encoding="utf-8")
    assert checks.check(mine) == []


# ---------------------------------------------------------------- descriptors and tables
@pytest.mark.parametrize(
    "content",
    ["[" * 100_000, '{"resources": [1]}', '{"resources": [{"name": [], "path": "a.csv"}]}',
     '{"resources": [{"name": "sources", "path": "a\\u0000.csv"}]}', "\xff", "NaN", "9" * 5000],
)
def test_a_descriptor_of_another_form_is_refused_in_words(mine, content):
    (mine / "datapackage.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(DataError, match=r"is not JSON in UTF-8|describes a table by|names no tables"):
        schema.table_paths(mine)


@pytest.mark.parametrize("path", ["../sources.csv", "/etc/hosts.csv", "a/../../sources.csv", "link.csv"])
def test_a_table_outside_the_package_is_refused(mine, path):
    (mine / "link.csv").symlink_to("/etc/hosts")
    described = {"name": "mine", "resources": [{"name": "sources", "path": path}]}
    (mine / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    with pytest.raises(DataError, match="points outside its folder"):
        schema.table_paths(mine)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_the_place_of_a_table_does_not_block(mine):
    os.mkfifo(mine / "sources.csv")
    assert "is no file, or larger than 256 MB." in [problem.message for problem in checks.check(mine)]
    assert package._files(mine) == [mine / "datapackage.json"]


def test_a_table_of_gigabytes_is_refused_before_it_is_read(mine):
    with (mine / "sources.csv").open("wb") as file:
        file.truncate(5 * 1024**3)  # a hole: no byte of it is on the disk
    assert "is no file, or larger than 256 MB." in [problem.message for problem in checks.check(mine)]


def test_a_table_of_a_million_columns_is_refused_before_it_becomes_one(mine):
    (mine / "sources.csv").write_text("," * 999_999 + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="has 1,000,000 columns"):
        schema.read_text_table(mine / "sources.csv")


# ---------------------------------------------------------------- numbers and names
@pytest.mark.parametrize("printed", ["NaN1", "inf", "1e999", "0x10", "1_000", "٣", "²", "--1"])
def test_what_is_no_finite_number_is_a_problem_of_its_cell(tmp_path, printed):
    reading = read(written(tmp_path, "a.csv", f"area,year,value\nhue,2020,1.5\nhue,2021,{printed}\n"))
    assert [problem.value for problem in reading.problems] == [printed]


@pytest.mark.parametrize("value", ["1e999", "-1e400", "9" * 5000, "1" * 500 + ".5"])
def test_a_figure_of_sdmx_that_no_number_holds_is_a_problem_and_no_value(tmp_path, value):
    reading = read(written(tmp_path, "a.csv", f"DATAFLOW,REF_AREA,TIME_PERIOD,OBS_VALUE\nD,VN,2022,{value}\n"))
    assert [problem.message for problem in reading.problems] == ["is no number."]
    assert reading.cells["value"].isna().all()


def test_the_largest_number_and_minus_nothing_stay_what_they_are(tmp_path):
    reading = read(written(tmp_path, "a.csv", "area,year,value\nhue,2020,1e308\nhue,2021,-0\nhue,2022,0.5\n"))
    assert reading.cells["value"].tolist() == [1e308, 0.0, 0.5]


def test_names_are_found_in_any_composition_and_letters_of_another_script_are_not_taken_for_ours():
    known = {"ha noi": "ha-noi"}
    assert {names.match(word, known, "area", "dx data list") for word in ("Hà Nội", "Hà Nội", "Ha\u200b Noi")} == {
        "ha-noi"
    }
    with pytest.raises(names.UnknownName, match="Unknown area 'H\u0430 N\u043ei'"):
        names.match("H\u0430 N\u043ei", known, "area", "dx data list")  # Cyrillic а and о
