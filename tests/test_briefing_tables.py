"""Tables as a page shows them."""

import pandas as pd
import pytest

import dxanalysis as dx
from dxanalysis import analysis, facts
from dxanalysis.briefing import tables

HISTORY = pd.DataFrame(
    {"indicator": "share", "area": "quang-ninh", "year": [2021, 2024], "value": [3.0, 7.1], "note": ["x", ""],
     "break_before": ["", "another method"], "break_before_vi": ["", "cách tính khác"], "conflict": ""}
)


def test_a_page_leaves_look_ups_and_the_common_subject_to_the_file():
    assert tables.shown_columns(HISTORY) == ["year", "value", "break_before"]


def test_it_says_where_the_other_columns_are():
    assert "history.csv" in tables.to_html(HISTORY, "vi", caption="history")
    assert "history.csv" not in tables.to_html(HISTORY[["year", "value"]], "vi", caption="history")


def test_a_reason_is_shown_in_the_language_of_the_page():
    assert "cách tính khác" in tables.to_html(HISTORY, "vi")
    assert "another method" in tables.to_html(HISTORY, "en")


def test_areas_are_shown_where_they_differ():
    assert "area" in tables.shown_columns(HISTORY.assign(area=["quang-ninh", "ha-noi"]))


def test_a_table_of_look_ups_alone_is_still_shown():
    assert tables.shown_columns(pd.DataFrame({"note": ["x"]})) == ["note"]


def test_an_empty_table_says_that_there_are_no_rows():
    assert "<p>" in tables.to_html(HISTORY[:0], "vi", caption="history")


def test_text_is_escaped():
    assert "<script>" not in tables.to_html(pd.DataFrame({"a": ["<script>"]}), "vi", caption="<script>")


PANEL = pd.DataFrame(
    {"target_year": [2030, 2030], "method": ["statcan", "escap"], "statistic": ["ratio", ""], "value": [0.23, None],
     "status": ["limited_progress", "not_available"], "step": ["limited_progress", "not_available"],
     "citation": "a long one"}
)


def test_a_methods_own_number_is_not_printed_in_the_unit_of_the_indicator():
    share = facts.find_indicator("digital_economy_share")
    markup = tables.to_html(PANEL, "en", indicator=share, caption="panel")
    assert '<td style="text-align:right">0.23</td>' in markup
    assert "0.23%" not in markup
    assert "Its own word" in markup
    assert "not_available" not in markup


def test_methods_that_say_nothing_are_named_in_one_line_and_an_empty_table_is_not_drawn():
    markup = tables.to_html(PANEL, "vi", caption="panel")
    assert markup.count("<tr>") == 2 and "Không có kết luận, vì số liệu so sánh được còn ít: ESCAP (LHQ)." in markup
    assert "<table" not in tables.to_html(PANEL[PANEL["step"] == "not_available"], "vi", caption="panel")


@pytest.mark.parametrize(("lang", "said"), [
    ("vi", ["thiếu 12,9 điểm phần trăm", "đến hạn", "rất ít khả năng (dưới 10%)"]),
    ("en", ["12.9 percentage points short", "due", "very unlikely (under 10%)"]),
])
def test_the_judgement_shows_state_distance_and_outlook_among_its_seven_columns(lang, said):
    record = analysis.flat(dx.assess("quang-ninh", 2025, "digital_economy_share"))
    markup = tables.to_html(record, lang, indicator=facts.find_indicator("digital_economy_share"), caption="assessment")
    assert markup.count("<th ") == 7 and all(one in markup for one in said)


def test_what_serves_looking_up_stays_in_the_file_of_a_panel():
    assert "a long one" not in tables.to_html(PANEL, "en", caption="panel")
    assert "panel.csv" in tables.to_html(PANEL, "en", caption="panel")


def test_a_forecast_is_read_by_year_with_its_quantiles_beside_each_other():
    fan = pd.DataFrame({"year": [2025] * 3, "quantile": [0.1, 0.5, 0.6], "value": [6.0, 7.0, 7.5]})
    share = facts.find_indicator("digital_economy_share")
    markup = tables.to_html(fan, "vi", indicator=share, caption="forecast")
    assert markup.count("<tr>") == 2
    assert "50%" in markup
    assert "60%" not in markup
    assert "7%" in markup
    assert "forecast.csv" in markup


def test_a_single_wide_row_is_read_downwards_without_the_weights_that_are_nothing():
    row = {f"column_{number}": number for number in range(14)} | {"weight_naive": 0.4, "weight_drift": 0.0}
    markup = tables.to_html(pd.DataFrame([row]), "en")
    assert markup.count("<tr>") == 1 + 15
    assert "Weight: no change" in markup
    assert "average change" not in markup.lower()


def test_releases_and_definitions_are_named_in_the_head():
    assert tables.column_label("2024-01-06", "vi") == "06/01/2024"
    assert tables.column_label("gso", "en") == "GSO"


def test_no_probability_is_shown_that_a_single_figure_would_have_to_carry():
    chances = pd.DataFrame({"target_year": [2030, 2030], "probability": [0.06, 0.34], "grade": ["level", "direction"]})
    markup = tables.to_html(chances, "en", caption="attainment")
    assert "34%" in markup
    assert "6%" not in markup.replace("34%", "")


def test_a_page_shows_seven_columns_on_one_line_and_no_row_twice():
    wide = pd.DataFrame({f"c{at}": [1, 1, 2] for at in range(9)} | {"c8": ["x", "y", "z"]})
    shown = tables.to_html(wide, "en", caption="wide")
    assert shown.count("<th ") == 7 and shown.count("white-space:nowrap") == 7
    assert shown.count("<tr>") == 3  # the heading and two rows: the third differs only in what the file holds
    assert "wide.csv" in shown


def test_why_a_middle_lies_where_it_lies_is_named():
    assert tables.cell_text("why", "trend_unclear", "en") == "the series' own trend is not clear"
    assert tables.cell_text("why", "panel_rests", "vi") == "các chuỗi tương tự ít thay đổi"


def test_words_held_in_english_only_do_not_stand_in_a_vietnamese_table():
    targets = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0], "denominator": ["labour force", "adults"]})
    assert "labour force" in tables.to_html(targets, "en") and "labour force" not in tables.to_html(targets, "vi")
