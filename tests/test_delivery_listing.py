"""The start page lists every run and every failure, opens from disk, asks nothing of the network and is light."""

import json
import re
from html.parser import HTMLParser

import pytest

from dxanalysis import delivery


def judgement(indicator="x", state="due", answer="7,1% (2024); thiếu 12,9 điểm %", **more):
    texts = {name: {"vi": "", "en": ""} for name in ("level", "goal", "distance", "outlook", "basis", "required")}
    said = {"name": {"vi": "Tỷ trọng", "en": "Share"}, "answer": {"vi": answer, "en": f"{answer} (en)"}}
    return texts | said | {"indicator": indicator, "state": state, "target_year": 2025, "document": "09-NQ/TU"} | more


def run(outputs, area, year, name, headline="Đạt 7,1%", notebook="10_trend", judged=()):
    folder = outputs / area / str(year) / notebook
    folder.mkdir(parents=True)
    chart = {
        "name": "trend",
        **{
            lang: {"alt": headline, "files": [f"trend.{lang}.png"], "thumbnail": f"trend.{lang}.jpg"}
            for lang in ("vi", "en")
        },
    }
    about = {
        "area": {"id": area, "vi": name, "en": name},
        "indicator": {"id": "x", "vi": "Chỉ tiêu", "en": "Indicator", "unit": "percent", "decimals": 2},
    }
    (folder / "run.json").write_text(json.dumps({
        "notebook": notebook,
        "parameters": {"year": year, "area": area},
        "about": about,
        "charts": [chart],
        "tables": ["history"],
    }), encoding="utf-8")
    said = {"headline": {"vi": headline, "en": "Reached 7.1%"}, "findings": [], "judged": list(judged)}
    (folder / "facts.json").write_text(json.dumps(said))
    (folder / f"{notebook}.ipynb").write_text("{}")
    return folder


class Page(HTMLParser):
    """Collects tags, links and headings of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.images, self.headings = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append((tag, values))
        if tag == "a":
            self.links.append(values["href"])
        if tag == "img":
            self.images.append(values)
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))


def page(outputs):
    return delivery.index(outputs).read_text(encoding="utf-8")


def test_every_run_is_listed_with_its_sentence_picture_and_files(tmp_path):
    run(tmp_path, "quang-ninh", 2025, "Quảng Ninh")
    found = Page(text := page(tmp_path))
    assert "Đạt 7,1%" in text
    assert "Reached 7.1%" in text
    for link in found.links:
        if not link.startswith("#"):
            assert (tmp_path / link).exists() or link.endswith((".png", ".csv")), link
    pictures = {image["lang"]: image["src"] for image in found.images}
    assert pictures == {lang: f"quang-ninh/2025/10_trend/trend.{lang}.jpg" for lang in ("vi", "en")}
    assert all("alt" in image for image in found.images)  # empty: the finding stands beside the picture


def test_the_answer_of_an_area_stands_before_its_runs_and_targets_without_figures_are_folded(tmp_path):
    asked_by = {"vi": "Sở KH&CN", "en": "DOST"}
    every = [judgement("a", "missed", "trượt"), judgement("b", "no_figure_held", "", asked_by=asked_by)]
    run(tmp_path, "quang-ninh", 2024, "Quảng Ninh", notebook="30_attainment", judged=[judgement(answer="cũ")])
    run(tmp_path, "quang-ninh", 2025, "Quảng Ninh", notebook="30_attainment", judged=[judgement()])
    run(tmp_path, "quang-ninh", 2025, "Quảng Ninh", notebook="90_briefing_year", judged=every)
    text = page(tmp_path)
    first = text.index('class="answer"')
    assert first < text.index("7,1% (2024); thiếu 12,9 điểm %") < text.index("<article")
    assert "trượt" in text and "Sở KH&amp;CN" in text
    silent = text[text.index("Chưa có số liệu: 1 chỉ tiêu") :]
    assert '<details><summary>' in text and "Sở KH&amp;CN" in silent


def test_a_judgement_that_no_run_wrote_makes_the_run_a_failure_and_cannot_inject(tmp_path):
    run(tmp_path, "a", 2025, "A", judged=[judgement(state="<script>")])
    run(tmp_path, "b", 2025, "B", judged=[judgement(answer="<img src=x onerror=alert(1)>")])
    text = page(tmp_path)
    assert "'judged' is no list of judgements" in text.replace("&#x27;", "'")
    assert "<img src=x" not in text and "<script>:" not in text


def test_areas_stand_in_the_order_of_the_vietnamese_alphabet_and_years_newest_first(tmp_path):
    for area, name in (("yen-bai", "Yên Bái"), ("da-nang", "Đà Nẵng"), ("an-giang", "An Giang")):
        run(tmp_path, area, 2024, name)
        run(tmp_path, area, 2025, name)
    text = page(tmp_path)
    assert text.index("An Giang</h2>") < text.index("Đà Nẵng</h2>") < text.index("Yên Bái</h2>")
    assert text.index("an-giang/2025") < text.index("an-giang/2024")


def test_failures_are_listed_with_their_last_error(tmp_path):
    failed = tmp_path / "_failed/ha-noi/2024/10_trend"
    failed.mkdir(parents=True)
    error = {"output_type": "error", "ename": "ValueError", "evalue": "first line\n<b>the cure</b>"}
    (failed / "10_trend.ipynb").write_text(json.dumps({"cells": [{"outputs": [error]}]}))
    text = page(tmp_path)
    assert "&lt;b&gt;the cure&lt;/b&gt;" in text
    assert "_failed/ha-noi/2024/10_trend/10_trend.ipynb" in text


def test_a_damaged_run_is_listed_and_not_hidden(tmp_path):
    folder = run(tmp_path, "quang-ninh", 2025, "Quảng Ninh")
    (folder / "run.json").write_text("{")
    assert "was not written by a run: no JSON" in page(tmp_path)


def test_an_empty_folder_gives_a_page_that_says_so(tmp_path):
    assert "Chưa có kết quả nào" in page(tmp_path)


def test_text_of_data_is_escaped(tmp_path):
    run(tmp_path, "a", 2025, '<script>alert("x")</script>', headline="<img src=x onerror=alert(1)>")
    text = page(tmp_path)
    assert 'alert("x")' not in text
    assert "<img src=x" not in text


def test_the_page_asks_nothing_of_the_network_and_forbids_it(tmp_path):
    run(tmp_path, "quang-ninh", 2025, "Quảng Ninh")
    text = page(tmp_path)
    assert not re.search(r"https?://|//cdn|@import|url\(", text)
    assert "default-src 'none'" in text


@pytest.mark.parametrize("count", [60, 240])
def test_a_page_of_many_runs_stays_under_its_weight(tmp_path, count):
    for at in range(count):
        run(tmp_path, f"area-{at % 10}", 2000 + at // 10, "Thành phố Hồ Chí Minh", headline="Câu kết luận " * 8)
    text = page(tmp_path)
    assert text.count("<article") == count
    assert text.count("trend.vi.jpg") >= count  # a picture for every run, however many
    assert len(text.encode()) < 300_000


def test_headings_descend_by_one_and_everything_has_a_language(tmp_path):
    run(tmp_path, "quang-ninh", 2025, "Quảng Ninh")
    found = Page(page(tmp_path))
    assert found.headings == [1, 2, 3, 4]
    assert dict(found.tags)["html"]["lang"] == "vi"
    assert any(tag == "label" and values.get("for") == "find" for tag, values in found.tags)


def test_the_page_has_the_same_bytes_each_time(tmp_path):
    run(tmp_path, "quang-ninh", 2025, "Quảng Ninh")
    assert page(tmp_path) == page(tmp_path)


def test_slides_and_notes_of_an_area_are_linked(tmp_path):
    run(tmp_path, "quang-ninh", 2025, "Quảng Ninh")
    assert "Slides, notes and workbooks" not in page(tmp_path)
    (tmp_path / "quang-ninh" / "2025" / "briefing").mkdir()
    (tmp_path / "quang-ninh" / "2025" / "briefing" / "quang-ninh-2025.vi.pptx").write_bytes(b"")
    assert "quang-ninh/2025/briefing/quang-ninh-2025.vi.pptx" in Page(page(tmp_path)).links
