"""The catalogue: its records and names, how they are looked up, pillars and their editions."""

import dataclasses
import re
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxanalysis import facts
from dxanalysis.facts import DataError, find_area, find_indicator, open_package, source
from dxanalysis.facts.catalogue import _names, catalog, definitions, document, find_document
from dxanalysis.facts.names import UnknownName, fold, match
from dxanalysis.facts.schema import Problem
from tests.tables import cases

# ---------- What the package knows, and how it is looked up

def test_the_catalogue_has_one_row_per_indicator_with_its_years_and_definitions():
    table = catalog().set_index("indicator")
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
    assert flagship.share_of_en == "GDP (nation) or GRDP (provinces)"
    assert facts.find_indicator("dti_rank").direction == -1


@cases("call message", {
    "a misspelt indicator": (
        lambda: facts.find_indicator("digital_econmy_share"),
        r"Unknown indicator 'digital_econmy_share'. Did you mean 'digital_economy_share'"),
    "a code outside its list": (lambda: facts.find_area("vn34:02"), "code list vn34 has no area '02'"),
    "a definition": (
        lambda: facts.definition("digital_economy_share", "moic"),
        r"has no definition 'moic'. Definitions: \['gso', 'mic'"),
    "a misspelt source": (
        lambda: facts.source("founding-articel"),
        r"Unknown source 'founding-articel'. Did you mean 'founding-article'"),
    "a misspelt name, with the command that lists them": (
        lambda: match("Quang Nih", NAMES, "area", "dx data list"),
        r"Unknown area 'Quang Nih'\. Did you mean 'quang-ninh'.*dx data list"),
    "a name like nothing, without a suggestion": (
        lambda: match("xyzzy", NAMES, "area", "dx data list"), r"Unknown area 'xyzzy'\. List them"),
})
def test_unknown_names_are_refused_with_what_is_near(call, message):
    with pytest.raises(UnknownName, match=message):
        call()


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


def test_an_unchanged_province_has_one_id_and_both_codes():
    area = facts.find_area("Quảng Ninh")
    assert (area.code_vn63, area.code_vn34, area.valid_to) == ("22", "22", "")
    assert facts.find_area("bac-ninh").valid_to == "2025-06-30"
    assert facts.find_area("bac-ninh-2025").valid_from == "2025-07-01"


def test_definitions_come_in_order_of_preference_and_say_how_they_measure():
    assert definitions("digital_economy_share") == ["gso", "mic", "ptit", "province", "other"]
    gso = facts.definition("digital_economy_share", "gso")
    assert "value added" in gso.method and gso.comparable_with == ""


def test_a_source_and_a_document_are_records():
    assert facts.source("founding-article").grade == "press"
    resolution = document("nq-09-nq-tu-quang-ninh-2022")
    assert (resolution.date, resolution.period_start, resolution.horizon, resolution.orientation) == (
        "2022-02-05", 2021, 2025, 2030,
    )


# ---------- Names as people type them

AREA_NAMES, INDICATOR_NAMES = ("id", "name_vi", "name_en", "aliases"), ("id", "title_vi", "title_en", "short_vi")
NAMES = {"quang ninh": "quang-ninh", "quang nam": "quang-nam", "ha tinh": "ha-tinh", "ha noi": "ha-noi"}


@pytest.mark.parametrize("text", [
    "Quảng Ninh", "quang ninh", "quang-ninh", "QUẢNG NINH", "Tỉnh Quảng Ninh", "tinh quang ninh", " Quảng  Ninh ",
])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_one_province_in_every_writing(text, form):
    assert match(unicodedata.normalize(form, text), NAMES, "area", "dx data list") == "quang-ninh"


@pytest.mark.parametrize("text", ["Hà Tĩnh", "ha tinh", "Tỉnh Hà Tĩnh"])
def test_ha_tinh_keeps_its_tinh(text):
    assert match(text, NAMES, "area", "dx data list") == "ha-tinh"


@pytest.mark.parametrize(
    ("text", "folded"), [("Đắk Lắk", "dak lak"), ("Ðong Tháp", "dong thap"), ("đà nẵng", "da nang")]
)
def test_the_barred_d_and_the_icelandic_eth_fold_to_d(text, folded):
    assert fold(text) == folded


def test_both_places_of_the_tone_mark_fold_alike():
    assert fold("Hoà Bình") == fold("Hòa Bình")


@pytest.mark.parametrize("find", [find_area, find_indicator, source])
@pytest.mark.parametrize("text", ["", " ", "%", "~", "?", "-", "中国", "Ω", "\u200b", "١٢", "​"])
def test_a_name_without_a_letter_that_names_have_is_refused_and_names_nothing(find, text):
    with pytest.raises(UnknownName, match=r"Unknown \w+ .* holds no letter a-z and no digit\. List them: "):
        find(text)


@pytest.mark.parametrize("text", ["An Giang 中国", "Ωan giang", "quảng ninh жд", "٢an-giang"])
def test_letters_of_other_scripts_are_not_passed_over(text):
    with pytest.raises(UnknownName, match=r"Unknown area .* Did you mean '(an-giang|quang-ninh)"):
        find_area(text)


def test_no_name_of_the_catalogue_folds_to_nothing():
    package = open_package()
    for table, columns in {"areas": AREA_NAMES, "indicators": INDICATOR_NAMES}.items():
        assert "" not in _names(package, table, columns)


@given(st.text(max_size=40))
def test_folding_gives_plain_ascii_and_is_idempotent(text):
    once = fold(text)
    assert once.isascii() and fold(once) == once and fold(unicodedata.normalize("NFD", text)) == once


def test_no_two_areas_share_a_folded_name():
    areas = open_package().tables["areas"]
    for column in ("name_vi", "name_en"):
        assert areas[column].map(fold).is_unique


def test_every_area_is_found_by_its_id_and_both_names():
    for area in open_package().tables["areas"].itertuples():
        assert find_area(area.id).id == find_area(area.name_vi).id == find_area(area.name_en).id == area.id


# ---------- Several series at once: peers, years' ends, triangles, agendas, goals and weights

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
    for indicator in facts.open_package().tables["indicators"]["id"]:  # some name a whole that is not held
        facts.load_weights(indicator, areas)


def test_a_map_gets_provinces_of_one_code_list_only():
    table = pd.DataFrame({"area": ["bac-ninh", "bac-giang", "bac-ninh-2025", "viet-nam"], "value": 1.0})
    assert facts.on_one_map(table)["area"].tolist() == ["bac-ninh", "bac-giang"]


# ---------- Records and the message of refused data

def test_a_problem_without_row_column_or_value_is_still_a_sentence():
    assert str(Problem("data.csv", 0, "", "", "is empty.", "Fill it.")) == "data.csv: is empty. Fill it."


def test_the_error_holds_all_problems_and_prints_ten():
    problems = [Problem("data.csv", row, "value", "x", "not a number.", "Correct it.") for row in range(2, 14)]
    error = DataError(problems)
    assert error.problems == problems
    assert str(error).count("not a number") == 10 and "and 2 more" in str(error)


def test_records_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'unit'"):
        find_indicator("digital_economy_share").unit = "points"


def test_bounds_are_none_only_where_both_sides_are_open():
    assert find_indicator("digital_economy_share").bounds == (0.0, 100.0)
    assert find_indicator("dti_rank").bounds == (1.0, None)
    assert find_indicator("grdp_growth").bounds is None


# ---------- Pillars carry their edition, and the points before the resolution belong to none of the index

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


def test_ranks_of_the_index_and_its_pillars_come_together():
    ranks = facts.load_ranks("dti_total", "quang-ninh", through=2022)
    assert set(ranks["indicator"]) == {"dti_rank", "dti_government_rank", "dti_economy_rank", "dti_society_rank"}


# ---------- Documents as people cite them

@pytest.mark.parametrize(
    ("text", "id"),
    [(text, "qd-411-qd-ttg-2022") for text in
       ("411", "QD 411", "qđ411", "Quyết định số 411/QĐ-TTg ngày 31/3/2022", "Decision No. 411", "QĐ 411 of 2022")]
    + [(text, "nq-09-nq-tu-quang-ninh-2022") for text in
       ("09-NQ/TU", "Nghị quyết 09", "nghi quyet so 9-NQ/TU", "Resolution 09-NQ/TU", "NQ09")]
    + [("kế hoạch Lạng Sơn", "kh-131-lang-son-2022"), ("chuyển đổi số quốc gia 749", "qd-749-qd-ttg-2020")],
)
def test_a_document_is_found_as_people_cite_it(text, id):
    assert find_document(text).id == id


@pytest.mark.parametrize("text", ["52", "Nghị quyết 52", "Đề án 06"])
def test_a_citation_of_several_documents_names_them_and_each_name_works(text):
    with pytest.raises(facts.UnknownName, match="Several documents are meant by") as asked:
        find_document(text)
    ids = re.findall(r"\(id ([a-z0-9-]+)\)", str(asked.value))
    assert len(ids) == 2 and [find_document(one).id for one in ids] == ids


@pytest.mark.parametrize("text", ["9999", "Nghị quyết 411", "so", "", "411 中国"])
def test_a_citation_of_nothing_is_unknown(text):
    with pytest.raises(facts.UnknownName, match="Unknown document"):
        find_document(text)
