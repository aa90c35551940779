"""`dx site` and the catalogue it hands to the site."""

from dxanalysis import cli
from dxanalysis.cli import site
from tests.site_support import agreed, leave_run

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
