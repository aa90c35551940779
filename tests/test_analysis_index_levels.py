"""Editions of an index are never joined, and a total is rebuilt only where the rule adds pillars."""

import math

import pandas as pd
import pytest

from dxanalysis import analysis

FIRST = {"government": 0.4513, "economy": 0.3019, "society": 0.3955}
SECOND = {"government": 0.6376, "economy": 0.4978, "society": 0.4780}


def rows(edition, year, values, area="quang-ninh"):
    return pd.DataFrame(
        {"edition": edition, "area": area, "year": year, "pillar": values.keys(), "value": values.values()}
    )


BOTH = pd.concat([rows("DTI 2020", 2020, FIRST), rows("DTI 2021", 2021, SECOND)], ignore_index=True)


def test_what_is_missing_is_shared_out_only_where_pillars_add_up():
    levels = analysis.pillar_levels(BOTH).set_index(["edition", "pillar"])
    # (1 - 0.4513) x 0.4 of 1 - 0.38974 missing
    assert levels.loc[("DTI 2020", "government"), "share_of_gap"] == pytest.approx(35.965, abs=0.001)
    assert math.isnan(levels.loc[("DTI 2021", "government"), "share_of_gap"])


def test_a_change_of_rules_is_named_and_not_computed():
    changes = analysis.pillar_changes(BOTH)
    assert set(changes["reason"]) == {"break_between_editions"}
    assert changes["points"].isna().all()


def test_the_total_is_rebuilt_and_compared_with_the_printed_one():
    totals = analysis.index_totals(BOTH, pd.DataFrame({"year": [2020, 2021], "value": [0.3897, 0.4972]}))
    assert totals["rebuilt"].iloc[0] == pytest.approx(0.38974)
    assert totals["reason"].tolist() == ["", "total_is_not_the_sum_of_pillars"]


def test_an_unknown_edition_is_left_out():
    assert analysis.pillar_levels(rows("DTI 2031", 2031, FIRST)).empty


def test_one_better_pillar_moves_the_rank():
    other = rows("DTI 2020", 2020, {"government": 0.44, "economy": 0.45, "society": 0.38}, "bac-ninh")
    found = analysis.what_if_best(pd.concat([rows("DTI 2020", 2020, FIRST), other]), "quang-ninh").set_index("pillar")
    # 0.4 x 0.4513 + 0.3 x 0.45 + 0.3 x 0.3955 = 0.43417 against 0.425
    assert found.loc["economy", ["rank", "new_rank"]].tolist() == [2, 1]
    assert found.loc["economy", "new_total"] == pytest.approx(0.43417)


def test_nobody_to_compare_with_leaves_nothing_to_suppose():
    assert analysis.what_if_best(rows("DTI 2020", 2020, FIRST), "quang-ninh").empty
    assert analysis.pillar_levels(BOTH[:0]).empty
    assert analysis.pillar_changes(BOTH[:0]).empty


def test_editions_are_compared_in_order_of_time_however_the_rows_stand():
    again = rows("DTI 2020", 2019, {name: value - 0.1 for name, value in FIRST.items()})
    mixed = pd.concat([rows("DTI 2020", 2020, FIRST), again], ignore_index=True)
    changes = analysis.pillar_changes(mixed)
    assert changes["points"].sum() == pytest.approx(0.1) and set(changes["reason"]) == {""}
    assert analysis.pillar_levels(mixed)["year"].tolist() == [2019] * 3 + [2020] * 3
