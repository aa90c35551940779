"""A report leaves charts, tables and facts that say what they are made of, byte for byte the same each time."""

import json
import re

import pandas as pd
import pytest

import dxanalysis as dx
from dxanalysis import delivery, facts
from dxanalysis.briefing import charts, findings
from dxanalysis.briefing.quotes import UnquotedNumber
from dxanalysis.delivery.origin import read as origin_of
from tests.records import HERE, SHARE, Record

HISTORY = pd.DataFrame({
    "year": [2021, 2024],
    "value": [3.0, 7.1],
    "status": ["self-assessed", "reported"],
    "definition": "province",
    "vintage": ["2023-10-02", "2024-12-30"],
    "source": ["a", "b"],
})


@pytest.fixture
def start(tmp_path, monkeypatch):
    def begin(folder="run", **changes):
        monkeypatch.setenv("NOTEBOOK_RUN_DIR", str(tmp_path / folder))
        monkeypatch.setattr(facts, "digest", lambda: "d1")
        given = {"indicator": SHARE, "area": HERE, "year": 2025, "lang": "vi"} | changes
        return delivery.open_report("10_trend", **given)

    return begin


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give the folder of one finished run, made once."""
    where = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NOTEBOOK_RUN_DIR", str(where))
        patch.setattr(facts, "digest", lambda: "d1")
        return finished(delivery.open_report("10_trend", indicator=SHARE, area=HERE, year=2025, lang="vi"))


def finished(report):
    report.table("history", HISTORY)
    report.chart("trend", charts.trend, history=HISTORY)
    report.findings(findings.level(HISTORY, indicator=SHARE, area=HERE))
    report.save()
    return report.folder


def test_a_run_leaves_each_chart_in_two_languages_and_three_formats(folder):
    names = {path.name for path in folder.iterdir()}
    assert {f"trend.{lang}.{kind}" for lang in ("vi", "en") for kind in ("png", "svg", "pdf")} <= names
    assert {"history.csv", "facts.json", "run.json"} <= names


def test_the_same_inputs_give_the_same_bytes(folder, start):
    one, two = folder, finished(start("two"))
    for path in one.iterdir():
        assert path.read_bytes() == (two / path.name).read_bytes(), path.name


def test_every_picture_says_what_it_was_made_of(folder):
    for kind in ("png", "svg", "pdf"):
        origin = origin_of(folder / f"trend.vi.{kind}")
        assert origin["data_digest"] == "d1", kind
        assert origin["parameters"]["area"] == "quang-ninh"
        assert origin["command"].startswith("dx run --notebooks 10_trend --areas quang-ninh")


def test_fonts_are_embedded_in_pdf_and_text_stays_text_in_svg(folder):
    assert b"/FontFile2" in (folder / "trend.vi.pdf").read_bytes()
    svg = (folder / "trend.vi.svg").read_text(encoding="utf-8")
    words = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))
    assert "Tỷ trọng kinh tế số trong GRDP của Quảng Ninh" in words
    assert "Số liệu đến ngày 30/12/2024" in words
    assert set(re.findall(r"font-family: ([^;]*);", svg)) == {"'DejaVu Sans', Verdana, sans-serif"}
    assert len(svg) < 40_000


def test_the_shown_picture_carries_its_words_for_who_cannot_see_it(start):
    shown = start().chart("trend", charts.trend, history=HISTORY)._repr_html_()
    assert re.search(
        r'<figure.*<img alt="Tỷ trọng kinh tế số trong GRDP của Quảng Ninh tăng từ 3% năm 2021 lên 7,1%', shown
    )


def test_facts_hold_every_number_with_unit_and_both_sentences(folder):
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    finding = facts["findings"][0]
    assert "7,1%" in finding["vi"]
    assert "7.1%" in finding["en"]
    value = next(one for one in finding["numbers"] if one["name"] == "value")
    assert (value["value"], value["unit"]) == (7.1, "percent")


def test_run_json_names_no_time_and_no_place_on_this_machine(folder):
    text = (folder / "run.json").read_text(encoding="utf-8")
    assert str(folder) not in text
    assert not re.search(r"\d{2}:\d{2}", text)
    run = json.loads(text)
    assert run["parameters"]["year"] == 2025
    assert {"dxanalysis", "pandas", "matplotlib"} <= set(run["packages"])
    assert [chart["name"] for chart in run["charts"]] == ["trend"]


def test_a_table_changed_after_its_sentence_stops_the_save(start):
    report = start()
    report.findings(findings.level(HISTORY, indicator=SHARE, area=HERE))
    report.table("history", HISTORY.assign(value=[3.0, 8.1]))
    with pytest.raises(UnquotedNumber, match=r"prints '7,1%' for value\[1\] of 'history', which holds 8.1"):
        report.save()


def test_tables_are_shown_in_the_language_of_the_report(start):
    shown = start().table("history", HISTORY)._repr_html_()
    assert ">Năm</th>" in shown and "Cách đọc: " in shown
    assert "7,1%" in shown
    assert "tự đánh giá" in shown
    assert "30/12/2024" in shown
    assert "Published" in start(lang="en").table("history", HISTORY)._repr_html_()


def test_text_from_data_is_escaped(start):
    shown = start().table("history", HISTORY.assign(note="<script>alert(1)</script>"))._repr_html_()
    assert "<script>" not in shown
    wild = Record(**{**HERE.__dict__, "name_vi": '"><img src=x onerror=1>'})
    picture = start(area=wild).chart("trend", charts.trend, history=HISTORY)._repr_html_()
    assert "<img src=x" not in picture


def test_an_empty_table_says_so(start):
    assert "Không có dòng nào" in start().table("history", HISTORY.head(0))._repr_html_()


def test_what_stands_in_for_two_pictures_is_drawn_once_and_what_has_nothing_to_show_not_at_all(start):
    report = start(assess=lambda *asked, **more: dx.assess("quang-ninh", 2025, "digital_economy_share"))
    none = pd.DataFrame({"step": [], "target_year": [], "as_of": [], "value": []})
    assert "<img" in report.chart("verdicts", charts.verdict_panel, panel=none, history=HISTORY).markup
    again = report.chart("panel", charts.verdict_panel, panel=none, history=HISTORY)
    assert "<img" not in again.markup and "ít nhất hai số liệu so sánh được" in again.text
    for name, function, given in (("releases", charts.releases, {"releases": none}),
                                  ("record", charts.track_record, {"record": none})):
        silent = report.chart(name, function, **given)
        assert "<img" not in silent.markup and silent.text.startswith("Chưa")
    assert [path.name for path in sorted(report.folder.glob("*.png"))] == ["verdicts.en.png", "verdicts.vi.png"]
    for name in ("trend", "trend_again"):  # two pictures of their own may bear one title
        assert "<img" in report.chart(name, charts.trend, history=HISTORY).markup


def test_a_name_that_cannot_name_a_file_is_refused(start):
    with pytest.raises(ValueError, match=r"The table name '../x' cannot name a file"):
        start().table("../x", HISTORY)


def test_sources_are_named_by_their_records_and_an_unknown_one_by_its_id(start):
    known = HISTORY.assign(source=["founding-article", "b"])
    shown = start().table("history", known)._repr_html_()
    assert facts.source("founding-article").publisher in shown
    assert ">b</td>" in shown


def test_names_of_the_catalogue_are_understood_as_on_the_command_line(monkeypatch):
    monkeypatch.delenv("NOTEBOOK_RUN_DIR", raising=False)
    report = delivery.open_report("10_trend", area="quảng ninh", indicator="ty trong kinh te so", year=2024,
                                  as_of="year-end")
    assert (report.area.id, report.indicator.id) == ("quang-ninh", "digital_economy_share")
    assert str(report.day) == "2024-12-31"
    with pytest.raises(facts.UnknownName, match="Did you mean 'quang-ninh'"):
        delivery.open_report("10_trend", area="quang-nin")


def test_without_a_batch_the_files_go_under_outputs(monkeypatch):
    monkeypatch.delenv("NOTEBOOK_RUN_DIR", raising=False)
    report = delivery.open_report("10_trend", area=HERE, indicator=SHARE, year=2021)
    assert report.folder.parts[-4:] == ("outputs", "quang-ninh", "2021", "10_trend")
