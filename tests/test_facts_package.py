"""Reading data packages: what is read, what is refused, and what a reader is told."""

import csv
import io
import json
import os
import shutil
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxanalysis import facts
from dxanalysis.facts import relations as arithmetic
from dxanalysis.facts.package import open_package
from dxanalysis.facts.relations import load_relations
from dxanalysis.facts.schema import SHIPPED, DataError, data_dirs, fields, read_text_table, resource, typed
from tests.tables import cases, written

HEADER = ",".join(fields("observations"))
ROW = "digital_economy_share,province,quang-ninh,2025,8.2,percent,reported,2026-02-01,founding-article,=,exact,,,,,ours"


@pytest.fixture
def folder(tmp_path):
    """Give a user's package with one figure."""
    described = {"name": "mine", "resources": [{"name": "observations", "path": "observations.csv"}]}
    (tmp_path / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    (tmp_path / "observations.csv").write_text(f"{HEADER}\n{ROW}\n", encoding="utf-8")
    return tmp_path


def test_a_package_of_ones_own_joins_the_shipped_one(folder, monkeypatch):
    before = facts.digest()
    monkeypatch.setenv("DX_DATA", str(folder))
    history = facts.load_history("digital_economy_share", "quang-ninh")
    assert history.loc[history["year"] == 2025, "value"].tolist() == [8.2]
    assert facts.digest() != before
    assert data_dirs() == (SHIPPED, folder)


def test_several_packages_join_in_the_order_of_the_path(folder, tmp_path_factory, monkeypatch):
    second = tmp_path_factory.mktemp("second")
    shutil.copytree(folder, second, dirs_exist_ok=True)
    (second / "observations.csv").write_text(f"{HEADER}\n{ROW.replace('2025,8.2', '2023,5.0')}\n", encoding="utf-8")
    monkeypatch.setenv("DX_DATA", os.pathsep.join([str(folder), str(second)]))
    assert facts.load_history("digital_economy_share", "quang-ninh")["year"].tolist() == [2021, 2023, 2024, 2025]


def test_a_file_changed_on_disk_is_read_again(folder, monkeypatch):
    monkeypatch.setenv("DX_DATA", str(folder))
    assert facts.load_history("digital_economy_share", "quang-ninh")["value"].iloc[-1] == 8.2
    (folder / "observations.csv").write_text(f"{HEADER}\n{ROW.replace('8.2', '10.75')}\n", encoding="utf-8")
    assert facts.load_history("digital_economy_share", "quang-ninh")["value"].iloc[-1] == 10.75


def test_the_tables_are_read_once_while_nothing_changes():
    assert open_package() is open_package()


def repeated():
    """Give the rows of one series of the shipped package, as text."""
    shipped = read_text_table(SHIPPED / "observations.csv")
    same = shipped[(shipped["area"] == "quang-ninh") & (shipped["indicator"] == "digital_economy_share")]
    return same.to_csv(index=False, header=False).splitlines()


@cases("rows number message", {
    "a bad figure, with file, row, value and cure": (
        lambda: [ROW.replace("8.2", "8;2")], 1,
        r"observations\.csv row 2, column 'value': not a number.*'8;2'.*Correct"),
    "all problems at once, the first ten shown": (
        lambda: [ROW.replace("2025,8.2", f"{1990 + n},x{n}") for n in range(13)], 13,
        r"13 problems(.|\n)*and 3 more; list them all: dx data check"),
    "rows of an earlier package": (repeated, 2, r"in an earlier package.*adds rows, it never replaces them"),
})
def test_bad_data_are_refused(folder, monkeypatch, rows, number, message):
    (folder / "observations.csv").write_text("\n".join([HEADER, *rows()]) + "\n", encoding="utf-8")
    monkeypatch.setenv("DX_DATA", str(folder))
    with pytest.raises(facts.DataError, match=message) as caught:
        facts.load_history("digital_economy_share", "quang-ninh")
    assert len(caught.value.problems) == number


def test_a_missing_folder_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("DX_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(facts.DataError, match=r"datapackage\.json: is missing in .*nowhere.*Name a folder"):
        open_package()


@pytest.mark.parametrize(("content", "message"), [
    (b"", "is empty"),
    (b"a,b\n1,2,3\n", r"row 2: 3 cells, the header has 2.*Quote"),
    ("a,b\nQuảng,Ninh\n".encode("utf-16"), r"is not UTF-8 at byte 0.*CSV UTF-8"),
    (b'a,b\n"1,2\n', r"is not CSV .*Close every quotation mark"),
    (b'a,b\n1,"x"y\n', r"is not CSV "),
])
def test_a_table_that_cannot_be_read_is_refused(tmp_path, content, message):
    with pytest.raises(facts.DataError, match=message):
        read_text_table(written(tmp_path, content, "t.csv"))


def test_cells_stay_text_codes_keep_their_zero_and_a_byte_order_mark_is_dropped(tmp_path):
    table = read_text_table(written(tmp_path, "\ufeffcode,name\n01,NA\n\n02,\n", "t.csv"))
    assert table["code"].tolist() == ["01", "02"]
    assert table["name"].tolist() == ["NA", ""]
    assert table.index.tolist() == [2, 4]  # the rows a spreadsheet shows: row 3 is empty


def test_numbers_become_numbers_and_an_empty_number_is_missing():
    raw = read_text_table(SHIPPED / "indicators.csv")
    table = typed("indicators", raw)
    rank = table[table["id"] == "dti_rank"].iloc[0]
    assert (rank["direction"], rank["lower"]) == (-1, 1.0)
    assert table["upper"].isna().any() and table["note"].isna().sum() == 0


@pytest.mark.parametrize(("described", "message"), [
    ("not json", r"datapackage\.json: is not JSON"),
    ("[]", r"datapackage\.json: names no tables"),
    ('{"resources": [{"name": "figures", "path": "figures.csv"}]}', r"unknown table 'figures'.*observations"),
    ('{"resources": [{"name": "areas", "path": "../areas.csv"}]}', r"points outside its folder"),
    ('{"resources": [{"name": "areas", "path": "areas.csv"}]}', r"areas\.csv: is missing"),
    ('{"resources": [{"name": "observations", "path": "store", "format": "parquet"}]}',
     r"names 'store', which is no CSV file\. Write it as CSV"),
])
def test_a_broken_descriptor_is_refused(tmp_path, described, message):
    (tmp_path / "datapackage.json").write_text(described, encoding="utf-8")
    with pytest.raises(facts.DataError, match=message):
        open_package((SHIPPED, tmp_path))


def test_an_unknown_table_name_lists_the_tables():
    with pytest.raises(KeyError, match=r"Unknown table 'observation'.*observations"):
        resource("observation")


def rewritten(folder, change):
    """Copy the shipped package with the text of each table and of the descriptor changed."""
    shutil.copytree(SHIPPED, folder)
    for path in (*folder.glob("*.csv"), folder / "datapackage.json"):
        path.write_bytes(change(path, path.read_text(encoding="utf-8")).encode())
    return facts.digest((folder,))


def shuffled(path, text):
    rows = list(csv.reader(text.splitlines(keepends=True)))
    if path.suffix == ".json":
        return text
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows([rows[0], *reversed(rows[1:])])
    return "\ufeff" + written.getvalue()


@pytest.mark.parametrize(
    "change", [lambda path, text: text, lambda path, text: text.replace("\n", "\r\n"), shuffled],
    ids=["as it is", "ends of lines of Windows", "rows in another order, quoted by another program"],
)
def test_the_digest_is_of_the_content(tmp_path, change):
    assert rewritten(tmp_path / "a", change) == facts.digest((SHIPPED,))


def test_the_digest_tells_one_figure(tmp_path):
    changed = rewritten(tmp_path / "a", lambda path, text: text.replace(",12.87,", ",12.88,"))
    assert changed != facts.digest((SHIPPED,))


# ---------- The declared relations between indicators

@pytest.mark.parametrize("line", [
    "x,guess,a,b,,area,,", "x,sum,,a,,area,,", "x,fraction,a,b,,area,,", "x,sum,a,,,area,,", "x,sum,a,b,,place,,", "",
])
def test_an_incomplete_relation_is_refused_with_its_row_and_a_table_with_other_columns(tmp_path, line):
    table = f"relation,rule,whole,parts,constant,match,known,note\n{line}\n" if line else "a,b\n1,2\n"
    said = r"relations\.csv row 2: the relation 'x' is unknown or incomplete" if line else "has other columns"
    with pytest.raises(DataError, match=said):
        load_relations(written(tmp_path, table, "relations.csv"))


def test_every_shipped_relation_names_known_indicators():
    ids = set(open_package().tables["indicators"]["id"])
    assert {name for r in load_relations() for name in (r.whole, *r.parts) if name} <= ids


# ---------- Press arithmetic on printed numbers: the errors the founding facts hold, and the sums that are right

RELEASES = ["12.66", "12.87", "12.83", "12.87", "13.17"]


@cases("rule given said", {
    "community teams do not add up": (
        arithmetic.sum_problem, ["1,473", ["1,452", "11"]], "1,452 + 11 = 1,463, not 1,473"),
    "nor do seventeen provinces beside five and thirteen": (
        arithmetic.sum_problem, [17, [5, 13]], "5 + 13 = 18, not 17"),
    "a right sum": (arithmetic.sum_problem, [63, [5, 7, 44, 7]], ""),
    "a right sum of rounded numbers": (
        partial(arithmetic.sum_problem, counts=False), ["429.47", ["234.31", "85.42", "109.74"]], ""),
    "OCOP products printed as sixty percent": (
        arithmetic.fraction_problem, [60, 160, 334], "160 / 334 = 47.9 %, not 60 %"),
    "a percentage of another denominator": (
        arithmetic.fraction_problem, ["40.4", 108, 334], "108 / 334 = 32.3 %, not 40.4 %"),
    "a right percentage": (arithmetic.fraction_problem, ["40.4", 108, 267], ""),
    "a percentage of nothing": (arithmetic.fraction_problem, [5, 1, 0], "the denominator is 0"),
    "two printings of one figure": (
        arithmetic.report_problem, ["12.87", "12.88"], "12.87 and 12.88 are printed for one figure"),
    "one figure rounded": (arithmetic.report_problem, ["12.9", "12.87"], ""),
    "a right mean": (arithmetic.mean_problem, ["12.88", RELEASES], ""),
    "the mean of a first release": (arithmetic.mean_problem, ["12.62", ["12.66", "12.87", "12.63", "12.33"]], ""),
    "a wrong mean": (
        arithmetic.mean_problem, ["11.53", RELEASES],
        "the mean of 12.66, 12.87, 12.83, 12.87, 13.17 is 12.88, not 11.53"),
    "a share of a share": (arithmetic.product_problem, ["94.3", ["99.3", 95]], ""),
    "a wrong share of a share": (
        arithmetic.product_problem, [99, ["99.3", 95]], "99.3 % of 95 % is 94.3 %, not 99 %"),
    "a part as large as its whole": (arithmetic.order_problem, [177, 177], ""),
    "a part larger than its whole": (arithmetic.order_problem, [178, 177], "178 is more than its whole, 177"),
})
def test_press_arithmetic_on_printed_numbers(rule, given, said):
    assert rule(*given) == said


def test_the_published_derived_numbers_pass(shared):
    with (shared / "oracles" / "vn_published_derived_numbers.csv").open(encoding="utf-8") as stream:
        rows = {row["quantity"]: row for row in csv.DictReader(stream)}
    counts = [row["published"] for name, row in rows.items() if name.startswith("provinces")]
    assert arithmetic.sum_problem(63, counts) == ""
    growth = arithmetic.exact("0.7955") / arithmetic.exact("0.7326") - 1
    assert round(float(growth) * 100, 1) == 8.6
    core = rows["core digital share of digital economy 2023, %"]["published"]
    assert arithmetic.fraction_problem(core, "7.42", "12.33") == ""


def test_what_is_no_number_is_said():
    with pytest.raises(ValueError, match="'many' is no number"):
        arithmetic.exact("many")
    with pytest.raises(ValueError, match="nan is no finite number"):
        arithmetic.exact(float("nan"))


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8), st.integers(-5, 5))
def test_counts_agree_only_when_exact(parts, off):
    assert (arithmetic.sum_problem(sum(parts) + off, parts) == "") == (off == 0)


@given(st.lists(st.decimals(0, 100, places=4), min_size=1, max_size=8))
def test_rounded_parts_of_a_rounded_whole_always_pass(parts):
    printed = [f"{part:.2f}" for part in parts]
    assert arithmetic.sum_problem(f"{sum(parts):.2f}", printed, counts=False) == ""
    assert arithmetic.mean_problem(f"{sum(parts) / len(parts):.2f}", printed) == ""


@given(st.integers(0, 1000), st.integers(1, 1000), st.integers(0, 3))
def test_a_rounded_percentage_of_a_fraction_always_passes(numerator, denominator, digits):
    assert arithmetic.fraction_problem(f"{100 * numerator / denominator:.{digits}f}", numerator, denominator) == ""
