"""The same runs on Dask workers: a real scheduler, two worker processes, a worker that dies, none at all."""

import logging
import os
import subprocess
import sys
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest

from dxanalysis import batch
from dxanalysis.batch import cluster
from dxanalysis.batch.dependencies import environment_digest
from dxanalysis.batch.errors import MissingExtra
from dxanalysis.batch.execute import Job, Outcome
from tests.batch_support import outputs_of, write
from tests.faults.scene import wait_for
from tests.waiting import PATIENCE


@pytest.fixture
def job(tmp_path):
    path = write(tmp_path / "project" / "n.ipynb")
    (tmp_path / "project" / "data.csv").write_text("1")
    digest = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"  # SHA-256 of the text 1
    return Job(str(path), path.read_text(), {}, str(tmp_path / "out"), "n", provenance={"inputs": {"data.csv": digest}})


def test_the_same_machine_does_not_differ(job):
    assert cluster.differences(job, environment_digest()) == ""


@pytest.mark.parametrize(("change", "said"), [
    (lambda job: (replace(job, path="/none/n.ipynb"), ""), "there is no folder /none. Put the project there"),
    (lambda job: (job, "another"), "Python or the installed packages differ. Make the environment"),
    (lambda job: (replace(job, provenance={"inputs": {"x.csv": ""}}), ""), "x.csv is missing. Bring code and data"),
    (lambda job: (replace(job, provenance={"inputs": {"data.csv": ""}}), ""), "data.csv differs. Bring code and"),
])
def test_a_worker_says_in_what_it_differs(job, change, said):
    changed, environment = change(job)
    assert cluster.differences(changed, environment).startswith(said)


def test_a_worker_that_differs_does_not_run_anything(job, monkeypatch):
    monkeypatch.setattr(cluster, "perform", lambda job: pytest.fail("it ran"))
    outcome = cluster.perform_there(job, "/", "another")
    assert (outcome.status, outcome.cause) == ("failed", "worker differs")
    assert "packages differ" in outcome.error


def test_a_worker_looks_for_the_project_where_its_variable_says(job, monkeypatch, tmp_path):
    monkeypatch.setenv(cluster.ROOT, "/elsewhere")
    moved = cluster._moved(job, str(tmp_path))
    assert (moved.path, moved.out) == ("/elsewhere/project/n.ipynb", "/elsewhere/out")
    assert cluster._moved(job, str(tmp_path / "project")).out == job.out


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtra, match=r"Install dxanalysis\[cluster\]"):
        cluster.Cluster("tcp://127.0.0.1:1")


def test_a_worker_that_dies_while_it_starts_is_started_once_more(monkeypatch):
    died = [RuntimeError("Nanny failed to start.")]

    def start(**_):
        if died:
            raise died.pop()
        return "cluster"

    distributed = SimpleNamespace(LocalCluster=start)
    assert cluster._local_cluster(distributed, 2) == "cluster"
    died += [RuntimeError("Nanny failed to start."), RuntimeError("Nanny failed to start.")]
    with pytest.raises(batch.BatchError, match=r"workers on this machine did not start: Nanny failed to"):
        cluster._local_cluster(distributed, 2)


class Client:
    """Stand in for Dask's client: a scheduler with as many workers as a test wants, and tasks that never end."""

    def __init__(self, workers):
        self.workers, self.status, self.closed, self.released = workers, "running", False, 0
        self.run = lambda function, on_error: None

    def wait_for_workers(self, number, timeout):
        if len(self.workers) < number:
            raise TimeoutError(f"Only 0/{number} workers arrived")

    def nthreads(self):
        if self.status != "running":
            raise OSError("in <TCP>: the stream is closed")
        return self.workers

    def submit(self, *args, **options):
        return SimpleNamespace(add_done_callback=lambda settle: None, release=self.release)

    def release(self):
        self.released += 1

    def close(self):
        self.closed = True


@pytest.fixture
def reach(monkeypatch):
    """Reach a pretended scheduler without waiting for minutes."""
    made = []

    def cluster_with(client, **moments):
        for name, seconds in {"MOMENT": 0, "PATIENCE": 0.02, "PERIOD": 0.01, **moments}.items():
            monkeypatch.setattr(cluster, name, seconds)
        monkeypatch.setattr(cluster, "_distributed", lambda: None)
        monkeypatch.setattr(cluster.Cluster, "_client", lambda self, distributed: client)
        made.append(cluster.Cluster("tcp://far:8786"))
        return made[-1]

    yield cluster_with
    for one in made:
        one.close()


def test_a_scheduler_without_workers_is_told_with_its_cure(reach, caplog):
    client = Client({})
    with pytest.raises(
        batch.BatchError, match=r"No worker is connected .* at tcp://far:8786. Start one .* \('dask worker"
    ):
        reach(client)
    assert client.closed
    [said] = [record.getMessage() for record in caplog.records]
    assert said.endswith("Waiting for 0.02 seconds at most.")


def test_runs_are_given_up_when_the_last_worker_has_gone_and_none_comes(reach, job, caplog):
    client = Client({"tcp://one": 1})
    far = reach(client)
    running = far.submit(job, threading.Event())
    client.workers = {}
    outcome = running.result(timeout=PATIENCE)
    assert (outcome.status, outcome.cause) == ("failed", "worker lost")
    assert "('dask worker tcp://far:8786'). Then run the same command" in outcome.error
    assert client.released == 1, "a worker that comes later would do it"
    with pytest.raises(batch.BatchError, match="No worker is connected to the Dask scheduler at tcp://far:8786"):
        far.submit(job, threading.Event())
    assert any(record.levelno == logging.WARNING for record in caplog.records)


def test_a_scheduler_that_went_away_is_told(reach, job):
    client = Client({"tcp://one": 1})
    far = reach(client, PATIENCE=600)
    client.status = "closed"
    with pytest.raises(batch.BatchError, match=r"scheduler at tcp://far:8786 does not answer any more. Start it again"):
        far.submit(job, threading.Event())


def test_runs_that_no_worker_has_end_at_once_when_the_user_wants(reach, job):
    client = Client({"tcp://one": 1})
    far = reach(client, PATIENCE=600)
    running = far.submit(job, threading.Event())
    client.workers = {}
    assert wait_for(lambda: far._alone >= 0, 60)
    assert not running.done()
    far.end_all()
    assert running.result(timeout=PATIENCE) == Outcome("interrupted")


def test_a_worker_that_does_not_answer_is_not_waited_for(reach, job, monkeypatch):
    client, answer = Client({"tcp://one": 1}), threading.Event()
    client.run = lambda function, on_error: answer.wait(60)
    far = reach(client, PATIENCE=600, GRACE=0)
    running = far.submit(job, threading.Event())
    assert wait_for(lambda: far.end_all() or running.done(), 60)
    answer.set()
    assert running.result().status == "interrupted"


def test_a_run_has_one_end(reach, job):
    far = reach(Client({"tcp://one": 1}), PATIENCE=600)
    running = far.submit(job, threading.Event())
    far._settle(running, Outcome("done"))
    far._settle(running, Outcome("interrupted"))
    assert running.result() == Outcome("done")


@pytest.fixture(scope="module")
def scheduler():
    distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    options = {"dashboard_address": None, "silence_logs": 50, "threads_per_worker": 1}
    with distributed.LocalCluster(n_workers=2, processes=True, **options) as workers:
        yield workers.scheduler_address


CTRL_C_WHILE_IT_STARTS = """
import signal, threading, distributed
from dxanalysis.batch import cluster

if __name__ == "__main__":
    start = distributed.Nanny.start_unsafe

    async def interrupted(nanny):
        distributed.Nanny.start_unsafe = start
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        return await start(nanny)

    distributed.Nanny.start_unsafe = interrupted
    try:
        cluster._local_cluster(distributed, 2)
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.cluster
def test_ctrl_c_while_workers_start_leaves_no_traceback(tmp_path, root):
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    (tmp_path / "start.py").write_text(CTRL_C_WHILE_IT_STARTS)
    environment = os.environ | {"PYTHONPATH": str(root)}
    command = [sys.executable, "-Wignore", tmp_path / "start.py"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert (done.stdout, done.stderr, done.returncode) == ("interrupted\n", "", 0)


@pytest.mark.cluster
@pytest.mark.notebook
@pytest.mark.filterwarnings("default")  # Dask's own processes and event loops warn as they please
class TestRealScheduler:
    """Two worker processes; the runs must not know where they are."""

    def test_runs_are_spread_over_the_workers_and_written_down_here(self, scheduler, tmp_path):
        path = write(tmp_path / "n.ipynb", "import os; print(os.getppid())", "assert year != 2003")
        plan = batch.plan(path, {"year": "2001-2006"}, out=tmp_path / "out", template="{year}")
        result = batch.run(plan, scheduler=scheduler, kernel="warm", preload=["json"], progress=False)
        assert (len(result.done), [failure.parameters["year"] for failure in result.failures]) == (5, [2003])
        servers = {outputs_of(tmp_path / f"out/{year}/n.ipynb").strip() for year in (2001, 2002, 2004, 2005, 2006)}
        assert len(servers) == 2, "each worker has a fork server of its own"
        assert [row["status"] for row in batch.status(plan.out).rows].count("done") == 5

    def test_a_run_on_a_worker_that_is_killed_is_done_by_another(self, scheduler, tmp_path):
        seen = tmp_path / "seen"
        kill = (
            f"import os, psutil, signal\nif year == 2002 and not os.path.exists({str(seen)!r}):\n"
            f"    open({str(seen)!r}, 'w').close()\n"
            "    family = psutil.Process().parents()\n"
            "    worker = next(p for p in family if 'spawn_main' in ' '.join(p.cmdline()))\n"
            "    worker.send_signal(signal.SIGKILL)\n    import time; time.sleep(600)"
        )
        path = write(tmp_path / "n.ipynb", kill)
        plan = batch.plan(path, {"year": "2001-2003"}, out=tmp_path / "out", template="{year}")
        result = batch.run(plan, scheduler=scheduler, kernel="cold", progress=False)
        assert (seen.exists(), len(result.done), result.failures) == (True, 3, ())

    def test_a_scheduler_that_does_not_answer_is_named(self, tmp_path, monkeypatch):
        distributed = pytest.importorskip("distributed")

        def fail(*args, **kwargs):
            raise OSError("timed out")

        monkeypatch.setattr(distributed, "Client", fail)
        with pytest.raises(batch.BatchError, match=r"No Dask scheduler answers at tcp://127.0.0.1:9: timed out"):
            cluster.Cluster("tcp://127.0.0.1:9")

    def test_the_last_worker_dies_and_the_batch_says_so(self, scheduler_alone, tmp_path, monkeypatch):
        monkeypatch.setattr(cluster, "PATIENCE", 2)
        path = write(
            tmp_path / "n.ipynb",
            "import os, psutil, time\nif year == 2002:\n"
            f"    while not os.path.exists({str(tmp_path / 'out' / '2001')!r}): time.sleep(0.05)\n"
            "    worker = next(p for p in psutil.Process().parents() if 'dask_worker' in ' '.join(p.cmdline()))\n"
            "    worker.kill()\n    time.sleep(600)",
        )
        command = [sys.executable, "-m", "distributed.cli.dask_worker", scheduler_alone, "--nthreads", "1"]
        plan = batch.plan(path, {"year": "2001-2003"}, out=tmp_path / "out", template="{year}")
        worker = subprocess.Popen([*command, "--no-nanny", "--no-dashboard"], stderr=subprocess.DEVNULL)
        try:
            with pytest.importorskip("distributed").Client(scheduler_alone, set_as_default=False) as client:
                client.wait_for_workers(1, timeout=120)
            with pytest.raises(batch.BatchError, match=r"No worker is connected .* Then run the same command"):
                batch.run(plan, scheduler=scheduler_alone, kernel="cold", progress=False)
        finally:
            worker.kill()
            worker.wait()
        plan = batch.plan(path, {"year": "2001-2003"}, out=tmp_path / "out", template="{year}")
        assert "2002" in [run.output for run in plan.due]
        assert len(plan.due) < 3


@pytest.fixture
def scheduler_alone():
    """A scheduler without workers."""
    distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    with distributed.LocalCluster(n_workers=0, dashboard_address=None, silence_logs=50) as one:
        yield one.scheduler_address
