"""The reference panels: what they hold, what they stand for, and that they are read only when used."""

import gzip
import json
import subprocess
import sys

import pytest

from dxanalysis import facts
from dxanalysis.facts.reference import COLUMNS, REFERENCE
from dxanalysis.facts.schema import SHIPPED, read_descriptor


def test_the_panels_are_one_table_of_plausible_figures_without_repeats():
    table = facts.load_reference()
    assert table.columns.tolist() == [*COLUMNS, "family"]
    assert table[table["class"] == "economic_share"]["family"].nunique() == 4  # producers
    assert not table.duplicated(["indicator", "area", "year"]).any()
    assert not table.isna().any().any()
    bounded = table[table["class"].isin(["diffusion", "service_coverage"])]
    assert bounded["value"].between(0, 100).all()
    spread = table.groupby("indicator")["value"].max()
    assert (spread > 20).all(), f"a panel whose largest value is so small is in another unit: {spread.idxmin()}"


def test_the_descriptor_tells_the_licence_and_every_column():
    described = read_descriptor(REFERENCE)
    assert [licence["name"] for licence in described["licenses"]] == ["CC-BY-4.0"]
    assert "Gapminder" in facts.reference_citation() and "World Bank" in facts.reference_citation()
    panels = next(one for one in described["resources"] if one["name"] == "panels")
    assert [field["name"] for field in panels["schema"]["fields"]] == COLUMNS
    assert set(facts.reference_panels()["id"]) == set(facts.load_reference()["indicator"])
    assert sum(path.stat().st_size for path in REFERENCE.iterdir()) < 2_000_000


def test_an_independent_reader_finds_the_package_sound(tmp_path):
    frictionless = pytest.importorskip("frictionless", reason="needs the extra 'test'")
    described = read_descriptor(REFERENCE)
    for one in described["resources"]:  # unpacked: the reader leaves a packed file open
        text = (REFERENCE / one["path"]).read_bytes()
        one["path"] = one["path"].removesuffix(".gz")
        (tmp_path / one["path"]).write_bytes(gzip.decompress(text) if one.pop("compression", "") else text)
    (tmp_path / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])


@pytest.mark.parametrize("series", [text for text in facts.reference_panels()["stands_for"] if text])
def test_a_panel_that_stands_for_a_series_of_ours_agrees_with_it_about_viet_nam(series):
    indicator, definition = series.split(":")
    ours = facts.load_history(indicator, "viet-nam", definition).set_index("year")["value"]
    panel = facts.load_reference(series)
    theirs = panel[panel["area"] == "VNM"].set_index("year")["value"]
    both = ours.index.intersection(theirs.index)
    assert len(both) >= 15
    # Per 100 people: the population base was revised between the vintages, by up to 3 %.
    assert ((ours[both] - theirs[both]).abs() <= 0.02 + 0.035 * ours[both]).all()


@pytest.mark.parametrize(("asked", "message"), [
    ({"indicator": "gdp"}, "Unknown reference panel 'gdp'. Panels: "),
    ({"evidence_class": "fashion"}, "Unknown reference class 'fashion'. Classes: "),
])
def test_an_unknown_panel_or_class_is_refused_with_those_there_are(asked, message):
    with pytest.raises(ValueError, match=message):
        facts.load_reference(**asked)


def test_the_panels_are_read_only_when_used():
    code = (
        "from dxanalysis import facts; from dxanalysis.facts import reference;"
        "facts.load_history('digital_economy_share', 'viet-nam'); print(reference._read.cache_info().currsize)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "0"


def test_the_digest_of_the_data_covers_the_reference_panels(tmp_path):
    from dxanalysis.facts.package import _files

    below = [path.relative_to(SHIPPED).as_posix() for path in _files(SHIPPED) if path.parent != SHIPPED]
    assert below == ["reference/datapackage.json", "reference/indicators.csv", "reference/panels.csv.gz"]
    with gzip.open(REFERENCE / "panels.csv.gz", "rt", encoding="utf-8") as file:
        assert file.readline().strip() == ",".join(COLUMNS)
