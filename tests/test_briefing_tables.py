"""Tables as a page shows them."""

import pandas as pd

from dxanalysis.briefing import tables

HISTORY = pd.DataFrame(
    {"indicator": "share", "area": "quang-ninh", "year": [2021, 2024], "value": [3.0, 7.1], "note": ["x", ""],
     "break_before": ["", "another method"], "break_before_vi": ["", "cách tính khác"], "conflict": ""}
)  # fmt: skip


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
