"""How a batch is told."""

from pathlib import Path

from dxanalysis.batch.reporting import Failure, Result, status, table

FAILURE = Failure("a/n", "n", {"area": "a", "year": 2021}, "cell error", 3, "ValueError: x", "_failed/a/n")


def result(**values):
    empty = {"done": (), "skipped": (), "interrupted": (), "failures": ()}
    return Result(Path("out"), seconds=1.0, cpu_seconds=2.0, **(empty | values))


def test_the_exit_code_tells_failures_from_interruptions():
    codes = [result(done=("a",)), result(failures=(FAILURE,)), result(interrupted=("a",), failures=(FAILURE,))]
    assert [one.exit_code for one in codes] == [0, 1, 130]


def test_the_table_of_failures_names_notebook_parameters_cell_and_error():
    lines = result(failures=(FAILURE,)).failures_table().splitlines()
    assert lines[0].split() == ["notebook", "parameters", "cell", "cause", "error", "kept", "in"]
    assert "area=a, year=2021  3     cell error  ValueError: x  out/_failed/a/n" in lines[1]


def test_the_summary_counts_what_there_is():
    assert str(result(done=("a", "b"), skipped=("c",))) == "2 done, 1 up to date in 1.0 s"
    assert str(result()) == "nothing to run in 1.0 s"


def test_an_empty_folder_says_so(tmp_path):
    assert str(status(tmp_path)) == f"No runs in {tmp_path}."


def test_no_rows_make_no_table():
    assert table([]) == ""
