"""Notebooks, parameters, matrices and output folders from strangers."""

import json
import sqlite3
import time

import pytest

from dxanalysis import batch
from dxanalysis.batch import matrix, notebooks, parameters
from dxanalysis.batch.errors import BatchError, ParameterError
from dxanalysis.batch.execute import _one_line
from dxanalysis.batch.parameters import Parameter


def book(cell="a: int = 1", **metadata):
    code = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": cell, "outputs": []}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [code]})


# ---------------------------------------------------------------- parameters cells
@pytest.mark.parametrize("cell", [
    "a = 1e999", "a = -1e999", "a = 1j", "a = b'x'", "a = {1, 2}", "a = ...", "a = {[]: 1}", "a = [1e999]",
    "a = __import__('os').system('id')", "a = (lambda: 1)()", "a = f'{1}'",
])
def test_what_a_notebook_could_not_hold_to_the_letter_is_no_literal(cell):
    with pytest.raises(ParameterError, match="parameter 'a' is not a literal in line 1"):
        parameters.read_parameters(cell)


@pytest.mark.parametrize(
    "cell", ["a = " + "-" * 100_000 + "1", "a = " + "{" * 300, "a = '\0'", f"a: {'x|' * 20_000}x = 1"]
)
def test_a_cell_that_nests_too_deeply_or_holds_null_is_refused_in_words(cell):
    with pytest.raises(ParameterError, match="parameters cell"):
        parameters.read_parameters(cell)


@pytest.mark.parametrize("annotation", ["'['", "Literal[open('x')]", "list[()]", "'a' 'b'", "x[y:z]"])
def test_an_annotation_nobody_knows_accepts_any_value_and_runs_nothing(annotation):
    assert parameters.read_parameters(f"a: {annotation} = 1")["a"].kinds in ((), ("list",), ("int",))


# ---------------------------------------------------------------- values
@pytest.mark.parametrize(
    ("kind", "text"),
    [("float", "1e999"), ("float", "nan"), ("float", "9" * 500), ("int", "9" * 5000), ("int", "٣"), ("list", "[" * 500),
     ("float", "9" * 200_000 + "x"),
     ("dict", "{1e999: 1}"), ("list", "[1j]"), ("tuple", "{}")],
)
def test_a_text_that_is_no_value_of_the_type_is_refused(kind, text):
    with pytest.raises(ParameterError, match=f"must be {kind}"):
        parameters.from_text(Parameter("a", (kind,)), text)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"x", {1}, [float("inf")], object()])
def test_a_value_given_from_python_that_would_not_survive_the_notebook_is_refused(value):
    with pytest.raises(ParameterError, match="a notebook cannot hold it to the letter"):
        parameters.check({"a": Parameter("a", ())}, {"a": value})


def test_a_number_too_large_for_its_type_is_refused():
    with pytest.raises(ParameterError, match="must be float"):
        parameters.check({"a": Parameter("a", ("float",))}, {"a": 10**400})


@pytest.mark.parametrize("text", ["1-99999999", "0..10000000000000000", "-5..9999999"])
def test_a_range_of_millions_is_refused_before_it_is_spelt_out(text):
    with pytest.raises(ParameterError, match="has more than 10,000 values"):
        matrix.spread(Parameter("year", ("int",)), text)


def test_a_matrix_of_billions_is_refused_before_it_is_spelt_out():
    many = matrix.Matrix(("n.ipynb",), {"a": "1-9999", "b": "1-9999", "c": "1-9999"})
    with pytest.raises(BatchError, match=r"would run 999,700,029,999 times; at most 1,000,000"):
        matrix.combinations(many, notebooks.read_notebook("n.ipynb", book("a: int = 1\nb: int = 1\nc: int = 1")))


def test_exclusions_that_would_be_compared_for_minutes_are_refused():
    many = matrix.Matrix(("n.ipynb",), {"a": "1-3000"}, exclude=tuple({"a": number} for number in range(3000)))
    with pytest.raises(BatchError, match="3,000 runs against 3,000 exclusions take too long to compare"):
        matrix.combinations(many, notebooks.read_notebook("n.ipynb", book()))


# ---------------------------------------------------------------- names of folders
@pytest.mark.parametrize(
    "value", ["../../etc", "/etc", "..", "a/b", "\x1b[2J", "a\u202eb", "a\u200bb", "CON", "a\0b", "\ud800"]
)
def test_a_value_stays_one_visible_part_of_a_folder(value):
    name = matrix.folder_name("{area}/{notebook}", "n", {"area": value}, {})
    assert name.count("/") == 1
    assert name.isprintable()
    assert ".." not in name.split("/")


def test_names_that_look_alike_have_folders_that_do_not():
    names = {matrix.safe(value) for value in ("ha-noi", "ha\u200b-noi", "ha-noi\u200e", "ha-noi\ufeff", "ha\xad-noi")}
    assert len(names) == 5
    assert all(name == "ha-noi" or "%" in name for name in names)


# ---------------------------------------------------------------- matrix files
def read(folder, text):
    path = folder / "m.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return matrix.read_matrix(path)


def test_yaml_makes_no_objects(tmp_path):
    mark = tmp_path / "made"
    with pytest.raises(BatchError, match="takes names of notebooks"):
        read(tmp_path, f"m: {{notebooks: [!!python/object/apply:os.mkdir ['{mark}']]}}")
    assert not mark.exists()


def test_aliases_that_would_spell_out_to_gigabytes_are_refused(tmp_path):
    laughs = "m:\n  notebooks:\n  - &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"  - &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefghi", "bcdefghij", strict=True)
    )
    with pytest.raises(BatchError, match="refers back with an alias"):
        read(tmp_path, laughs)


@pytest.mark.parametrize(
    "text",
    [b"\xff", "m: " + "[" * 20_000, "m: {notebooks: n, parameters: [1]}", "m: {notebooks: n, runs: [1]}", "\x07",
     "m: {notebooks: n, per_notebook: {a: 1}}", "m: {notebooks: n, exclude: x}", "m: {notebooks: [[n]]}", "- a",
     "- " * 240_000, "? " * 240_000, "".join(" " * deep + "m:\n" for deep in range(900)),
     "m: {notebooks: n}\n---\nn: {notebooks: n}", "? [m]\n: {notebooks: n}"],
)
def test_a_matrix_of_another_form_is_refused_in_words(tmp_path, text):
    with pytest.raises(BatchError, match=r"m\.yml"):
        read(tmp_path, text)


def test_a_matrix_of_20_000_rows_is_read_at_once(tmp_path):
    began = time.process_time()
    rows = "".join(f"  - {{area: x{number}}}\n" for number in range(20_000))
    [many] = read(tmp_path, f"m:\n  notebooks: [n]\n  runs:\n{rows}").values()
    assert len(many.runs) == 20_000 and time.process_time() - began < 2


# ---------------------------------------------------------------- notebooks
@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "[]", '{"cells": 1}', '{"cells": [1]}', '{"cells": [{"cell_type": "code", "source": 1}]}',
     '{"cells": [{"cell_type": "code", "metadata": []}]}',
     '{"cells": [{"cell_type": "code", "metadata": {"tags": 1}}]}',
     '{"cells": [], "metadata": []}', '{"cells": [], "metadata": {"batch": []}}',
     '{"cells": [], "metadata": {"batch": {"inputs": "/"}}}', '{"cells": [], "metadata": {"kernelspec": []}}'],
)
def test_a_notebook_of_another_form_is_refused_in_words(text):
    with pytest.raises(BatchError, match="is not a notebook of format 4"):
        notebooks.read_notebook("n.ipynb", text)


@pytest.mark.parametrize("name", ["../../evil", "a/b", "\x1b[2J", "a;id", "$(id)", "", "x" * 200])
def test_a_kernel_name_that_is_no_name_is_refused(name):
    with pytest.raises(BatchError, match="names no kernel"):
        notebooks.read_notebook("n.ipynb", book(kernelspec={"name": name}))


def test_planning_a_notebook_runs_nothing_of_it(tmp_path):
    mark = tmp_path / "made"
    cells = json.loads(book())
    cells["cells"].append({"cell_type": "code", "metadata": {}, "source": f"open({str(mark)!r}, 'w')", "outputs": []})
    (tmp_path / "n.ipynb").write_text(json.dumps(cells))
    (tmp_path / "evil.py").write_text(f"open({str(mark)!r}, 'w')")
    assert len(batch.plan(tmp_path / "n.ipynb", {"a": "1-3"}, out=tmp_path / "out").due) == 3
    assert not mark.exists()


# ---------------------------------------------------------------- manifests and messages
def test_a_manifest_that_is_none_is_refused_in_words(tmp_path):
    (tmp_path / "manifest.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(BatchError, match=r"is not a manifest of batches: .* Move it away"):
        batch.status(tmp_path)


def test_a_manifest_with_other_contents_is_refused_in_words(tmp_path):
    from dxanalysis.batch.manifest import Manifest

    with Manifest(tmp_path):
        pass
    values = ("b", "o", "n", "no json", 1, "done", "r", "d", "{}", "{}", "2024", "h", 1, 1.0)
    names = "batch,output,notebook,parameters,attempt,status,reason,digest,parts,inputs,started,host,pid,born"
    with sqlite3.connect(tmp_path / "manifest.sqlite") as database:
        database.execute(f"INSERT INTO runs ({names}) VALUES ({','.join('?' * 14)})", values)  # noqa: S608
    database.close()
    with pytest.raises(BatchError, match="is damaged or no manifest of ours"):
        batch.status(tmp_path)


def test_an_error_of_a_cell_reaches_the_terminal_without_what_it_would_obey():
    assert _one_line("\x1b[31mred\x1b[0m \x1b]0;title\x07 \u202eabc") == "red \\x1b]0;title\\x07 \\u202eabc"
