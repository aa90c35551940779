"""Results under URLs: whole objects, few requests, tried again."""

import json
import logging
import os
import sys

import pytest

from dxanalysis import batch
from dxanalysis.batch import storage
from dxanalysis.batch.errors import MissingExtra, StorageError
from tests.batch_support import outputs_of, write

fsspec = pytest.importorskip("fsspec", reason="the extra 'cluster' is not installed")


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """Let the local working folder of a URL lie in the test's own folder."""
    monkeypatch.setattr(storage.tempfile, "gettempdir", lambda: str(tmp_path))


class Flaky:
    """A place that fails a few times, as a busy server does."""

    def __init__(self, failures, error=None):
        self.left, self.error = failures, error or OSError("503 slow down")

    def __call__(self):
        self.left -= 1
        if self.left >= 0:
            raise self.error
        return "done"


def test_a_busy_server_is_tried_again():
    assert storage.again(Flaky(3), "put it", wait=0) == "done"


def test_after_four_tries_it_is_an_error():
    with pytest.raises(OSError, match="could not put it in 4 tries: 503 slow down"):
        storage.again(Flaky(4), "put it", wait=0)


def test_what_waiting_does_not_cure_is_not_tried_again():
    action = Flaky(2, PermissionError("no"))
    with pytest.raises(PermissionError, match="no"):
        storage.again(action, "put it", wait=0)
    assert action.left == 1


def test_a_folder_is_put_with_the_notebook_last(tmp_path, monkeypatch):
    for name in ("n.ipynb", "z.png", "deep/a.csv"):
        (tmp_path / "run" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "run" / name).write_text(name)
    order = []
    monkeypatch.setattr(storage, "put", lambda file, url: order.append(url))
    storage.put_folder(tmp_path / "run", "s3://b/p/", last="n.ipynb")
    assert order == ["s3://b/p/deep/a.csv", "s3://b/p/z.png", "s3://b/p/n.ipynb"]


def test_a_file_appears_under_its_name_only_when_it_is_whole(tmp_path, monkeypatch):
    (tmp_path / "a").write_text("new")
    seen = []
    replace = os.replace
    monkeypatch.setattr(
        storage.os, "replace", lambda one, other: (seen.append(os.path.exists(other)), replace(one, other))
    )
    storage.put(tmp_path / "a", f"file://{tmp_path}/there/a")
    assert (seen, (tmp_path / "there" / "a").read_text()) == ([False], "new")
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["a"]


@pytest.mark.parametrize(("url", "said"), [
    ("nowhere://x", "is not a place that can be opened"), ("s3://", "names no place that lasts"),
    ("memory://a", "names no place that lasts"), ("gs://a", r"\(Please install gcsfs .*\). Install it\."),
])
def test_a_url_that_leads_nowhere_is_refused(tmp_path, monkeypatch, url, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((batch.BatchError, MissingExtra), match=said):
        batch.plan(write(tmp_path / "n.ipynb"), out=url)
    assert [path.name for path in tmp_path.iterdir()] == ["n.ipynb"]


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingExtra, match=r"Install dxanalysis\[storage\]"):
        storage.open_store("s3://bucket/x")


@pytest.mark.notebook
def test_a_batch_leaves_its_results_under_a_file_url(tmp_path, mirror):
    url = f"file://{tmp_path}/results"
    path = write(tmp_path / "n.ipynb", "print(area)")
    options = {"out": url, "template": "{area}/{notebook}"}
    result = batch.run(batch.plan(path, {"area": ["x"]}, **options), preload=["json"], progress=False)
    assert result.exit_code == 0
    assert outputs_of(tmp_path / "results/x/n/n.ipynb") == "x\n"
    assert [run.reason for run in batch.plan(path, {"area": ["x"]}, **options).runs] == ["up to date"]
    assert [row["status"] for row in batch.status(url).rows] == ["done"]


@pytest.fixture(scope="module")
def bucket():
    """A real S3-compatible server with an empty bucket; gives its address and what it was asked for."""
    pytest.importorskip("moto", reason="the extra 'remote-test' is not installed")
    pytest.importorskip("s3fs", reason="the extra 'storage' is not installed")
    from moto.server import ThreadedMotoServer

    class Requests(logging.Handler):
        def emit(self, record):
            lines.append(record.getMessage())

    lines = []

    log = logging.getLogger("werkzeug")
    log.setLevel(logging.INFO)
    log.addHandler(handler := Requests())
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=True)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "FSSPEC_S3_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        patch.setattr(fsspec.config, "conf", {"s3": {"endpoint_url": settings["FSSPEC_S3_ENDPOINT_URL"]}})
        import s3fs

        s3fs.S3FileSystem().mkdir("results")
        yield lines
    server.stop()
    log.removeHandler(handler)


@pytest.mark.storage
@pytest.mark.notebook
def test_a_batch_leaves_its_results_in_a_bucket_with_one_put_per_file(tmp_path, mirror, bucket):
    import s3fs

    store = s3fs.S3FileSystem()
    store.pipe_file("results/in/n.ipynb", write(tmp_path / "n.ipynb", "print(area)", _leave()).read_bytes())
    store.pipe_file("results/in/data.csv", b"1")
    options = {"out": "s3://results/out", "template": "{area}/{notebook}", "inputs": lambda *_: ["data.csv"]}
    area = {"area": ["Quảng Ninh"]}
    bucket.clear()
    result = batch.run(batch.plan("s3://results/in/n.ipynb", area, **options), preload=["json"], progress=False)
    assert str(result).startswith("1 done")
    puts = [line.split('"')[1].split()[1] for line in bucket if '"PUT ' in line and "/.probe-" not in line]
    assert len(puts) == len(set(puts)) == 3, "the notebook, the file it left, the manifest"
    assert puts[-1].endswith("manifest.sqlite")
    content = json.loads(store.cat_file("results/out/Quảng Ninh/n/n.ipynb"))
    assert content["metadata"]["batch"]["provenance"]["notebook"] == "s3://results/in/n.ipynb"
    assert [r.reason for r in batch.plan("s3://results/in/n.ipynb", area, **options).runs] == ["up to date"]
    store.pipe_file("results/in/data.csv", b"22")
    assert [r.reason for r in batch.plan("s3://results/in/n.ipynb", area, **options).runs] == ["data changed"]
    with pytest.raises(StorageError, match=r"not exist\. Make the bucket"):  # before any notebook begins
        batch.run(batch.plan("s3://results/in/n.ipynb", area, **options | {"out": "s3://none"}), progress=False)


def _leave():
    return "import os; open(os.environ['NOTEBOOK_RUN_DIR'] + '/left.txt', 'w').write(area)"
