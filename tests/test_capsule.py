"""A capsule holds what its results need, says when anything in it was changed, and rebuilds without a network."""

import copy
import hashlib
import io
import json
import random
import shutil
import stat
import subprocess
import sys
import zipfile

import pytest

from dxanalysis.atomic import digest_of
from dxanalysis.batch import BatchError
from dxanalysis.batch.manifest import Manifest
from dxanalysis.cli import capsule as command
from dxanalysis.cli import main, rebuild
from dxanalysis.cli.report import read_command
from dxanalysis.delivery import capsule, files
from dxanalysis.delivery.capsule import CapsuleError

TABLE = b"\xef\xbb\xbfyear\n2025\n"
FILES = {"code/a.py": b"print(1)\n", "outputs/Quảng Ninh/t.csv": TABLE, "code/.ci/run": b"#!"}
FILES |= {"code/notebooks/10_trend.ipynb": b"{}"}
RUN = {"output": "Quảng Ninh", "notebook": "notebooks/10_trend.ipynb", "parameters": {"year": 2025}}
COMMAND = "dx briefing --areas quang-ninh --year 2025 --lang vi,en"
RUN |= {"outputs": {"t.csv": hashlib.sha256(TABLE).hexdigest()}}


@pytest.fixture
def packed(tmp_path):
    """Give a capsule of a run with one small file."""
    return capsule.write_capsule(tmp_path / "a.zip", FILES, {"runs": [RUN]})


def forged(path, **parts):
    """Copy an archive with some parts of its record replaced."""
    record = json.loads(zipfile.ZipFile(path).read(capsule.RECORD)) | parts
    return changed(path, capsule.RECORD, written(record))


def written(record):
    """Give a record in the form in which capsules hold it."""
    return (json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def changed(path, name, content=None, **attributes):
    """Copy an archive with one part changed, added or (without content) left out."""
    target = path.with_name("changed.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part))
        if content is not None:
            entry = zipfile.ZipInfo(name)
            for attribute, value in attributes.items():
                setattr(entry, attribute, value)
            new.writestr(entry, content)
    return target


# ---------------------------------------------------------------- packing and checking
def test_the_same_files_give_the_same_bytes_and_come_back_as_they_were(packed, tmp_path):
    again = capsule.write_capsule(tmp_path / "b.zip", dict(reversed(FILES.items())), {"runs": [RUN]})
    assert again.read_bytes() == packed.read_bytes()
    record = capsule.unpack(packed, tmp_path / "out")
    assert {name: (tmp_path / "out" / name).read_bytes() for name in FILES} == FILES
    assert record["files"]["code/a.py"] == {"sha256": hashlib.sha256(b"print(1)\n").hexdigest(), "size": 9}
    assert capsule.faults(packed) == []


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [("code/a.py", b"print(2)\n", "code/a.py was changed"), ("code/a.py", None, "code/a.py is missing"),
     ("code/b.py", b"", "code/b.py was added")],
)
def test_a_file_changed_missing_or_added_is_named(packed, capsys, name, content, fault):
    wrong = changed(packed, name, content)
    assert capsule.faults(wrong) == [fault]
    assert main(["verify", str(wrong)]) == 1
    assert fault in capsys.readouterr().out
    with pytest.raises(CapsuleError, match=fault):
        capsule.unpack(wrong, wrong.parent / "out")


@pytest.mark.parametrize(
    "name",
    ["../a", "/a", "a/../../b", "C:/a", "a\\b", "a//b", "./a", "a\x1b", "a\u202eb", "x" * 300, ".", "CON", "a/nul.txt",
     "com1", "LPT¹.csv", "conin$", "a./b", "a /b", " a", "a.", "a..", "t.csv ", "CON .txt",
     "a/nul  .b.c", "clock$", "/".join(["d" * 100] * 10)],
)
def test_a_name_that_leads_elsewhere_or_that_some_system_cannot_hold_is_refused(packed, tmp_path, name):
    with pytest.raises(CapsuleError, match="may not stand in a capsule"):
        capsule.write_capsule(tmp_path / "b.zip", {name: b""}, {})
    with pytest.raises(CapsuleError, match="may not stand in a capsule"):
        capsule.unpack(changed(packed, name, b"x"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_links_and_devices_are_refused(packed, kind):
    with pytest.raises(CapsuleError, match="a link, a device, a file with a password or"):
        capsule.faults(changed(packed, "code/l", b"/etc/passwd", external_attr=(kind | 0o777) << 16))


def test_a_name_given_twice_and_names_that_differ_in_case_only_are_refused(packed):
    with pytest.raises(CapsuleError, match="holds both"):
        capsule.faults(changed(packed, "CODE/A.py", b"x"))
    with zipfile.ZipFile(packed, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("code/a.py", b"other")
    with pytest.raises(CapsuleError, match="holds both"):
        capsule.faults(packed)


@pytest.mark.parametrize(
    ("name", "other"),
    [("outputs/Hu\u1ebf.csv", "outputs/Hue\u0302\u0301.csv"), ("STRASSE", "Straße"), ("a", "a/b"), ("A", "a/b/c"),
     ("\u0130/x", "i\u0307/X"), ("Code/x", "code/y"), ("b/\u1ebf/x", "b/e\u0302\u0301/y")],
)
def test_names_that_some_system_keeps_as_one_are_refused(packed, tmp_path, name, other):
    with pytest.raises(CapsuleError, match="holds "):
        capsule.write_capsule(tmp_path / "b.zip", {name: b"", other: b""}, {})
    with pytest.raises(CapsuleError, match="holds "):
        capsule.faults(changed(changed(packed, name, b"").rename(tmp_path / "c.zip"), other, b""))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(packed):
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("code/big", b"\0" * 50_000_000)
    with pytest.raises(CapsuleError, match="looks like a zip bomb"):
        capsule.faults(packed)


def test_many_names_for_the_same_packed_bytes_are_a_bomb(packed):
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("code/0", random.Random(1).randbytes(10_000) * 100)  # packed to a 90th: no bomb by itself
        first = archive.getinfo("code/0")
        assert first.file_size / first.compress_size < capsule.MOST_PACKING
        for number in range(1, 99):
            twin = copy.copy(first)
            twin.filename = f"code/{number}"
            archive.filelist.append(twin)
    with pytest.raises(CapsuleError, match="looks like a zip bomb"):
        capsule.faults(packed)


@pytest.mark.parametrize("way", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_way_of_packing_that_may_ask_for_any_memory_is_refused(packed, way):
    with pytest.raises(CapsuleError, match="packed in a way that dx capsule does not use"):
        capsule.faults(changed(packed, "code/a.py", b"print(1)\n", compress_type=way))


@pytest.mark.parametrize("record", [None, b"{", b"[]", b"[" * 99_999, b'{"files": {"a": {}}}'])
def test_an_archive_without_a_record_of_ours_is_no_capsule(packed, record):
    with pytest.raises(CapsuleError, match=r"holds no readable capsule\.json"):
        capsule.read_record(changed(packed, capsule.RECORD, record))


def test_a_capsule_of_another_layout_is_refused(packed):
    with pytest.raises(CapsuleError, match="has another layout than 1"):
        capsule.read_record(changed(packed, capsule.RECORD, b'{"layout": 2, "files": {}}'))


ODD = [None, 0, 1.5, "x", [], {}, [1], ["x"], [None], [[]], {"a": 1}, [{}], [{"output": "x"}]]
PATHS = ["../a", "/etc", "a/../..", "", "CON", "a\\b", "C:/a", "a\0b", None, 1, [], {}]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("part", ["runs", "files", "papers", "data"])
def test_a_record_of_another_form_is_refused_in_one_sentence(packed, capsys, part, odd):
    if (part, odd) in (("data", []), ("papers", [])):
        pytest.skip("a capsule without data packages of its own, or without papers")
    assert main(["verify", str(forged(packed, **{part: odd}))]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and "capsule" in said.err and not said.out


@pytest.mark.parametrize(
    "other",
    [lambda good: good.replace('"runs":', '"runs": [],\n "runs":', 1), lambda good: "\ufeff" + good,
     lambda good: good + " ", lambda good: good.replace('"layout": 1', '"layout": 1.0'),
     lambda good: good.replace("2025", "NaN")],
)
def test_a_record_that_another_reader_takes_otherwise_is_refused(packed, other):
    good = zipfile.ZipFile(packed).read(capsule.RECORD).decode()
    assert other(good) != good
    with pytest.raises(CapsuleError, match=r"written out again it gives other bytes|no readable capsule\.json"):
        capsule.read_record(changed(packed, capsule.RECORD, other(good).encode()))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("part", ["output", "notebook", "file"])
def test_every_path_of_a_record_is_checked_before_it_is_used(packed, part, path):
    files = {"outputs": {str(path): hashlib.sha256(b"").hexdigest()}}
    run = RUN | (files if part == "file" else {part: path})
    with pytest.raises(CapsuleError, match="is not as dx capsule writes it: "):
        capsule.read_record(forged(packed, runs=[run]))


@pytest.mark.parametrize(
    ("runs", "said"),
    [([], "'runs' names no run"), ([RUN | {"outputs": {}}], "claims no file"),
     ([RUN | {"outputs": {"t.csv": "0" * 64}}], r"claims 't\.csv', which is not in the capsule so"),
     ([RUN | {"outputs": RUN["outputs"] | {"gone.csv": "0" * 64}}], r"claims 'gone\.csv'"),
     ([RUN, RUN], "two runs fill the folder 'Quảng Ninh'")],
)
def test_a_record_that_claims_nothing_or_what_is_not_there_is_never_a_success(packed, runs, said):
    with pytest.raises(CapsuleError, match=said):
        capsule.read_record(forged(packed, runs=runs))


def test_a_result_that_no_run_claims_is_refused(tmp_path):
    made = capsule.write_capsule(tmp_path / "b.zip", FILES | {"outputs/free.csv": b"better"}, {"runs": [RUN]})
    assert main(["verify", str(made)]) == 2
    with pytest.raises(CapsuleError, match=r"no run claims 'outputs/free\.csv' \(1 such files\)"):
        capsule.faults(made)


def test_a_file_that_is_no_archive_or_is_not_there_is_refused(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"no archive")
    with pytest.raises(CapsuleError, match="is no capsule, or it is cut off"):
        capsule.faults(tmp_path / "a.zip")
    with pytest.raises(CapsuleError, match="There is no file"):
        capsule.faults(tmp_path / "b.zip")


def test_nothing_is_unpacked_over_what_is_there(packed, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(CapsuleError, match="is not empty"):
        capsule.unpack(packed, tmp_path / "out")


# ---------------------------------------------------------------- what a capsule of runs must hold
def finished(root, out, inputs=("../data/areas.csv",), digest=None, said=None):
    """Leave one run in an output folder, and its row in the manifest."""
    folder = out / "quang-ninh" / "2025" / "10_trend"
    folder.mkdir(parents=True)
    text = json.dumps(said or {})
    (folder / "run.json").write_text(text)
    made = {"run.json": hashlib.sha256(text.encode()).hexdigest()}
    seen = {name: digest or digest_of(root / "notebooks" / name) for name in inputs}
    values = {"batch": "b", "notebook": "notebooks/10_trend.ipynb", "parameters": {"year": 2025}, "attempt": 1}
    values |= {"reason": "never run", "digest": "d", "parts": {"data": "x"}, "inputs": seen, "versions": {}}
    with Manifest(out) as manifest:
        manifest.finish(manifest.claim("quang-ninh/2025/10_trend", values), status="done", outputs=made, seconds=1.0)
    return folder


def test_a_capsule_names_code_data_locks_and_results(root, tmp_path, capsys):
    finished(root, tmp_path)
    assert main(["capsule", "--out", str(tmp_path)]) == 0
    record = capsule.read_record(tmp_path / "capsule.zip")
    assert {"code/data/areas.csv", "code/dxanalysis/__init__.py", "code/requirements.lock", "code/notebooks/batch.yml",
            "outputs/quang-ninh/2025/10_trend/run.json"} <= set(record["files"])
    assert record["locks"]["requirements.lock"] == digest_of(root / "requirements.lock")
    assert [run["parameters"] for run in record["runs"]] == [{"year": 2025}]
    assert not {"host", "pid"} & set(record["runs"][0])
    assert main(["verify", str(tmp_path / "capsule.zip")]) == 0
    assert "all as packed" in capsys.readouterr().out


def test_data_packages_in_use_are_packed_beside_the_code(tmp_path, monkeypatch):
    (tmp_path / "own").mkdir()
    for name in ("datapackage.json", "observations.csv", "secret.key"):
        (tmp_path / "own" / name).touch()
    monkeypatch.setenv("DX_DATA", str(tmp_path / "own"))
    assert sorted(command.data_packages()) == ["data/1-own/datapackage.json", "data/1-own/observations.csv"]


def test_a_run_made_from_data_that_have_changed_since_is_refused(root, tmp_path):
    finished(root, tmp_path, digest="0" * 64)
    with pytest.raises(BatchError, match=r"is not up to date: .*areas\.csv has changed since"):
        command.capsule_command(options(tmp_path))


def test_a_result_changed_by_hand_is_refused(root, tmp_path):
    (finished(root, tmp_path) / "run.json").write_text('{"better": 1}')
    with pytest.raises(BatchError, match=r"is not up to date: .*run\.json has changed since"):
        command.capsule_command(options(tmp_path))


def test_a_run_made_by_other_code_is_refused(root, tmp_path):
    folder = finished(root, tmp_path, said={"notebook": "10_trend", "methods": {"facts": "0" * 12}})
    assert folder.is_dir()
    with pytest.raises(BatchError, match=r"was made by other code than is here \(facts\)"):
        command.capsule_command(options(tmp_path))


def test_a_run_made_from_files_that_would_not_be_packed_is_refused(root, tmp_path):
    finished(root, tmp_path, inputs=("../../elsewhere.csv",), digest="0" * 64)
    with pytest.raises(BatchError, match=r"needs .*elsewhere\.csv, which would not be in the capsule"):
        command.capsule_command(options(tmp_path))


def test_without_a_finished_run_there_is_no_capsule(tmp_path):
    with pytest.raises(BatchError, match="No run ended well"):
        command.capsule_command(options(tmp_path))


def options(out):
    from dxanalysis.cli import parser

    return parser().parse_args(["capsule", "--out", str(out)])


def test_without_version_control_the_project_s_own_files_are_packed(tmp_path):
    for name in ("README.md", "dx.py", "data/a.csv", "dxanalysis/__init__.py", ".venv/x.py", "outputs/a", "mine.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert sorted(command.sources(tmp_path)) == [
        "code/README.md", "code/data/a.csv", "code/dx.py", "code/dxanalysis/__init__.py",
    ]


# ---------------------------------------------------------------- rebuilding
def test_what_differs_after_a_rebuild_is_named_and_the_record_of_the_environment_is_not_compared(tmp_path):
    notebook = {"cells": [], "metadata": {"batch": {"provenance": {"digest": "a"}}}}
    for top, csv, digest in (("capsule/outputs", "1", "a"), ("rebuilt", "2", "b")):
        (tmp_path / top / "r").mkdir(parents=True)
        (tmp_path / top / "r" / "t.csv").write_text(csv)
        notebook["metadata"]["batch"]["provenance"]["digest"] = digest
        (tmp_path / top / "r" / "n.ipynb").write_text(json.dumps(notebook))
    (tmp_path / "capsule" / "outputs" / "r" / "gone.csv").touch()
    record = {"runs": [{"output": "r", "outputs": {"t.csv": "", "n.ipynb": "", "gone.csv": ""}}]}
    assert rebuild.compared(record, tmp_path) == (["r/gone.csv was not rebuilt", "r/t.csv differs"], [], 1)


def test_what_a_rebuild_leaves_and_the_capsule_lacks_is_named(tmp_path):
    for name in ("capsule/outputs/r/t.csv", "rebuilt/r/t.csv", "rebuilt/r/sub/taken.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    record = {"runs": [{"output": "r", "outputs": {"t.csv": ""}}]}
    assert rebuild.compared(record, tmp_path) == (["r/sub/taken.csv was rebuilt and is not in the capsule"], [], 1)


def test_papers_are_packed_claimed_and_those_into_a_template_left_out(root, tmp_path, capsys):
    finished(root, tmp_path)
    folder = tmp_path / "quang-ninh" / "2025" / "briefing"
    folder.mkdir()
    for name, record in {"a.vi.xlsx": {"command": COMMAND}, "b.vi.pptx": {"template": "0" * 64}}.items():
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as parts:
            parts.writestr("xl/_rels/workbook.xml.rels", "<Relationships></Relationships>")
        files.write_zip(folder / name, held.getvalue(), json.dumps(record))
    (folder / "notes.txt").write_text("mine")
    assert main(["capsule", "--out", str(tmp_path)]) == 0
    assert "b.vi.pptx was written into a template" in capsys.readouterr().out
    record = capsule.read_record(tmp_path / "capsule.zip")
    assert [(one["output"], one["command"], sorted(one["outputs"])) for one in record["papers"]] == [
        ("quang-ninh/2025/briefing", COMMAND, ["a.vi.xlsx"])
    ]


@pytest.mark.parametrize("command", ["rm -rf /", "dx run --areas x", COMMAND + " --out x", COMMAND + " --template x",
                                     "dx report --area quang-ninh --year 2025 --lang vi --data /tmp", ""])
def test_no_command_of_a_stranger_is_carried_out(tmp_path, command, monkeypatch):
    monkeypatch.setattr(rebuild.subprocess, "run", lambda *_, **__: pytest.fail("carried out"))
    papers = [{"output": "quang-ninh/2025/briefing", "command": command, "outputs": {}}]
    with pytest.raises(ValueError, match="is not one that dx report or dx briefing records"):
        rebuild.write_again({"papers": papers}, tmp_path, "python", read_command)


@pytest.mark.parametrize(
    ("packed", "again", "close"),
    [
        ("area,value\nhue,0.4098753248976114\n", "area,value\nhue,0.4098753248976111\n", True),  # another processor
        ("area,value\nhue,1.5e-17\n", "area,value\nhue,0.0\n", True),
        ("area,value\nhue,0.4098753\n", "area,value\nhue,0.4098754\n", False),
        ("area,value\nhue,\n", "area,value\nhue,0.4\n", False),
        ("area,value\nhue,0.4\n", "area,value\nvinh,0.4\n", False),
        ("code,value\n007,0.4\n", "code,value\n7,0.4\n", False),
    ],
)
def test_numbers_may_differ_after_the_ninth_digit_and_are_told(tmp_path, packed, again, close):
    for top, text in (("capsule/outputs", packed), ("rebuilt", again)):
        (tmp_path / top / "r").mkdir(parents=True)
        (tmp_path / top / "r" / "t.csv").write_text(text)
        (tmp_path / top / "r" / "t.svg").write_text(text)  # a picture is the same or is not
    record = {"runs": [{"output": "r", "outputs": {"t.csv": "", "t.svg": ""}}]}
    told = ["r/t.csv is the same to the 9th digit"], ["r/t.csv differs"]
    different, near, same = rebuild.compared(record, tmp_path)
    assert (near, same) == (told[0] if close else [], 0)
    assert different == (["r/t.svg differs"] if close else [*told[1], "r/t.svg differs"])


def test_an_environment_with_other_versions_is_not_used(tmp_path):
    lock = tmp_path / "capsule" / "code" / "requirements.lock"
    lock.parent.mkdir(parents=True)
    lock.write_text("pandas==0.1 \\\n    --hash=sha256:00\n")
    with pytest.raises(OSError, match=r"differs from the capsule's lock file: pandas .* \(locked 0\.1\)"):
        rebuild.python_for({"wheels": False}, tmp_path)


def test_this_environment_fits_its_own_lock_file(root):
    assert rebuild.other_versions((root / "requirements.lock").read_text(encoding="utf-8")) == []


@pytest.mark.slow
def test_a_capsule_is_rebuilt_without_a_network_and_nothing_differs(tmp_path, capfd):
    words = [
        "--areas",
        "quang-ninh",
        "--years",
        "2024",
        "--notebooks",
        "10_trend",
        "--jobs",
        "1",
        "--out",
        str(tmp_path / "o"),
    ]
    assert main(["run", *words]) == 0
    archive = tmp_path / "c.zip"
    assert main(["capsule", str(archive), "--out", str(tmp_path / "o")]) == 0
    assert main(["verify", str(archive), "--rebuild", "--jobs", "1", "--into", str(tmp_path / "again")]) == 0
    assert ", 0 differ" in capfd.readouterr().out
    with zipfile.ZipFile(archive) as held:  # the proof that the comparison can fail: one figure more in the data
        data = held.read("code/data/observations.csv")
    assert (tmp_path / "again" / "capsule" / "code" / "data" / "observations.csv").read_bytes() == data


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("unshare"), reason="this system cannot cut a process off from the network")
def test_a_rebuild_has_no_network_where_the_system_can_cut_it_off():
    if not rebuild.cut_off():
        pytest.skip("this user may not make a network of its own")
    asks = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    done = subprocess.run([*rebuild.cut_off(), sys.executable, "-c", asks], capture_output=True, text=True)
    assert "Network is unreachable" in done.stderr
