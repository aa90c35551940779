"""Notebooks of strangers: any names, any format, with or without parameters."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from dxanalysis import batch, cli
from dxanalysis.batch.errors import ParameterError
from dxanalysis.batch.notebooks import ERROR_TAG, merged_streams, read_notebook
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
        "real.n--name=1": "1 int beside the real file", "other.n--name=1": "another 1",
        "link--name=1": "1 int beside the real file", "old--name=1": "old 1",
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
    with pytest.raises(ParameterError, match="'not a name' is no name of a variable"):
        batch.plan(path, {"not a name": 1}, out=tmp_path / "out")


def test_a_notebook_of_format_3_is_brought_to_the_same_text_each_time(tmp_path):
    path = old(tmp_path / "old.ipynb", "1 + 1")
    one, other = read_notebook(path), read_notebook(path)
    assert one.text == other.text and one.cells[0]["source"] == "1 + 1"


@pytest.mark.parametrize(("words", "said"), [
    (["--areas", "quang-ninh,"], "--areas takes words with commas between them; one of 'quang-ninh,' is empty"),
    (["--areas", ""], "the value of '--areas' is empty"),
    (["--notebooks", "30_attainment,,20"], "--notebooks takes words with commas between them"),
    (["none.ipynb"], "There is no notebook none.ipynb"),
    (["none.ipynb", "--notebooks", "30_attainment"], "Name notebooks by their paths, or with --notebooks"),
])
def test_what_names_nothing_is_refused(tmp_path, capsys, words, said):
    assert cli.main(["run", *words, "--dry-run", "--out", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err


def test_two_items_can_be_given_to_a_list_on_the_command_line(tmp_path, capsys):
    path = str(write(tmp_path / "n.ipynb", parameters='codes: list[str] = ["1"]\nyear: int = 2025'))
    assert cli.main(["run", path, "-p", "codes=01", "-p", "codes=02", "-p", "year=1", "-p", "year=2", "--dry-run",
                     "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "n--codes=01,02--year=1" in said and "n--codes=01,02--year=2" in said and "2 of 2 runs" in said


# One notebook of each shape; cells are parted by lines of three hyphens.
SHAPES = {
    "wide tables": """
import numpy as np, pandas as pd
t = pd.DataFrame(np.arange(2400).reshape(60, 40)).add_prefix('cột ')
---
t
---
t.describe()
---
print(t)
---
t.iloc[0]
---
pd.set_option('display.max_rows', 4)
t
---
t.info()
---
t.groupby(t['cột 0'] % 3).sum().T.head()
""",
    "pictures": """
import matplotlib.pyplot as plt
plt.plot([1, 2, 4])
---
plt.figure(); plt.bar(['ă', 'â'], [1, 2]); plt.show()
---
import seaborn as sns
sns.set_theme()
sns.histplot([1, 2, 2, 3])
---
fig, ax = plt.subplots()
plt.close(fig)
fig
---
%config InlineBackend.figure_formats = ['svg']
import matplotlib
matplotlib.rcParams['svg.hashsalt'] = 'x'
---
import pandas as pd
pd.Series([3, 1, 2]).plot(kind='area')
""",
    "models": """
import numpy as np, pandas as pd, statsmodels.formula.api as smf
rng = np.random.default_rng(1)
---
t = pd.DataFrame({'x': range(30), 'y': rng.normal(size=30).cumsum()})
smf.ols('y ~ x', t).fit().summary()
---
from scipy import stats
stats.linregress(t.x, t.y)
""",
    "magics": """
%precision 3
3.14159265
---
%%capture said
print('hidden')
---
said.stdout
---
x = !echo xin chào
x
---
!echo one; echo two >&2
---
%env GREETING=1
---
%%writefile made_here.py
z = 7
---
%run made_here.py
z
---
%who int
---
len?
---
%%html
<b>x</b>
---
%%bash
echo $((1 + 1))
---
%alias_magic t timeit
---
_ih[1]
---
%%time
None
""",
    "widgets": """
import ipywidgets as w
s = w.IntSlider(3, description='năm')
s
---
s.value = 5
s.value
---
o = w.Output()
with o:
    print('inside')
o
---
w.interact(lambda n: n * 2, n=(0, 4));
---
w.VBox([w.Text('a'), w.Button()])
""",
    "lessons": """
try:
    1 / 0
except ZeroDivisionError as e:
    print(repr(e))
---
import traceback
try:
    {}['k']
except KeyError:
    traceback.print_exc()
---
import warnings
warnings.warn('careful')
---
import logging
logging.warning('logged')
---
def f(n): return f(n + 1)
try: f(0)
except RecursionError as e: print(e)
---
1 +
---
print('never')
""",
    "an error": """
print('before')
raise ValueError('một lỗi')
---
print('never')
""",
    "many errors": """
raise ExceptionGroup('several', [ValueError('a'), TypeError('b')])
""",
    "an extension": """
%load_ext no_such_extension
""",
    "no input": """
input('name? ')
""",
    "async": """
import asyncio
async def f(n):
    await asyncio.sleep(0.01)
    return n
await asyncio.gather(*map(f, range(3)))
---
task = asyncio.create_task(f(9))
await task
---
asyncio.get_running_loop().is_running()
""",
    "processes": """
from multiprocessing import get_context
with get_context('fork').Pool(2) as p:
    print(p.map(abs, [-1, 2]))
---
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor() as p: print(list(p.map(abs, [-3])))
---
import subprocess, sys
subprocess.run([sys.executable, '-c', 'print(5)'], capture_output=True, text=True).stdout
""",
    "displays": """
from IPython.display import *
display(HTML('<i>i</i>'), Markdown('**m**'), Latex('$x$'), JSON({'a': 1}))
---
h = display('first', display_id='d')
h.update('second')
---
for i in range(3):
    clear_output(wait=True)
    print(i)
---
for i in range(3): print(i, end='\\r')
---
class R:
    def _repr_html_(self): return '<u>r</u>'
R()
---
_
---
Out
---
import sys
print('err', file=sys.stderr)
print('out')
---
{1, 2}, [None] * 3, 'ữ' * 3, 10 ** 40
---
print('x' * 10_000)
""",
    "state": """
import sys, os
sorted(m for m in sys.modules if m.startswith('mat'))
---
os.getcwd() == os.path.abspath('.')
---
__name__
---
import matplotlib
hasattr(matplotlib, 'pyplot')
---
import random, uuid
len({random.random(), uuid.uuid4()})
""",
}
PASSING = (  # what the clock and the machine decide
    (r"0x[0-9a-f]{6,}", "0x"), (r"\b[0-9a-f]{32}\b", "id"), (r"\d\d:\d\d:\d\d(?:\.\d+)?", "moment"),
    (r"(?:CPU times|Wall time).*", "moment"), (r"ipykernel_\d+[/\\]\d+", "cell"), (r"/\w+/pytest[\w/-]+", "folder"),
    (r"Writing|Overwriting", "writes"),
)


def said_by(notebook, masks=PASSING):
    """Return what each cell of an executed notebook left, without what the clock and the machine decide."""
    cells = [cell for cell in nbformat.reads(notebook, 4).cells if cell.cell_type == "code"]
    outputs = [(cell.execution_count, merged_streams(json.loads(json.dumps(cell.outputs)))) for cell in cells]
    text = json.dumps(outputs, ensure_ascii=False, sort_keys=True, indent=0)
    for pattern, mask in masks:
        text = re.sub(pattern, mask, text)
    return text


def by_papermill(path):
    """Execute a notebook as papermill's own command does; a notebook that fails is kept as far as it came."""
    words = [path, path.parent / "papermill" / path.name, "-k", "python3", "--execution-timeout", "120"]
    command = [sys.executable, "-W", "ignore", "-m", "papermill", "--no-progress-bar", *map(str, words)]
    subprocess.run(command, cwd=path.parent, capture_output=True)


@pytest.mark.slow
@pytest.mark.notebook
def test_notebooks_of_every_shape_leave_what_papermill_leaves(tmp_path):
    """Warm kernels, beside papermill in a process and a kernel of its own: outcome, outputs, counters."""
    paths = {
        name: bare(tmp_path / f"{number}.ipynb", *text.strip().split("\n---\n"))
        for number, (name, text) in enumerate(SHAPES.items())
    }
    result = batch.run(batch.plan([*map(str, paths.values())], out=tmp_path / "out"), kernel="warm", progress=False)
    failed = {Path(one.kept).name for one in result.failures}
    ours, theirs = {}, {}
    (tmp_path / "papermill").mkdir()
    with ThreadPoolExecutor(2) as at_once:
        list(at_once.map(by_papermill, paths.values()))
    for name, path in paths.items():
        by = tmp_path / "papermill" / path.name
        content = json.loads(by.read_text(encoding="utf-8"))
        content["cells"] = [cell for cell in content["cells"] if ERROR_TAG not in cell["metadata"].get("tags", ())]
        place = tmp_path / "out" / ("_failed" if path.stem in failed else ".") / path.stem / path.name
        theirs[name], ours[name] = said_by(json.dumps(content)), said_by(place.read_text(encoding="utf-8"))
    assert failed == {paths[name].stem for name in ("lessons", "an error", "many errors", "an extension", "no input")}
    for name in SHAPES:
        assert ours[name] == theirs[name], name
