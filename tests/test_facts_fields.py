"""Several series at once: peers, years' ends, triangles, agendas, goals and weights."""

import pandas as pd

from dxanalysis import facts


def test_a_province_stands_among_its_peers_of_the_same_definition():
    own = facts.load_history("digital_economy_share", "ha-noi", "mic")
    field = facts.load_field(own)
    assert "ha-noi" in set(field["area"])
    assert set(field["definition"]) == {"mic"}


def test_a_nation_s_field_holds_its_provinces_and_is_named_so():
    own = facts.load_history("digital_economy_share", "viet-nam", "mic")
    assert "viet-nam" not in set(facts.load_field(own)["area"])
    assert facts.place_of_field(facts.find_area("viet-nam")).level == "provinces"


def test_no_history_has_no_field():
    own = facts.load_history("digital_economy_share", "quang-ninh", as_of="2020-12-31")
    assert facts.load_field(own).empty


def test_a_year_s_end_knows_no_later_revision():
    stood = facts.load_year_ends("digital_economy_share", "viet-nam", "gso", through=2025)
    assert stood["2023-12-31"]["value"].tolist() == [12.66, 12.87, 12.63, 12.33]
    assert stood["2025-12-31"]["value"].tolist() == [12.66, 12.87, 12.83, 12.87, 13.17]


def test_years_ends_after_the_day_asked_are_absent():
    stood = facts.load_year_ends("digital_economy_share", "viet-nam", "gso", "2024-06-30", through=2025)
    assert list(stood) == ["2023-12-31"]


def test_the_triangle_holds_every_print_and_the_total_revision():
    table = facts.revision_triangle("digital_economy_share", "viet-nam", "gso").set_index("year")
    assert table.loc[2022, ["2023-09-14", "2023-12-04", "2023-12-29", "2025-01-06"]].tolist() == [
        12.86, 12.67, 12.63, 12.83,
    ]
    assert round(table.loc[2022, "revised"], 2) == -0.03


def test_a_triangle_of_nothing_is_empty():
    assert facts.revision_triangle("digital_economy_share", "quang-ninh", as_of="2020-12-31").empty


def test_the_agenda_of_an_area_without_targets_is_empty_with_its_columns():
    agenda = facts.load_agenda("yen-bai")
    assert agenda.empty
    assert {"indicator", "year", "value"} <= set(agenda.columns)


def test_the_agenda_of_a_day_knows_no_later_document():
    early, late = facts.load_agenda("quang-ninh", 2021), facts.load_agenda("quang-ninh")
    assert len(early) < len(late)
    assert (early["document_date"] <= "2021-12-31").all()


def test_goals_and_weights_leave_out_areas_that_have_none():
    areas = pd.DataFrame({"area": ["quang-ninh", "yen-bai"]})
    assert facts.load_goals("digital_economy_share", areas, 2025)["area"].tolist() == ["quang-ninh"]
    assert facts.load_weights("digital_economy_share", areas)["area"].tolist() == ["quang-ninh"]
    assert facts.load_weights("dti_rank", areas).empty


def test_a_map_gets_provinces_of_one_code_list_only():
    table = pd.DataFrame({"area": ["bac-ninh", "bac-giang", "bac-ninh-2025", "viet-nam"], "value": 1.0})
    assert facts.on_one_map(table)["area"].tolist() == ["bac-ninh", "bac-giang"]
