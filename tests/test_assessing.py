"""The joined judgement of real targets: what must come out right, in words of both languages."""

import math
import random
import re
from functools import cache

import pandas as pd
import pytest

import dxanalysis as dx
from dxanalysis import analysis, assessing, facts, forecasting
from dxanalysis.analysis.assess import STATES
from dxanalysis.briefing import charts, findings, surveys

SHARE = "digital_economy_share"


def record(area, year, indicator=SHARE, **more):
    return assessing.assess(area, year, indicator, **more)


@cache
def said(area, year, indicator=SHARE, **more):
    table = record(area, year, indicator, **more)
    about = {"indicator": facts.find_indicator(indicator), "area": facts.find_area(area)}
    found = [findings.summary(table, **about), *findings.judgement(table, **about)]
    return {lang: " ".join(one.text(lang) for one in found) for lang in ("vi", "en")}


def row(area, year, target_year, indicator=SHARE, **more):
    table = record(area, year, indicator, **more)
    return table[table["target_year"] == target_year].iloc[0]


def test_what_is_not_held_is_said_as_not_held_and_the_successor_is_named():
    words = said("yen-bai", 2024)
    assert "is held here" in words["en"] and "Dữ liệu hiện có không có mục tiêu nào" in words["vi"]
    gone = said("da-nang", 2025)
    assert "Đà Nẵng (since July 2025) took its place" in gone["en"] and "Đơn vị kế tiếp" in gone["vi"]
    assert set(record("da-nang", 2025)["area"]) == {"da-nang", "da-nang-2025"}
    assert "published" not in said("quang-ninh", 2025)["en"]


def held_pairs():
    """Return every area and indicator of which a figure is held that no other contradicts."""
    held = facts.open_package().tables["observations"]
    held = held[(held["status"] != "projection") & held["value"].notna() & (held["conflict"] == "")]
    return held.assign(year=held["period"].str[:4].astype(int)).groupby(["area", "indicator"])


def shown_and_judged(area, indicator, year):
    """Return the history a notebook shows and the judgements of its own definition."""
    table = record(area, year, indicator)
    history = facts.load_history(indicator, area, through=year)
    wanted = facts.load_targets(indicator, area, which="every-year")
    apart = set(wanted.loc[wanted["definition"] != "", "year"])  # judged by the definition they name
    return history, table[(table["area"] == area) & ~table["target_year"].isin(apart)]


def disagreements(pairs):
    found = []
    for (area, indicator), rows in pairs:
        for year in {2022, 2025, int(rows["year"].min()), int(rows["year"].max())}:
            history, judged = shown_and_judged(area, indicator, year)
            yearly = rows[(rows["year"] <= year) & (rows["period"].str.len() == 4)]
            if len(yearly) and history.empty:
                found.append((area, indicator, year, "a figure is held and none is shown"))
            ends = {"figure": "value", "figure_year": "year", "definition": "definition"}
            for one in judged[judged["figure"].notna()].to_dict("records"):
                same = (history[list(ends.values())].astype(str) == [str(one[name]) for name in ends]).all(axis=1)
                if not same.any():
                    found.append((area, indicator, year, "another figure is judged than shown"))
    return found


def test_the_history_shown_is_the_one_judged():
    pairs = list(held_pairs())
    drawn = random.Random(20261130).sample(pairs, 6)
    assert not disagreements([*drawn, *(one for one in pairs if one[0] == ("ha-noi", SHARE))])
    assert record("ha-noi", 2022)["figure"].tolist() == [17.15, 17.15]


@pytest.mark.slow
def test_the_history_shown_is_the_one_judged_everywhere():
    assert not disagreements(held_pairs())


def test_a_closed_target_is_told_with_its_gap_and_no_progress_word():
    one = row("viet-nam", 2025, 2025)
    assert (one["state"], one["missing"], one["judged"]) == ("missed", pytest.approx(5.98), 0)
    words = said("viet-nam", 2025)
    assert "was not met: the outcome was 14.02%, 5.98 percentage points short" in words["en"]
    assert "còn thiếu 5,98 điểm phần trăm" in words["vi"]
    open_one = row("viet-nam", 2025, 2030)
    assert open_one["judged"] == 3 and dict(open_one["families"])["growth_rate"] == "limited_progress"


def test_annual_national_targets_are_judged_like_all_others():
    table = record("viet-nam", 2025)
    assert {2023, 2025, 2026, 2030} <= set(table["target_year"])
    assert row("viet-nam", 2025, 2026)["state"] == "open"


def test_a_rounded_figure_on_the_line_cannot_be_told():
    one = row("viet-nam", 2025, 2025, "digital_enterprise_count")
    assert (one["state"], one["reason"]) == ("cannot_tell", "rounded")
    words = said("viet-nam", 2025, "digital_enterprise_count")
    assert "missed by 0" not in words["en"] and "rounded" in words["en"] and "làm tròn" in words["vi"]


@pytest.mark.parametrize(("indicator", "year", "target_year"), [("grdp_growth", 2023, 2024), ("dti_rank", 2022, 2025)])
def test_a_level_of_one_year_never_meets_a_later_years_target(indicator, year, target_year):
    one = row("quang-ninh", year, target_year, indicator)
    assert one["state"] == "at_level" and pd.isna(one["expected_year"])
    words = said("quang-ninh", year, indicator)
    assert "already at the level" in words["en"] and "đã ở mức mục tiêu" in words["vi"]


def test_a_surplus_is_signed_in_words():
    for area, indicator, english, vietnamese in (
        ("quang-ninh", "industrial_park_digital_share", "10 percentage points beyond", "vượt 10 điểm phần trăm"),
        ("viet-nam", "gci_cybersecurity_rank", "23 places beyond", "vượt 23 bậc"),
    ):
        words = said(area, 2025, indicator)
        assert english in words["en"] and vietnamese in words["vi"]


def test_one_figure_has_a_precedent_with_its_class_and_its_one_sided_word():
    for target_year in (2025, 2030):
        one = row("quang-ninh", 2025, target_year)
        assert (one["word"], one["basis"], one["basis_class"]) == ("very_unlikely", "reference_class", "economic_share")
        assert math.isnan(one["outlook"]) and one["outlook_high"] == 0.1
    words = said("quang-ninh", 2025)
    assert "judged as an economic share" in words["en"]
    assert "xét theo tiền lệ cùng loại (tỷ trọng kinh tế)" in words["vi"]
    assert "no method" not in words["en"] and "peers" not in words["en"]


def test_every_target_of_quang_ninh_with_a_figure_has_a_state_and_a_basis():
    table = assessing.assess("quang-ninh", range(2021, 2026))
    seen = table[table["figure"].notna()]
    assert set(seen["state"]) <= set(STATES) - {"no_figure_held", "no_target_held"}
    asked = seen[seen["state"].isin(["open", "due", "at_level"])]
    assert set(asked["basis"]) <= {"own_series", "panel", "reference_class", "learned"}
    assert (asked["precedent_share"].notna() | asked["outlook"].notna() | asked["outlook_high"].notna()).all()


def test_seen_from_a_year_s_end_nothing_later_is_known():
    for year in (2021, 2022, 2023):
        table = assessing.assess("viet-nam", year, as_of="year-end")
        assert (table["known_on"] <= f"{year}-12-31").all() and (table["as_of"] == f"{year}-12-31").all()


def test_growth_needed_stands_with_its_basis():
    one = row("viet-nam", 2025, 2030)
    assert round(100 * one["required_growth"], 1) == 25.7
    assert (one["growth_basis"], one["whole_growth"]) == ("assumed", 0.08)


def test_the_agenda_counts_states_and_tells_targets_with_a_figure():
    table = assessing.assess("quang-ninh", 2025)
    found = findings.agenda(table, area=facts.find_area("quang-ninh"), year=2025, catalogue=facts)
    assert found[0].key == "targets_counts" and f"{len(table)} targets" in found[0].en
    assert all(one.key.startswith("target_line") for one in found[1:])
    assert "0 " not in found[0].en.split(":", 1)[1]


def forget():
    for kept in (assessing._assessed, assessing._kept):
        kept.cache_clear()


def test_a_judgement_kept_by_an_earlier_run_equals_one_made_anew(tmp_path, monkeypatch):
    plain = analysis.flat(assessing.assess(["quang-ninh", "da-nang"], 2025))
    monkeypatch.setenv(assessing.RUN_DIR, str(tmp_path))
    monkeypatch.setattr(assessing, "KEPT", tmp_path / "kept")
    for damage in (b"", b"not a record", None):
        forget()
        made = analysis.flat(assessing.assess(["quang-ninh", "da-nang"], 2025))
        pd.testing.assert_frame_equal(made, plain)
        assert made.to_csv() == plain.to_csv()
        files = sorted((tmp_path / "kept").rglob("*.json"))
        assert len(files) > 30
        if damage is not None:
            files[3].write_bytes(damage)
    forget()
    monkeypatch.setattr(assessing, "_one_series", None)  # nothing is judged again where everything is held
    pd.testing.assert_frame_equal(analysis.flat(assessing.assess(["quang-ninh", "da-nang"], 2025)), plain)
    forget()


VN, QN, GROWTH = "viet-nam", "quang-ninh", "grdp_growth"
#: area, year, indicator; what is said in English and in Vietnamese; what neither may say.
SAID = (
    (VN, 2025, SHARE, "in Viet Nam did not meet the 2025 target: 14.02%, 5.98 percentage points short",
     "của Việt Nam chưa đạt mục tiêu 2025: 14,02%, còn thiếu 5,98 điểm phần trăm", "to meet the 2026 target"),
    ("yen-bai", 2024, SHARE, "No target for the digital economy share of GRDP in Yên Bái is held here",
     "Dữ liệu hiện có không có mục tiêu nào về tỷ trọng kinh tế số", "adopted|ban hành"),
    ("da-nang", 2025, SHARE, "Đà Nẵng (since July 2025) took its place", "Đơn vị kế tiếp là Đà Nẵng (từ 7/2025)",
     "adopted|published|ban hành"),
    (QN, 2023, SHARE, "judged by what published series have done in general",
     "xét theo quy luật chung của các chuỗi số liệu đã công bố", "draws on|tham khảo|peers"),
    (VN, 2025, SHARE,
     "The 2025 target (at least 20%) was not met: the outcome was 14.02%, 5.98 percentage points short",
     "Mục tiêu năm 2025 (tối thiểu 20%) chưa đạt: mức thực hiện là 14,02%, còn thiếu 5,98 điểm phần trăm",
     "Target for 2025|Mục tiêu năm 2025: [0-9]"),
    (VN, 2025, SHARE, "Target for 2030: 3 of 3 families of methods say “limited progress”; the verdict is not robust",
     "Mục tiêu năm 2030: 3/3 nhóm phương pháp kết luận “tiến triển hạn chế”; kết luận chưa vững chắc",
     "unanimous|[4-7] of [4-7]|[4-7]/[4-7] nhóm"),
    (VN, 2025, SHARE, "The target for 2024 is judged by figures of the Ministry of Information and Communications",
     "Mục tiêu năm 2024 được xét theo số liệu của Bộ Thông tin và Truyền thông", "nan|None"),
    (VN, 2025, SHARE, "about 9% of the pace needed for the 2030 target", "bằng khoảng 9% tốc độ cần thiết",
     "times the pace"),
    (VN, 2025, SHARE, "25.7% a year, with GDP growing by 8% a year (assumed, at current prices)",
     "25,7% mỗi năm nếu GDP tăng 8% mỗi năm (giả định, theo giá hiện hành)", r"10% a year \(observed"),
    (VN, 2023, SHARE, "no clear change, because the change so far is within the spread between releases",
     "chưa thấy thay đổi rõ rệt, vì thay đổi đến nay không vượt mức dao động", "moving away|giảm so với kỳ trước"),
    (VN, 2025, "digital_enterprise_count", "cannot be told: the figure is rounded", "số liệu là số làm tròn",
     "missed by 0|thiếu 0"),
    (VN, 2025, "fibre_household_share", "82.4% in 2024, 2.4 percentage points beyond it",
     "82,4%, vượt 2,4 điểm phần trăm",
     "short of it|met the 2025"),
    (VN, 2025, "fibre_household_share", "the outcome was 79.4%", "mức thực hiện là 79,4%", r"75[.,]39|75[.,]4"),
    (VN, 2025, "ecommerce_share_retail", "the midpoint of a range the source gives",
     "trung điểm của một khoảng do nguồn nêu",
     "on track”; the verdict is robust"),
    (VN, 2025, "ecommerce_share_retail", "about 19.6% a year, with retail sales", "tăng khoảng 19,6%", "nan"),
    (VN, 2025, "egdi_rank", "moved up by 2.8 places a year, about 41%", "bình quân mỗi năm tăng 2,8 bậc",
     "Expected year|Năm dự kiến"),
    (VN, 2024, "bank_account_adult_share", "more than 99 in 100 of those that stood near 87%", "hơn 99/100 trường hợp",
     "100 in 100|100/100"),
    (VN, 2025, "gci_cybersecurity_rank", "23 places beyond", "vượt 23 bậc", "23 points"),
    (QN, 2025, "industrial_park_digital_share", "60% (2024), is 10 percentage points beyond it",
     "60% (năm 2024), vượt 10 điểm phần trăm", "short of it|còn thiếu"),
    (QN, 2023, GROWTH, "GRDP growth in Quảng Ninh: 11.03% in 2023, already at the level of the 2024 target",
     "11,03% năm 2023, đã ở mức mục tiêu 2024", "met the target|đã đạt mục tiêu|pace needed|tốc độ cần thiết"),
    (QN, 2025, GROWTH, "The 2024 target (above 10%) was not met: the outcome was 8.42%, 1.58 percentage points short",
     "còn thiếu 1,58 điểm phần trăm",
     "too early|chưa đủ số liệu|% per year"),
    (QN, 2025, GROWTH, "The year 2018 is over and its figure is not held here", "Năm 2018 đã qua nhưng dữ liệu hiện có",
     "whether the 2018 target will"),
    (QN, 2022, "dti_rank", "rank 3 in 2022, already at the level of the 2025 target",
     "hạng 3 năm 2022, đã ở mức mục tiêu 2025",
     "was met|đã đạt:"),
    (QN, 2023, "dti_rank", "rank 12 (2023), 9 places short of it", "hạng 12 (năm 2023), còn thiếu 9 bậc",
     "Expected year|Năm dự kiến"),
    ("bac-ninh", 2025, SHARE, "The 2030 target (at least 35%) was closed with the former area",
     "Mục tiêu năm 2030 (tối thiểu 35%) kết thúc cùng đơn vị hành chính cũ", "too early|met the 2030"),
    ("ha-noi", 2025, SHARE, "The 2025 target (at least 30%) was not met",
     "còn thiếu 12,66 điểm",
     "cannot be told"),
    ("ha-noi", 2025, SHARE, "may be an average over the period", "bình quân", "nan"),
    ("ha-noi", 2022, SHARE, "17.15% in 2022", "năm 2022 là 17,15%", "17[.,]34"),
    ("hai-phong", 2025, SHARE, "its own targets and figures, where held, stand apart", "nếu có, được nêu riêng",
     "adopted"),
)


@pytest.mark.parametrize(("area", "year", "indicator", "english", "vietnamese", "never"), SAID)
def test_what_is_said_is_no_more_than_what_is_held(area, year, indicator, english, vietnamese, never):
    words = said(area, year, indicator)
    assert english in words["en"] and vietnamese in words["vi"]
    assert not re.search(never, words["en"]) and not re.search(never, words["vi"])


@pytest.mark.parametrize("area", ["da-nang", "hai-phong", "bac-giang", "quang-ninh"])
def test_the_agenda_quotes_the_table_that_is_kept_also_beside_a_successor(area):
    table = record(area, 2025, None)
    found = findings.agenda(table, area=facts.find_area(area), year=2025, catalogue=facts)
    findings.check_all(found, {"assessment": analysis.flat(table)})


def test_one_target_is_counted_as_one():
    table = assessing.assess("bac-ninh", 2025)
    found = findings.agenda(table, area=facts.find_area("bac-ninh"), year=2025, catalogue=facts)
    assert "the data hold 1 target for Bắc Ninh: closed with the former area: 1." in found[0].en
    assert "Bắc Ninh có 1 mục tiêu trong dữ liệu: kết thúc cùng đơn vị hành chính cũ: 1." in found[0].vi


def test_the_chance_of_a_target_is_that_of_the_record():
    history, goals = dx.history(SHARE, "viet-nam"), dx.targets(SHARE, "viet-nam")
    told = dx.attainment(history, goals).set_index("target_year")
    one = row("viet-nam", 2025, 2030)
    assert told.loc[2030, "probability"] == one["outlook"] == told.loc[2030, "chance"]
    thin = dx.attainment(dx.history(SHARE, "ha-noi"), dx.targets(SHARE, "ha-noi")).set_index("target_year")
    assert math.isnan(thin.loc[2030, "probability"]) and thin.loc[2030, "outlook_high"] == 0.1


@cache
def held(area, indicator=SHARE, year=2025):
    """Return what a notebook loads of a series: figures, targets, and its place among others."""
    history = facts.load_history(indicator, area, through=year)
    return history, facts.load_targets(indicator, area), facts.load_field(history, through=year)


def revised():
    triangle = facts.revision_triangle(SHARE, VN, "gso", through=2025)
    nothing = pd.DataFrame({"actual": [], "inside": [], "model": [], "mase": []})
    about = {"indicator": facts.find_indicator(SHARE), "area": facts.find_area(VN)}
    return " ".join(one.en for one in surveys.record(nothing, nothing, triangle, **about))


def ranked():
    field = held("lang-son")[2]
    about = {"indicator": facts.find_indicator(SHARE), "area": facts.find_area("lang-son"), "names": facts.find_area}
    ranks = analysis.standing(field, "lang-son", direction=1)
    return charts.peers(ranks, elsewhere=field, sheet=charts.Sheet(lang="en"), **about).get_label()


def counted():
    about = {"area": facts.find_area("hai-phong"), "year": 2025, "names": facts.find_indicator}
    figure = charts.agenda(record("hai-phong", 2025, None), sheet=charts.Sheet(lang="en"), **about)
    return "figures for 1 of 1 indicators with a target" in figure.get_label().replace("\n", " ")


def forecast_for_2030():
    history, targets, _ = held(VN)
    fan = forecasting.forecast(history, analysis.years_ahead(history, targets), bounds=(0.0, 100.0),
                               peers=facts.load_peers(history, through=2025))
    return [round(one, 6) for one in fan[(fan["year"] == 2030) & fan["quantile"].isin((0.1, 0.5, 0.9))]["value"]]


def judged_for_2030():
    one = row(VN, 2025, 2030)
    return [round(float(one[name]), 6) for name in ("low", "median", "high")]


def growth_in_notebook_70():
    history, targets, _ = held(VN)
    needed = analysis.growth_needed(history, analysis.still_open(targets, record(VN, 2025)),
                                    facts.find_indicator(SHARE))
    asked = needed[(needed["target_year"] == 2030) & (needed["growth"] == 0.08)]
    return round(float(asked["required_growth"].iloc[0]), 9)


#: Rows of the same table that speak of other tables and pictures: what is made, and what it must be.
MADE = {
    "releases of one year are counted, with their range": (
        lambda: row(VN, 2022, 2025)[["releases", "release_low", "release_high"]].tolist(), [4, 12.63, 12.86]),
    "the year of the widest range of releases is told": (lambda: "between 12.33% and 12.87%" in revised(), True),
    "a rank has its year and its coverage": (
        lambda: ranked().startswith("Lạng Sơn ranks number 9 among 15 areas with a figure in 2022"), True),
    "only indicators with a target are counted as such": (counted, True),
    "a forecast is made once for all notebooks": (lambda: forecast_for_2030() == judged_for_2030(), True),
    "a path starts where the resolution started": (
        lambda: analysis.target_path(*held(QN)[:2]).iloc[0].tolist(), [2021, 3.0, "baseline"]),
    "notebook 70 needs the growth of the note": (
        lambda: growth_in_notebook_70() == round(row(VN, 2025, 2030)["required_growth"], 9), True),
    "notebook 70 needs nothing of a year that is over": (
        lambda: analysis.still_open(held(QN)[1], record(QN, 2025))["year"].tolist(), [2030]),
}


@pytest.mark.parametrize("case", MADE)
def test_what_other_tables_and_pictures_say_is_what_the_record_says(case):
    made, expected = MADE[case]
    assert made() == expected
