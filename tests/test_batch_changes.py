"""Data and code that change: between two batches, whatever way a notebook reads them, and under a running one."""

import os
import sqlite3

import pytest

from dxanalysis import batch
from dxanalysis.batch import dependencies
from dxanalysis.batch.manifest import Manifest
from tests.batch_support import outputs_of, write

ONE = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"  # SHA-256 of the text 1


def test_a_file_that_stayed_is_no_change_and_one_that_did_not_is_named(tmp_path):
    data, notebook = tmp_path / "data.csv", str(tmp_path / "n.ipynb")
    data.write_text("1")
    assert dependencies.changed_input(notebook, {"data.csv": ONE}) == ""
    state = data.stat()
    data.write_text("2")
    os.utime(data, ns=(state.st_atime_ns, state.st_mtime_ns))  # the same size and time of change do not hide it
    assert dependencies.changed_input(notebook, {"data.csv": ONE}).startswith(
        "data.csv changed after the batch was planned"
    )
    data.write_text("1")
    between = dependencies.changed_input(notebook, {"data.csv": ONE}, read={"data.csv": dependencies.MOVING})
    assert "changed" in between, "changed back, but read in between"
    data.unlink()
    assert "changed" in dependencies.changed_input(notebook, {"data.csv": ONE})
    assert dependencies.changed_input(notebook, {"s3://b/x": "tag"}) == ""


@pytest.mark.notebook
@pytest.mark.parametrize("back", [True, False])
def test_a_run_whose_data_changed_under_it_is_not_published(tmp_path, back):
    data = tmp_path / "data.csv"
    data.write_text("old")
    change = f"from pathlib import Path\ndata = Path({str(data)!r})\nif year == 2001: data.write_text('new')"
    path = write(tmp_path / "n.ipynb", change, "print(data.read_text())", batch={"inputs": ["data.csv"]})
    plan = batch.plan(path, {"year": "2001-2002"}, out=tmp_path / "out", template="{year}")
    result = batch.run(plan, jobs=1, preload=["json"], progress=False)
    assert [(one.output, one.cause) for one in result.failures] == [(y, "input changed") for y in ("2001", "2002")]
    assert not (tmp_path / "out" / "2001").exists()
    with Manifest(tmp_path / "out") as manifest:
        assert manifest.latest()["2002"]["peak_mb"] == 0, "the second one did not even start a kernel"
    if back:
        data.write_text("old")
    again = batch.plan(path, {"year": 2002}, out=tmp_path / "out", template="{year}")
    assert [run.reason for run in again.runs] == ["failed last time"]
    assert batch.run(again, preload=["json"], progress=False).exit_code == 0


NOTE = "print(mymod.x)"
# What is in the cells, and the file beside the notebook that is edited afterwards.
FOLLOWED = {
    "import after a question": ("V = 1\nV?\nimport mymod\n" + NOTE, "mymod.py"),
    "import under a magic": ("%%time\nimport mymod\n" + NOTE, "mymod.py"),
    "captured": ("%%capture said\nimport mymod\n" + NOTE, "mymod.py"),
    "run": ("%run mymod.py\nprint(x)", "mymod.py"),
    "run a computed name": ("name = 'my' + 'mod'\n%run {name}.py", "mymod.py"),
    "run a notebook": ("%run other.ipynb", "other.ipynb"),
    "autoreload": ("%load_ext autoreload\n%autoreload 2\nimport mymod\n" + NOTE, "mymod.py"),
    "importlib": ("import importlib\nmymod = importlib.import_module('my' + 'mod')\n" + NOTE, "mymod.py"),
    "__import__": ("mymod = __import__('my' + 'mod')\n" + NOTE, "mymod.py"),
    "spec": (
        "import importlib.util as u\ns = u.spec_from_file_location('m', 'mymod.py')\nm = u.module_from_spec(s)\n"
        "s.loader.exec_module(m)",
        "mymod.py",
    ),
    "exec": ("exec(open('mymod.py').read())\nprint(x)", "mymod.py"),
    "runpy": ("import runpy\nrunpy.run_path('my' + 'mod.py')", "mymod.py"),
    "runpy module": ("import runpy\nrunpy.run_module('mymod')", "mymod.py"),
    "path": ("import sys\nsys.path.insert(0, 'lib')\nimport inlib", "lib/inlib.py"),
    "cd": ("%cd lib\nimport os, sys\nsys.path.insert(0, os.getcwd())\nimport inlib", "lib/inlib.py"),
    "chdir, then data": ("import os\nos.chdir('lib')\nprint(open('words.txt').read())", "lib/words.txt"),
    "package": ("from pack import part\nprint(part.y)", "pack/deep.py"),
    "package data": ("import pack\nprint(pack.words())", "pack/words.txt"),
    "star": ("from mymod import *\nprint(x)", "mymod.py"),
    "late": ("def f():\n    import mymod\n    return mymod.x\nprint(f())", "mymod.py"),
    "loaded into a cell": ("%load mymod.py", "mymod.py"),
    "pandas": ("import pandas as pd\npd.read_csv('data' + '.csv')", "data.csv"),
    "numpy": ("import numpy as np\nnp.loadtxt('data.csv', skiprows=1)", "data.csv"),
    "pathlib": ("from pathlib import Path\nPath('data.csv').read_bytes()", "data.csv"),
    "os.open": ("import os\nos.read(os.open('data.csv', os.O_RDONLY), 9)", "data.csv"),
    "sqlite": ("import sqlite3\nsqlite3.connect('data.db').execute('select * from t').fetchall()", "data.db"),
    "names in a folder": ("import glob\nprint(sorted(glob.glob('lib/*.txt')))", "lib/new.txt"),
    "a file that is not there": ("try:\n    open('late.txt')\nexcept OSError:\n    print('none')", "late.txt"),
    "forked": (
        "import multiprocessing as m\ndef f(n): return open('data.csv').read()\n"
        "with m.get_context('fork').Pool(1) as p: print(p.map(f, [1]))",
        "data.csv",
    ),
    "a new module in the way": ("import mymod", "mymod/__init__.py"),
}
# What no record can hold, said as the reason for another run; and what is made by the run itself, or never read.
UNKNOWN = {
    "x = !ls": "runs a shell command, whose inputs are not seen (code cell 2)",
    "if True:\n    !ls": "runs a shell command, whose inputs are not seen (code cell 2)",
    "import subprocess\nsubprocess.run(['ls'])": "starts ls, whose data are not seen",
    "import os\nos.system('ls')": "starts ls, whose data are not seen",
    "try:\n    import h5py\nexcept ImportError:\n    pass": "reads with h5py, whose files are not seen",
    "import socket\ns = socket.socket(type=socket.SOCK_DGRAM)\ntry: s.connect(('192.0.2.1', 9))\nexcept OSError: 0": (
        "asks 192.0.2.1, whose data are not seen"
    ),
    "import atexit, os\n_ = atexit.register(os._exit, 0)": "has not said what it opened",
}
OWN = {
    "%%writefile made.py\nz = 1": "made.py",
    "open('made.txt', 'w').write('x')\nprint(open('made.txt').read())": "made.txt",
    "import pandas as pd\npd.DataFrame({'a': [1]}).to_csv('made.csv')\npd.read_csv('made.csv')": "made.csv",
    "import tempfile as t\nwith t.TemporaryDirectory() as d: open(d + '/a', 'w').close(); open(d + '/a').read()": "x",
    "if False:\n    import mymod": "mymod.py",
    "open('made.tmp', 'w').write('x')\nimport os\nos.replace('made.tmp', 'made.2')\nopen('made.2').read()": "made.2",
}


def beside(folder):
    """Put code and data of every kind into a folder."""
    (folder / "lib").mkdir(parents=True)
    (folder / "pack").mkdir()
    texts = {"mymod.py": "x = 1", "lib/inlib.py": "x = 1", "lib/words.txt": "a", "pack/words.txt": "a"}
    texts |= {"pack/part.py": "from .deep import y", "pack/deep.py": "y = 1", "data.csv": "1\n2\n"}
    texts["pack/__init__.py"] = (
        "from importlib.resources import files\ndef words(): return files('pack').joinpath('words.txt').read_text()"
    )
    for name, text in texts.items():
        (folder / name).write_text(text)
    write(folder / "other.ipynb", "x = 1", parameters="")
    with sqlite3.connect(folder / "data.db") as data:
        data.execute("create table t (a)")
    data.close()
    return folder


def laid_out(tmp_path, cells):
    """Write one notebook for each entry, in folders of their own, two cells each."""
    return [write(beside(tmp_path / str(n)) / f"n{n}.ipynb", cell) for n, cell in enumerate(cells)]


def ran(tmp_path, paths, **options):
    """Run notebooks, and return the plan of the same notebooks afterwards."""
    result = batch.run(batch.plan(paths, out=tmp_path / "out"), progress=False, **options)
    assert not result.failures, result
    return [run.reason for run in batch.plan(paths, out=tmp_path / "out").runs]


@pytest.mark.notebook
@pytest.mark.parametrize("kernel", ["warm", pytest.param("cold", marks=pytest.mark.slow)])
def test_an_edit_is_seen_in_whatever_way_the_notebook_reads_what_was_edited(tmp_path, kernel):
    paths = laid_out(tmp_path, [cell for cell, _ in FOLLOWED.values()])
    before = dict(zip(FOLLOWED, ran(tmp_path, paths, kernel=kernel), strict=True))
    assert {name: reason for name, reason in before.items() if reason != "up to date"} == {}
    for path, (_, name) in zip(paths, FOLLOWED.values(), strict=True):
        (path.parent / name).parent.mkdir(exist_ok=True)
        with (path.parent / name).open("a") as file:
            file.write("\n")
    after = dict(zip(FOLLOWED, (run.reason for run in batch.plan(paths, out=tmp_path / "out").runs), strict=True))
    wanted = {
        name: f"{'code' if file.endswith(('.py', '.ipynb')) else 'data'} changed: {file}"
        for name, (_, file) in FOLLOWED.items()
    }
    wanted |= {
        "names in a folder": "data changed: lib/",
        "a new module in the way": "code changed: an import leads to another file",
    }
    assert after == wanted


@pytest.mark.notebook
def test_what_cannot_be_followed_is_a_reason_to_run_again_and_what_a_run_makes_is_none(tmp_path):
    paths = laid_out(tmp_path, [*UNKNOWN, *OWN])
    reasons = dict(zip([*UNKNOWN, *OWN], ran(tmp_path, paths), strict=True))
    wanted = {cell: f"cannot tell: it {said}" for cell, said in UNKNOWN.items()}
    assert reasons == wanted | dict.fromkeys(OWN, "up to date")
    for path, name in zip(paths[len(UNKNOWN) :], OWN.values(), strict=True):
        (path.parent / name).write_text("another")
    plan = batch.plan(paths, out=tmp_path / "out")
    assert {run.reason for run in plan.runs[len(UNKNOWN) :]} == {"up to date"}
    again = batch.run(plan, progress=False)  # although the digest is that of the runs that are done
    assert len(again.done) == len(UNKNOWN), again


@pytest.mark.notebook
def test_the_notebook_can_say_itself_what_it_reads(tmp_path):
    said = {"inputs": ["data.csv"], "code": []}
    path = write(beside(tmp_path / "n") / "n.ipynb", "import subprocess\nsubprocess.run(['ls'])\nx = !ls", batch=said)
    assert ran(tmp_path, [path]) == ["up to date"]
    (path.parent / "data.csv").write_text("3")
    assert [run.reason for run in batch.plan(path, out=tmp_path / "out").runs] == ["data changed"]


@pytest.mark.notebook
def test_a_file_that_changes_while_it_is_read_and_a_module_that_a_cell_writes_anew(tmp_path):
    cell = "print(open('data.csv').read())\nopen('data.csv', 'a').write('3')"
    path = write(beside(tmp_path / "n") / "n.ipynb", cell)
    assert ran(tmp_path, [path]) == ["data changed: data.csv"], "it would read something else the next time"
    own = write(tmp_path / "n" / "own.ipynb", "%%writefile mymod.py\nx = 1", "import mymod\nprint(mymod.x)")
    assert ran(tmp_path, [own]) == ["up to date"]
    write(own, "%%writefile mymod.py\nx = 22", "import mymod\nprint(mymod.x)")
    assert ran(tmp_path, [own]) == ["up to date"], "what a run writes itself is not an input that changed under it"
    assert "22" in outputs_of(tmp_path / "out" / "own" / "own.ipynb")
