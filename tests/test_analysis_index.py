"""The DTI: totals from pillars, what moves them, ranks and how firm they are."""

import math

import pandas as pd
import pytest

from dxanalysis.analysis import index
from dxanalysis.analysis.index import Edition

QUANG_NINH_2020 = {"government": 0.4513, "economy": 0.3019, "society": 0.3955}
BAC_NINH_2020 = {"government": 0.4449, "economy": 0.3668, "society": 0.4052}
BASELINE = {"government": 234.31, "economy": 85.42, "society": 109.74}
QUANG_NINH_2022 = {"government": 0.7804, "economy": 0.7187, "society": 0.6864}
TABLE = pd.DataFrame([{"area": "quang-ninh", **QUANG_NINH_2020}, {"area": "bac-ninh", **BAC_NINH_2020}])


@pytest.mark.parametrize(("pillars", "published"), [(QUANG_NINH_2020, 0.3897), (BAC_NINH_2020, 0.4096)])
def test_the_official_totals_of_2020_follow_from_the_pillars_to_4_decimals(pillars, published):
    assert round(index.total(pillars, "DTI 2020")["total"], 4) == published


def test_every_official_total_of_2020_with_its_pillars_is_reproduced(shared):
    facts = pd.read_csv(shared / "facts/dti/observations.csv", dtype={"year": str})
    facts = facts[(facts["year"] == "2020") & (facts["status"] == "reported") & facts["value"].notna()]
    names = {"DTI_GOV": "government", "DTI_ECO": "economy", "DTI_SOC": "society", "DTI_TOTAL": "total"}
    wide = facts[facts["indicator_id"].isin(names)].pivot(index="area", columns="indicator_id", values="value")
    complete = wide.rename(columns=names).dropna()
    got = [round(index.total(row.drop("total").to_dict(), "DTI 2020")["total"], 4) for _, row in complete.iterrows()]
    print(f"DTI 2020 totals reproduced: {sum(a == b for a, b in zip(got, complete['total'], strict=True))}/{len(got)}")
    assert got == complete["total"].tolist()
    assert len(got) >= 2


def test_the_baseline_of_800_points_is_reproduced():
    total = index.total(BASELINE, "DTI 800")
    assert (round(total["total"], 2), total["maximum"], round(total["percent"])) == (429.47, 800.0, 54)
    assert index.pillar_table(BASELINE, "DTI 800")["percent"].round().tolist() == [73, 36, 46]


def test_from_2021_the_total_is_not_the_sum_of_the_pillars():
    total = index.total(QUANG_NINH_2022, "DTI 2022")
    assert total["reason"] == "total_is_not_the_sum_of_pillars"
    assert math.isnan(total["total"])
    weighted = 0.4 * 0.7804 + 0.3 * 0.7187 + 0.3 * 0.6864
    assert abs(weighted - 0.7024) > 0.03  # the published total of 2022


def test_a_missing_pillar_is_not_filled():
    assert index.total({"government": 0.5, "economy": 0.4}, "DTI 2020")["reason"] == "missing_pillar"


def test_the_gap_to_the_maximum_is_shared_out_among_the_pillars():
    table = index.pillar_table(BASELINE, "DTI 800").set_index("pillar")
    assert table.loc["economy", "missing_points"] == pytest.approx(240 - 85.42)
    assert table["share_of_gap"].sum() == pytest.approx(100)
    assert table.loc["economy", "share_of_gap"] == pytest.approx(100 * 154.58 / 370.53)


def test_the_gap_of_an_edition_that_does_not_add_pillars_is_not_shared_out():
    assert index.pillar_table(QUANG_NINH_2022, "DTI 2022")["share_of_gap"].isna().all()


def test_the_change_within_an_edition_is_split_into_pillars():
    table = index.pillar_change(QUANG_NINH_2020, BAC_NINH_2020, "DTI 2020", "DTI 2020")
    assert table["points"].sum() == pytest.approx(0.40956 - 0.38974)
    assert table["percent"].sum() == pytest.approx(100)


@pytest.mark.parametrize(
    ("before", "after"), [("DTI 2020", "DTI 2021"), ("DTI 2023", "DTI 2024"), ("DTI 800", "DTI 2020")]
)
def test_a_break_between_editions_is_not_crossed(before, after):
    table = index.pillar_change({}, {}, before, after)
    assert set(table["reason"]) == {"break_between_editions"}
    assert table["points"].isna().all()


def test_comparable_editions_that_do_not_add_pillars_show_values_only():
    table = index.pillar_change({"government": 0.6376}, {"government": 0.7804}, "DTI 2021", "DTI 2022")
    assert set(table["reason"]) == {"total_is_not_the_sum_of_pillars"}
    assert table["after"].iloc[0] == 0.7804


def test_what_if_moves_one_pillar_and_the_rank():
    row = index.what_if(TABLE, "quang-ninh", "economy", 0.40, "DTI 2020").iloc[0]
    assert row["new_total"] - row["total"] == pytest.approx(0.3 * (0.40 - 0.3019))
    assert (row["rank"], row["new_rank"], row["of"], row["tied"]) == (2, 1, 2, False)


def test_what_if_reports_a_tie():
    needed = 0.3019 + (0.40956 - 0.38974) / 0.3
    row = index.what_if(TABLE, "quang-ninh", "economy", needed, "DTI 2020").iloc[0]
    assert (row["new_rank"], row["tied"]) == (1, True)


def test_what_if_says_where_it_cannot_be_asked():
    row = index.what_if(TABLE, "quang-ninh", "economy", 0.4, "DTI 2022").iloc[0]
    assert row["reason"] == "total_is_not_the_sum_of_pillars"
    assert pd.isna(row["new_rank"]) and math.isnan(row["new_total"])


@pytest.mark.parametrize(("call", "message"), [
    (lambda: index.total({"gov": 0.5}, "DTI 2020"), "has no pillar 'gov'"),
    (lambda: index.total({}, "DTI 1999"), "Unknown edition 'DTI 1999'"),
    (lambda: index.what_if(TABLE, "hue", "economy", 0.4, "DTI 2020"), "Area 'hue' is not among the 2"),
    (lambda: index.what_if(TABLE, "bac-ninh", "gov", 0.4, "DTI 2020"), "Unknown pillar 'gov'"),
])
def test_what_cannot_be_computed_is_refused_with_a_reason(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_own_index_can_have_its_own_rule():
    rule = Edition("mine", {"a": 0.5, "b": 0.5}, {"a": 100.0, "b": 10.0})
    assert index.total({"a": 80.0, "b": 6.0}, rule)["percent"] == pytest.approx(100 * 43 / 55)
