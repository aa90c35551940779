"""Limits on running kernels, and what is cleared up when somebody is killed."""

import os
import signal
import subprocess
import sys

import pytest

from dxanalysis.batch import processes
from tests.waiting import PATIENCE, ended, eventually

pytestmark = pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX")


@pytest.fixture
def process():
    """A process with a child, in a group of its own: (process, number of the child)."""
    work = "while time.process_time() < 0.1: pass"  # ten ticks of the kernel's clock, so that a use of 0 is a fault
    code = f"import subprocess, time\n{work}\nprint(subprocess.Popen(['sleep', '99']).pid, flush=True); time.sleep(99)"
    one = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True)
    yield one, int(one.stdout.readline())
    processes.end_group(one.pid)
    one.wait()
    one.stdout.close()


@pytest.mark.parametrize(("limit", "why"), [({"deadline": 0.0}, "run timeout"), ({"memory_mb": 1.0}, "memory")])
def test_a_process_over_its_limit_is_ended_with_its_children(process, limit, why):
    one, child = process
    entry = processes.Watched(pid=one.pid, **limit)
    watcher = processes.Watcher()
    watcher.add(entry)
    assert one.wait(PATIENCE) == -signal.SIGKILL
    watcher.remove(entry)
    assert entry.ended_for == why and eventually(lambda: ended(child))
    assert entry.peak_mb > 1 and entry.cpu_seconds > 0


def test_the_watching_thread_ends_when_there_is_nothing_to_watch(process):
    watcher = processes.Watcher()
    entry = processes.Watched(pid=process[0].pid)
    watcher.add(entry)
    thread = watcher._thread
    watcher.remove(entry)
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_a_guard_ends_the_group_when_its_owner_is_gone(process):
    one, child = process
    guard = processes.Guard(one.pid)
    guard.process.stdin.close()  # as when the owner is killed
    assert one.wait(PATIENCE) == -signal.SIGKILL
    assert eventually(lambda: ended(child))
    guard.process.wait(PATIENCE)


def test_a_released_guard_ends_nobody(process):
    one, _ = process
    guard = processes.Guard(one.pid)
    guard.release()
    assert (guard.process.returncode, one.poll()) == (0, None)


def test_a_process_that_is_gone_is_no_error():
    done = subprocess.Popen(["true"])
    done.wait()
    processes.end_group(done.pid)
    entry = processes.Watched(pid=done.pid)
    entry.measure()
    assert (entry.cpu_seconds, processes.resident_mb(done.pid)) == (0.0, 0.0)
