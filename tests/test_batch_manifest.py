"""The memory of an output folder."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from dxanalysis.batch.errors import BatchError, StorageError
from dxanalysis.batch.manifest import Manifest, read_manifest

ROW = {"batch": "b", "notebook": "n", "parameters": {"area": "Quảng Ninh"}, "attempt": 1, "reason": "never run"}
ROW |= {"digest": "d", "parts": {}, "inputs": {}}


@pytest.fixture
def manifest(tmp_path):
    with Manifest(tmp_path) as manifest:
        yield manifest


def test_the_newest_attempt_counts(manifest, tmp_path):
    first = manifest.claim("a", ROW)
    manifest.finish(first, status="failed", error="e")
    second = manifest.claim("a", ROW | {"attempt": 2})
    manifest.finish(second, status="done", seconds=1.5, outputs={"n.ipynb": "x"})
    [row] = read_manifest(tmp_path)
    assert (row["status"], row["attempt"], row["outputs"]) == ("done", 2, {"n.ipynb": "x"})
    assert row["parameters"] == {"area": "Quảng Ninh"}
    assert [attempt["status"] for attempt in manifest.attempts()] == ["failed", "done"]


def test_one_runner_at_a_time_holds_a_run(manifest, tmp_path):
    assert manifest.claim("a", ROW)
    with Manifest(tmp_path) as other:
        assert other.claim("a", ROW) is None
        assert other.claim("b", ROW)


def test_the_claim_of_a_dead_runner_is_taken_over(tmp_path):
    code = f"""
import sys
from dxanalysis.batch.manifest import Manifest
Manifest({str(tmp_path)!r}).claim("a", {ROW!r})
sys.stdout.write("x")
sys.stdout.flush()
import os
os._exit(9)
"""
    subprocess.run([sys.executable, "-c", code], check=False, stdout=subprocess.DEVNULL)
    assert [row["status"] for row in read_manifest(tmp_path)] == ["lost"]
    with Manifest(tmp_path) as manifest:
        assert manifest.claim("a", ROW)
        assert [attempt["status"] for attempt in manifest.attempts()] == ["lost", "running"]


def test_a_process_number_used_again_is_not_the_runner(manifest):
    number = manifest.claim("a", ROW)
    manifest.finish(number, born=0.0, pid=os.getpid())
    assert manifest.latest()["a"]["status"] == "lost"


def test_what_another_runner_did_in_the_meantime_is_not_done_again(manifest):
    manifest.finish(manifest.claim("a", ROW), status="done")
    assert manifest.claim("a", ROW, last=0) is None
    assert manifest.claim("a", ROW | {"digest": "new"}, last=0)
    assert [row["status"] for row in manifest.attempts()] == ["done", "running"], "the refused claim leaves no row"


def test_a_file_that_is_no_manifest_is_named_with_a_cure(tmp_path):
    (tmp_path / "manifest.sqlite").write_bytes(b"somebody's own file" * 99)
    with pytest.raises(BatchError, match=r"is not a manifest of batches: file is not a database\. Move it away"):
        Manifest(tmp_path)
    assert (tmp_path / "manifest.sqlite").read_bytes().startswith(b"somebody's")


def test_damage_that_sqlite_cannot_even_quote_is_told(tmp_path):
    Manifest(tmp_path).close()
    file = tmp_path / "manifest.sqlite"
    file.write_bytes(file.read_bytes().replace(b"CREATE TABLE runs", b"CR\x89ATE TABLE runs"))
    with pytest.raises(BatchError, match=r"is not a manifest of batches: .*0x89.* Move it away"):
        read_manifest(tmp_path)


def test_a_manifest_of_a_newer_version_is_left_alone(tmp_path):
    with closing(sqlite3.connect(tmp_path / "manifest.sqlite")) as database:
        database.executescript("CREATE TABLE runs (theirs); PRAGMA user_version = 7")
    with pytest.raises(BatchError, match="has the layout 7, newer than 3"):
        Manifest(tmp_path)
    with closing(sqlite3.connect(tmp_path / "manifest.sqlite")) as database:
        assert database.execute("SELECT count(theirs) FROM runs").fetchone() == (0,)


def test_a_disk_too_full_for_the_first_table_is_told_with_a_cure(tmp_path, monkeypatch):
    monkeypatch.setattr("dxanalysis.batch.manifest.SCHEMA", "PRAGMA max_page_count = 1; CREATE TABLE runs (a);")
    with pytest.raises(StorageError, match=r"manifest\.sqlite cannot be written: database or disk is full"):
        Manifest(tmp_path)


def test_a_place_where_no_file_can_be_is_named_with_a_cure(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"manifest.sqlite cannot be written: .* Free the disk"):
        Manifest(tmp_path / "file")


def test_file_digests_are_kept(manifest):
    manifest.remember_files({"/a": (1, 2, "x")})
    manifest.remember_files({"/a": (1, 3, "y")})
    assert manifest.known_files() == {"/a": (1, 3, "y")}


def test_an_output_folder_without_runs_has_no_rows(tmp_path):
    assert read_manifest(tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


def test_a_manifest_from_before_runs_told_what_they_open_keeps_its_runs(tmp_path):
    with Manifest(tmp_path) as manifest:
        manifest.finish(manifest.claim("a", ROW), status="done")
    with closing(sqlite3.connect(tmp_path / "manifest.sqlite")) as database:
        database.executescript("ALTER TABLE runs DROP COLUMN opened; PRAGMA user_version = 2")
    assert [(row["status"], row["opened"]) for row in read_manifest(tmp_path)] == [("done", {})]
