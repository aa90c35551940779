"""The code a notebook depends on."""

import sys

import pytest

from dxanalysis.batch import dependencies
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
    dependencies._spec.cache_clear()
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("mypack")]:
        del sys.modules[name]


def names(files, project):
    return [file.relative_to(project).as_posix() for file in files]


def test_imports_are_followed_without_running_anything(project):
    notebook = read_notebook(write(project / "n.ipynb", "import pandas\nfrom mypack import used"))
    assert names(dependencies.code_files(notebook), project) == [
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
    assert names(dependencies.code_files(notebook), project) == ["mypack/__init__.py", "mypack/words.yml"]


def test_a_module_beside_the_notebook_is_found(tmp_path):
    (tmp_path / "beside_the_notebook.py").write_text("x = 1")
    notebook = read_notebook(write(tmp_path / "n.ipynb", "import beside_the_notebook"))
    assert names(dependencies.code_files(notebook), tmp_path) == ["beside_the_notebook.py"]


def test_declared_code_is_taken_whole(project):
    notebook = read_notebook(write(project / "n.ipynb"))
    assert "mypack/unused.py" in names(dependencies.code_files(notebook, ["mypack"]), project)


def test_a_warm_kernel_is_given_the_imports_at_the_top(project):
    notebook = read_notebook(write(project / "n.ipynb", "import pandas as pd\nfrom mypack import used"))
    found = dependencies.modules(notebook)
    assert {"pandas", "mypack.used", "json", "mypack.reached"} <= set(found)
    assert "mypack.deep.late" not in found


def test_a_package_elsewhere_brings_its_own_imports_along(project):
    notebook = read_notebook(write(project / "notebooks" / "n.ipynb", "from mypack import used"))
    assert dependencies.modules(notebook) == ["mypack.used"]


def test_imports_inside_conditions_and_matches_are_found(tmp_path):
    code = "try:\n    import one\nexcept ImportError:\n    import two\nelse:\n    with f():\n        import three\n"
    code += "match x:\n    case 1:\n        from four import five"
    assert dependencies.modules(read_notebook(write(tmp_path / "n.ipynb", code))) == [
        "one",
        "three",
        "two",
        "four.five",
    ]
