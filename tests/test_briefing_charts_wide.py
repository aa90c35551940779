"""The charts of coverage, scenarios, growth and the agenda draw for none, one and many rows, legibly, in every size."""

import pandas as pd
import pytest
from maintain import legible

import dxanalysis as dx
from dxanalysis import analysis, facts
from dxanalysis.briefing import charts

HERE, SHARE = facts.find_area("quang-ninh"), facts.find_indicator("digital_economy_share")
SHAPES = [("slide", "vi"), ("a4", "en"), ("square", "vi")]
SEEN = pd.DataFrame({"area": "quang-ninh", "year": [2021, 2022, 2024], "value": [3.0, 5.0, 7.1]})
GOALS = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})
every_shape = pytest.mark.parametrize(("size", "lang"), SHAPES)


def words(figure):
    return [text.get_text() for text in [*figure.texts, *(one for axes in figure.axes for one in axes.texts)]]


@every_shape
@pytest.mark.parametrize("rows", [0, 400])
def test_coverage_draws_what_fits_and_counts_the_rest(size, lang, rows):
    held = facts.coverage(area="quang-ninh").head(rows)
    grid = facts.coverage_grid(held, "indicator")
    figure = charts.coverage(
        grid,
        area=HERE,
        names=facts.find_indicator,
        field="short",
        own=SHARE.id,
        sheet=charts.Sheet(lang, size),
    )
    assert not legible.problems(figure)


@every_shape
def test_scenarios_are_named_with_their_conditions(size, lang):
    paths = analysis.draw_scenarios(SEEN, GOALS, SHARE)
    figure = charts.scenarios(paths, SEEN, GOALS, indicator=SHARE, area=HERE, sheet=charts.Sheet(lang, size))
    text = " ".join(words(figure))
    assert ("nếu" if lang == "vi" else "if ") in text
    assert not legible.problems(figure)


def test_scenarios_without_any_figure_say_so():
    paths = analysis.draw_scenarios(SEEN[:0], GOALS, SHARE)
    figure = charts.scenarios(paths, SEEN[:0], GOALS, indicator=SHARE, area=HERE)
    assert any("Kịch bản cần ít nhất một số liệu" in text for text in words(figure))


@every_shape
@pytest.mark.parametrize("history", [SEEN, SEEN[:0]])
def test_the_growth_grid_names_its_target(size, lang, history):
    grid = analysis.growth_grid(history, GOALS, SHARE)
    figure = charts.growth_grid(grid, indicator=SHARE, area=HERE, sheet=charts.Sheet(lang, size))
    assert ("20%" in " ".join(words(figure))) == bool(len(history))
    assert not legible.problems(figure)


@every_shape
@pytest.mark.parametrize("area", ["viet-nam", "quang-ninh", "da-nang"])
@pytest.mark.parametrize("draw", [charts.agenda, charts.scorecard])
def test_the_targets_of_an_area_fit_their_page(size, lang, area, draw):
    rows, sheet = dx.assess(area, 2023), charts.Sheet(lang, size)
    for table in (rows, rows.head(0)):
        figure = draw(table, area=facts.find_area(area), year=2023, names=facts.find_indicator, sheet=sheet)
        assert not legible.problems(figure)


@pytest.mark.parametrize(("states", "said"), [
    (["no_figure_held", "no_figure_held"], "1 indicator with a target, none of them with a figure"),
    (["no_target_held", "no_figure_held"], "1 indicator with a target, none of them with a figure"),
    (["no_target_held", "no_target_held"], "no target held; 1 indicator with a figure"),
])
@pytest.mark.parametrize("draw", [charts.agenda, charts.scorecard])
def test_indicators_are_counted_as_having_a_target_only_where_one_is_held(draw, states, said):
    real = dx.assess("can-tho", 2025)
    one = [real[real["state"] == state].iloc[[0]] for state in states]
    rows = pd.concat(one, ignore_index=True)
    about = {"area": facts.find_area("can-tho"), "year": 2025, "names": facts.find_indicator}
    figure = draw(rows, **about, sheet=charts.Sheet("en"))
    assert said in figure.get_label()
