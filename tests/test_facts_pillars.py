"""Pillars carry their edition, and the points before the resolution belong to none of the index."""

from dxanalysis import facts


def test_every_pillar_names_its_edition():
    table = facts.load_pillars("dti_total", "quang-ninh", through=2021)
    assert table["edition"].unique().tolist() == ["DTI 2020", "DTI 2021"]
    assert table["pillar"].tolist() == ["government", "economy", "society"] * 2


def test_the_baseline_of_points_is_an_edition_of_its_own():
    table = facts.load_pillars("dx_points_total", "quang-ninh")
    assert table["edition"].unique().tolist() == ["DTI 800"]
    assert round(table["value"].sum(), 2) == 429.47


def test_an_indicator_without_pillars_gives_no_rows():
    assert facts.load_pillars("digital_economy_share", "quang-ninh").empty
    assert facts.load_scores("digital_economy_share").empty
    assert facts.load_ranks("digital_economy_share", "quang-ninh").empty


def test_scores_hold_every_province_with_pillars():
    assert {"bac-ninh", "quang-ninh"} <= set(facts.load_scores("dti_total", through=2020)["area"])


def test_ranks_of_the_index_and_its_pillars_come_together():
    ranks = facts.load_ranks("dti_total", "quang-ninh", through=2022)
    assert set(ranks["indicator"]) == {"dti_rank", "dti_government_rank", "dti_economy_rank", "dti_society_rank"}
