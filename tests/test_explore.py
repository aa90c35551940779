"""The explorer: what is chosen lives in the controls, and every change gives another answer."""

import re

import pytest

from dxanalysis import facts, looking
from dxanalysis.facts.records import Source
from dxanalysis.looking import Question


@pytest.fixture
def nation() -> looking.Explorer:
    return looking.explorer("viet-nam", "digital_economy_share", lang="en")


def choose(explorer: looking.Explorer, **values: object) -> None:
    for name, value in values.items():
        explorer.controls[name].value = value


def words(explorer: looking.Explorer) -> str:
    return explorer.words.value


def test_the_controls_hold_the_whole_question(nation):
    asked = nation.question()
    assert (asked.area, asked.indicator, asked.definition) == ("viet-nam", "digital_economy_share", "gso")
    assert asked.as_of == facts.releases("digital_economy_share", "viet-nam", "gso")[-1]
    assert asked.target is None


def test_every_control_has_a_label_in_both_languages(nation):
    for lang in ("vi", "en"):
        choose(nation, lang=lang)
        assert all(control.description.strip() for control in nation.controls.values())
    choose(nation, lang="vi")
    assert nation.controls["area"].description == "Địa phương"


def test_another_area_brings_its_own_definitions_and_days(nation):
    picture = nation.picture.value
    choose(nation, area="quang-ninh")
    assert {id for _, id in nation.controls["definition"].options} == {"province"}
    assert "Quảng Ninh" in words(nation)
    assert nation.picture.value != picture


def test_going_back_in_time_shows_what_was_known_then(nation):
    newest = looking.look(nation.question()).history
    choose(nation, as_of="2023-12-29")
    then = looking.look(nation.question()).history
    assert then["year"].max() < newest["year"].max()
    assert (then["vintage"] <= "2023-12-29").all()


def test_a_target_of_ones_own_replaces_those_of_the_documents(nation):
    choose(nation, target_year=2030, target=14.0, own=True)
    view = looking.look(nation.question())
    assert view.targets[["year", "value"]].values.tolist() == [[2030, 14.0]]
    choose(nation, own=False)
    assert looking.look(nation.question()).targets["value"].tolist()[:2] == [20.0, 30.0]


def test_a_higher_target_never_has_more_chances(nation):
    chances = []
    for target in (13.5, 15.0, 20.0, 30.0):
        choose(nation, target_year=2030, target=target, own=True)
        chances.append(float(looking.look(nation.question()).record["outlook"].iloc[0]))
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > chances[-1]


def test_the_controls_follow_the_indicator(nation):
    assert nation.controls["growth"].layout.display == ""
    assert nation.controls["target"].layout.display == "none"  # shown once a target of one's own is tried
    choose(nation, own=True)
    assert nation.controls["target"].layout.display == ""
    choose(nation, area="quang-ninh", indicator="dti_rank")
    assert nation.controls["own"].value is False
    assert nation.controls["target"].value == 3.0  # the target of the documents, not one of another indicator
    assert nation.controls["growth"].layout.display == "none"


def test_the_help_is_folded_and_in_the_language_chosen(nation):
    assert "<summary>How to read and use this page</summary>" in nation.more.value
    choose(nation, lang="vi")
    assert "<summary>Cách đọc và cách dùng</summary>" in nation.more.value


def test_growth_changes_what_it_takes_and_nothing_else(nation):
    choose(nation, growth=0.0)
    view = looking.look(nation.question())
    years = 2030 - view.history["year"].iloc[-1]
    assert view.needed == pytest.approx((30 / view.history["value"].iloc[-1]) ** (1 / years) - 1)
    choose(nation, growth=8.0)
    assert looking.look(nation.question()).needed > view.needed
    assert "If GDP grows by 8%" in words(nation)


def test_one_figure_gets_no_dots_and_no_probability():
    view = looking.look(Question("quang-ninh", "digital_economy_share", through=2021))
    assert len(view.history) == 1
    assert view.record["outlook"].isna().all()
    said = " ".join(one.text("en") for one in view.findings)
    assert re.search(r"unlikely \(below \d\d%\)", said) and "probability" not in said


def test_an_area_without_figures_is_shown_with_its_targets():
    view = looking.look(Question("quang-ninh", "digital_economy_share", as_of="2022-12-31"))
    assert view.history.empty
    assert view.targets["value"].tolist() == [20.0, 30.0]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_area_and_indicator_can_be_looked_at(lang):
    for _, area in looking.areas(lang)[:3]:
        for _, indicator in looking.indicators(area, lang)[:2]:
            explorer = looking.explorer(area, indicator, lang=lang)
            assert explorer.question().area == area
            assert re.search(r'<img alt="[^"]+" src="data:image/png', explorer.picture.value)


def test_the_sources_are_links_and_nothing_else_is(nation):
    links = re.findall(r'href="([^"]*)"', nation.more.value)
    assert links
    assert all(link.startswith(("http://", "https://")) for link in links)


def test_a_hostile_source_is_printed_as_text():
    source = Source("x", "<b>", "t", "2024-01-01", "", "", "javascript:alert(1)", "press", "")
    assert looking._link(source) == "&lt;b&gt;: t (2024-01-01)"


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="Unknown language 'fr'"):
        looking.explorer("viet-nam", "digital_economy_share", lang="fr")


def test_an_area_with_nothing_is_pictured_too():
    explorer = looking.Explorer(Question("ca-mau-2025", "digital_economy_share"), "vi")
    assert 'src="data:image/png' in explorer.picture.value


def test_what_the_browser_is_told_is_what_was_chosen(nation):
    choose(nation, area="quang-ninh")
    choose(nation, area="viet-nam")
    for name in ("area", "indicator", "definition", "as_of"):
        control = nation.controls[name]
        assert control.options[control.index][1] == control.value, name  # the browser sees the index only
