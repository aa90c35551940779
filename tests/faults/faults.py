"""The faults: what is done to a batch at a random moment, what is put right again, and how the batch may end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import processes
from .scene import Batch, Scene, kill, wait_for

WARM = {"kernel": "warm", "preload": ["json"]}
COLD = {"kernel": "cold"}
DASK = {**WARM, "local_cluster": 2}
LIMITS = {"cell_timeout": 4, "timeout": 30, "memory_mb": 700}
DONE, FAILED, REFUSED, STOPPED, KILLED = 0, 1, 2, 130, -signal.SIGKILL
# Where all is done already, Ctrl-C meets an interpreter that is being taken down: the system's own end, no traceback.
ASKED = frozenset({STOPPED, DONE, -signal.SIGINT})
Inject = Callable[[Scene, Batch, random.Random], bool]


@dataclass(frozen=True)
class Fault:
    """One way to break a batch.

    Attributes
    ----------
    name : str
        What it is called in the table.
    inject : function
        Takes scene, batch and chance, does it, and says whether it came in time.
    codes : set
        Exit codes with which the disturbed batch may end.
    options : dict
        Options of the batch.
    mend : function
        Puts right what was broken before the batch is run again.
    needs : str
        ``root``, ``s3`` or ``dask`` where it can be done only with them.
    settings : dict
        Settings of the disturbed batch alone.
    fresh : bool
        Whether the start of the runner can be disturbed, too.
    """

    name: str
    inject: Inject
    codes: frozenset[int]
    options: Mapping[str, Any] = field(default_factory=lambda: WARM)
    mend: Callable[[Scene], None] = lambda scene: None
    needs: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    fresh: bool = False


def _kill(find: Callable[[str], list[Any]], number: int) -> Inject:
    """Kill one of the processes that `find` gives, waiting for the first one to appear."""

    def inject(scene: Scene, batch: Batch, chance: random.Random) -> bool:
        wait_for(lambda: bool(find(scene.mark)) or batch.over, 60)
        return kill(find(scene.mark), number, chance.choice)

    return inject


def _kill_runner(number: int) -> Inject:
    def inject(scene: Scene, batch: Batch, chance: random.Random) -> bool:
        if batch.over:
            return False
        batch.process.send_signal(number)
        return True

    return inject


def _ctrl_c(times: int) -> Inject:
    """Press Ctrl-C: the terminal sends the signal to every process of the group."""

    def inject(scene: Scene, batch: Batch, chance: random.Random) -> bool:
        wait_for(lambda: "begin" in batch.errors() or batch.over, 60)
        pressed = batch.signal(signal.SIGINT)
        for _ in range(times - 1):
            wait_for(lambda: batch.over, chance.uniform(0.0, 0.4))
            batch.signal(signal.SIGINT)
        return pressed

    return inject


def _ctrl_c_early(scene: Scene, batch: Batch, chance: random.Random) -> bool:
    """Press Ctrl-C at any moment, the start of the runner included."""
    return batch.signal(signal.SIGINT)


def _trap(code: str) -> Inject:
    """Lay code in the way of the next kernel that looks."""

    def inject(scene: Scene, batch: Batch, chance: random.Random) -> bool:
        aside = scene.folder / "trap.new"
        aside.write_text(code)
        aside.rename(scene.trap)
        wait_for(lambda: not scene.trap.exists() or batch.over, 60)
        sprung = not scene.trap.exists()
        scene.trap.unlink(missing_ok=True)
        return sprung

    return inject


def _fill_disk(scene: Scene, batch: Batch, chance: random.Random) -> bool:
    """Fill the small disk to its last byte, or leave room for a few kilobytes."""
    spare = chance.choice([0, 0, 4096, 40_000, 120_000])
    ballast = scene.folder / "disk" / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 16, 1 << 12, 1):
            try:
                while file.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue  # full for pieces of this size
    if spare:
        os.truncate(ballast, max(0, ballast.stat().st_size - spare))
    return not batch.over


def _free_disk(scene: Scene) -> None:
    (scene.folder / "disk" / "ballast").unlink(missing_ok=True)


def _forbid(scene: Scene, batch: Batch, chance: random.Random) -> bool:
    """Take the right to write from every folder and file of the output folder."""
    subprocess.run(["chmod", "-R", "a-w", scene.out], check=False, capture_output=True)
    return not batch.over


def _allow(scene: Scene) -> None:
    subprocess.run(["chmod", "-R", "u+w", scene.out], check=True)


def _change_data(back: bool) -> Inject:
    """Let the data be other ones for a while, with the same size; `back` puts them back under the running batch."""

    def inject(scene: Scene, batch: Batch, chance: random.Random) -> bool:
        right = scene.data.read_text()
        _replace(scene.data, right.replace("p1,1\n", "p1,7\n"))
        if back:
            wait_for(lambda: batch.over, chance.uniform(0.05, 1.0))
            _replace(scene.data, right)
        return not batch.over

    return inject


def _right_data(scene: Scene) -> None:
    from .scene import DATA

    if scene.data.read_text() != DATA:
        _replace(scene.data, DATA)


def _replace(file: Path, text: str) -> None:
    aside = file.with_name("aside")
    aside.write_text(text)
    aside.replace(file)


def _second_batch(**settings: Any) -> Inject:
    """Start another batch of the same runs in the same output folder, and let it end."""

    def inject(scene: Scene, batch: Batch, chance: random.Random) -> bool:
        if batch.over:
            return False
        other = scene.start(**settings)
        code = other.finish()
        both = [*other.told("ended")["done"], *_finished(batch)] if code == 0 else []
        if code != 0 or len(both) != len(set(both)):
            raise AssertionError(f"the second batch ended with {code}; done twice: {both} {other.errors()[-900:]}")
        return True

    return inject


def _finished(batch: Batch) -> list[str]:
    batch.finish()
    ended = batch.told("ended")
    return ended["done"] if ended else []


def _unplug(pull: str, plug_in: str) -> Inject:
    """Take the S3 server away for some seconds."""

    def inject(scene: Scene, batch: Batch, chance: random.Random) -> bool:
        came = not batch.over
        getattr(scene.plug, pull)()
        wait_for(lambda: batch.over, chance.uniform(0.2, 8.0))
        getattr(scene.plug, plug_in)()
        return came

    return inject


EAT = "blocks = []\nwhile True:\n    blocks.append(b'x' * 40_000_000)\n    time.sleep(0.02)"
FORK = (
    "import subprocess, sys\n"
    "for _ in range(5):\n"
    "    subprocess.Popen(['sleep', '300'])\n"
    "    subprocess.Popen(['sleep', '300'], start_new_session=True)\n"
    "    if os.fork() == 0:\n"
    "        os.setsid()\n"
    "        if os.fork():\n"
    "            os._exit(0)\n"
    "        os.execvp('sleep', ['sleep', '300'])\n"
)
FLOOD = "line = 'x' * 10_000\nwhile True:\n    print(line)"
BACKWARDS = {"clock": -7200.0, "clock_after": 1.0}
SEGFAULT = "import ctypes\nctypes.string_at(0)"
CLOSE = "os.closerange(3, 4096)\ntime.sleep(60)"
HANG = "while True:\n    try:\n        time.sleep(600)\n    except KeyboardInterrupt:\n        pass"
STOP = "import signal\nos.kill(os.getpid(), signal.SIGSTOP)"

FAULTS = (
    Fault("runner, SIGKILL", _kill_runner(signal.SIGKILL), frozenset({KILLED})),
    Fault("runner with normal kernels, SIGKILL", _kill_runner(signal.SIGKILL), frozenset({KILLED}), COLD),
    Fault("runner, SIGTERM", _kill_runner(signal.SIGTERM), frozenset({STOPPED, DONE, -signal.SIGTERM})),
    Fault("runner, SIGHUP", _kill_runner(signal.SIGHUP), frozenset({STOPPED, DONE, -signal.SIGHUP})),
    Fault("kernel, SIGKILL", _kill(processes.kernels, signal.SIGKILL), frozenset({DONE})),
    Fault("kernel, SIGTERM", _kill(processes.kernels, signal.SIGTERM), frozenset({DONE})),
    Fault("normal kernel, SIGKILL", _kill(processes.kernels, signal.SIGKILL), frozenset({DONE}), COLD),
    Fault("fork server, SIGKILL", _kill(processes.servers, signal.SIGKILL), frozenset({DONE})),
    Fault("fork server, SIGTERM", _kill(processes.servers, signal.SIGTERM), frozenset({DONE})),
    Fault("Ctrl-C once", _ctrl_c(1), ASKED),
    Fault("Ctrl-C twice", _ctrl_c(2), ASKED),
    Fault("Ctrl-C three times", _ctrl_c(3), ASKED),
    Fault("Ctrl-C at the start", _ctrl_c_early, ASKED, fresh=True),
    Fault("disk full", _fill_disk, frozenset({DONE, FAILED, REFUSED}), mend=_free_disk, needs="root"),
    Fault("output folder read-only", _forbid, frozenset({DONE, FAILED, REFUSED}), mend=_allow, needs="root"),
    Fault("kernel eats memory", _trap(EAT), frozenset({FAILED}), {**WARM, **LIMITS}),
    Fault("kernel hangs", _trap(HANG), frozenset({FAILED}), {**WARM, **LIMITS}),
    Fault("kernel is stopped", _trap(STOP), frozenset({FAILED}), {**WARM, **LIMITS}),
    Fault("kernel forks and detaches", _trap(FORK), frozenset({DONE})),
    Fault("normal kernel forks and detaches", _trap(FORK), frozenset({DONE}), COLD),
    Fault("kernel floods the output", _trap(FLOOD), frozenset({FAILED})),
    Fault("kernel leaves by os._exit", _trap("os._exit(0)"), frozenset({DONE})),
    Fault("kernel crashes in C", _trap(SEGFAULT), frozenset({DONE})),
    Fault("kernel closes its sockets", _trap(CLOSE), frozenset({DONE, FAILED}), {**WARM, **LIMITS}),
    Fault("clock jumps", _second_batch(clock=86_400.0), frozenset({DONE}), settings=BACKWARDS),
    Fault("two batches at once", _second_batch(), frozenset({DONE})),
    Fault("S3 server unplugged", _unplug("pull", "plug_in"), frozenset({DONE, FAILED, REFUSED}), needs="s3"),
    Fault("S3 server does not answer", _unplug("freeze", "thaw"), frozenset({DONE, FAILED, REFUSED}), needs="s3"),
    Fault("Dask worker, SIGKILL", _kill(processes.workers, signal.SIGKILL), frozenset({DONE}), DASK, needs="dask"),
    Fault("Dask worker, SIGTERM", _kill(processes.workers, signal.SIGTERM), frozenset({DONE}), DASK, needs="dask"),
    Fault("runner with Dask workers, SIGKILL", _kill_runner(signal.SIGKILL), frozenset({KILLED}), DASK, needs="dask"),
    Fault("Ctrl-C once with Dask workers", _ctrl_c(1), ASKED, DASK, needs="dask"),
    Fault("Ctrl-C twice with Dask workers", _ctrl_c(2), ASKED, DASK, needs="dask"),
    Fault("data changed", _change_data(back=False), frozenset({DONE, FAILED}), mend=_right_data),
    Fault("data changed and changed back", _change_data(back=True), frozenset({DONE, FAILED}), mend=_right_data),
)
