"""The stage for one fault: two light notebooks, three years, a runner in a process of its own, a folder for it all."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.batch_support import write

from . import processes

ROOT = Path(__file__).resolve().parents[2]
YEARS = "2001-2003"
RUNS = tuple(f"{notebook}/{year}" for notebook in ("first", "second") for year in range(2001, 2004))
SIZE = 100_000
WITHIN = 600  # seconds after which a batch counts as hanging; the machine may be loaded
DATA = "place,value\n" + "".join(f"p{number},{number}\n" for number in range(500))
CAP_DAC_OVERRIDE, PR_CAPBSET_DROP = 1, 24

# While a notebook works it looks ten times for a trap; the first kernel to take it away does what is written in it.
CELLS = (
    "import os, time\nfrom pathlib import Path\nhere = Path(os.environ['NOTEBOOK_RUN_DIR'])",
    "before = Path('data.csv').read_text()\n(here / 'before.csv').write_text(before)\nlen(before)",
    "trap = os.environ.get('FAULT_TRAP', '')\n"
    "for _ in range(10):\n"
    "    time.sleep(0.02)\n"
    "    if trap and os.path.exists(trap):\n"
    "        mine = f'{trap}.{os.getpid()}'\n"
    "        try:\n"
    "            os.rename(trap, mine)\n"
    "        except FileNotFoundError:\n"
    "            continue\n"
    "        exec(Path(mine).read_text())",
    f"(here / 'year.bin').write_bytes(str(year).encode() * {SIZE // 4})\n(here / 'deep').mkdir()",
    "after = Path('data.csv').read_text()\n(here / 'deep' / 'after.csv').write_text(after)\nprint(year, len(after))",
)


class Scene:
    """Everything one fault needs; used as a context, it clears up whatever the fault has left.

    Parameters
    ----------
    options : mapping
        Options of the batch, such as ``{"kernel": "cold"}``.
    out : str, optional
        Output folder or URL; a folder of the scene when not given.
    environment : mapping, optional
        Environment variables for the runner.
    capless : bool
        Take from a runner of root's the right to write where permissions forbid it.
    fresh : bool
        Whether its plan is not waited for, so that its start can be disturbed.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        out: str = "",
        environment: Mapping[str, str] | None = None,
        capless: bool = False,
        fresh: bool = False,
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="f"))
        self.options, self.capless, self.fresh = dict(options), capless, fresh
        self.plug: Any = None
        self.out = out or str(self.folder / "disk" / "out")
        self.trap, self.temporary, self.data = (self.folder / name for name in ("trap", "t", "n/data.csv"))
        for name in ("disk", "t", "n"):
            (self.folder / name).mkdir()
        self.data.write_text(DATA)
        names = ("first", "second")
        inputs = {"inputs": ["data.csv"], "code": []}  # it says what counts: kernels that are killed cannot
        parameters = "year: int = 2000"
        self.notebooks = [
            str(write(self.folder / f"n/{name}.ipynb", f"print('{name}')", *CELLS, parameters=parameters, batch=inputs))
            for name in names
        ]
        self.mark = uuid.uuid4().hex
        self.environment = {**os.environ, processes.MARK: self.mark, "FAULT_TRAP": str(self.trap)}
        self.environment |= {"TMPDIR": str(self.temporary), **(environment or {})}
        self.begun: list[Any] = []

    def __enter__(self) -> Scene:
        return self

    def __exit__(self, *_: object) -> None:
        for one in processes.family(self.mark):
            with contextlib.suppress(ProcessLookupError):
                one.kill()
        for process in self.begun:
            process.wait()
        subprocess.run(["umount", "-l", str(self.folder / "disk")], check=False, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, **more: Any) -> Batch:
        """Start a batch, and come back when it is planned or over."""
        options = {**self.options, **more.pop("options", {})}
        settings = {"notebooks": self.notebooks, "years": YEARS, "out": self.out, "options": options, **more}
        batch = Batch(self, settings)
        self.begun.append(batch.process)
        return batch

    def notebook(self, output: str) -> Path:
        """Where the executed notebook of a run stands."""
        return Path(self.out) / output / f"{output.split('/')[0]}.ipynb"

    def as_from_a_terminal(self) -> None:
        """Called in the new process: hear Ctrl-C, which a background job does not; let root obey permissions."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if self.capless and os.geteuid() == 0:
            ctypes.CDLL(None, use_errno=True).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


class Batch:
    """A batch that runs in a process of its own, in a process group of its own as a terminal would make it."""

    def __init__(self, scene: Scene, settings: Mapping[str, Any]) -> None:
        self.log = scene.folder / f"log{len(scene.begun)}"
        self.said = scene.folder / f"said{len(scene.begun)}"
        self.log.touch()
        self.said.touch()
        command = [sys.executable, "-W", "ignore", "-m", "tests.faults.one_batch", json.dumps(settings)]
        with self.said.open("wb") as out, self.log.open("wb") as error:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=scene.environment, stdout=out, stderr=error, process_group=0,
                preexec_fn=scene.as_from_a_terminal,
            )
        if not scene.fresh:
            wait_for(lambda: self.told("planned") is not None or self.over, WITHIN)

    @property
    def pid(self) -> int:
        """The runner's process; its group has the same number."""
        return self.process.pid

    @property
    def over(self) -> bool:
        """Whether the runner has ended."""
        return self.process.poll() is not None

    def finish(self) -> int | None:
        """Wait for the end; None when it does not come."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(WITHIN)
        return None

    def signal(self, number: int) -> bool:
        """Send a signal to the runner's process group, as a terminal does; False when it is over."""
        if self.over:
            return False
        os.killpg(self.pid, number)
        return True

    def told(self, word: str) -> Any:
        """What the batch printed after a word, read as JSON; None when it has not said it."""
        for line in self.said.read_text().splitlines(keepends=True):
            if line.startswith(word + " ") and line.endswith("\n"):
                return json.loads(line[len(word) :])
        return None

    def errors(self) -> str:
        """All it wrote to the error stream."""
        return self.log.read_text(errors="replace")


def small_disk(scene: Scene, size: str = "6m") -> None:
    """Put a small disk of memory under the output folder; only root can."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(scene.folder / "disk")], check=True)


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Look again and again until something is so; whether it came to be."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def kill(victims: Sequence[Any], number: int, choose: Callable[[Sequence[Any]], Any]) -> bool:
    """Send a signal to one of several processes; False when it was gone already."""
    if not victims:
        return False
    try:
        choose(victims).send_signal(signal.Signals(number))
    except (ProcessLookupError, processes.psutil.Error):
        return False
    return True
