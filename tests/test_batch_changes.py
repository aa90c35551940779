"""Data or code that change under a running batch."""

import os

import pytest

from dxanalysis import batch
from dxanalysis.batch import dependencies
from dxanalysis.batch.manifest import Manifest
from tests.batch_support import write

ONE = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"  # SHA-256 of the text 1


def test_a_file_that_stayed_is_no_change_and_one_that_did_not_is_named(tmp_path):
    data, notebook = tmp_path / "data.csv", str(tmp_path / "n.ipynb")
    data.write_text("1")
    assert dependencies.changed_input(notebook, {"data.csv": ONE}) == ""
    state = data.stat()
    data.write_text("2")
    os.utime(data, ns=(state.st_atime_ns, state.st_mtime_ns))  # the same size and time of change do not hide it
    assert dependencies.changed_input(notebook, {"data.csv": ONE}).startswith(
        "data.csv changed after the batch was planned"
    )
    data.unlink()
    assert "changed" in dependencies.changed_input(notebook, {"data.csv": ONE})
    assert dependencies.changed_input(notebook, {"s3://b/x": "tag"}) == ""


@pytest.mark.notebook
@pytest.mark.parametrize("back", [True, False])
def test_a_run_whose_data_changed_under_it_is_not_published(tmp_path, back):
    data = tmp_path / "data.csv"
    data.write_text("old")
    change = f"from pathlib import Path\ndata = Path({str(data)!r})\nif year == 2001: data.write_text('new')"
    path = write(tmp_path / "n.ipynb", change, "print(data.read_text())", batch={"inputs": ["data.csv"]})
    plan = batch.plan(path, {"year": "2001-2002"}, out=tmp_path / "out", template="{year}")
    result = batch.run(plan, jobs=1, preload=["json"], progress=False)
    assert [(one.output, one.cause) for one in result.failures] == [(y, "input changed") for y in ("2001", "2002")]
    assert not (tmp_path / "out" / "2001").exists()
    with Manifest(tmp_path / "out") as manifest:
        assert manifest.latest()["2002"]["peak_mb"] == 0, "the second one did not even start a kernel"
    if back:
        data.write_text("old")
    again = batch.plan(path, {"year": 2002}, out=tmp_path / "out", template="{year}")
    assert [run.reason for run in again.runs] == ["failed last time"]
    assert batch.run(again, preload=["json"], progress=False).exit_code == 0
