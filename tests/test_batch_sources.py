"""The code a notebook depends on."""

import sys

import pytest

from dxanalysis.batch import sources
from dxanalysis.batch.notebooks import read_notebook
from tests.batch_support import write
from tests.tables import cases


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
    sources._spec.cache_clear()
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("mypack")]:
        del sys.modules[name]


def names(files, project):
    return [file.relative_to(project).as_posix() for file in files]


WHOLE = ["__init__.py", "deep/__init__.py", "deep/late.py", "deep/words.csv", "reached.py", "used.py", "words.yml"]


@cases("cells declared found", {
    "imports are followed": (["import pandas\nfrom mypack import used"], (), WHOLE),
    "a function brings its package only": (["from mypack import something"], (), ["__init__.py", "words.yml"]),
    "declared code is taken whole": ([], ["mypack"], sorted([*WHOLE, "unused.py"])),
})
def test_code_is_found_without_running_anything(project, cells, declared, found):
    notebook = read_notebook(write(project / "n.ipynb", *cells))
    assert names(sources.code_files(notebook, *([declared] if declared else []))[0], project / "mypack") == found
    assert "mypack" not in sys.modules


def test_a_module_beside_the_notebook_is_found(tmp_path):
    (tmp_path / "beside_the_notebook.py").write_text("x = 1")
    notebook = read_notebook(write(tmp_path / "n.ipynb", "import beside_the_notebook"))
    assert names(sources.code_files(notebook)[0], tmp_path) == ["beside_the_notebook.py"]


def test_a_warm_kernel_is_given_the_known_packages_that_the_code_imports_as_it_is_read(project):
    code = "import os.path, uuid\nfrom numpy import random\ndef f():\n    import pandas.io"
    (project / "mypack" / "reached.py").write_text(code)
    notebook = read_notebook(write(project / "n.ipynb", "import pandas as pd\nfrom mypack import used"))
    assert sources.modules(notebook, ["pandas", "numpy"]) == ["pandas", "numpy.random"]


def test_imports_inside_conditions_and_matches_are_found(tmp_path):
    code = "try:\n    import one\nexcept ImportError:\n    import two\nelse:\n    with f():\n        import three\n"
    code += "match x:\n    case 1:\n        from four import five"
    notebook = read_notebook(write(tmp_path / "n.ipynb", code))
    assert sources.found_in_cells(notebook).modules == ["one", "three", "two", "four.five"]


@cases("code", {
    "one line": ("import a, b.c as d; x = 1",),
    "brackets": ("from a import (  # (why)\n    b,\n    c as d,\n)\nimport e",),
    "no line of its own": ("if x: import a\ny = 1; from b import c",),
    "a longer line": ("from a import b, \\\n    c\n",),
    "in a function": ("def f():\n    from . import a\n    import b\n",),
    "a text": ("'''\nimport a\n'''\nfrom b import *",),
    "no import": ("important = 1\nfrom_here = important",),
    "tabs": ("try:\n\timport a\nexcept ImportError:\n\tfrom b import c",),
    "a stranger's text": ("'''\nfrom the river\nimport is no word for it\n'''\nimport a",),
})
def test_what_a_file_imports_is_what_its_whole_tree_says(tmp_path, code):
    (tmp_path / "m.py").write_text(code)
    quick, whole = sources._found_in_file(str(tmp_path / "m.py"), 0), sources._found_in_source(code, "")
    assert set(whole.modules) <= set(quick.modules) <= {*whole.modules, "a"}
    assert set(whole.at_once) <= set(quick.at_once)


def test_no_import_of_this_project_is_overlooked(root):
    for path in (root / "dxanalysis").rglob("*.py"):
        whole = sources._found_in_source(path.read_text(encoding="utf-8"), package := sources._module_name(path)[1])
        statements = sources._import_statements(path.read_text(encoding="utf-8"))
        assert statements is None or set(whole.modules) <= set(sources._imported(statements, package).modules), path


@pytest.mark.parametrize(("cell", "unknown"), [
    ("V = 1\nV?\nimport mymod", ""),
    ("%%time\nimport mymod", ""),
    ("%time import mymod", ""),
    ("%matplotlib inline\nimport mymod", ""),
    ("%run mymod.py", ""),
    ("%run -i mymod", ""),
    ("%run -m mymod", ""),
    ("import importlib\nm = importlib.import_module('mymod')", ""),
    ("import runpy\nrunpy.run_path('mymod.py')", ""),
    ("import sys\nsys.path.insert(0, '.')\nimport mymod", ""),
    ("x = !ls\nimport mymod", "runs a shell command, whose inputs are not seen (code cell 2)"),
    ("if True:\n    !ls\nimport mymod", "runs a shell command, whose inputs are not seen (code cell 2)"),
    ("%sql select 1\nimport mymod", "runs %sql, whose inputs are not seen (code cell 2)"),
])
def test_what_ipython_adds_to_python_hides_no_import(tmp_path, cell, unknown):
    (tmp_path / "mymod.py").write_text("x = 1")
    found, said = sources.code_files(read_notebook(write(tmp_path / "n.ipynb", cell)))
    assert names(found, tmp_path) == ["mymod.py"]
    assert said.startswith(unknown) and bool(said) == bool(unknown)


def test_a_cell_that_is_no_python_hides_only_itself(tmp_path):
    (tmp_path / "mymod.py").write_text("x = 1")
    found, said = sources.code_files(read_notebook(write(tmp_path / "n.ipynb", "select * from t;", "import mymod")))
    assert (names(found, tmp_path), said) == (["mymod.py"], "has code that is not Python (code cell 2)")


def test_a_module_found_through_a_changed_path_is_code(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "inlib.py").write_text("x = 1")
    change = "import os, sys\nsys.path.append(os.path.join('..', 'lib'))\n"
    notebook = read_notebook(write(tmp_path / "notebooks" / "n.ipynb", change + "import inlib"))
    assert names(sources.code_files(notebook)[0], tmp_path) == ["lib/inlib.py"]


def test_a_package_that_loads_its_parts_when_they_are_used_is_followed_by_their_names(project):
    lazy = "ROOMS = ('used',)\ndef __getattr__(name):\n    import importlib\n"
    lazy += "    return importlib.import_module(f'mypack.{name}')\n"
    (project / "mypack" / "__init__.py").write_text(lazy)
    found, said = sources.code_files(read_notebook(write(project / "n.ipynb", "import mypack\nmypack.used")))
    assert "mypack/used.py" in names(found, project) and "mypack/unused.py" not in names(found, project)
    assert said == ""
