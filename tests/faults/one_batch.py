"""One batch in a process of its own, as the faults need it: ``python -m tests.faults.one_batch SETTINGS`` (JSON).

It prints ``planned`` and the folders that are due, runs them, and prints how it ended as one line of JSON.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

TEMPLATE = "{notebook}/{year}"


def main() -> int:
    """Plan, say so, run, say how it ended."""
    settings = json.loads(sys.argv[1])
    try:
        return _batch(settings)
    except (ValueError, OSError) as error:  # as the command line does: one sentence
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped before anything was started", file=sys.stderr)
        return 130


def _batch(settings: dict[str, Any]) -> int:
    from dxanalysis import batch

    _step_clock(settings.get("clock", 0.0), settings.get("clock_after", 0.0))
    plan = batch.plan(settings["notebooks"], {"year": settings["years"]}, out=settings["out"], template=TEMPLATE)
    _say("planned", [run.output for run in plan.due])
    result = batch.run(plan, jobs=settings.get("jobs", 2), progress=_Plain(), **settings["options"])
    _say("ended", {"done": result.done, "skipped": result.skipped, "failed": [_told(f) for f in result.failures]})
    return result.exit_code


def _told(failure: Any) -> dict[str, Any]:
    return {"output": failure.output, "cause": failure.cause, "error": failure.error}


def _say(word: str, what: Any) -> None:
    print(word, json.dumps(what), flush=True)


def _step_clock(seconds: float, after: float) -> None:
    """Let the clock of this process jump: the time of day, and the boot time that the system then reports."""
    if not seconds:
        return
    import psutil

    real, boot = time.time, psutil._psplatform.boot_time
    gmtime, strftime = time.gmtime, time.strftime

    def jump() -> None:
        time.time = lambda: real() + seconds
        time.gmtime = lambda at=None: gmtime(time.time() if at is None else at)
        time.strftime = lambda form, at=None: strftime(form, time.localtime(time.time()) if at is None else at)
        psutil._psplatform.boot_time = lambda: boot() + seconds

    threading.Timer(after, jump).start() if after else jump()


class _Plain:
    """Write every message to the error stream, as a log would have it."""

    def begin(self, total: int, jobs: int) -> None:
        print("begin", total, jobs, file=sys.stderr)

    def started(self, output: str, attempt: int) -> None:
        print("started", output, attempt, file=sys.stderr)

    def finished(self, output: str, status: str, seconds: float, error: str) -> None:
        print(status, output, error, file=sys.stderr)

    def say(self, message: str) -> None:
        print(message, file=sys.stderr)

    def end(self) -> None:
        print("end", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
