"""Which targets are milestones, and which only steps of a year's plan."""

from dxanalysis import facts


def milestones(area: str, as_of: str | None = None) -> list[list[object]]:
    return facts.load_targets("digital_economy_share", area, as_of)[["year", "value", "document"]].values.tolist()


def test_annual_plans_add_no_milestone_between_the_milestones():
    assert milestones("viet-nam") == [[2025, 20.0, "411/QĐ-TTg"], [2030, 30.0, "57-NQ/TW"], [2045, 50.0, "57-NQ/TW"]]


def test_the_resolution_of_the_province_stands_for_its_milestones():
    for day in ("2022-12-31", None):  # the programme of January 2025 and the congress only repeat its 30 % of 2030
        assert milestones("quang-ninh", day) == [[2025, 20.0, "09-NQ/TU"], [2030, 30.0, "09-NQ/TU"]]


def test_an_annual_plan_may_renew_a_milestone():
    assert milestones("hai-phong") == [[2025, 35.0, "106/KH-UBND"]]


def test_an_annual_plan_counts_where_nothing_else_is_set():
    assert [row[:2] for row in milestones("an-giang-2025")] == [[2026, 8.0]]


def test_nobody_is_judged_by_a_target_that_was_not_set_yet():
    assert milestones("quang-ninh", "2021-12-31") == []


def test_a_projection_is_not_an_observation():
    then = facts.load_history("digital_economy_share", "viet-nam", "mic", as_of="2024-12-31")
    assert then["year"].max() == 2023
    assert "projection" not in set(then["status"])
