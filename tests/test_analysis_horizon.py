"""How far ahead a question about targets reaches."""

import pandas as pd

from dxanalysis.analysis.growth import years_ahead

HISTORY = pd.DataFrame({"year": [2020, 2021]})


def test_it_reaches_to_the_last_target():
    assert years_ahead(HISTORY, pd.DataFrame({"year": [2025, 2030]})) == 9


def test_it_reaches_five_years_where_targets_are_past_or_missing():
    assert years_ahead(HISTORY, pd.DataFrame({"year": [2022]})) == 5
    assert years_ahead(HISTORY, HISTORY[:0]) == 5


def test_a_wanted_year_rules_over_the_targets():
    assert years_ahead(HISTORY, pd.DataFrame({"year": [2030]}), until=2050) == 29


def test_nothing_observed_asks_for_the_least():
    assert years_ahead(HISTORY[:0], HISTORY, until=2050) == 5
