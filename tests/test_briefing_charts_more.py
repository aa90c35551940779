"""The charts beside the flagship draw for none, one and many areas, in every size and language, legibly."""

from types import SimpleNamespace as Record

import numpy as np
import pandas as pd
import pytest
from maintain import legible

from dxanalysis.briefing import charts, theme
from dxanalysis.briefing.charts import geography, maps

SHARE = Record(
    title_vi="Tỷ trọng kinh tế số trong GDP/GRDP",
    title_en="Digital economy share of GDP/GRDP",
    short_vi="Tỷ trọng kinh tế số",
    short_en="Digital economy share",
    unit="percent",
    unit_vi="%",
    unit_en="%",
    decimals=2,
    direction=1,
    lower=0.0,
    upper=100.0,
)
HERE = Record(id="quang-ninh", name_vi="Quảng Ninh", name_en="Quảng Ninh", level="province")
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
    return pd.DataFrame(
        {
            "area": areas,
            "value": values,
            "rank": range(1, len(areas) + 1),
            "low": values,
            "high": [v + 2 for v in values],
        }
    )


def panel(areas):
    return pd.DataFrame(
        [(a, year, 3.0 + n * 0.3 + (year - 2020)) for n, a in enumerate(areas) for year in range(2020, 2025)],
        columns=["area", "year", "value"],
    )


TARGETS = pd.DataFrame({"year": [2025, 2030], "value": [20.0, 30.0]})
DEFINITIONS = pd.DataFrame(
    {
        "definition": ["gso"] * 3 + ["mic"] * 2,
        "year": [2020, 2022, 2024, 2022, 2024],
        "value": [12.66, 12.83, 13.17, 14.26, 18.3],
    }
)
PILLARS = pd.DataFrame(
    {"pillar": ["government", "economy", "society"], "value": [234.31, 85.42, 109.74], "maximum": [320.0, 240.0, 240.0]}
)
STEPS = pd.DataFrame(
    {
        "name_vi": [
            "Năm 2020",
            "Tăng trưởng giá trị tăng thêm của kinh tế số và các ngành",
            "Tăng trưởng GDP",
            "Năm 2024",
        ],
        "name_en": ["2020", "Growth of digital value added and of industries", "GDP growth", "2024"],
        "value": [12.66, 3.39, -2.88, 13.17],
        "kind": ["total", "part", "part", "total"],
    }
)
GROWTH = pd.DataFrame(
    [(g, y, 0.2 + g + y / 100) for g in (0.04, 0.06, 0.08, 0.1) for y in range(1, 7)],
    columns=["growth", "years", "required_growth"],
)
RECORD = pd.DataFrame(
    {
        "origin": [2020, 2020, 2021],
        "year": [2021, 2022, 2022],
        "low": [11.0, 10.0, 12.0],
        "median": [12.0, 12.5, 13.0],
        "high": [13.0, 15.0, 14.0],
        "actual": [12.87, 9.0, np.nan],
    }
)
DRAWN = {
    "definitions": lambda **how: charts.definitions(DEFINITIONS, TARGETS, **ABOUT, **how),
    "definitions, none": lambda **how: charts.definitions({}, None, **ABOUT, **how),
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
    "waterfall": lambda **how: charts.waterfall(STEPS, **ABOUT, **how),
    "waterfall, none": lambda **how: charts.waterfall(STEPS.head(0), **ABOUT, **how),
    "required growth": lambda **how: charts.required_growth(
        GROWTH, target=30.0, target_year=2030, last_year=2024, **ABOUT, **how
    ),
    "required growth, none": lambda **how: charts.required_growth(GROWTH.head(0), **ABOUT, **how),
    "track record": lambda **how: charts.track_record(RECORD, **ABOUT, **how),
    "track record, none": lambda **how: charts.track_record(RECORD.head(0), **ABOUT, **how),
    "tile map, 34": lambda **how: charts.tile_map(ranks(UNITS["vn34"]), names=name_of, **ABOUT, **how),
    "tile map, 63": lambda **how: charts.tile_map(ranks(UNITS["vn63"]), names=name_of, **ABOUT, **how),
    "geographic map, 34": lambda **how: charts.geographic_map(ranks(UNITS["vn34"]), names=name_of, **ABOUT, **how),
    "geographic map, no figure": lambda **how: charts.geographic_map(
        ranks([]), names=name_of, units="vn63", **ABOUT, **how
    ),
    "tile map, no figure": lambda **how: charts.tile_map(ranks([]), names=name_of, units="vn34", **ABOUT, **how),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_is_legible_in_every_size(name):
    for size, lang in SHAPES[:1] if "63" in name else SHAPES:
        assert legible.problems(DRAWN[name](size=size, lang=lang)) == [], (size, lang)


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("size", theme.SIZES)
@pytest.mark.parametrize("draw", [charts.tile_map, charts.geographic_map])
def test_every_map_shows_hoang_sa_and_truong_sa(draw, size, units):
    for values, lang in ((ranks(UNITS[units][:3]), "en"), (ranks([]), "vi")):
        figure = draw(values, names=name_of, units=units, lang=lang, size=size, **ABOUT)
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


def test_the_shapes_hold_each_unit_and_con_dao_where_it_belongs():
    shapes = geography.shapes()
    for units in UNITS:
        assert sorted(shapes[units]) == sorted(UNITS[units])
    con_dao = [(106.5, 106.8), (8.5, 8.85)]
    for units, owner in (("vn63", "ba-ria-vung-tau"), ("vn34", "tp-ho-chi-minh-2025")):
        holds = {
            one
            for one, rings in shapes[units].items()
            for ring in rings
            if all(low < v < high for point in ring for v, (low, high) in zip(point, con_dao, strict=True))
        }
        assert holds == {owner}


def test_joining_provinces_leaves_no_inner_border():
    shapes = geography.shapes()
    assert len(shapes["vn34"]["lam-dong-2025"]) <= 2
    assert shapes["vn34"]["ha-noi"] and len(shapes["vn34"]["ha-noi"][0]) == len(shapes["vn63"]["ha-noi"][0])


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
        "bac-ninh-2025": "Bac Ninh 2025",
        "ha-noi": "Ha Noi",
    }
    twins = {"x": Record(name_vi="Huế (2024)"), "y": Record(name_vi="Huế (2025)")}
    assert area_names(["x", "y"], twins.__getitem__, "vi") == {"x": "Huế (2024)", "y": "Huế (2025)"}


def test_two_definitions_are_two_lines_that_differ_in_more_than_colour():
    lines = [
        line for line in charts.definitions(DEFINITIONS, TARGETS, **ABOUT).axes[0].lines if len(line.get_xdata()) > 1
    ]
    series = [line for line in lines if line.get_marker() in ("o", "s")]
    assert [len(line.get_xdata()) for line in series] == [3, 2]
    assert len({line.get_marker() for line in series}) == 2
    assert len({line.get_linestyle() for line in series}) == 2


def test_no_series_has_the_colour_of_targets():
    assert theme.TARGET not in theme.SERIES
    assert all(theme.contrast(colour) >= 3.0 for colour in theme.SERIES)


def test_a_waterfall_ends_where_its_parts_lead():
    bars = charts.waterfall(STEPS, **ABOUT).axes[0].patches
    assert bars[1].get_y() + bars[1].get_height() == pytest.approx(16.05)
    assert bars[2].get_y() + bars[2].get_height() == pytest.approx(13.17)


def test_the_record_counts_what_lay_inside():
    title = charts.track_record(RECORD, **ABOUT).texts[0].get_text()
    assert title.startswith("1/2 kết quả nằm trong khoảng dự báo")
