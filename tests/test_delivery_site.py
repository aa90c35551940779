"""The site from what runs left: pages, links, weight, same bytes, only what changed, and strangers' texts."""

import json
import re
from urllib.parse import unquote, urlsplit

import pytest

from dxanalysis.briefing import labels, theme
from dxanalysis.delivery.site import markup
from dxanalysis.delivery.site.build import write_site
from dxanalysis.delivery.site.gather import NOTHING, gather
from tests.site_support import Read, agreed, build, catalogue, forecast_rows, leave_run, pages, whole


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return build(whole(tmp_path_factory.mktemp("outputs")))


def test_every_promised_page_is_there(site):
    promised = {
        "index.html", "method.html", "data.html", "failures.html", "areas/viet-nam/index.html",
        "areas/viet-nam/share.html", "runs/viet-nam/2025/30_attainment.html",
        "runs/viet-nam/2023/30_attainment--as_of=year-end.html", "failed/hue/2025/10_trend.html",
    }
    assert promised <= set(pages(site))


def test_every_page_is_well_formed_and_fenced(site):
    for name, text in pages(site).items():
        page = Read(text)
        assert page.wrong == [], name
        policy = next(one["content"] for one in page.of("meta") if one.get("http-equiv") == "Content-Security-Policy")
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: file:;")
        assert page.of("html")[0]["lang"] == "vi"
        assert any(one.get("name") == "viewport" for one in page.of("meta"))
        assert [tag for tag, _ in page.tags].count("h1") == 1, name
        inline = [one for one in page.of("script") if "src" not in one and one.get("type") != "application/json"]
        assert inline == [] and not page.of("style")
        assert not [key for _, attributes in page.tags for key in attributes if key.startswith("on") or key == "style"]


def test_every_link_and_asset_leads_to_a_file_and_every_anchor_to_a_place(site):
    texts = pages(site)
    for name, text in texts.items():
        page = Read(text)
        used = page.links() + [one["src"] for one in page.of("script") if "src" in one]
        used += [one["href"] for one in page.of("link") if not one["href"].startswith("data:")]
        for link in used:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https") or link == "../index.html":
                continue  # the plain index page is written by `dx run`
            target = (site / name).parent / unquote(parts.path) if parts.path else site / name
            assert target.resolve().is_file(), (name, link)
            if parts.fragment and target.suffix == ".html":
                ids = {attributes.get("id") for _, attributes in Read(target.read_text(encoding="utf-8")).tags}
                assert unquote(parts.fragment) in ids, (name, link)


def test_nothing_is_asked_of_a_network(site):
    for name in ("site.js", "figure.js", "chart.js", "site.css"):
        text = (site / name).read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//cdn|@import|url\(|fetch\(|XMLHttpRequest|\beval\b|new Function", text), name
    for name, text in pages(site).items():
        loaded = [one for tag, one in Read(text).tags if tag in ("script", "img", "link", "iframe")]
        sources = [one.get("src", one.get("href", "")) for one in loaded]
        assert not [one for one in sources if re.match(r"(?:https?:)?//", one)], name


def test_the_grid_shows_each_year_s_verdict_as_symbol_and_word_and_links_to_its_row(site):
    text = (site / "index.html").read_text(encoding="utf-8")
    row = next(one for one in re.findall(r"<tr .*?</tr>", text) if 'data-area="viet-nam"' in one)
    assert re.findall(r'data-year="(\d+)" data-status="([a-z_ ]*)"', row) == [
        ("2023", "missed"),
        ("2024", "due"),
        ("2025", "open"),
    ]
    assert "►</span>" in row and "chưa đến hạn" in row and ">open<" in row
    assert "areas/viet-nam/share.html#y2024" in row


def test_a_run_on_an_earlier_day_stands_beside_the_usual_one(site):
    text = (site / "index.html").read_text(encoding="utf-8")
    assert "as published by the end of 2023" in text and "latest release" in text


def test_the_yearly_briefing_adds_the_indicators_that_no_notebook_was_run_for(tmp_path):
    judged = [agreed(2024, "missed"), agreed(2030, "open"), agreed(2030, "open", "../x")]
    leave_run(tmp_path, notebook="90_briefing_year", indicator=None, judged=judged[:2])
    (topic,) = gather(tmp_path, catalogue()).topics
    assert (topic.indicator, [one.state for one in topic.in_year(2025)]) == ("share", ["open"])
    leave_run(tmp_path, area="da-nang", notebook="90_briefing_year", indicator=None, judged=judged)
    found = gather(tmp_path, catalogue())
    assert len(found.topics) == 1 and "no list of judgements" in found.failures[0].error


def test_the_first_screen_answers_for_the_area_and_folds_what_has_no_figure(tmp_path):
    rows = [agreed(2025, "due"), agreed(2030, "no_figure_held", "files"), agreed(2030, "met", "plans")]
    leave_run(tmp_path, judged=rows[:1])
    leave_run(tmp_path, notebook="90_briefing_year", indicator=None, judged=rows)
    text = (build(tmp_path) / "index.html").read_text(encoding="utf-8")
    assert text.index("7,1% due") < text.index('id="grid"')
    assert "No figure held: 1 indicators" in text and "09-NQ/TU" in text
    grid = text[text.index('id="grid"') :]
    assert 'data-indicator="files"' not in grid and 'data-indicator="plans"' in grid


def test_areas_with_a_figure_come_first_and_one_whose_run_judged_nothing_is_told_by_its_headline(tmp_path):
    leave_run(tmp_path, "da-nang", 2025, judged=[agreed(2025, "no_figure_held")])
    leave_run(tmp_path, "hue", 2025, "00_overview", indicator=None, headline="3 số liệu", names={"hue": "Huế"})
    leave_run(tmp_path, "viet-nam", 2025, judged=[agreed(2025, "met")])
    site = build(tmp_path)
    start = (site / "index.html").read_text(encoding="utf-8")
    at = [start.index(f'<a href="areas/{area}/index.html"') for area in ("viet-nam", "da-nang", "hue")]
    assert at == sorted(at) and "3 số liệu (en)" in start and start.count('<section id="viet-nam"') == 1
    area = (site / "areas/hue/index.html").read_text(encoding="utf-8")
    assert "<h1>Huế</h1>" in area and "3 số liệu" in area and "00_overview" in area


def test_the_chart_has_every_definition_release_target_and_forecast(site):
    drawn = Read((site / "areas/viet-nam/share.html").read_text(encoding="utf-8")).blocks["series"]
    assert [(line["id"], [one["day"] for one in line["releases"]]) for line in drawn["lines"]] == [
        ("gso", ["2024-01-31", "2025-01-06"]),
        ("mic", ["2024-01-31", "2025-01-06"]),
    ]
    newest = drawn["lines"][0]["releases"][1]
    assert [(one["y"], one["v"]) for one in newest["points"]] == [
        (2021, 10.5),
        (2022, 11.5),
        (2023, 12.5),
        (2024, 13.5),
    ]
    assert newest["points"][3]["open"] and not newest["points"][2]["open"]
    assert newest["points"][1]["gap"]["vi"] == "Gián đoạn: đổi cách tính"
    assert newest["path"][-1] == [2030, 30.0]
    assert [(one["y"], one["t"]["vi"]) for one in drawn["targets"]] == [
        (2025, "tối thiểu 20%"),
        (2030, "tối thiểu 30%"),
    ]
    last = drawn["forecasts"][0]["years"][-1]
    assert (last["y"], last["v"], last["b"]["80"]) == (2030, 19.0, [11.0, 27.0])
    assert (
        drawn["forecasts"][0]["leans"]["en"] == "This forecast leans 40% on the course of similar areas and countries."
    )


def test_without_a_catalogue_the_site_tells_what_the_runs_left(tmp_path):
    rows = [
        {"definition": "own", "year": 2023, "value": 3.5, "status": "official", "vintage": "2024-02-01", "source": "x"},
        {"definition": "own", "year": 2024, "value": 4, "status": "estimate", "vintage": "2025-02-01", "source": "x"},
    ]
    goals = [{"year": 2030, "value": 9, "comparator": ">="}]
    leave_run(tmp_path, judged=[agreed(2030, "open")], tables={"history": rows, "targets": goals})
    leave_run(tmp_path, year=2024, notebook="20_forecast", tables={
        "history": rows[:1],
        "forecast": forecast_rows(2024, "own"),
    })
    site = write_site(tmp_path, NOTHING).start.parent
    drawn = Read((site / "areas/quang-ninh/share.html").read_text(encoding="utf-8")).blocks["series"]
    assert [one["day"] for one in drawn["lines"][0]["releases"]] == ["2024-02-01", "2025-02-01"]
    assert [one["v"] for one in drawn["lines"][0]["releases"][1]["points"]] == [3.5, 4]
    assert drawn["targets"][0]["v"] == 9
    assert drawn["forecasts"][0]["line"] == "own"


def test_the_same_input_gives_the_same_bytes(tmp_path):
    one, two = (build(whole(tmp_path / name)) for name in ("one", "two"))
    assert pages(one) == pages(two)


def test_what_did_not_change_is_not_written_again(tmp_path):
    outputs = whole(tmp_path)
    first = write_site(outputs, catalogue())
    assert (first.pages, first.written) == (first.pages, first.pages)
    assert write_site(outputs, catalogue()).written == 0
    facts = outputs / "viet-nam/2025/30_attainment/facts.json"
    facts.write_text(facts.read_text(encoding="utf-8").replace("kh\\u1ea3 n\\u0103ng", "ch\\u1eafc"), encoding="utf-8")
    before = {path: path.stat().st_mtime_ns for path in first.start.parent.rglob("*.html")}
    assert write_site(outputs, catalogue()).written > 0
    changed = {
        path.relative_to(first.start.parent).as_posix() for path, at in before.items() if path.stat().st_mtime_ns != at
    }
    assert changed == {
        "areas/viet-nam/index.html", "areas/viet-nam/share.html", "runs/viet-nam/2025/30_attainment.html",
    }


def test_a_page_that_someone_changed_or_removed_is_made_again(tmp_path):
    leave_run(tmp_path, judged=[agreed(2025, "open")])
    site = build(tmp_path)
    good = pages(site)
    (site / "method.html").unlink()
    assert pages(build(tmp_path)) == good


def test_pages_of_runs_that_are_gone_go_too_and_nothing_else(tmp_path):
    folder = leave_run(tmp_path / "out", judged=[agreed(2025, "open")])
    leave_run(tmp_path / "out", area="da-nang", judged=[agreed(2025, "open")])
    site = build(tmp_path / "out")
    (tmp_path / "mine.html").write_text("mine")
    (site / "notes.html").write_text("mine")
    noted = json.loads((site / ".built.json").read_text(encoding="utf-8"))
    noted["pages"]["../../mine.html"] = ""
    (site / ".built.json").write_text(json.dumps(noted), encoding="utf-8")
    (folder / "run.json").unlink()
    left = set(pages(build(tmp_path / "out")))
    assert "areas/quang-ninh/share.html" not in left and "areas/da-nang/share.html" in left
    assert "notes.html" in left
    assert (tmp_path / "mine.html").exists()


@pytest.mark.parametrize(
    "noted", ["", "[]", '{"pages": 3}', '{"pages": {"index.html": 3}}', '{"state": "x", "pages": {"a": 1}}']
)
def test_a_broken_note_of_the_last_build_is_as_good_as_none(tmp_path, noted):
    leave_run(tmp_path, judged=[agreed(2025, "open")])
    site = build(tmp_path)
    (site / ".built.json").write_text(noted, encoding="utf-8")
    assert "method.html" in pages(build(tmp_path))


@pytest.mark.parametrize(("areas", "years"), [(2, 10), (63, 5), (63, 10)])
def test_the_start_page_with_all_it_loads_stays_under_its_weight(tmp_path, areas, years):
    names = {f"area-{at}": f"Thành phố Hồ Chí Minh {at}" for at in range(areas)}
    for area in names:
        for year in range(2030 - years, 2030):
            judged = [agreed(2030, "open")]
            leave_run(tmp_path, area, year, names=names, judged=judged, executed=False)
    site = build(tmp_path)
    weight = sum((site / name).stat().st_size for name in ("index.html", "site.css", "site.js"))
    assert weight < 300_000
    rows = (site / "index.html").read_text(encoding="utf-8").count("<tr data-area")
    assert rows == areas or f"{areas - rows} more rows" in (site / "index.html").read_text(encoding="utf-8")


def test_an_empty_folder_says_how_to_begin(tmp_path):
    assert "dx run" in (build(tmp_path) / "index.html").read_text(encoding="utf-8")


def test_a_change_of_the_data_after_the_runs_is_said(tmp_path):
    leave_run(tmp_path, judged=[agreed(2025, "open")], digest="d1")
    assert "The data have changed" not in (build(tmp_path) / "data.html").read_text(encoding="utf-8")
    moved = build(tmp_path, catalogue(digest="d2")) / "data.html"
    assert "The data have changed" in moved.read_text(encoding="utf-8")


def test_the_words_of_the_site_are_all_used(root):
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in (root / "dxanalysis/delivery").rglob("*")
        if path.suffix in (".py", ".j2", ".js")
    )
    spoken = {f"state_{state}" for state in theme.STATES} | {f"step_{step}" for step in theme.STEPS}
    spoken |= {"source_official", "source_press", "source_mirror", "filter", "steps"}
    spoken |= {"formula_same", "formula_changed", "formula_unknown"}  # of the editions of methods
    assert not [
        key
        for key in labels.wording()["site"]
        if f'"{key}"' not in code and f"'{key}'" not in code and key not in spoken
    ]


def test_the_frame_names_the_page_that_is_open():
    page = Read(markup.page({"vi": "A", "en": "B"}, "<h1>A</h1>", here="data"))
    assert [one["href"] for one in page.of("a") if one.get("aria-current") == "page"] == ["data.html"]


def test_every_notebook_of_the_project_has_a_name_a_reader_understands(root):
    assert set(labels.wording()["notebook"]) == {path.stem for path in (root / "notebooks").glob("[0-9]*.ipynb")}
