"""Kill the runner, the zygote or a kernel at any moment: no orphan, no half file, and the next run finishes the rest.

``BATCH_KILLS=20 pytest tests/faults -m fault`` kills each twenty times; by default each is killed twice.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psutil
import pytest

from dxanalysis import batch
from tests.batch_support import write

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("BATCH_KILLS", "2"))
RUNS = 6
SIZE = 200_000
SOURCES = (
    "import os, subprocess, time\nhere = os.environ['NOTEBOOK_RUN_DIR']\nsubprocess.Popen(['sleep', '300'])",
    f"open(here + '/one.bin', 'wb').write(b'1' * {SIZE})\ntime.sleep(0.4)",
    f"open(here + '/two.bin', 'wb').write(b'2' * {SIZE})",
)
SCRIPT = """
import sys
from dxanalysis import batch
plan = batch.plan({path!r}, {{"year": "2001-{last}"}}, out={out!r}, template="{{year}}")
print("planned", flush=True)
sys.exit(batch.run(plan, jobs=2, kernel={kernel!r}, preload=["json"], progress=False).exit_code)
"""

pytestmark = [
    pytest.mark.fault,
    pytest.mark.slow,
    pytest.mark.notebook,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for orphans in /proc"),
]


class Runner:
    """A runner in a process of its own; everything it starts carries a mark by which it is found again."""

    def __init__(self, folder, kernel):
        self.path, self.out = write(folder / "n.ipynb", *SOURCES), folder / "out"
        self.mark = f"BATCH_FAULT={uuid.uuid4().hex}"
        self.code = SCRIPT.format(path=str(self.path), out=str(self.out), last=2000 + RUNS, kernel=kernel)

    def start(self):
        name, value = self.mark.split("=")
        environment = {**os.environ, name: value}
        command = [sys.executable, "-c", self.code]
        quiet = {"stderr": subprocess.DEVNULL, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, **quiet)
        self.process.stdout.readline()
        self.process.stdout.close()

    def family(self):
        """Every living process with the mark."""
        return [process for process in psutil.process_iter() if self._marked(process)]

    def _marked(self, process):
        try:
            marked = self.mark.encode() in Path(f"/proc/{process.pid}/environ").read_bytes()
            return marked and process.status() != psutil.STATUS_ZOMBIE
        except (OSError, psutil.Error):
            return False

    def victims(self, target):
        if target == "runner":
            return [psutil.Process(self.process.pid)]
        zygotes = [
            one for one in self.family() if "zygote.py" in " ".join(_command(one)) and one.ppid() == self.process.pid
        ]
        if target == "zygote":
            return zygotes
        kernels = [
            child for zygote in zygotes for child in _children(zygote) if "zygote.py" in " ".join(_command(child))
        ]
        return kernels + [one for one in self.family() if "ipykernel_launcher" in " ".join(_command(one))]

    def kill(self, target, delay):
        end = time.monotonic() + 30
        while not (found := self.victims(target)) and time.monotonic() < end and self.process.poll() is None:
            time.sleep(0.02)
        time.sleep(delay)
        found = self.victims(target)
        if found:
            os.kill(random.choice(found).pid, signal.SIGKILL)
        return bool(found)

    def finish(self):
        return self.process.wait(180)


def _command(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _children(process):
    try:
        return process.children()
    except psutil.Error:
        return []


def whole(folder):
    """Whether a result is complete: executed notebook with all outputs, both files in full length."""
    content = json.loads((folder / "n.ipynb").read_text(encoding="utf-8"))
    executed = all(cell["execution_count"] for cell in content["cells"] if cell["cell_type"] == "code")
    return executed and [(folder / f"{name}.bin").stat().st_size for name in ("one", "two")] == [SIZE, SIZE]


def results(out):
    return [folder for folder in out.glob("20??") if folder.is_dir()]


@pytest.mark.parametrize(
    ("target", "kernel", "latest"),
    [
        ("runner", "warm", 4.0),
        ("zygote", "warm", 2.5),
        ("kernel", "warm", 2.0),
        ("runner", "cold", 5.0),
        ("kernel", "cold", 3.0),
    ],
)
@pytest.mark.parametrize("number", range(KILLS))
def test_a_kill_leaves_no_orphan_and_no_half_result(tmp_path, target, kernel, latest, number):
    chance = random.Random(f"{target}{kernel}{number}")
    runner = Runner(tmp_path, kernel)
    runner.start()
    runner.kill(target, chance.uniform(0, latest))
    code = runner.finish()
    if target != "runner":
        assert code == 0, "the runner itself lives and tries again what was killed"
    _wait_for(lambda: not runner.family(), 10)
    assert all(whole(folder) for folder in results(runner.out))
    runner.start()
    assert runner.finish() == 0
    _wait_for(lambda: not runner.family(), 10)
    assert len(results(runner.out)) == RUNS and all(whole(folder) for folder in results(runner.out))
    assert list((runner.out / ".staging").iterdir()) == []
    assert {row["status"] for row in batch.status(runner.out).rows} == {"done"}
    with sqlite3.connect(runner.out / "manifest.sqlite") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def _wait_for(condition, seconds):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    assert condition()
