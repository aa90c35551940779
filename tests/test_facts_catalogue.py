"""What the package knows, and how it is looked up."""

import pytest

from dxanalysis import facts
from dxanalysis.facts.catalogue import definitions, document


def test_the_catalogue_has_one_row_per_indicator_with_its_years_and_definitions():
    table = facts.catalog().set_index("indicator")
    flagship = table.loc["digital_economy_share"]
    assert table.index.is_unique
    assert (flagship["first_year"], flagship["last_year"], flagship["unit"]) == (2020, 2025, "percent")
    assert flagship["areas"] > 20 and flagship["definitions"].split()[0] == "gso"
    assert table.loc["tfp_contribution", "observations"] == 0  # a target without figures is still in the catalogue


@pytest.mark.parametrize(
    "text", ["digital_economy_share", "Tỷ trọng kinh tế số", "ty trong kinh te so", "digital economy share"]
)
def test_an_indicator_is_found_by_id_and_by_title(text):
    assert facts.find_indicator(text).id == "digital_economy_share"


def test_the_flagship_indicator_says_what_it_is():
    flagship = facts.find_indicator("digital_economy_share")
    assert (flagship.direction, flagship.lower, flagship.upper, flagship.unit) == (1, 0.0, 100.0, "percent")
    assert flagship.share_of == "GDP (nation) or GRDP (provinces)"
    assert facts.find_indicator("dti_rank").direction == -1


def test_an_unknown_indicator_is_refused_with_a_suggestion():
    with pytest.raises(
        facts.UnknownName, match=r"Unknown indicator 'digital_econmy_share'. Did you mean 'digital_economy_share'"
    ):
        facts.find_indicator("digital_econmy_share")


@pytest.mark.parametrize(("text", "id"), [
    ("TP.HCM", "tp-ho-chi-minh"),
    ("Ho Chi Minh City", "tp-ho-chi-minh"),
    ("Thành phố Đà Nẵng", "da-nang"),
    ("Thừa Thiên Huế", "hue"),
    ("Bắc Ninh", "bac-ninh"),
    ("Bắc Ninh 2025", "bac-ninh-2025"),
    ("cả nước", "viet-nam"),
])
def test_areas_are_found_by_their_many_names(text, id):
    assert facts.find_area(text).id == id


@pytest.mark.parametrize(("code", "old", "new"), [
    ("15", "yen-bai", "lao-cai-2025"),
    ("24", "bac-giang", "bac-ninh-2025"),
    ("44", "quang-binh", "quang-tri-2025"),
    ("52", "binh-dinh", "gia-lai-2025"),
    ("80", "long-an", "tay-ninh-2025"),
    ("82", "tien-giang", "dong-thap-2025"),
    ("91", "kien-giang", "an-giang-2025"),
])
def test_seven_codes_mean_another_province_after_the_merger(code, old, new):
    assert facts.find_area(f"vn63:{code}").id == old
    assert facts.find_area(f"vn34:{code}").id == new
    with pytest.raises(facts.UnknownName, match=f"'{code}' stands without its code list. Write 'vn63:{code}' or"):
        facts.find_area(code)


def test_a_code_outside_its_list_is_refused():
    with pytest.raises(facts.UnknownName, match="code list vn34 has no area '02'"):
        facts.find_area("vn34:02")


def test_an_unchanged_province_has_one_id_and_both_codes():
    area = facts.find_area("Quảng Ninh")
    assert (area.code_vn63, area.code_vn34, area.valid_to) == ("22", "22", "")
    assert facts.find_area("bac-ninh").valid_to == "2025-06-30"
    assert facts.find_area("bac-ninh-2025").valid_from == "2025-07-01"


def test_definitions_come_in_order_of_preference_and_say_how_they_measure():
    assert definitions("digital_economy_share") == ["gso", "mic", "ptit", "province", "other"]
    gso = facts.definition("digital_economy_share", "gso")
    assert "value added" in gso.method and gso.comparable_with == ""


def test_an_unknown_definition_lists_those_there_are():
    with pytest.raises(facts.UnknownName, match=r"has no definition 'moic'. Definitions: \['gso', 'mic'"):
        facts.definition("digital_economy_share", "moic")


def test_a_source_and_a_document_are_records():
    assert facts.source("founding-article").grade == "press"
    resolution = document("nq-09-nq-tu-quang-ninh-2022")
    assert (resolution.date, resolution.period_start, resolution.horizon, resolution.orientation) == (
        "2022-02-05", 2021, 2025, 2030,
    )


def test_an_unknown_source_is_refused():
    with pytest.raises(facts.UnknownName, match=r"Unknown source 'founding-articel'. Did you mean 'founding-article'"):
        facts.source("founding-articel")
