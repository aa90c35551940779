"""Notebooks of strangers: any names, any format, with or without parameters."""

import json
import os
import subprocess
import sys

import pytest

from dxanalysis import batch, cli
from dxanalysis.batch.notebooks import read_notebook
from tests.batch_support import outputs_of, write

LARGE = {"numpy", "pandas", "matplotlib", "papermill", "nbclient", "nbformat", "IPython", "sqlite3"}

def bare(path, *sources):
    """Write a notebook without a parameters cell."""
    content = json.loads(write(path, *sources).read_text())
    content["cells"] = content["cells"][1:]
    path.write_text(json.dumps(content))
    return path


def old(path, source):
    """Write a notebook of format 3, with one cell."""
    cell = {
        "cell_type": "code",
        "input": [source],
        "outputs": [],
        "collapsed": False,
        "language": "python",
        "metadata": {},
    }
    sheet = {"cells": [cell], "metadata": {}}
    path.write_text(json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [sheet]}))
    return path


@pytest.mark.notebook
def test_notebooks_named_by_their_paths_run_whatever_they_have(tmp_path, capsys):
    (tmp_path / "real").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "real" / "data.txt").write_text("beside the real file")
    bare(tmp_path / "real" / "n.ipynb", "print(name, type(name).__name__, open('data.txt').read())")
    bare(tmp_path / "other" / "n.ipynb", "print('another', name)")
    os.symlink(tmp_path / "real" / "n.ipynb", tmp_path / "link.ipynb")
    old(tmp_path / "old.ipynb", "print('old', name)")
    files = [str(tmp_path / name) for name in ("real/n.ipynb", "other/n.ipynb", "link.ipynb", "old.ipynb")]
    out = tmp_path / "out"
    assert cli.main(["run", *files, "-p", "name=01", "--out", str(out)]) == 0, capsys.readouterr().err
    said = {path.parent.name: outputs_of(path).strip() for path in out.glob("*/*.ipynb")}
    assert said == {
        "real.n--name=1": "1 int beside the real file",
        "other.n--name=1": "another 1",
        "link--name=1": "1 int beside the real file",
        "old--name=1": "old 1",
    }
    again = ["run", *files, "-p", "name=01", "--out", str(out)]
    code = f"import sys\nfrom dxanalysis.cli import main\nprint(main({again!r}), sorted({LARGE} & {{*sys.modules}}))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == f"4 up to date\nOpen {out / 'index.html'}\n0 []\n", "an answer that was given loads nothing"
    for change, due in (
        (lambda: (tmp_path / "real" / "data.txt").write_text("another"), "2 data changed: data.txt"),
        (lambda: (out / "old--name=1" / "old.ipynb").unlink(), "1 result missing"),
        (lambda: (out / "index.html").unlink(), "4 up to date"),
        (lambda: (out / "site" / "method.html").unlink(), "4 up to date"),
    ):
        change()
        assert cli.main([*again, "--dry-run"]) == 0
        assert due in capsys.readouterr().out
        assert cli.main(again) == 0
    assert (out / "index.html").exists() and (out / "site" / "method.html").exists()


def test_a_notebook_without_a_parameters_cell_takes_what_it_is_given(tmp_path):
    path = bare(tmp_path / "n.ipynb", "print(x)")
    plan = batch.plan(path, {"x": ["01", "02"], "many": [[1, 2]]}, out=tmp_path / "out")
    assert [run.parameters for run in plan.runs] == [{"x": "01", "many": [1, 2]}, {"x": "02", "many": [1, 2]}]
    with pytest.raises(batch.ParameterError, match="'not a name' is no name of a variable"):
        batch.plan(path, {"not a name": 1}, out=tmp_path / "out")


def test_a_notebook_of_format_3_is_brought_to_the_same_text_each_time(tmp_path):
    path = old(tmp_path / "old.ipynb", "1 + 1")
    one, other = read_notebook(path), read_notebook(path)
    assert one.text == other.text and one.cells[0]["source"] == "1 + 1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--areas", "quang-ninh,"], "--areas takes words with commas between them; one of 'quang-ninh,' is empty"),
        (["--areas", ""], "--areas takes words with commas between them; one of '' is empty"),
        (["--notebooks", "30_attainment,,20"], "--notebooks takes words with commas between them"),
        (["none.ipynb"], "There is no notebook none.ipynb"),
        (["none.ipynb", "--notebooks", "30_attainment"], "Name notebooks by their paths, or with --notebooks"),
    ],
)
def test_what_names_nothing_is_refused(tmp_path, capsys, words, said):
    assert cli.main(["run", *words, "--dry-run", "--out", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err


def test_two_items_can_be_given_to_a_list_on_the_command_line(tmp_path, capsys):
    path = str(write(tmp_path / "n.ipynb", parameters='codes: list[str] = ["1"]\nyear: int = 2025'))
    assert cli.main(["run", path, "-p", "codes=01", "-p", "codes=02", "-p", "year=1", "-p", "year=2", "--dry-run",
                     "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "n--codes=01,02--year=1" in said and "n--codes=01,02--year=2" in said and "2 of 2 runs" in said
