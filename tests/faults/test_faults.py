"""A sample of the campaign with fixed seeds, and a look whether its checks can see a loss at all."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from . import campaign, checks, processes
from .faults import FAULTS
from .scene import RUNS, Scene

pytestmark = [
    pytest.mark.fault,
    pytest.mark.slow,
    pytest.mark.notebook,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for orphans in /proc"),
    pytest.mark.filterwarnings("ignore"),  # what is broken on purpose may warn
]
SAMPLE = (
    "runner, SIGKILL", "runner with normal kernels, SIGKILL", "runner, SIGTERM", "kernel, SIGKILL",
    "fork server, SIGKILL", "Ctrl-C once", "Ctrl-C twice", "disk full", "output folder read-only",
    "kernel forks and detaches", "kernel crashes in C", "clock jumps", "two batches at once",
    "data changed and changed back", "S3 server unplugged", "Dask worker, SIGKILL",
)


@pytest.mark.parametrize("name", SAMPLE)
def test_a_fault_loses_nothing(name):
    fault = next(fault for fault in FAULTS if fault.name == name)
    if reason := campaign.can(fault):
        pytest.skip(reason)
    assert campaign.attempt(name, "sample")["found"] == []


@pytest.fixture
def scene():
    """A scene with the results of an undisturbed batch in it, put there by hand."""
    with Scene({"kernel": "warm", "preload": ["json"]}) as scene:
        begun = scene.start()
        assert begun.finish() == 0, begun.errors()
        yield scene


def test_the_checks_see_every_kind_of_loss(scene):
    assert list(checks.half_results(scene)) == []
    assert checks.manifest(scene) == (set(RUNS), [])
    notebook = scene.notebook("first/2001")
    notebook.write_text(notebook.read_text()[:-20])
    (Path(scene.out) / "second/2002/year.bin").unlink()
    assert sorted(told.split(" ")[0] for told in checks.half_results(scene)) == ["first/2001", "second/2002"]
    (Path(scene.out) / ".staging" / "left").mkdir()
    (Path(scene.out) / "strange").write_text("")
    (scene.temporary / "k1-2-x").mkdir()
    told = " ".join(checks.leftovers(scene))
    assert "['left']" in told and "['strange']" in told and "['k1-2-x']" in told
    assert "a third run would do" not in " ".join(checks.up_to_date(scene))
    shutil.rmtree(Path(scene.out) / "first/2001")
    assert "first/2001" in " ".join(checks.up_to_date(scene))


def test_a_process_that_lives_on_is_found_by_its_mark(monkeypatch):
    monkeypatch.setattr(checks, "PATIENCE", 0)
    with Scene({}) as scene:
        orphan = subprocess.Popen(["sleep", "600"], env=scene.environment, start_new_session=True)
        # A process just begun shows its environment a moment after it exists.
        assert checks.wait_for(lambda: str(orphan.pid) in " ".join(checks.orphans(scene)), 30)
    assert orphan.wait(60) == -9, "and the scene ends it"
    assert os.getpid() not in [one.pid for one in processes.family(scene.mark)]
