"""The charts beside the flagship draw for none, one and many areas, in every size and language, legibly."""


import numpy as np
import pandas as pd
import pytest
from maintain import legible

from dxanalysis.briefing import charts, theme
from dxanalysis.briefing.charts import maps
from tests.records import HERE, SHARE, Record

ABOUT = {"indicator": SHARE, "area": HERE}
SHAPES = [("slide", "vi"), ("a4", "en"), ("square", "vi")]
UNITS = {
    name: [one for row in rows for one in row if one not in (".", *maps.ISLANDS)]
    for name, rows in maps.layouts().items()
}


def name_of(area):
    text = area.replace("-", " ").title() + (" (từ 7/2025)" if area.endswith("2025") else "")
    return Record(id=area, name_vi=text, name_en=text, level="province")


def ranks(areas):
    values = [30.0 - 0.4 * n for n in range(len(areas))]
    return pd.DataFrame({
        "area": areas,
        "value": values,
        "rank": range(1, len(areas) + 1),
        "low": values,
        "high": [v + 2 for v in values],
    })


def panel(areas):
    return pd.DataFrame(
        [(a, year, 3.0 + n * 0.3 + (year - 2020)) for n, a in enumerate(areas) for year in range(2020, 2025)],
        columns=["area", "year", "value"],
    )


TARGETS = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})
PILLARS = pd.DataFrame(
    {"pillar": ["government", "economy", "society"], "value": [234.31, 85.42, 109.74], "maximum": [320.0, 240.0, 240.0]}
)
RECORD = pd.DataFrame({
    "origin": [2020, 2020, 2021],
    "year": [2021, 2022, 2022],
    "low": [11.0, 10.0, 12.0],
    "median": [12.0, 12.5, 13.0],
    "high": [13.0, 15.0, 14.0],
    "actual": [12.87, 9.0, np.nan],
})
DRAWN = {
    "peers, 34": lambda **how: charts.peers(ranks(UNITS["vn34"]), names=name_of, targets=TARGETS, **ABOUT, **how),
    "peers, 63": lambda **how: charts.peers(ranks(UNITS["vn63"]), names=name_of, **ABOUT, **how),
    "peers, one": lambda **how: charts.peers(ranks(["quang-ninh"]), names=name_of, **ABOUT, **how),
    "peers, none": lambda **how: charts.peers(ranks([]), **ABOUT, **how),
    "slopes, 34": lambda **how: charts.slopes(panel(UNITS["vn34"]), names=name_of, **ABOUT, **how),
    "slopes, two": lambda **how: charts.slopes(panel(["quang-ninh", "ha-noi"]), names=name_of, **ABOUT, **how),
    "slopes, none": lambda **how: charts.slopes(panel([]), **ABOUT, **how),
    "small multiples, 63": lambda **how: charts.small_multiples(
        panel(UNITS["vn63"]), TARGETS, names=name_of, **ABOUT, **how
    ),
    "small multiples, one": lambda **how: charts.small_multiples(panel(["quang-ninh"]), **ABOUT, **how),
    "small multiples, none": lambda **how: charts.small_multiples(panel([]), **ABOUT, **how),
    "pillars": lambda **how: charts.pillars(PILLARS, **ABOUT, **how),
    "pillars, two editions": lambda **how: charts.pillars(
        pd.concat([PILLARS.assign(edition="DTI 800"), PILLARS.assign(edition="DTI 2022")]), **ABOUT, **how
    ),
    "pillars, none": lambda **how: charts.pillars(PILLARS.head(0), **ABOUT, **how),
    "track record": lambda **how: charts.track_record(RECORD, **ABOUT, **how),
    "track record, none": lambda **how: charts.track_record(RECORD.head(0), **ABOUT, **how),
    "tile map, 34": lambda **how: charts.tile_map(ranks(UNITS["vn34"]), names=name_of, **ABOUT, **how),
    "tile map, 63": lambda **how: charts.tile_map(ranks(UNITS["vn63"]), names=name_of, **ABOUT, **how),
    "tile map, no figure": lambda **how: charts.tile_map(ranks([]), names=name_of, units="vn34", **ABOUT, **how),
}


def test_no_rise_is_counted_across_a_break():
    two = panel(["ha-noi", "lang-son", "quang-ninh"]).assign(definition="mic", break_before="")
    two = two[two["year"].isin(sorted(two["year"].unique())[:2])]
    broken = (two["area"] == "quang-ninh") & (two["year"] == two["year"].max())
    broken_off = two.assign(break_before=two["break_before"].where(~broken, "counted anew"))
    figure = charts.slopes(panel([]), elsewhere=broken_off, names=name_of, sheet=charts.Sheet(lang="en"), **ABOUT)
    assert "2 areas" in figure.get_label() and "Quảng Ninh" not in [axes.get_title(loc="left") for axes in figure.axes]


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_is_legible_in_every_size(name):
    for size, lang in SHAPES[:1] if "63" in name else SHAPES:
        assert legible.problems(DRAWN[name](sheet=charts.Sheet(lang=lang, size=size))) == [], (size, lang)


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("size", theme.SIZES)
def test_every_map_shows_hoang_sa_and_truong_sa(size, units):
    for values, lang in ((ranks(UNITS[units][:3]), "en"), (ranks([]), "vi")):
        figure = charts.tile_map(values, names=name_of, units=units, sheet=charts.Sheet(lang=lang, size=size), **ABOUT)
        shown = " ".join(text.get_text().replace("\n", " ") for text in legible.visible_texts(figure))
        assert "Hoàng Sa" in shown
        assert "Đà Nẵng" in shown
        assert "Trường Sa" in shown
        assert "Khánh Hòa" in shown


def test_every_map_holds_each_unit_once(root):
    areas = pd.read_csv(root / "data" / "areas.csv", dtype=str, keep_default_na=False)
    provinces = areas[areas["level"] == "province"]
    for units, count in (("vn34", 34), ("vn63", 63)):
        assert sorted(UNITS[units]) == sorted(provinces.loc[provinces[f"code_{units}"] != "", "id"])
        assert len(UNITS[units]) == count
        assert len({len(row) for row in maps.layouts()[units]}) == 1


def test_units_of_two_code_lists_are_not_put_on_one_map():
    with pytest.raises(ValueError, match="No map holds 'bac-ninh' with the other areas"):
        charts.tile_map(ranks(["bac-ninh", "bac-ninh-2025"]), **ABOUT)


def test_a_unit_without_a_figure_is_white_and_dotted_and_not_zero():
    figure = charts.tile_map(ranks(["quang-ninh", "ha-noi"]), units="vn34", names=name_of, **ABOUT)
    blank = [patch for patch in figure.axes[0].patches if patch.get_linestyle() in (":", "dotted")]
    assert len(blank) == 32


def test_the_area_itself_stands_out_among_its_peers():
    axes = charts.peers(ranks(UNITS["vn34"]), names=name_of, **ABOUT).axes
    bold = [label.get_text() for one in axes for label in one.get_yticklabels() if label.get_weight() == "bold"]
    assert [text.split(". ")[1] for text in bold] == ["Quang Ninh"]


def test_a_note_in_brackets_is_left_out_only_where_names_stay_different():
    from dxanalysis.briefing.charts.common import area_names

    assert area_names(["bac-ninh-2025", "ha-noi"], name_of, "vi") == {
        "bac-ninh-2025": "Bac Ninh 2025", "ha-noi": "Ha Noi",
    }
    twins = {"x": Record(name_vi="Huế (2024)"), "y": Record(name_vi="Huế (2025)")}
    assert area_names(["x", "y"], twins.__getitem__, "vi") == {"x": "Huế (2024)", "y": "Huế (2025)"}


def test_no_series_has_the_colour_of_targets():
    assert theme.TARGET not in theme.SERIES
    assert all(theme.contrast(colour) >= 3.0 for colour in theme.SERIES)


def test_the_record_counts_what_lay_inside():
    title = " ".join(text.get_text() for text in charts.track_record(RECORD, **ABOUT).texts)
    assert "1/2 kết quả nằm trong khoảng dự báo 80%; giá trị dự báo giữa lệch bình quân" in title


def words_on(figure):
    return " ".join(text.get_text() for text in figure.texts)


def test_a_picture_names_the_sources_of_what_it_draws_not_of_the_area(monkeypatch):
    known = {"a": Record(publisher="Page A", title="", published="2024-01-01"), "own": "Own page"}
    sheet = charts.Sheet("en", sources=("Own page",), source_of=known.get)
    others = pd.DataFrame({"area": ["ha-noi", "hue"], "definition": "gso", "year": 2023, "value": [17.0, 9.0],
                           "source": "a", "vintage": "2024-02-03"})
    said = words_on(charts.peers(others.head(0).assign(rank=0), elsewhere=others, sheet=sheet, **ABOUT))
    assert "Page A" in said and "Own page" not in said
    assert "none held for Quảng Ninh" in said.replace("\n", " ")


def test_the_title_tells_the_next_target_from_the_year_stood_at():
    rows = pd.DataFrame({
        "year": 2025, "target_year": [2018, 2025, 2030], "target": [11.0, 14.0, 12.0], "comparator": ">=",
        "state": ["due", "missed", "open"], "figure": [10.0, 11.9, 11.9], "figure_year": [2017, 2025, 2025],
        "missing": [1.0, 2.1, 0.1], "n": 9,
    })
    history = pd.DataFrame({"year": [2024, 2025], "value": [8.4, 11.9]})
    said = words_on(charts.trend(history, assessed=rows, sheet=charts.Sheet("en"), **ABOUT))
    assert "≥ 14% (2025)" in said and "2018" not in said


@pytest.mark.parametrize(("unit", "said"), [("rank", "rank better in 2 of 3"), ("percent", "up in 1 of 3")])
def test_of_ranks_those_that_got_better_are_counted(unit, said):
    panel = pd.DataFrame({"area": list("aabbcc"), "year": [2020, 2024] * 3, "value": [9.0, 4, 8, 2, 3, 7]})
    about = ABOUT | {"indicator": Record(**{**vars(SHARE), "unit": unit})}
    assert said in words_on(charts.slopes(panel, sheet=charts.Sheet("en"), **about)).replace("\n", " ")
