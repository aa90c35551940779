"""Codes become words, ids become names, numbers stay."""

import pandas as pd

from dxanalysis import facts
from dxanalysis.briefing import labels


def test_codes_and_ids_are_written_in_the_language():
    table = pd.DataFrame({"area": ["quang-ninh"], "indicator": ["dti_rank"], "reason": ["no_data"], "value": [3.5]})
    assert labels.named(table, "vi", facts).iloc[0].tolist() == ["Quảng Ninh", "Thứ hạng DTI", "chưa có số liệu", 3.5]


def test_the_table_given_is_not_changed_and_unknown_codes_stay():
    table = pd.DataFrame({"reason": ["rain"], "area": ["quang-ninh"]})
    assert labels.named(table, "en").iloc[0].tolist() == ["rain", "quang-ninh"]
    assert table["area"].tolist() == ["quang-ninh"]


def test_missing_names_stay_empty():
    table = pd.DataFrame({"best_area": ["", None], "grade": ["press", "direction"]})
    named = labels.named(table, "en", facts)
    assert named["best_area"].tolist() == ["", ""]
    assert named["grade"].tolist() == ["press", "direction"]


def test_every_condition_and_reason_of_the_scenarios_has_its_words():
    from dxanalysis.analysis.scenarios import CONDITIONS

    assert set(CONDITIONS) <= set(labels.wording()["scenario"])
    assert set(CONDITIONS.values()) <= set(labels.wording()["condition"])


def test_a_column_of_nothing_stays_one():
    empty = pd.DataFrame({"reason": [float("nan")], "area": [float("nan")]})
    assert labels.named(empty, "vi", facts).values.tolist() == [["", ""]]
