"""Which runs a matrix stands for."""

import pytest

from dxanalysis import batch
from dxanalysis.batch.errors import BatchError, ParameterError
from dxanalysis.batch.matrix import Matrix, as_matrices, check_exclusions, combinations, read_matrix
from dxanalysis.batch.notebooks import read_notebook
from tests.batch_support import write
from tests.tables import cases


@pytest.fixture
def notebook(tmp_path):
    return read_notebook(write(tmp_path / "n.ipynb"))


@cases("parameters more expected", {
    "lists and ranges are combined": (
        {"area": ["a", "b"], "year": "2021-2022"}, {}, [("a", 2021), ("a", 2022), ("b", 2021), ("b", 2022)]),
    "single runs are combined with the lists": (
        {"lang": ["vi"]}, {"runs": ({"area": "x", "year": "2021"}, {"area": "y"})}, [("x", 2021), ("y", 2025)]),
    "exclusions take ranges and name notebooks": (
        {"year": "2020-2024"}, {"exclude": ({"year": "2020-2022"}, {"notebook": "other"})}, [("a", 2023), ("a", 2024)]),
    "a notebook can have parameters of its own": (
        {"year": "2020-2024"}, {"per_notebook": {"n": {"year": 2021}}}, [("a", 2021)]),
})
def test_the_runs_of_a_matrix(notebook, parameters, more, expected):
    found = combinations(Matrix(("n.ipynb",), parameters, **more), notebook)
    assert [(run["area"], run["year"]) for run in found] == expected


def test_an_unknown_parameter_is_refused_with_a_suggestion(notebook):
    with pytest.raises(ParameterError, match=r"no parameter 'yeer'. Did you mean 'year'"):
        combinations(Matrix(("n.ipynb",), {"yeer": [1]}), notebook)


def test_an_exclusion_of_something_no_notebook_has_is_refused(notebook):
    with pytest.raises(BatchError, match=r"names 'yaer', which no notebook has. Did you mean 'year'"):
        check_exclusions(Matrix(("n.ipynb",), exclude=({"yaer": 1},)), [notebook])


def test_a_file_holds_several_matrices_and_codes_stay_text(tmp_path):
    write(tmp_path / "n.ipynb")
    file = tmp_path / "batch.yml"
    file.write_text(
        "one:\n  notebooks: n\n  parameters: {area: [01, NO, 22:30, 1e5], year: 2021-2022}\ntwo: {notebooks: [n]}"
    )
    matrices = read_matrix(file)
    assert list(matrices) == ["one", "two"]
    one = combinations(matrices["one"], read_notebook(matrices["one"].notebooks[0]))
    assert [run["area"] for run in one][::2] == ["01", "NO", "22:30", "1e5"]
    assert {run["year"] for run in one} == {2021, 2022}


@pytest.mark.parametrize(("text", "message"), [
    ("one: {notebook: n}", "unknown key 'notebook'. Did you mean 'notebooks'"),
    ("one: {parameters: {}}", "names no notebooks"),
    ("- n", "must hold one mapping per matrix"),
    ("one: [", "is not YAML"),
    ("one: {notebooks: [!!python/object/apply:os.system [ls]]}", r"takes names of notebooks, got \['ls'\]"),
    ("a: {notebooks: [n]}\nb: {notebooks: [n]}\na: {notebooks: [m]}\n", r"'a' stands twice, in lines 1 and 3"),
    ("a:\n  notebooks: [n]\n  parameters: {year: 1, year: 2}\n", r"'year' stands twice, in lines 3 and 3"),
    (None, "There is no matrix file"),
])
def test_a_wrong_file_is_refused(tmp_path, text, message):
    file = tmp_path / "batch.yml"
    if text:
        file.write_text(text)
    with pytest.raises(BatchError, match=message):
        read_matrix(file)


def test_callers_may_give_a_path_paths_or_matrices():
    matrix = Matrix(("n.ipynb",))
    assert as_matrices("n.ipynb", {"year": 1})[0].parameters == {"year": 1}
    assert as_matrices(["a.ipynb", "b.ipynb"], [{"year": 1}, {"year": 2}])[0].runs == ({"year": 1}, {"year": 2})
    assert as_matrices([matrix, matrix], None) == [matrix, matrix]


def test_runs_are_counted_before_they_are_built(tmp_path):
    path = write(tmp_path / "n.ipynb")
    rows = tuple({"area": str(number)} for number in range(20_000))
    with pytest.raises(BatchError, match=r"n would run 200,000,000 times; at most 1,000,000 fit"):
        batch.plan(batch.Matrix((str(path),), {"year": "0-9999"}, runs=rows), out=tmp_path / "out")


def test_a_notebook_listed_many_times_is_planned_once(tmp_path):
    path = str(write(tmp_path / "n.ipynb"))
    assert len(batch.plan(batch.Matrix((path,) * 20_000), out=tmp_path / "out").runs) == 1
