"""What a run depends on."""

import os
import sys

import pytest

from dxanalysis.batch import digests
from dxanalysis.batch.errors import BatchError
from dxanalysis.batch.notebooks import read_notebook
from tests.batch_support import write


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A package beside the notebooks: one module is used, one is not, one is reached by another."""
    package = tmp_path / "mypack"
    (package / "deep").mkdir(parents=True)
    files = {
        "__init__.py": "",
        "used.py": "from . import reached\nimport json\n\ndef f():\n    from .deep import late\n",
        "reached.py": "import os.path",
        "unused.py": "import mypack.used",
        "words.yml": "a: b",
        "deep/__init__.py": "",
        "deep/late.py": "",
        "deep/words.csv": "a",
    }
    for name, text in files.items():
        (package / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    digests._spec.cache_clear()
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("mypack")]:
        del sys.modules[name]


def names(files, project):
    return [file.relative_to(project).as_posix() for file in files]


def test_imports_are_followed_without_running_anything(project):
    notebook = read_notebook(write(project / "n.ipynb", "import pandas\nfrom mypack import used"))
    assert names(digests.code_files(notebook), project) == [
        "mypack/__init__.py",
        "mypack/deep/__init__.py",
        "mypack/deep/late.py",
        "mypack/deep/words.csv",
        "mypack/reached.py",
        "mypack/used.py",
        "mypack/words.yml",
    ]
    assert "mypack" not in sys.modules


def test_a_function_imported_from_a_package_brings_the_package_only(project):
    notebook = read_notebook(write(project / "n.ipynb", "from mypack import something"))
    assert names(digests.code_files(notebook), project) == ["mypack/__init__.py", "mypack/words.yml"]


def test_a_module_beside_the_notebook_is_found(tmp_path):
    (tmp_path / "beside_the_notebook.py").write_text("x = 1")
    notebook = read_notebook(write(tmp_path / "n.ipynb", "import beside_the_notebook"))
    assert names(digests.code_files(notebook), tmp_path) == ["beside_the_notebook.py"]


def test_declared_code_is_taken_whole(project):
    notebook = read_notebook(write(project / "n.ipynb"))
    assert "mypack/unused.py" in names(digests.code_files(notebook, ["mypack"]), project)


def test_a_warm_kernel_is_given_the_imports_at_the_top(project):
    notebook = read_notebook(write(project / "n.ipynb", "import pandas as pd\nfrom mypack import used"))
    found = digests.modules(notebook)
    assert {"pandas", "mypack.used", "json", "mypack.reached"} <= set(found)
    assert "mypack.deep.late" not in found


def test_declared_data_may_be_files_folders_and_patterns(tmp_path):
    for name in ("data/a.csv", "data/b.csv", "data/c.txt", "more/d.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    notebook = read_notebook(write(tmp_path / "notebooks" / "n.ipynb"))
    assert names(digests.data_files(notebook, ["../data/*.csv"]), tmp_path) == ["data/a.csv", "data/b.csv"]
    assert names(digests.data_files(notebook, ["../data", "../more/d.csv"]), tmp_path)[2:] == [
        "data/c.txt",
        "more/d.csv",
    ]
    assert len(digests.data_files(notebook, ["../**/*.csv"])) == 3


def test_a_declared_input_that_is_not_there_is_refused(tmp_path):
    notebook = read_notebook(write(tmp_path / "n.ipynb"))
    with pytest.raises(BatchError, match=r"n declares the input 'none\*.csv', and no such file is there"):
        digests.data_files(notebook, ["none*.csv"])


def test_a_file_is_read_again_only_when_it_changed(tmp_path):
    file = tmp_path / "a"
    file.write_text("one")
    first = digests.FileDigests()
    digest = first(file)
    again = digests.FileDigests(first.fresh)
    assert (again(file), again.fresh) == (digest, {})
    file.write_text("two")
    os.utime(file, ns=(1, 1))
    assert digests.FileDigests(first.fresh)(file) != digest


def test_the_environment_changes_with_the_lock(tmp_path):
    lock = tmp_path / "lock"
    lock.write_text("a==1")
    before = digests.environment_digest([lock])
    lock.write_text("a==2")
    assert digests.environment_digest([lock]) != before != digests.environment_digest()
