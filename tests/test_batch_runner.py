"""Carrying out a plan: results, failures, limits, retries and the user's Ctrl-C."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from dxanalysis import batch
from dxanalysis.batch import fork_client
from dxanalysis.batch.manifest import Manifest
from dxanalysis.batch.runner import _threads
from tests.batch_support import outputs_of, write
from tests.waiting import PATIENCE, ended, eventually

pytestmark = pytest.mark.notebook
ROOT = Path(__file__).resolve().parents[1]
PRELOAD = ("json",)


@pytest.fixture(scope="module")
def before():
    """Give the processes that other tests left to this one, such as a server that lives as long as the tests."""
    return {child.pid for child in psutil.Process().children(recursive=True)}


@pytest.fixture(scope="module")
def trouble(before, tmp_path_factory):
    """All kinds of trouble beside good runs: (what was done and what failed, output folder, rows of the manifest).

    Runs that a limit on time must end have a batch of their own, so that on a busy machine it ends no other run.
    """
    folder = tmp_path_factory.mktemp("trouble")
    notebooks = {
        "good": ["import os", "print(area, year, os.getcwd())", _leave("open(f, 'w').write(area)")],
        "error": [_leave("open(f, 'w').write(area)"), "raise ValueError('không được\\nsecond line')", "print('never')"],
        "slow": ["print('before')\nimport time; time.sleep(600)"],
        "endless": ["import time", *["time.sleep(2)"] * 99],
        "hungry": ["import time", "x = b'x' * 600_000_000; time.sleep(600)"],
        "once": [
            f"import os\nf = {str(folder / 'seen')!r}\nif not os.path.exists(f): open(f, 'w'); os.kill(os.getpid(), 9)"
        ],
        "exit": ["import sys; sys.exit(3)"],
    }
    paths = {name: write(folder / f"{name}.ipynb", *sources) for name, sources in notebooks.items()}
    good = [batch.Matrix((str(paths["good"]),), {"area": "Quảng Ninh", "year": "2021-2022"})]
    results = []
    for names, limits in (
        (["slow"], {"cell_timeout": 4}),
        (["endless"], {"timeout": 7}),
        (["good", "error", "hungry", "once", "exit"], {"memory_mb": 450, "retries": 1}),
    ):
        matrices = [batch.Matrix((str(paths[name]),), {"area": "01", "year": 2021}) for name in names]
        matrices += good if "good" in names else []
        plan = batch.plan(matrices, out=folder / "out", template="{area}/{year}/{notebook}")
        results.append(batch.run(plan, jobs=4, preload=PRELOAD, progress=False, **limits))
    done, failures = ([one for result in results for one in getattr(result, name)] for name in ("done", "failures"))
    with Manifest(folder / "out") as manifest:
        return SimpleNamespace(done=done, failures=failures), folder / "out", manifest.attempts()


def _leave(action):
    return f"import os\nf = os.environ['NOTEBOOK_RUN_DIR'] + '/left.txt'\n{action}"


def failure(trouble, name):
    return next(one for one in trouble[0].failures if one.notebook == name)


def test_good_runs_are_done_whatever_happens_beside_them(trouble):
    result, out, _ = trouble
    assert set(result.done) >= {"01/2021/good", "Quảng Ninh/2021/good", "Quảng Ninh/2022/good", "01/2021/once"}
    assert sorted(path.name for path in (out / "01/2021/good").iterdir()) == ["good.ipynb", "left.txt"]
    assert (out / "Quảng Ninh/2021/good/left.txt").read_text() == "Quảng Ninh"


def test_a_notebook_runs_in_its_own_folder_with_its_parameters_as_text(trouble):
    _, out, _ = trouble
    assert outputs_of(out / "01/2021/good/good.ipynb").split()[:3] == ["01", "2021", str(out.parent)]


@pytest.mark.parametrize(("name", "cause", "cell", "error"), [
    ("error", "cell error", 4, "ValueError: không được second line"),
    ("slow", "cell timeout", 3, "the cell took more than its 4 s and was ended"),
    ("endless", "run timeout", None, "more than its 7 s"),
    ("hungry", "memory", 4, "more than its 450 MB"),
    ("exit", "cell error", 3, "SystemExit: 3"),
])
def test_a_failure_is_told_with_its_cause_cell_and_last_line(trouble, name, cause, cell, error):
    told = failure(trouble, name)
    assert told.cause == cause
    assert cell in (told.cell, None)
    assert error in told.error
    assert told.parameters["area"] == "01"


def test_a_failed_notebook_is_kept_apart_with_its_cell_marked(trouble):
    _, out, _ = trouble
    assert not (out / "01/2021/error").exists()
    kept = out / failure(trouble, "error").kept
    assert kept == out / "_failed/01/2021/error"
    cells = json.loads((kept / "error.ipynb").read_text(encoding="utf-8"))["cells"]
    marks = ["run-failed" in cell["metadata"].get("tags", []) for cell in cells]
    assert marks == [True, False, False, False, True, False, False]
    assert "ValueError: không được second line" in "".join(cells[4]["source"])
    assert (kept / "left.txt").exists(), "what it left before the error may explain it"


def test_a_kernel_that_dies_is_tried_again_and_both_attempts_are_written_down(trouble):
    attempts = [row for row in trouble[2] if row["output"] == "01/2021/once"]
    assert [(row["attempt"], row["status"], row["cause"]) for row in attempts] == [
        (1, "failed", "kernel died"),
        (2, "done", ""),
    ]
    assert not (trouble[1] / "_failed/01/2021/once").exists(), "the earlier failure is history"


def test_an_error_in_a_cell_is_not_tried_again(trouble):
    assert len([row for row in trouble[2] if row["output"] == "01/2021/error"]) == 1


def test_the_manifest_says_what_a_run_used_and_made(trouble):
    row = next(row for row in trouble[2] if row["output"] == "01/2021/good")
    assert row["outputs"].keys() == {"good.ipynb", "left.txt"}
    assert row["seconds"] > 0 and row["peak_mb"] > 10 and row["cpu_seconds"] > 0
    assert row["kernel"] == ("warm" if sys.platform == "linux" else "cold")
    assert row["versions"]["papermill"]


def test_nothing_is_left_running_or_half_done(trouble, before):
    assert list((trouble[1] / ".staging").iterdir()) == []
    mine = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    servers = {server.process.pid for server in (*fork_client.SERVERS.values(), *fork_client.RETIRED)}
    running = [child for child in mine if child.status() != "zombie"]
    assert not {child.pid: child.cmdline() for child in running if child.pid not in servers}


def test_an_executed_notebook_names_its_sources_and_no_time_or_place(trouble):
    _, out, _ = trouble
    text = (out / "Quảng Ninh/2021/good/good.ipynb").read_text(encoding="utf-8")
    content = json.loads(text)
    about = content["metadata"]["batch"]["provenance"]
    assert about["notebook"] == "good.ipynb"
    assert about["parameters"] == {"area": "Quảng Ninh", "year": 2021, "lang": "vi"}
    assert content["metadata"]["language_info"]["name"] == "python"
    del content["cells"][3]["outputs"]  # it prints its folder itself
    assert str(out.parent) not in json.dumps(content) and "start_time" not in text


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A batch of notebooks that do what few do: (result, output folder)."""
    folder = tmp_path_factory.mktemp("odd")
    notebooks = {
        "special": [
            _leave("import socket\nd = os.environ['NOTEBOOK_RUN_DIR']\nos.mkfifo(d + '/pipe')"),
            "os.symlink('/nowhere', d + '/dangling'); socket.socket(socket.AF_UNIX).bind(d + '/socket')",
            "open(d + '/chart.txt', 'w').write('x'); os.symlink(d + '/chart.txt', d + '/newest.txt')",
        ],
        "recursive": ["def f(): return f()", "f()"],
        "group": ["raise ExceptionGroup('several', [ValueError('one'), KeyError('two')])"],
        "nameless": ["raise ValueError"],
        "loud": ["for i in range(50): print('x' * 1_000_000)"],
        "pieces": ["import sys, time\nfor i in range(3):\n    print(i, flush=True)\n    time.sleep(0.01)\n"
                   "    print('e', i, file=sys.stderr, flush=True)\n    time.sleep(0.01)"],
    }
    paths = [write(folder / f"{name}.ipynb", *sources) for name, sources in notebooks.items()]
    paths.append(write(folder / "lesson.ipynb", "1 / 0", "print('goes on')"))
    content = json.loads(paths[-1].read_text())
    content["cells"][1]["metadata"]["tags"] = ["raises-exception"]
    paths[-1].write_text(json.dumps(content))
    result = batch.run(
        batch.plan(paths, out=folder / "out"), jobs=2, kernel="warm", preload=PRELOAD, progress=False, cell_timeout=60
    )
    return result, folder / "out"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and sockets in the file system")
def test_what_is_no_file_is_left_out_and_links_into_the_folder_still_lead_there(odd):
    left = {path.name for path in (odd[1] / "special").iterdir()}
    assert left == {"special.ipynb", "chart.txt", "newest.txt"}
    assert (odd[1] / "special" / "newest.txt").read_text() == "x"
    [log] = (odd[1] / "_logs").glob("*.log")
    told = [line for line in log.read_text().splitlines() if "left out of special" in line]
    assert [line.rpartition(": ")[2] for line in told] == [f"{n} is no file" for n in ("dangling", "pipe", "socket")]


@pytest.mark.parametrize(("name", "cause", "cell", "error"), [
    ("recursive", "cell error", 4, "RecursionError: maximum recursion depth exceeded"),
    ("group", "cell error", 3, "ExceptionGroup: several (2 sub-exceptions)"),
    ("nameless", "cell error", 3, "ValueError: raise ValueError"),
    ("lesson", "cell error", 3, "ZeroDivisionError: division by zero"),
])
def test_an_odd_error_is_told_with_its_own_cell_and_words(odd, name, cause, cell, error):
    told = failure(odd, name)
    assert (told.cause, told.cell) == (cause, cell)
    assert told.error.startswith(error.strip().rstrip(":"))


def test_fifty_megabytes_may_be_printed(odd):
    assert "loud" in odd[0].done


def test_what_was_printed_stands_in_one_piece_for_each_stream(odd):
    cells = json.loads((odd[1] / "pieces" / "pieces.ipynb").read_text())["cells"]
    said = [(o["name"], "".join(o["text"])) for o in cells[-1]["outputs"]]
    assert said == [("stdout", "0\n1\n2\n"), ("stderr", "e 0\ne 1\ne 2\n")]


def test_files_of_the_users_own_survive_a_run_in_their_folder(tmp_path):
    bad = tmp_path / "bad"
    bad.touch()
    path = write(
        tmp_path / "n.ipynb", _leave("open(f, 'w').write(str(year))"), f"assert not os.path.exists({str(bad)!r})"
    )
    options = {"out": tmp_path / "out", "template": "{notebook}/{year}", "force": True}

    def run(folder):
        batch.run(batch.plan(path, **options), preload=PRELOAD, progress=False, jobs=1)
        (tmp_path / "out" / folder / "notes.txt").write_text("mine")

    run("_failed/n/2025")
    bad.unlink()
    run("n/2025")
    run("n/2025")
    assert [path.name for path in (tmp_path / "out/_failed/n/2025").iterdir()] == ["notes.txt"]
    assert {path.name for path in (tmp_path / "out/n/2025").iterdir()} == {"notes.txt", "left.txt", "n.ipynb"}
    logs = "".join(log.read_text() for log in (tmp_path / "out/_logs").iterdir())
    assert logs.count("kept in n/2025: notes.txt, which no run has made") == 1


def test_a_result_that_is_removed_while_the_batch_runs_is_not_called_done(tmp_path):
    gone = f"import shutil\nif year == 2002: shutil.rmtree({str(tmp_path / 'out' / '2001')!r})"
    plan = batch.plan(write(tmp_path / "n.ipynb", gone), {"year": "2001-2002"}, out=tmp_path / "out", template="{year}")
    result = batch.run(plan, jobs=1, preload=PRELOAD, progress=False)
    assert (result.done, [(one.output, one.cause) for one in result.failures]) == (("2002",), [("2001", "storage")])


def test_a_manifest_that_is_removed_while_the_batch_runs_is_said(tmp_path):
    gone = f"import os; os.unlink({str(tmp_path / 'out' / 'manifest.sqlite')!r})"
    plan = batch.plan(write(tmp_path / "n.ipynb", gone), out=tmp_path / "out")
    with pytest.raises(batch.BatchError, match="it was removed while the batch ran"):
        batch.run(plan, jobs=1, preload=PRELOAD, progress=False)


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_too_few_open_files_are_said_before_anything_starts(tmp_path):
    plan = batch.plan(write(tmp_path / "n.ipynb"), {"year": "2001-2004"}, out=tmp_path / "out", template="{year}")
    code = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
    code += "from dxanalysis.batch.runner import check_open_files\ncheck_open_files(1)\ncheck_open_files(4)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert "Only 64 files may be open at once, and 4 runs at a time need 144." in done.stderr
    assert len(plan.due) == 4


def test_a_warm_and_a_cold_run_leave_the_same_bytes(tmp_path):
    path = write(tmp_path / "n.ipynb", "print(area)", "{'year': year}")
    digests = []
    for kernel in ("warm", "cold"):
        plan = batch.plan(path, out=tmp_path / "out", force=True)
        assert batch.run(plan, kernel=kernel, preload=PRELOAD, progress=False).exit_code == 0
        digests.append(plan.out.joinpath("n/n.ipynb").read_bytes())
    assert digests[0] == digests[1]
    again = batch.plan(path, out=tmp_path / "out")
    assert [run.reason for run in again.runs] == ["up to date"]
    assert str(batch.run(again, progress=False)).startswith("1 up to date")


def test_after_the_first_failure_nothing_more_begins_when_asked(tmp_path):
    path = write(tmp_path / "n.ipynb", "assert year != 2001")
    plan = batch.plan(path, {"year": "2001-2009"}, out=tmp_path / "out", template="{year}")
    result = batch.run(plan, jobs=1, preload=PRELOAD, progress=False, fail_fast=True)
    assert (len(result.failures), len(result.done), len(result.interrupted)) == (1, 0, 8)


def test_a_kernel_that_does_not_exist_is_a_failure_at_start_up(tmp_path):
    plan = batch.plan(write(tmp_path / "n.ipynb"), out=tmp_path / "out")
    [told] = batch.run(plan, kernel="no-such-kernel", retries=0, progress=False).failures
    assert (told.cause, told.cell) == ("start-up", None)
    assert "no-such-kernel" in told.error


def test_an_output_folder_that_cannot_be_written_is_a_failure_of_storage(tmp_path):
    path = write(tmp_path / "n.ipynb", _leave("open(f, 'w').write('x')"))
    plan = batch.plan(path, out=tmp_path / "out", template="deep/{notebook}")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "deep").write_text("a file where a folder should be")
    [told] = batch.run(plan, kernel="warm", preload=PRELOAD, retries=0, progress=False).failures
    assert told.cause == "storage"


@pytest.mark.skipif(sys.platform != "linux", reason="detached programs are found in /proc")
@pytest.mark.parametrize("kernel", ["warm", "cold"])
def test_a_program_that_a_notebook_detached_ends_with_its_run(tmp_path, kernel):
    detach = "import os\nargs = ('sleep', '600')\nif os.fork() == 0:\n    os.setsid()\n    if os.fork(): os._exit(0)\n"
    detach += f"    open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n    os.execvp('sleep', list(args))"
    wait = f"import time\nwhile not os.path.exists({str(tmp_path / 'pid')!r}): time.sleep(0.05)"
    plan = batch.plan(write(tmp_path / "n.ipynb", detach, wait), out=tmp_path / "out")
    assert batch.run(plan, kernel=kernel, preload=PRELOAD, progress=False).exit_code == 0
    pid = int((tmp_path / "pid").read_text())
    eventually(lambda: ended(pid))


def test_a_run_that_prints_without_end_is_ended_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("dxanalysis.batch.engine.OUTPUT_MB", 1)
    path = write(tmp_path / "n.ipynb", "while True: print('x' * 10_000)")
    result = batch.run(batch.plan(path, out=tmp_path / "out"), kernel="warm", preload=PRELOAD, progress=False)
    [told] = result.failures
    assert (told.cause, told.cell) == ("output", 3) and "Write such results to a file" in told.error
    assert (tmp_path / "out" / told.kept / "n.ipynb").stat().st_size < 3e6


def test_an_unknown_cause_to_retry_on_is_refused(tmp_path):
    plan = batch.plan(write(tmp_path / "n.ipynb"), out=tmp_path / "out")
    with pytest.raises(batch.BatchError, match=r"Unknown cause 'kernel dead' to retry on. Did you mean 'kernel died'"):
        batch.run(plan, retry_on=["kernel dead"])


def test_the_cores_are_shared_among_the_kernels(monkeypatch):
    monkeypatch.setattr("dxanalysis.batch.runner.cores", lambda: 8)
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)  # a cluster in this process sets it
    monkeypatch.setenv("MKL_NUM_THREADS", "3")
    shared = _threads(2)
    assert shared["OPENBLAS_NUM_THREADS"] == "4" and "MKL_NUM_THREADS" not in shared


SCRIPT = """
import sys
from dxanalysis import batch
plan = batch.plan({path!r}, {{"year": "2001-2006"}}, out={out!r}, template="{{year}}")
sys.exit(batch.run(plan, jobs=2, preload=["json"]).exit_code)
"""


@pytest.mark.parametrize("finished", [True, False])
def test_ctrl_c_once_finishes_what_runs_and_twice_ends_it(tmp_path, finished):
    begun, free = tmp_path / "begun", tmp_path / "free"
    begun.mkdir()
    wait = f"while not os.path.exists({str(free)!r}): time.sleep(0.05)"
    path = write(tmp_path / "n.ipynb", f"import os, time; open(f'{begun}/{{year}}', 'w').close()\n{wait}")
    code = SCRIPT.format(path=str(path), out=str(tmp_path / "out"))
    runner = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, cwd=ROOT)
    eventually(lambda: len(list(begun.iterdir())) == 2)
    family = psutil.Process(runner.pid).children(recursive=True)
    runner.send_signal(signal.SIGINT)
    assert any("Ctrl-C again ends them now" in line for line in iter(runner.stderr.readline, ""))
    free.touch() if finished else runner.send_signal(signal.SIGINT)
    runner.communicate(timeout=PATIENCE)
    assert runner.returncode == 130
    assert len(list((tmp_path / "out").glob("*/n.ipynb"))) == (2 if finished else 0)
    eventually(lambda: all(ended(one.pid) for one in family))
    states = [row["status"] for row in batch.status(tmp_path / "out").rows]
    assert states == (["done"] * 2 if finished else ["interrupted"] * 2)
