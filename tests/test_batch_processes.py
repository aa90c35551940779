"""Knowing a process again, and finding what a run has left running."""

import os
import subprocess
import sys

import psutil
import pytest

from dxanalysis.batch import processes
from tests.waiting import PATIENCE, eventually


def test_this_process_is_the_same_and_a_dead_one_is_not():
    assert processes.same(os.getpid(), processes.born(os.getpid()))
    done = subprocess.Popen(["true"])
    born = processes.born(done.pid)
    done.wait()
    assert not processes.same(done.pid, born)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell the time of day only")
def test_a_step_of_the_clock_makes_nobody_another_process(monkeypatch):
    before, told = processes.born(os.getpid()), psutil.Process().create_time()
    boot = psutil._psplatform.boot_time
    monkeypatch.setattr(psutil._psplatform, "boot_time", lambda: boot() + 86_400)  # what a step of a day does to it
    assert psutil.Process().create_time() > told + 80_000
    assert processes.born(os.getpid()) == before


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_process_that_has_ended_unasked_counts_as_gone():
    ended = subprocess.Popen(["true"])
    eventually(lambda: psutil.Process(ended.pid).status() == psutil.STATUS_ZOMBIE)
    assert processes.born(ended.pid) == 0
    ended.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_only_the_processes_of_one_run_are_ended(tmp_path):
    marks = [{**os.environ, processes.RUN_DIR: f"{tmp_path}/{name}"} for name in ("one", "other")]
    runs = [subprocess.Popen(["sleep", "99"], env=mark, start_new_session=True) for mark in marks]
    eventually(lambda: all("sleep" in psutil.Process(run.pid).cmdline() for run in runs))
    assert processes.end_marked(f"{tmp_path}/one") == 1
    assert runs[0].wait(PATIENCE) == -9 and runs[1].poll() is None
    runs[1].kill()
    runs[1].wait()
