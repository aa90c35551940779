"""Every chart is drawn for every bad input, in every size and both languages: nothing crashes, overlaps or is cut off.

The whole grid is slow; the default suite draws each chart for each bad input once, in sizes and languages by turns.
"""

import math
import warnings
from dataclasses import dataclass, field, replace
from functools import lru_cache

import pandas as pd
import pytest
from maintain import legible

from dxanalysis import analysis, facts
from dxanalysis.briefing import charts, theme
from dxanalysis.briefing.charts import maps
from tests.records import agreed

LONG = "Tỷ lệ hồ sơ thủ tục hành chính của người dân và doanh nghiệp xử lý toàn trình"  # 77 characters and a full stop
STRANGE = "漢字 🚀 ﷺ Đặc khu"
SHARE = facts.find_indicator("digital_economy_share")
HERE = facts.find_area("quang-ninh")
LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
# A phone holds no amounts of twenty digits: its pictures are tested with figures of the catalogue's size.
SHAPES = [(size, lang) for size in theme.SIZES if size != "phone" for lang in ("vi", "en")]
UNITS = [one for row in maps.layouts()["vn34"] for one in row if one not in (".", *maps.ISLANDS)]


@dataclass(frozen=True)
class Case:
    """One bad input: the values of a series, the areas of a survey, what things are called, the targets."""

    values: tuple[float, ...] = (3.0, 4.4, 5.5, 7.1)
    areas: tuple[str, ...] = ("quang-ninh", "ha-noi", "hai-phong-2025")
    name: str = ""
    goals: tuple[float, ...] = (20.0, 30.0)
    unit: dict[str, object] = field(default_factory=dict)

    @property
    def indicator(self):
        fields = dict.fromkeys(("title_vi", "title_en", "short_vi", "short_en"), self.name) if self.name else {}
        return replace(SHARE, **fields, **self.unit)

    @property
    def area(self):
        return replace(HERE, name_vi=self.name, name_en=self.name) if self.name else HERE

    def names(self, one):
        found = facts.find_area(one)
        return replace(found, name_vi=f"{self.name} {one}", name_en=f"{self.name} {one}") if self.name else found

    def history(self):
        years = range(2025 - len(self.values), 2025)
        table = pd.DataFrame({"year": list(years), "value": [float(value) for value in self.values]})
        return table.assign(indicator=SHARE.id, area="quang-ninh", definition="gso", status="official",
                            vintage="2025-01-06", source="gso-2025", break_before="")

    def targets(self):
        years = [2025, 2030][: len(self.goals)]
        return pd.DataFrame({"year": years, "value": list(self.goals)}).assign(
            indicator=SHARE.id, area="quang-ninh", comparator=">="
        )

    def survey(self):
        """Give every area the values, shifted a little."""
        rows = [
            (one, 2025 - len(self.values) + at, value * (1 + 0.01 * place))
            for place, one in enumerate(self.areas)
            for at, value in enumerate(self.values)
        ]
        return pd.DataFrame(rows, columns=["area", "year", "value"])

    def ranks(self):
        last = self.survey().groupby("area", sort=False)["value"].last().reset_index()
        last["rank"] = last["value"].rank(ascending=False, method="first").astype(int) if len(last) else []
        return last.assign(low=last["value"], high=last["value"] * 1.1)

    def fan(self):
        if not self.values:
            return pd.DataFrame(columns=["year", "quantile", "value"])
        scale = (max(map(abs, self.values)) or 1.0) / 10
        rows = [
            (year, level, self.values[-1] + (level - 0.5) * 4 * scale * math.sqrt(year - 2024))
            for year in range(2025, 2031)
            for level in LEVELS
        ]
        return pd.DataFrame(rows, columns=["year", "quantile", "value"])


PERCENT_FREE = {"unit": "billion_vnd", "unit_vi": "tỷ đồng", "unit_en": "billion VND", "upper": None, "decimals": 1}
CASES = {
    "missing glyphs": Case(name=STRANGE),
    "names of 80 characters": Case(name=f"{LONG}..."),
    "no point": Case(values=(), areas=()),
    "one point": Case(values=(7.1,), areas=("quang-ninh",)),
    "all values equal": Case(values=(12.87,) * 6),
    "34 areas": Case(areas=tuple(UNITS)),
    "0 and 100": Case(values=(0.0, 100.0, 0.0, 100.0), goals=(0.0, 100.0)),
    "missing target": Case(goals=()),
    "huge": Case(values=(4.2e12, 5.1e12, 6.7e12), goals=(8e12, 9e12), unit=PERCENT_FREE),
    "tiny": Case(values=(1.2e-7, 2.2e-7, 3.4e-7), goals=(8e-7, 9e-7)),
}


def judged(case):
    panel = analysis.judge(case.history(), case.targets(), case.indicator)
    return panel, agreed(panel)


def asked(case):
    rows = [(year, goal, 2024, case.values[-1], (goal - case.values[-1]) / (year - 2024))
            for year, goal in zip((2025, 2030), case.goals if case.values else (), strict=False)]
    return pd.DataFrame(rows, columns=["target_year", "target", "figure_year", "figure", "required_per_year"])


def attained(case):
    rows = [
        {"target_year": year, "target": goal, "median": case.values[-1] * 1.2, "low": case.values[-1],
         "high": case.values[-1] * 1.5, "probability": 0.12, "grade": "pace", "verdict": "limited_progress",
         "comparator": ">=", "last_year": 2024, "last": case.values[-1], "borrowed": False}
        for year, goal in zip((2025, 2030), case.goals if case.values else (), strict=False)
    ]
    return pd.DataFrame(rows, columns=list(rows[0]) if rows else ["target_year"])


def released(case):
    stood = pd.concat([case.history().assign(vintage=day) for day in ("2024-01-06", "2025-01-06")])
    return analysis.verdicts_by_release(stood, case.targets(), case.indicator), stood


def parts_of(case):
    top = max(case.values, default=0.0) or 1.0
    rows = [(name, value, top) for name, value in zip(("government", "economy", "society"), case.values, strict=False)]
    return pd.DataFrame(rows, columns=["pillar", "value", "maximum"])


def past(case):
    rows = [
        (2025 - len(case.values) + at, 2026 - len(case.values) + at, v * 0.9, v, v * 1.1, v)
        for at, v in enumerate(case.values)
    ]
    return pd.DataFrame(rows, columns=["origin", "year", "low", "median", "high", "actual"])


def assessed_rows(case):
    """Give a judgement of every kind of state, for as many indicators as the case has values (and areas)."""
    values = case.values * (9 if len(case.areas) > 30 else 1)
    states = ("due", "open", "met", "missed", "at_level", "cannot_tell")
    rows = [
        {"indicator": f"{SHARE.id}-{at}", "area": "quang-ninh", "target_year": 2025, "target": case.goals[0],
         "comparator": ">=", "state": states[at % len(states)], "figure": value, "figure_year": 2024,
         "missing": case.goals[0] - value, "n": 2, "word": "very_unlikely", "outlook_low": 0.0, "outlook_high": 0.1,
         "basis": "reference_class", "basis_count": 120, "years_left": 1, "required_per_year": case.goals[0] - value,
         "document": "09-NQ/TU", "caveats": ("mirror",) if at % 2 else ()}
        for at, value in enumerate(values)
        if case.goals
    ]
    columns = list(rows[0]) if rows else ["indicator", "area", "target_year", "target", "state", "missing", "document"]
    return pd.DataFrame(rows, columns=columns)


def elsewhere(case):
    return case.survey().assign(definition="gso")


@lru_cache(maxsize=1)
def held():
    return facts.coverage(area="quang-ninh")


def coverage_of(case, how):
    table = held().head(len(case.values) * len(case.areas) * 4)
    return charts.coverage(facts.coverage_grid(table, "indicator"), area=case.area, names=lambda _: case.indicator,
                           field="short", own=SHARE.id, **how)


CHARTS = {
    "agenda": lambda case, how: charts.agenda(
        assessed_rows(case), area=case.area, year=2025, names=lambda _: case.indicator, **how
    ),
    "scorecard": lambda case, how: charts.scorecard(
        assessed_rows(case), area=case.area, year=2025, names=lambda _: case.indicator, **how
    ),
    "attainment": lambda case, how: charts.attainment(
        attained(case), case.fan(), case.history(), **about(case), **judged_too(case), **how
    ),
    "coverage": coverage_of,
    "growth_grid": lambda case, how: charts.growth_grid(
        analysis.growth_grid(case.history(), case.targets(), case.indicator), **about(case), **judged_too(case), **how
    ),
    "peers": lambda case, how: charts.peers(
        case.ranks(), names=case.names, targets=case.targets(), **beside(case), **how
    ),
    "pillars": lambda case, how: charts.pillars(parts_of(case), names=case.names, **beside(case), **how),
    "releases": lambda case, how: charts.releases(*released(case), **about(case), **judged_too(case), **how),
    "scenarios": lambda case, how: charts.scenarios(
        analysis.draw_scenarios(case.history(), case.targets(), case.indicator), case.history(), case.targets(),
        **about(case), **judged_too(case), **how,
    ),
    "slopes": lambda case, how: charts.slopes(case.survey(), names=case.names, **beside(case), **how),
    "small_multiples": lambda case, how: charts.small_multiples(
        case.survey(), case.targets(), names=case.names, **about(case), **how
    ),
    "tile_map": lambda case, how: charts.tile_map(case.ranks(), units="vn34", names=case.names, **beside(case), **how),
    "track_record": lambda case, how: charts.track_record(past(case), **about(case), **how),
    "trend": lambda case, how: charts.trend(
        case.history(), case.targets(), path=analysis.target_path(case.history(), case.targets()),
        pace=asked(case), forecast=case.fan(),
        **about(case), **how,
    ),
    "verdict_panel": lambda case, how: charts.verdict_panel(*judged(case), **about(case), **judged_too(case), **how),
}


def about(case):
    return {"indicator": case.indicator, "area": case.area}


def judged_too(case):
    return {"assessed": assessed_rows(case).head(2)}


def beside(case):
    return about(case) | judged_too(case) | {"elsewhere": elsewhere(case)}


def drawn(name, case, size, lang):
    """Draw a chart; letters that no font has are drawn as boxes, with a warning of matplotlib's that names them."""
    with warnings.catch_warnings():
        if case.name == STRANGE:
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure = CHARTS[name](case, {"sheet": charts.Sheet(lang=lang, size=size)})
        return figure, legible.problems(figure)


def test_every_chart_there_is_is_drawn_here():
    assert sorted([*CHARTS, "Sheet"]) == sorted(charts.__all__)
    assert len(f"{LONG}...") == 80


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_stands_every_bad_input_in_one_shape_each(name):
    for at, (label, case) in enumerate(CASES.items()):
        size, lang = SHAPES[(at + list(CHARTS).index(name)) % len(SHAPES)]
        assert drawn(name, case, size, lang)[1] == [], (label, size, lang)


@pytest.mark.slow
@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("label", CASES)
def test_a_chart_stands_every_bad_input_in_every_shape(name, label):
    for size, lang in SHAPES:
        assert drawn(name, CASES[label], size, lang)[1] == [], (size, lang)
