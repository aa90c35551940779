"""Everything that is said of a target is one story: checked over what is printed, from the words alone."""

from dataclasses import replace

import pandas as pd
import pytest

from dxanalysis import assessing, facts
from dxanalysis.briefing import findings, judged
from dxanalysis.briefing.charts import common

from . import consistency
from .consistency import Statement

SAMPLE = ("quang-ninh", "viet-nam", "ha-noi", "da-nang", "lang-son", "yen-bai")


def spoken(area, year, **more):
    """Return the record of an area and year, and every sentence said of it."""
    place, record = facts.find_area(area), assessing.assess(area, year, **more)
    said = []
    for indicator, rows in record[record["area"] == area].groupby("indicator"):
        about = {"indicator": facts.find_indicator(indicator), "area": place}
        found = [findings.summary(rows, **about), *findings.judgement(rows, **about)]
        said += [Statement("judgement", area, str(indicator), year, one.vi, one.en) for one in found]
        title = [common.judgement_title(rows, about["indicator"], place, lang) for lang in ("vi", "en")]
        cells = [judged.as_table(rows, facts, lang).agg("; ".join, axis=1) for lang in ("vi", "en")]
        said += [Statement("chart title", area, str(indicator), year, *title)]
        said += [Statement("table row", area, str(indicator), year, *pair) for pair in zip(*cells, strict=True)]
    told = findings.agenda(record, area=place, year=year, catalogue=facts, day=more.get("as_of") and f"{year}-12-31")
    said += [Statement("agenda", area, "", year, one.vi, one.en) for one in told]
    return record, said


def contradictions(area, year, **more):
    record, said = spoken(area, year, **more)
    return len(said), [
        *consistency.check(said, record),
        *consistency.check_record(record),
        *missing_caveats(record, said),
    ]


def missing_caveats(record, said):
    """Return figures with a caveat that no sentence of their indicator shows."""
    texts = {}
    for one in said:
        texts.setdefault(one.indicator, []).append(one.en)
    shown = record[record["caveats"].map(len) > 0]
    return [
        consistency.Contradiction("a caveat is lost", row.indicator, str(row.caveats))
        for row in shown[shown["area"] == (said[0].area if said else "")].itertuples()
        if f"Note on the figure for {row.figure_year}" not in " ".join(texts.get(row.indicator, []))
    ]


@pytest.mark.parametrize("area", SAMPLE)
def test_a_sample_of_areas_tells_one_story(area):
    count, wrong = contradictions(area, 2025)
    assert count and not wrong


@pytest.mark.parametrize("year", [2021, 2022, 2023])
def test_nothing_of_a_year_s_end_is_from_later(year):
    assert not contradictions("viet-nam", year, as_of="year-end")[1]


@pytest.mark.slow
def test_all_areas_and_years_tell_one_story(record_property):
    areas = sorted(set(facts.open_package().tables["targets"]["area"]) | set(SAMPLE))
    results = [contradictions(area, year) for area in areas for year in range(2021, 2026)]
    record_property("statements", sum(count for count, _ in results))
    assert not [one for _, wrong in results for one in wrong]


def test_the_agenda_counts_the_rows_of_its_table():
    record, said = spoken("quang-ninh", 2025)
    text = next(one.en for one in said if one.where == "agenda")
    for state, count in record["state"].value_counts().items():
        words = {"due": "due, figure not held", "missed": "not met", "open": "open", "no_figure_held": "no figure held"}
        if state in words:
            assert f"{words[state]}: {count}" in text


RECORD = pd.DataFrame({
    "area": "here", "indicator": "x", "year": 2025, "target_year": [2025, 2030], "state": ["missed", "open"],
    "n": [5, 5], "missing": [5.98, 15.98], "figure_year": [2025, 2025],
})
GOOD = Statement(
    "page", "here", "x", 2025, "Mục tiêu năm 2025 (từ 20% trở lên) chưa đạt: mức thực hiện là 14,02%.",
    "The 2025 target (at least 20%) was not met: the outcome was 14.02%.",
)


@pytest.mark.parametrize(
    ("vi", "en", "kind"),
    [
        ("Mục tiêu năm 2025 (20%) đã đạt: 14%.", "The 2025 target (20%) was met: 14%.", "two states of one target"),
        (
            "Mục tiêu năm 2025: “tiến triển hạn chế”.", "Target for 2025: “limited progress”.",
            "progress word for a closed target",
        ),
        ("Mục tiêu năm 2025 (20%) chưa đạt: 14%.", "The 2025 target (20%) was met: 14%.", "languages: state"),
        ("Mức là 7,1%.", "The level is 7.2%.", "languages: numbers"),
        (
            "Khả năng đạt mục tiêu năm 2030: rất có khả năng (xác suất 9%).",
            "Meeting the 2030 target is very likely (probability 9%).", "word against probability",
        ),
        (
            "Khả năng đạt mục tiêu năm 2030: rất ít khả năng (xác suất 4%).",
            "Meeting the 2030 target is very unlikely (probability 4%).", "sharper than the evidence",
        ),
        ("Năm dự kiến đạt mục tiêu 30%: 2022.", "Expected year of reaching 30%: 2022.",
         "expected year before the last figure"),
        (
            "Mục tiêu năm 2030 (30%): số liệu gần nhất là 14%, vượt 15,98 điểm.",
            "Target for 2030 (30%): the latest figure is 14%, 15.98 points beyond it.", "sign of the distance",
        ),
        ("Chưa có mục tiêu được ban hành đối với X.", "No target has been adopted for X.", "claims what is not known"),
        ("Có 1 chỉ tiêu.", "It has 1 indicators.", "plural"),
        ("Chưa đạt, còn thiếu 0 điểm.", "It was missed by 0 points.", "a distance of zero told as one"),
    ],
)
def test_each_kind_of_contradiction_is_caught(vi, en, kind):
    assert kind in {one.kind for one in consistency.check([replace(GOOD, vi=vi, en=en)], RECORD)}
    assert not consistency.check([GOOD], RECORD)


@pytest.mark.parametrize(("changes", "kind"), [
    ({"state": "missed", "step": "on_track"}, "progress word for a closed target"),
    ({"state": "missed", "missing": -1.0}, "missing against the state"),
    ({"outlook": 0.02, "n": 3}, "sharper than the evidence"),
    ({"outlook": 0.8, "n": 9, "median": 10.0, "target": 20.0}, "median against probability"),
    ({"expected_year": 2022}, "expected year before the last figure"),
    ({"as_of": "2024-12-31", "known_on": "2025-01-06"}, "known later than the day asked for"),
    ({"robust": True, "sensitivity": 0.65}, "robust without agreement"),
])
def test_each_fault_of_a_record_is_caught(changes, kind):
    record = assessing.assess("viet-nam", 2025, "digital_economy_share").tail(1)
    assert not consistency.check_record(record)
    wrong = record.astype("object").assign(**changes)
    assert kind in {one.kind for one in consistency.check_record(wrong)}
