"""The story of the founding article: 41 facts, then and now, in the site, the deck and the command."""

from html.parser import HTMLParser

import pytest

from dxanalysis import cli
from dxanalysis.cli import site
from dxanalysis.delivery import exhibits
from dxanalysis.delivery.site.build import write_site
from dxanalysis.facts.targets import load_start_points, load_story

from .site_support import SHARE, leave_run


def test_every_fact_is_told_once_in_both_languages():
    for lang in ("vi", "en"):
        facts = exhibits.told(lang)
        assert [one.fact for one in facts] == [f"S{number:02d}" for number in range(1, 42)]
        assert all(one.text and (one.then or one.latest or one.target) and one.source for one in facts)


def test_a_number_stands_beside_what_became_of_it_and_its_target():
    row = next(one for one in exhibits.told("vi") if one.fact == "S08")
    assert (row.then, row.target) == ("3% (năm 2021)", "tối thiểu 20% (năm 2025)")
    assert row.latest == "7,1% (năm 2024, theo báo cáo của địa phương)"
    later = load_story(through=2023).set_index("fact")
    assert later.loc["S08", "latest"] == 3.0


def test_the_pillars_add_up_to_the_points_of_the_article():
    points = load_start_points("quang-ninh")
    assert round(points["points"].sum(), 2) == 429.47 and points["maximum"].sum() == 800
    assert points["percent"].tolist() == [73, 36, 46]
    assert "429.47 of 800 points" in exhibits.start_sentence("quang-ninh", "en")
    assert exhibits.start_sentence("ha-noi", "vi") == ""


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_command_prints_the_story(lang, capsys):
    assert cli.main(["data", "article", "--lang", lang]) == 0
    shown = capsys.readouterr().out
    assert "S41" in shown and ("73%, kinh tế số 36%" if lang == "vi" else "digital economy 36%") in shown


class Links(HTMLParser):
    """The addresses and the anchors of a page."""

    def __init__(self, text):
        super().__init__()
        self.addresses, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors |= {given["id"]} if "id" in given else set()
        self.addresses += [given["href"]] if tag == "a" and "href" in given else []


def test_every_fact_is_reached_from_the_start_page_of_the_site_in_two_clicks(tmp_path):
    leave_run(tmp_path, indicator=SHARE | {"id": "digital_economy_share"})
    write_site(tmp_path, site.known())
    pages = {path.name: Links(path.read_text(encoding="utf-8")) for path in (tmp_path / "site").glob("*.html")}
    assert "story.html" in pages["index.html"].addresses
    story_page = pages["story.html"]
    for number in range(1, 42):
        assert f"#S{number:02d}" in story_page.addresses and f"S{number:02d}" in story_page.anchors
    assert "areas/quang-ninh/digital_economy_share.html" in story_page.addresses
    followed = [one.partition("#")[0] for one in story_page.addresses if not one.startswith("http")]
    assert all((tmp_path / "site" / one).is_file() for one in followed if one)
    text = (tmp_path / "site" / "story.html").read_text(encoding="utf-8")
    row = next(one for one in exhibits.told("vi") if one.fact == "S08")
    assert row.latest in text and row.target in text and exhibits.start_sentence("quang-ninh", "en") in text


def test_a_site_without_the_article_says_so(tmp_path):
    leave_run(tmp_path)
    write_site(tmp_path)
    assert "These data hold no founding article" in (tmp_path / "site" / "story.html").read_text(encoding="utf-8")
