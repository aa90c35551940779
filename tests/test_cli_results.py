"""The commands about results, the record of forecasts, and the site."""

import json

import pandas as pd
import pytest

from dxanalysis import cli, facts
from dxanalysis.batch.manifest import Manifest
from dxanalysis.cli import site
from tests.site_support import agreed, leave_run


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


# ---------------------------------------------------------------- data


def test_the_shipped_data_have_no_new_fault_and_a_damaged_package_has(capsys, tmp_path):
    assert cli.main(["data", "check"]) == 0
    assert "no problems" in capsys.readouterr().out
    (tmp_path / "observations.csv").write_text("indicator,area\nx,y\n")
    assert cli.main(["data", "check", str(tmp_path)]) == 1
    assert "problems" in capsys.readouterr().out


# ---------- `dx site` and the catalogue it hands to the site

NATION = {"id": "digital_economy_share", "vi": "Tỷ trọng", "en": "Share", "unit": "percent", "decimals": 2}


def test_the_catalogue_gives_every_definition_and_release_with_its_path():
    series = site.series("digital_economy_share", "viet-nam")
    days = {line.definition.id: [release.day for release in line.releases] for line in series.lines}
    assert list(days)[:2] == ["gso", "mic"]
    assert days["gso"][2:4] == ["2023-12-29", "2025-01-06"]
    before, after = series.lines[0].releases[2:4]
    of_2023 = [one.history.set_index("year")["value"][2023] for one in (before, after)]
    assert of_2023 == [12.33, 12.87]
    assert 2030 in after.path["year"].tolist() and after.path["year"].iloc[-1] == series.targets["year"].max()
    assert 30 in series.targets["value"].tolist()


def test_what_the_catalogue_lacks_is_said_by_none():
    assert site.series("no_such_thing", "viet-nam") is None
    assert site.series("digital_economy_share", "atlantis") is None
    assert site.source("no-such-page") is None
    assert site.source("") is None
    assert site.names("area", "atlantis") is None


def test_dx_site_writes_what_is_out_of_date_and_says_where_to_look(tmp_path, capsys):
    leave_run(tmp_path, "viet-nam", indicator=NATION, judged=[agreed(2030, "due")])
    assert cli.main(["site", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert str(tmp_path / "site" / "index.html") in said
    text = (tmp_path / "site/areas/viet-nam/digital_economy_share.html").read_text(encoding="utf-8")
    assert "Digital economy share of GDP" in text and "GDP/GRDP" not in text
    beside = {name: (tmp_path / "site" / name).read_text(encoding="utf-8") for name in ("method.html", "data.html")}
    assert "SDG Index 2018" in beside["method.html"] and "Sustainable Development Report 2025" in beside["method.html"]
    assert "level only; with 1 more: direction" in beside["data.html"]
    assert cli.main(["site", "--out", str(tmp_path)]) == 0
    assert ", 0 written." in capsys.readouterr().out


def test_whatever_is_wrong_with_the_site_the_plain_list_is_written(tmp_path, monkeypatch, capsys):
    def fails(out):
        raise ValueError("the site is broken")

    monkeypatch.setattr(site, "write_site", fails)
    site.write_index(tmp_path)
    assert (tmp_path / "index.html").exists()
    assert capsys.readouterr().out == "The site was not written: ValueError: the site is broken\n"


def test_the_plain_list_links_the_site(tmp_path):
    leave_run(tmp_path, "viet-nam", indicator=NATION, judged=[agreed(2030, "due")])
    site.write_index(tmp_path)
    assert 'href="site/index.html"' in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_a_package_of_yours_is_seen_as_soon_as_it_is_named(tmp_path, monkeypatch, root):
    before, digest = site.series("digital_economy_share", "viet-nam"), site.known().digest
    for name in ("datapackage.json", *(path.name for path in (root / "data").glob("*.csv"))):
        text = (root / "data" / name).read_text(encoding="utf-8-sig")
        kept = text if name.endswith(".json") else text.split("\n", 1)[0] + "\n"  # the schema, and tables without rows
        (tmp_path / name).write_text(kept, encoding="utf-8")
    monkeypatch.setenv("DX_DATA", str(tmp_path))
    assert site.series("digital_economy_share", "viet-nam") is not before
    assert site.known().digest != digest


# ---------- The commands that keep published forecasts and score them

def test_a_forecast_is_kept_and_scored_when_the_figure_arrives(tmp_path, capsys, monkeypatch):
    pytest.importorskip("pyarrow")
    archive, series = tmp_path / "track_record.parquet", ("digital_economy_share", "viet-nam")
    whole = facts.load_history(*series)
    last = int(whole["year"].max())
    with monkeypatch.context() as patch:
        patch.setattr(facts, "load_history", lambda *_, **__: whole[whole["year"] < last])
        assert cli.main(["record", "publish", *series, "--horizon", "2", "--archive", str(archive)]) == 0
        assert str(last) in capsys.readouterr().out
        assert cli.main(["record", "score", *series, "--archive", str(archive)]) == 0
        assert capsys.readouterr().out.strip() == "No forecast year has been observed yet."
    kept = pd.read_parquet(archive)
    assert sorted(kept["year"].unique()) == [last, last + 1]
    assert cli.main(["record", "score", *series, "--archive", str(archive)]) == 0
    assert str(last) in capsys.readouterr().out.splitlines()[1]
