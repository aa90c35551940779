"""What a run depends on."""

import os

import pytest

from dxanalysis.batch import dependencies
from dxanalysis.batch.errors import BatchError
from dxanalysis.batch.notebooks import read_notebook
from tests.batch_support import write


def names(files, project):
    return [file.relative_to(project).as_posix() for file in files]


def test_declared_data_may_be_files_folders_and_patterns(tmp_path):
    for name in ("data/a.csv", "data/b.csv", "data/c.txt", "more/d.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    notebook = read_notebook(write(tmp_path / "notebooks" / "n.ipynb"))
    assert names(dependencies.data_files(notebook, ["../data/*.csv"]), tmp_path) == ["data/a.csv", "data/b.csv"]
    assert names(dependencies.data_files(notebook, ["../data", "../more/d.csv"]), tmp_path)[2:] == [
        "data/c.txt", "more/d.csv",
    ]
    assert len(dependencies.data_files(notebook, ["../**/*.csv"])) == 3


def test_a_declared_input_that_is_not_there_is_refused(tmp_path):
    notebook = read_notebook(write(tmp_path / "n.ipynb"))
    with pytest.raises(BatchError, match=r"n declares the input 'none\*.csv', and no such file is there"):
        dependencies.data_files(notebook, ["none*.csv"])


def test_a_file_is_read_again_only_when_it_changed(tmp_path):
    file = tmp_path / "a"
    file.write_text("one")
    first = dependencies.FileDigests()
    digest = first(file)
    again = dependencies.FileDigests(first.fresh)
    assert (again(file), again.fresh) == (digest, {})
    file.write_text("two")
    os.utime(file, ns=(1, 1))
    assert dependencies.FileDigests(first.fresh)(file) != digest


def test_the_environment_changes_with_the_lock(tmp_path):
    lock = tmp_path / "lock"
    lock.write_text("a==1")
    before = dependencies.environment_digest([lock])
    lock.write_text("a==2")
    assert dependencies.environment_digest([lock]) != before != dependencies.environment_digest()
