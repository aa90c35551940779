"""`dx status`, `dx index`, `dx briefing`, `dx where` and the reading half of `dx data`, as typed by a user."""

import json

import pytest

from dxanalysis import cli
from dxanalysis.batch.manifest import Manifest
from dxanalysis.cli import results


@pytest.fixture
def ran(tmp_path):
    row = {"batch": "b", "notebook": "n.ipynb", "attempt": 1, "reason": "never run", "digest": "d"}
    row |= {"parts": {}, "inputs": {}, "parameters": {"area": "quang-ninh"}}
    with Manifest(tmp_path) as manifest:
        manifest.finish(manifest.claim("quang-ninh/2025/n", row), status="done", outputs={"n.ipynb": "x"})
        manifest.finish(manifest.claim("viet-nam/2025/n", row), status="failed", error="ValueError: no figure")
    return tmp_path


def test_status_names_every_run_and_why_one_failed(ran, capsys):
    assert cli.main(["status", "--out", str(ran)]) == 0
    said = capsys.readouterr().out
    assert "quang-ninh/2025/n" in said
    assert "ValueError: no figure" in said


def test_status_writes_the_manifest_for_other_programs(ran, tmp_path, capsys):
    file = tmp_path / "runs.json"
    assert cli.main(["status", "--out", str(ran), "--export", str(file)]) == 0
    assert str(file) in capsys.readouterr().out
    assert [row["status"] for row in json.loads(file.read_text())] == ["done", "failed"]


@pytest.mark.parametrize(("words", "said"), [
    ("data list", ["digital_economy_share"]),
    ("data show digital_economy_share viet-nam", ["12.33", "12.87"]),
    ("data show digital_economy_share quang-ninh other", ["No annual figure of this series is held."]),
    ("status --out none", ["No runs in"]),
], ids=["the catalogue", "a series release by release, 2023 was revised", "a series that nobody published", "no runs"])
def test_what_is_held_is_told(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(words.split()) == 0
    told = capsys.readouterr().out
    assert all(one in told for one in said) and not list(tmp_path.iterdir())


def test_the_index_is_written_again(ran, capsys):
    assert cli.main(["index", "--out", str(ran)]) == 0
    assert (ran / "index.html").stat().st_size
    assert f"Open {ran / 'index.html'}" in capsys.readouterr().out


def test_a_briefing_names_its_files(tmp_path, capsys):
    words = ["--areas", "Lạng Sơn", "--year", "2025", "--lang", "en", "--out", str(tmp_path)]
    assert cli.main(["briefing", *words]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line for line in said if line.endswith("lang-son-2025.en.pptx")]
    assert (tmp_path / "lang-son" / "2025" / "briefing" / "lang-son-2025.en.pptx").stat().st_size


def test_a_ctrl_c_outside_the_runs_is_told_without_a_traceback(monkeypatch, tmp_path, capsys):
    def stopped(options):
        raise KeyboardInterrupt

    monkeypatch.setattr(results.site, "write_index", stopped)
    assert cli.main(["index", "--out", str(tmp_path)]) == 130
    assert "stopped. What was finished is kept" in capsys.readouterr().err


# ---------------------------------------------------------------- data


def test_the_shipped_data_have_no_new_fault_and_a_damaged_package_has(capsys, tmp_path):
    assert cli.main(["data", "check"]) == 0
    assert "no problems" in capsys.readouterr().out
    (tmp_path / "observations.csv").write_text("indicator,area\nx,y\n")
    assert cli.main(["data", "check", str(tmp_path)]) == 1
    assert "problems" in capsys.readouterr().out
