"""The log file of a batch."""

import re
from pathlib import Path

import pytest

from dxanalysis import batch
from dxanalysis.batch import reporting
from tests.batch_support import write


def lines(out):
    [path] = (out / reporting.LOGS).glob("*.log")
    return path.read_text(encoding="utf-8").splitlines()


def test_a_line_has_time_level_and_message(tmp_path):
    with reporting.batch_log(tmp_path, "b", {}) as log:
        log.warning("Quảng Ninh: %s", "again")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ WARNING Quảng Ninh: again", lines(tmp_path)[0])


@pytest.mark.parametrize(("said", "written"), [
    ("\x1b[31mred\x1b[0m \x1b]8;;x\x07link", "red link"),
    ("one\ntwo\r\x07\u202ethree", "one two   three"),
    ("the key abcdef123 is here", "the key *** is here"),
    ("at s3://user:pass@host/x", "at s3://***@host/x"),
    ("PATH is /usr/bin", "PATH is /usr/bin"),
])
def test_colours_line_breaks_and_secrets_stay_out(tmp_path, said, written):
    with reporting.batch_log(
        tmp_path, "b", {"SERVICE_TOKEN": "abcdef123", "SHORT_KEY": "is", "PLACE": "/usr/bin"}
    ) as log:
        log.info(said)
    [line] = lines(tmp_path)
    assert line.endswith(" INFO    " + written)


def test_a_secret_in_a_traceback_or_an_argument_stays_out(tmp_path):
    with reporting.batch_log(tmp_path, "b", {"API_KEY": "abcdef123"}) as log:
        log.error("%s", ValueError("refused abcdef123"))
    assert "abcdef123" not in lines(tmp_path)[0]


def test_the_newest_files_are_kept_and_those_of_others(tmp_path):
    (tmp_path / reporting.LOGS).mkdir()
    for name in ("0.log", "20250101.log", "mine.log"):
        (tmp_path / reporting.LOGS / name).touch()
    for number in range(reporting.KEPT + 3):
        with reporting.batch_log(tmp_path, f"20260101-0000{number:02}", {}):
            pass
    names = sorted(path.stem for path in (tmp_path / reporting.LOGS).iterdir())
    assert (len(names), names[2]) == (reporting.KEPT + 3, "20260101-000003")
    assert {"0", "20250101", "mine"} < set(names)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
def test_a_full_disk_silences_the_log_and_stops_nobody(tmp_path, capsys, caplog):
    with reporting.batch_log(tmp_path, "b", {}) as log:
        log.handlers[0].stream.close()
        log.handlers[0].stream = open("/dev/full", "w")  # noqa: SIM115  (closed by the handler)
        log.info("into the void")
        log.info("and once more")
    assert capsys.readouterr().err == "", "no traceback per line"
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        f"The log {tmp_path / '_logs' / 'b.log'} is not complete: [Errno 28] No space left on device"
    ]


@pytest.mark.notebook
def test_a_batch_leaves_one_log_with_what_happened(tmp_path):
    path = write(tmp_path / "n.ipynb", "assert year != 2002, '\\x1b[31mwrong'")
    plan = batch.plan(path, {"year": "2001-2003"}, out=tmp_path / "out", template="{year}")
    batch.run(plan, preload=["json"], progress=False)
    found = [(line.split()[1], " ".join(line.split()[2:5])) for line in lines(tmp_path / "out")]
    levels = [level for level, _ in found]
    assert (levels.count("ERROR"), levels.count("INFO"), levels.count("WARNING")) == (1, 7, 0)
    assert [message for level, message in found if level == "ERROR"] == ["failed 2002 (cell"]
    assert found[0][1].startswith("begin 3 runs") and found[-1][1].startswith("end: 2 done")
    assert "\x1b" not in "".join(lines(tmp_path / "out"))
    batch.run(batch.plan(path, {"year": "2001"}, out=tmp_path / "out", template="{year}"), progress=False)
    assert lines(tmp_path / "out"), "a batch with nothing to do leaves no second file"
