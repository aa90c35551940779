"""Results appear whole or not at all."""

import subprocess
import sys

import pytest

from dxanalysis.batch import dependencies, storage
from dxanalysis.batch.errors import BatchError, StorageError


def test_a_folder_appears_and_replaces_the_old_one(tmp_path):
    for text in ("one", "two"):
        folder = storage.new_staging(tmp_path)
        (folder / f"{text}.txt").write_text(text)
        storage.publish(folder, tmp_path / "a" / "b", made=["one.txt"])
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["two.txt"]
    assert list((tmp_path / ".staging").iterdir()) == []


def test_the_swap_also_works_where_it_takes_two_renames(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "_exchange", lambda one, other: False)
    test_a_folder_appears_and_replaces_the_old_one(tmp_path)


def test_leftovers_of_dead_owners_are_swept_and_ours_stay(tmp_path):
    code = (
        f"from dxanalysis.batch import storage; from pathlib import Path; storage.new_staging(Path({str(tmp_path)!r}))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    mine = storage.new_staging(tmp_path)
    assert storage.sweep(tmp_path) == 1
    assert list((tmp_path / ".staging").iterdir()) == [mine]


def test_a_folder_above_that_vanishes_at_the_wrong_moment_is_made_again(tmp_path, monkeypatch):
    folder, final = storage.new_staging(tmp_path), tmp_path / "_failed" / "a" / "n"
    put, vanished = storage._put, []

    def vanish(one, other, made):
        if not vanished:
            vanished.append(other.parent.rmdir())  # what `discard` of a run beside it does
        return put(one, other, made)

    monkeypatch.setattr(storage, "_put", vanish)
    storage.publish(folder, final)
    assert final.is_dir() and vanished


def test_a_file_in_place_of_the_output_folder_is_named(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(BatchError, match=r"out is a file\. Name a folder"):
        storage.check_place(tmp_path / "out")


def test_a_place_that_cannot_be_written_is_named_and_left_clean(tmp_path, monkeypatch):
    def full(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage, "_flush_file", full)
    with pytest.raises(StorageError, match=r"out cannot be written: No space left on device\. Free the disk"):
        storage.check_place(tmp_path / "out")
    assert list((tmp_path / "out" / ".staging").iterdir()) == []


# ---------------------------------------------------------------- folders that are links to somebody's own
@pytest.fixture
def mine(tmp_path):
    """Give a folder of somebody's own, with files that bear the names of ours."""
    for name in ("n.ipynb", "t.csv", "old/keep.txt"):
        (tmp_path / "mine" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mine" / name).write_text("mine")
    yield tmp_path / "mine"
    assert sorted(path.name for path in (tmp_path / "mine").rglob("*.*")) == ["keep.txt", "n.ipynb", "t.csv"]


@pytest.mark.parametrize("name", ["a/2025/n", storage.STAGING, storage.FAILED, "_logs"])
def test_a_link_where_a_run_puts_its_folder_is_refused_before_anything_starts(tmp_path, mine, name):
    (tmp_path / "out" / name).parent.mkdir(parents=True)
    (tmp_path / "out" / name).symlink_to(mine)
    with pytest.raises(BatchError, match=r"is a link or a file, and a run puts its folder there\. Remove it"):
        storage.check_place(tmp_path / "out", ["_logs", "a/2025/n"])
    (tmp_path / "out" / name).unlink()  # its cure
    storage.check_place(tmp_path / "out", ["_logs", "a/2025/n"])


def test_a_result_folder_that_becomes_a_link_meanwhile_is_not_followed(tmp_path, mine):
    folder, final = storage.new_staging(tmp_path), tmp_path / "a"
    final.symlink_to(mine)
    with pytest.raises(FileExistsError, match="has become a link"):
        storage.publish(folder, final, made=["n.ipynb"])
    storage.discard(final, ["n.ipynb"])


def test_only_what_runners_made_is_swept(tmp_path, mine):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / storage.STAGING).symlink_to(mine)
    assert storage.sweep(tmp_path / "out") == 0
    (tmp_path / storage.STAGING / "notes").mkdir(parents=True)
    assert storage.sweep(tmp_path) == 0 and (tmp_path / storage.STAGING / "notes").is_dir()


def test_discarding_takes_the_empty_folders_above_along(tmp_path):
    for name in ("_failed/a/2021/n", "_failed/a/2022/n"):
        (tmp_path / name).mkdir(parents=True)
    storage.discard(tmp_path / "_failed/a/2021/n", [])
    assert [path.name for path in (tmp_path / "_failed/a").iterdir()] == ["2022"]
    storage.discard(tmp_path / "_failed/a/2022/n", [])
    assert list((tmp_path / "_failed").iterdir()) == []


def test_file_digests_name_every_file(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.txt").write_text("")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of nothing
    assert dependencies.file_digests(tmp_path) == {"deep/a.txt": empty}


def test_an_output_folder_that_is_a_link_to_nothing_is_told_as_such(tmp_path):
    (tmp_path / "out").symlink_to(tmp_path / "gone")
    with pytest.raises(BatchError, match=r"is a link to .*gone, which is not there"):
        storage.check_place(tmp_path / "out")
    (tmp_path / "gone").mkdir()
    storage.check_place(tmp_path / "out")
