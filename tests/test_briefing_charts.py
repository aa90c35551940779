"""Every chart draws for every awkward table, in every size and both languages, with nothing cut off or overlapping."""

import math

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from maintain import legible

from dxanalysis.briefing import charts, theme
from tests.records import HERE, SHARE, Record

LONG = "Tỷ lệ hồ sơ thủ tục hành chính của người dân và doanh nghiệp được xử lý toàn trình trên mạng"
LEVELS = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]
SHAPES = [(size, lang) for size in theme.SIZES for lang in ("vi", "en")]


def history(values, first=2020):
    table = pd.DataFrame({"year": range(first, first + len(values)), "value": [float(v) for v in values]})
    status = ["official"] * (len(values) - 1) + ["estimate"] * (len(values) > 0)
    return table.assign(status=status, definition="gso", vintage="2025-01-06", source="gso-2025")


def targets(values=(20.0, 30.0)):
    return pd.DataFrame({"year": [2025, 2030][: len(values)], "value": list(values)})


def fan(last, value, scale=1.0, until=2030):
    spread = np.array([-1.96, -1.28, -0.67, 0, 0.67, 1.28, 1.96]) * scale
    rows = [
        (year, level, value + width * math.sqrt(year - last))
        for year in range(last + 1, until + 1)
        for level, width in zip(LEVELS, spread, strict=True)
    ]
    return pd.DataFrame(rows, columns=["year", "quantile", "value"])


def pace(history, targets):
    rows = []
    for goal in targets.itertuples():
        last = history.iloc[-1]
        left = goal.year - last["year"]
        met = last["value"] >= goal.value
        need = (goal.value - last["value"]) / left if left > 0 and not met else math.nan
        rows.append((goal.year, goal.value, last["year"], last["value"], goal.value - last["value"], left, need, met))
    names = ["target_year", "target", "figure_year", "figure", "gap", "years_left", "required_per_year", "met"]
    return pd.DataFrame(rows, columns=names)


def path(history, targets):
    knots = [(history["year"].iloc[0], history["value"].iloc[0]), *zip(targets["year"], targets["value"], strict=True)]
    return pd.DataFrame(knots, columns=["year", "value"])


AWKWARD = {
    "no point": [],
    "one point": [3.0],
    "two points": [3.0, 7.1],
    "all equal": [12.87] * 6,
    "0 and 100": [0.0, 100.0, 0.0, 100.0],
    "all zero": [0.0, 0.0],
    "thirty points": list(np.linspace(1, 19, 30)),
    "huge": [4.2e12, 5.1e12, 6.7e12],
    "tiny": [1.2e-7, 3.4e-7],
    "already met": [18.0, 25.0, 31.0],
    "falling below zero": [-5.0, -9.5],
}


def trend_of(values, size, lang, indicator=SHARE, area=HERE):
    table = history(values, first=2025 - len(values))
    scale = (max(map(abs, values)) or 1.0) / 10 if values else 1.0
    last = (
        {"path": path(table, targets()), "pace": pace(table, targets()), "forecast": fan(2024, values[-1], scale)}
        if values
        else {}
    )
    return charts.trend(
        table, targets(), indicator=indicator, area=area, sheet=charts.Sheet(lang, size, code="ab12cd34"), **last
    )


@pytest.mark.parametrize("name", AWKWARD)
def test_the_trend_is_legible_for_every_awkward_series(name):
    for size, lang in (("slide", "vi"), ("a4", "en"), ("square", "vi")):
        assert legible.problems(trend_of(AWKWARD[name], size, lang)) == [], (name, size, lang)


@pytest.mark.parametrize(("size", "lang"), SHAPES)
def test_the_trend_is_legible_in_every_size_and_language(size, lang):
    assert legible.problems(trend_of([12.66, 12.87, 12.83, 12.87, 13.17], size, lang)) == []


@pytest.mark.parametrize(("size", "lang"), SHAPES)
def test_names_of_eighty_characters_are_wrapped_and_not_cut(size, lang):
    long = Record(**{**SHARE.__dict__, "title_vi": LONG, "title_en": LONG, "short_vi": LONG, "short_en": LONG})
    far = Record(name_vi="Đặc khu hành chính " * 4, name_en="Special administrative zone " * 3, level="province")
    assert legible.problems(trend_of([3.0, 7.1], size, lang, long, far)) == []


def test_a_missing_target_leaves_the_observed_series():
    figure = charts.trend(history([3.0, 7.1]), indicator=SHARE, area=HERE)
    assert legible.problems(figure) == []
    assert "Tốc độ cần thiết" not in [text.get_text() for text in figure.texts]


def test_the_title_states_the_finding_and_the_legend_names_definition_and_vintage():
    texts = " ".join(text.get_text() for text in trend_of([12.87, 13.17], "slide", "vi").texts)
    assert "dự báo năm 2025 là 13,2% (khoảng 80%: 11,5%–14,9%); mục tiêu 20%" in texts
    assert "Tổng cục Thống kê; công bố 06/01/2025" in texts
    assert "Nguồn: gso-2025. Số liệu đến ngày 06/01/2025. Mã: ab12cd34." in texts


def test_numbers_on_the_axes_follow_the_language():
    table = history([0.25, 0.5, 0.75])
    for lang, mark in (("vi", "0,25%"), ("en", "0.25%")):
        figure = charts.trend(table, indicator=SHARE, area=HERE, sheet=charts.Sheet(lang))
        assert mark in [text.get_text() for text in legible.visible_texts(figure)]


def test_provisional_points_are_hollow_and_a_break_is_not_crossed():
    table = history([10.0, 11.0, 12.0]).assign(break_before=["", "đổi cách tính", ""])
    axes = charts.trend(table, indicator=SHARE, area=HERE).axes[0]
    hollow = [line for line in axes.lines if line.get_markerfacecolor() == "white" and len(line.get_xdata())]
    assert [list(line.get_xdata()) for line in hollow] == [[2022.0]]
    drawn = [list(line.get_xdata()) for line in axes.lines if line.get_linestyle() != "None"]
    assert [2021.0, 2022.0] in drawn
    assert [2020.0, 2021.0] not in drawn
    assert any("Gián đoạn" in text.get_text() for text in axes.texts)


def test_bands_are_drawn_only_for_the_quantiles_there_are():
    only = fan(2024, 13.0)
    only = only[only["quantile"].isin([0.1, 0.5, 0.9])]
    axes = charts.trend(history([12.0, 13.0], 2023), forecast=only, indicator=SHARE, area=HERE).axes[0]
    assert len(axes.collections) == 1


def test_a_forecast_from_one_figure_is_drawn_only_where_it_is_asked_for():
    one, ahead = history([13.0], 2024), fan(2024, 13.0)
    assert not charts.trend(one, forecast=ahead, indicator=SHARE, area=HERE).axes[0].collections
    drawn = charts.trend(one, forecast=ahead, borrowed=True, indicator=SHARE, area=HERE, sheet=charts.Sheet("en"))
    assert drawn.axes[0].collections
    assert any("from similar series alone" in text.get_text() for text in drawn.texts)


def attainment_rows(**changes):
    row = {
        "target": 20.0, "median": 9.0, "low": 7.0, "high": 24.0, "probability": 0.12, "grade": "direction",
        "verdict": "limited_progress", "comparator": ">=", "last_year": 2024, "last": 7.1, "borrowed": True,
    }
    return pd.DataFrame([{"target_year": year} | row | changes for year in (2025, 2030)])


@pytest.mark.parametrize(("size", "lang"), SHAPES)
def test_the_attainment_chart_is_legible_in_every_size_and_language(size, lang):
    figure = charts.attainment(
        attainment_rows(),
        fan(2024, 14.0, 3.0),
        history([3.0, 7.1], 2023),
        indicator=SHARE,
        area=HERE,
        sheet=charts.Sheet(lang, size),
    )
    assert legible.problems(figure) == []


@pytest.mark.parametrize("changes", [
    {"probability": math.nan, "grade": "none"},
    {"last_year": 2031, "verdict": "missed"},
    {"target": 0.0},
    {"target": 100.0},
    {"low": 9.0, "high": 9.0},
    {"median": 4e12, "low": 3e12, "high": 5e12, "target": 4.5e12},
])
def test_the_attainment_chart_draws_for_every_awkward_row(changes):
    figure = charts.attainment(attainment_rows(**changes), indicator=SHARE, area=HERE)
    assert legible.problems(figure) == []


def test_no_attainment_rows_leave_a_note():
    figure = charts.attainment(attainment_rows().head(0), indicator=SHARE, area=HERE)
    assert "Chưa có số liệu" in [text.get_text() for text in legible.visible_texts(figure)]


def test_the_filled_dots_are_those_on_the_good_side_of_the_target():
    rows = attainment_rows().head(1)
    figure = charts.attainment(rows, indicator=SHARE, area=HERE)
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    filled = [line for line in dots if line.get_markerfacecolor() != "white"]
    assert len(dots) == 20
    assert all(line.get_xdata()[0] > 20.0 for line in filled)
    assert 1 <= len(filled) <= 4


def panel(methods=7):
    steps = list(theme.STEPS)
    rows = [
        {"target_year": year, "method": f"m{n}", "step": steps[n % len(steps)], "flagged": n == 0, "borderline": n == 1}
        for year in (2025, 2030)
        for n in range(methods)
    ]
    return pd.DataFrame(rows)


AGREEMENT = pd.DataFrame(
    {"target_year": [2025, 2030], "step": ["on_track"] * 2, "agree": [5, 3], "judged": [6, 6], "robust": [True, False]}
)


@pytest.mark.parametrize(("size", "lang"), SHAPES)
def test_the_verdict_panel_is_legible_in_every_size_and_language(size, lang):
    figure = charts.verdict_panel(panel(), AGREEMENT, indicator=SHARE, area=HERE, sheet=charts.Sheet(lang, size))
    assert legible.problems(figure) == []


def test_a_status_is_told_by_symbol_and_word_and_not_by_colour_alone():
    figure = charts.verdict_panel(panel(), indicator=SHARE, area=HERE)
    shown = [text.get_text().replace("\n", " ") for text in figure.axes[0].texts]
    assert "▲ đúng tiến độ ≈" in shown
    assert len({symbol for symbol, _, _ in theme.STEPS.values()}) == len(theme.STEPS)


@pytest.mark.parametrize("rows", [0, 1, 14])
def test_the_verdict_panel_draws_for_none_one_and_many_methods(rows):
    assert legible.problems(charts.verdict_panel(panel(rows), indicator=SHARE, area=HERE)) == []


def release_rows(count):
    days = [f"20{20 + n}-01-06" for n in range(count)]
    return pd.DataFrame(
        [
            {"as_of": day, "target_year": year, "last_year": 2019 + n, "last": 12.0 + n, "step": "on_track"}
            for year in (2025, 2030)
            for n, day in enumerate(days)
        ],
        columns=["as_of", "target_year", "last_year", "last", "step"],
    )


@pytest.mark.parametrize("count", [0, 1, 3, 12])
def test_the_release_chart_draws_for_none_one_and_many_releases(count):
    observed = pd.DataFrame(
        [
            {"year": year, "value": 12.0 + day, "vintage": f"20{20 + day}-01-06"}
            for day in range(count)
            for year in range(2015, 2020 + day)
        ],
        columns=["year", "value", "vintage"],
    )
    for given in (None, observed):
        figure = charts.releases(release_rows(count), given, indicator=SHARE, area=HERE)
        assert legible.problems(figure) == []


@pytest.mark.parametrize(("size", "lang"), SHAPES)
def test_the_release_chart_is_legible_in_every_size_and_language(size, lang):
    assert (
        legible.problems(charts.releases(release_rows(3), indicator=SHARE, area=HERE, sheet=charts.Sheet(lang, size)))
        == []
    )


def test_a_chart_leaves_the_user_s_settings_and_pyplot_alone():
    import matplotlib.pyplot as plt

    before = dict(mpl.rcParams)
    trend_of([3.0, 7.1], "slide", "vi")
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == []


def test_every_figure_says_in_words_what_it_shows():
    assert "dự báo năm 2025 là 7,1%" in trend_of([3.0, 7.1], "slide", "vi").get_label()


@pytest.mark.parametrize("name", ["INK", "MUTED", "OBSERVED", "TARGET", "REQUIRED", "SECOND", "MEDIAN"])
def test_lines_and_words_stand_out_from_the_paper(name):
    assert theme.contrast(getattr(theme, name)) >= 3.0


def test_words_in_status_cells_are_readable():
    for symbol, fill, ink in theme.STEPS.values():
        assert theme.contrast(fill, ink) >= 4.5, symbol


def test_bands_are_told_apart_in_grey():
    light, middle, dark = (theme.contrast(theme.BANDS[level]) for level in (95, 80, 50))
    assert middle / light > 1.15
    assert dark / middle > 1.15


def test_an_unknown_size_is_refused():
    with pytest.raises(ValueError, match=r"Unknown size 'poster'\. Sizes: slide, a4, square"):
        charts.trend(history([1.0]), indicator=SHARE, area=HERE, sheet=charts.Sheet(size="poster"))
