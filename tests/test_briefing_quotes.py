"""Every number of a text is traced back to its cell; anything else stops the build."""

from dataclasses import replace

import pandas as pd
import pytest

from dxanalysis.briefing import quotes
from dxanalysis.briefing.quotes import Measure, UnquotedNumber, quote

PERCENT = Measure("percent", "%", "%", 2)


def finding():
    pace = pd.DataFrame({
        "target_year": [2025, 2030],
        "target": [20.0, 30.0],
        "figure": [17.1, 17.1],
        "figure_year": [2024, 2024],
        "missing": [2.9, 12.9],
    })
    cells = [
        quote(name, "pace", f"{name}[0]", pace[name].iloc[0], kind, PERCENT)
        for name, kind in (("target", "value"), ("figure", "value"), ("missing", "difference"))
    ]
    years = [quote(name, "pace", f"{name}[0]", pace[name].iloc[0], "year") for name in ("target_year", "figure_year")]
    return quotes.say("judged_open", "level", *cells, *years), {"pace": pace}


def test_a_finding_true_to_its_table_passes():
    found, tables = finding()
    assert quotes.check(found, tables) is found


@pytest.mark.parametrize(
    ("column", "value"), [("target", 21.0), ("figure", 17.2), ("missing", 3.0), ("target_year", 2026)]
)
def test_a_changed_cell_stops_the_build(column, value):
    found, tables = finding()
    changed = tables["pace"].copy()
    changed.loc[0, column] = value
    with pytest.raises(UnquotedNumber, match=rf"for {column}\[0\] of 'pace', which holds {value}"):
        quotes.check(found, {"pace": changed})


@pytest.mark.parametrize("wrong", ["17,2%", "7,1%", "17%"])
def test_a_changed_text_stops_the_build(wrong):
    found, tables = finding()
    with pytest.raises(UnquotedNumber, match="which no table gives"):
        quotes.check(replace(found, vi=found.vi.replace("17,1%", wrong)), tables)


def test_a_number_typed_into_a_text_stops_the_build():
    found, tables = finding()
    with pytest.raises(UnquotedNumber, match="holds the number '42'"):
        quotes.check(replace(found, en=found.en + " See page 42."), tables)


def test_a_printed_form_that_is_not_the_value_s_stops_the_build():
    found, tables = finding()
    numbers = tuple(replace(one, vi="18,1%") if one.name == "figure" else one for one in found.numbers)
    forged = replace(found, vi=found.vi.replace("17,1%", "18,1%"), numbers=numbers)
    with pytest.raises(UnquotedNumber, match="prints '18,1%' for figure"):
        quotes.check(forged, tables)


def test_a_missing_table_is_named():
    found, _ = finding()
    with pytest.raises(KeyError, match="No table 'pace' was given"):
        quotes.check(found, {})


def test_counts_are_recounted():
    panel = pd.DataFrame({"step": ["on_track", "on_track", "moving_away"], "target_year": [2025, 2030, 2030]})
    assert quotes.cell_value({"panel": panel}, "panel", "count(step=on_track&target_year=2030)") == 1
    assert quotes.cell_value({"panel": panel}, "panel", "count()") == 3


def test_a_finding_becomes_plain_data_with_value_unit_and_place():
    found, _ = finding()
    record = found.record()
    assert record["vi"].startswith("Mục tiêu năm 2025 (20%)")
    gap = next(one for one in record["numbers"] if one["name"] == "missing")
    assert (gap["value"], gap["unit"], gap["table"], gap["cell"]) == (2.9, "percentage points", "pace", "missing[0]")


def test_an_unknown_grade_is_refused():
    with pytest.raises(ValueError, match="Unknown evidence grade 'strong'"):
        quotes.allows("strong", "level")
