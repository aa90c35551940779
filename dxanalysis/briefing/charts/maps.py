"""A map of equal tiles: every unit readable, no boundary drawn, both archipelagos always written."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ...facts.records import Area, Indicator
from .. import frame, labels, theme
from . import common, scales
from .areas import LEAST_RANKED, latest_dots
from .common import SLIDE, Names, Sheet, area_names
from .matrix import fitted

ISLANDS = {"hoang-sa": "hoang_sa", "truong-sa": "truong_sa"}
_NO_FIGURE = "#FFFFFF"
_TILE = 0.9  # of its width that the words of a tile may take
_MOST_TILES = 0.85  # of the tiles hold their words at the size of the map


@functools.cache
def layouts() -> dict[str, list[list[str]]]:
    """Return the rows of ids of each code list (``vn34`` since 1 July 2025, ``vn63`` before)."""
    text = resources.files("dxanalysis.briefing").joinpath("tiles.toml").read_text(encoding="utf-8")
    return {name: [row.split() for row in part["rows"]] for name, part in tomllib.loads(text).items()}


def layout_of(areas: Iterable[str]) -> str:
    """Return the one code list that holds all the areas.

    >>> layout_of(["quang-ninh", "bac-ninh-2025"]), layout_of(["quang-ninh", "bac-ninh"])
    ('vn34', 'vn63')
    >>> layout_of(["bac-ninh", "bac-ninh-2025"])
    Traceback (most recent call last):
        ...
    ValueError: No map holds 'bac-ninh' with the other areas. Bring the table to the units before or since July 2025.
    """
    wanted = set(areas)
    strays = []
    for name, rows in layouts().items():
        missing = sorted(wanted - {one for row in rows for one in row})
        if not missing:
            return name
        strays.append(missing)
    raise ValueError(
        f"No map holds {strays[0][0]!r} with the other areas. Bring the table to the units before or since July 2025."
    )


def tile_map(
    values: pd.DataFrame,
    *,
    indicator: Indicator,
    area: Area,
    sheet: Sheet = SLIDE,
    names: Names = None,
    units: str = "",
    elsewhere: pd.DataFrame | None = None,
    assessed: pd.DataFrame | None = None,
) -> Figure:
    """Draw one tile per province with its name and value; a dotted white tile has no figure.

    Darker is higher; of ranks darker is better.

    A map needs five provinces of one definition and year. Where there are fewer, the latest figures of the definition
    that measures most provinces are drawn, each with its year; where these are fewer than five, too, the latest figure
    of every area as a dot.

    Parameters
    ----------
    values : DataFrame
        Columns area and value, optionally year, one row per area.
    units : {"", "vn34", "vn63"}
        The code list; found from the areas where left out.
    names : callable, optional
        Gives the record of an area's id.
    elsewhere, assessed
        As in :func:`dxanalysis.briefing.charts.peers`.

    Raises
    ------
    ValueError
        When an area belongs to another code list than the rest.
    """
    lang = sheet.lang
    units = units or layout_of(values["area"].astype(str))
    drawn, dated = values[values["value"].notna()], False
    if len(drawn) < LEAST_RANKED and elsewhere is not None:
        drawn, units, dated = *_widest(elsewhere, units), True
    with theme.settings():
        if len(drawn) < LEAST_RANKED and elsewhere is not None:
            latest = common.latest_of_each(elsewhere)
            return latest_dots(latest, assessed, indicator=indicator, area=area, sheet=sheet, names=names)
        known = {str(one): float(v) for one, v in zip(drawn["area"], drawn["value"], strict=True)}
        title = _map_title(drawn, len(_codes(units)), indicator, area, lang)
        keys = scale_keys(known, indicator, lang)
        usual = int(drawn["year"].mode().max()) if dated and len(drawn) else 0
        told = common.published(elsewhere, drawn)
        subtitle = _map_subtitle(told, usual, indicator, area, lang)
        page = common.open_page(sheet, title, subtitle, keys, table=told, drawing=5.0)
        if len(known) < 2:
            frame.silence(page.figure)
        axes = page.axes()
        axes.axis("off")
        texts = _tile_texts(drawn, units, usual, indicator, names, lang)
        _tiles(axes, page, layouts()[units], depths(known, indicator), texts, area, lang)
    return page.figure


def _codes(units: str) -> list[str]:
    return [one for row in layouts()[units] for one in row if one != "." and one not in ISLANDS]


def _widest(figures: pd.DataFrame, units: str) -> tuple[pd.DataFrame, str]:
    """Return the latest figure of each province by the definition, and in the code list, that holds most of them."""
    found = figures.head(0), units
    for name in layouts():
        held = figures[figures["area"].isin(_codes(name)) & figures["value"].notna()]
        for _, rows in held.groupby("definition"):
            latest = rows.sort_values("year").drop_duplicates("area", keep="last")
            if len(latest) > len(found[0]):
                found = latest, name
    return found


def _map_title(drawn: pd.DataFrame, units: int, indicator: Indicator, area: Area, lang: str) -> str:
    """Say of how many provinces of how many a figure of which years is held, and between which values."""
    measure = labels.upper_first(labels.measure_name(indicator, area, lang))
    if drawn.empty:
        return labels.label("map_title_none", lang, measure=measure, units=str(units))
    low, high = (scales.value_text(v, lang, indicator) for v in (drawn["value"].min(), drawn["value"].max()))
    year = common.span_of(drawn["year"]) if "year" in drawn else ""
    when = labels.label("in_year", lang, year=year) if year else ""
    given = {"measure": measure, "low": low, "high": high, "when": when, "count": str(len(drawn)), "units": str(units)}
    return labels.label("map_title", lang, **given)


def _map_subtitle(drawn: pd.DataFrame, usual: int, indicator: Indicator, area: Area, lang: str) -> str:
    where = common.subtitle(lang, indicator, area, drawn=drawn)
    missing = labels.label("needs_map", lang, n=str(LEAST_RANKED), year=str(usual)) if usual else ""
    return ". ".join(filter(None, [where, missing]))


def _tile_texts(
    drawn: pd.DataFrame, units: str, usual: int, indicator: Indicator, names: Names, lang: str
) -> dict[str, list[str]]:
    """Return the words of each tile: its name and its value, with the year where it is not the usual one."""
    odd = drawn[drawn["year"] != usual] if usual else drawn.head(0)
    years = dict(zip(odd["area"], odd.get("year", []), strict=True))
    values = dict(zip(drawn["area"], drawn["value"], strict=True))
    texts = {}
    for one, name in area_names(_codes(units), names, lang).items():
        value = [scales.value_text(float(values[one]), lang, indicator)] if one in values else []
        year = f" ({int(years[one])})" if one in years else ""
        texts[one] = [name, *[text + year for text in value]]
    return texts


def scale_keys(known: Mapping[str, float], indicator: Indicator, lang: str) -> list[frame.Key]:
    """Return the legend of a map: the shades with their ends, and the white of no figure."""
    keys = [
        frame.Key(
            labels.label("map_no_figure", lang),
            {"color": "none", "marker": "s", "mfc": "white", "mec": theme.MUTED, "ms": 8},
        )
    ]
    if known:
        deep = depths(known, indicator)
        low, high = (scales.value_text(known[pick(deep, key=deep.get)], lang, indicator) for pick in (min, max))
        keys.insert(0, frame.Key(labels.label("map_scale", lang, low=low, high=high), bands=theme.RAMP))
    return keys


def _tiles(
    axes: Axes,
    page: frame.Frame,
    rows: list[list[str]],
    depth: Mapping[str, float],
    texts: Mapping[str, list[str]],
    area: Area,
    lang: str,
) -> None:
    across, down = len(rows[0]), len(rows)
    axes.set_xlim(0, across)
    axes.set_ylim(down, 0)
    box = axes.get_position()
    inches = (box.width * page.size.width / across, box.height * page.size.height / down)
    points, between = _type(page, list(texts.values()), inches)
    for y, row in enumerate(rows):
        for x, one in enumerate(row):
            if one in ISLANDS:
                _islands(axes, page, one, x, y, across, inches, lang)
            elif one != ".":
                text, fits = max(
                    ((way, _fitting(page, way, inches)) for way in _ways(texts[one], between)), key=lambda way: way[1]
                )
                _tile(axes, (x, y), text, depth.get(one), one == getattr(area, "id", ""), min(points, fits))


def _type(page: frame.Frame, texts: list[list[str]], inches: tuple[float, float]) -> tuple[float, str]:
    """Return the font size at which most tiles hold their words, on two lines or on one, and what joins them.

    A few long names ("Bà Rịa - Vũng Tàu 22,87% (2024)") are set smaller than the rest, so that they do not shrink all.
    """
    found = []
    for between, lines in (("\n", 2), (" ", 1)):
        widths = sorted(_widest_line(page, between.join(parts)) for parts in texts) or [1.0]
        usual = widths[int(_MOST_TILES * (len(widths) - 1))]
        points = min(page.font * 0.85, 10.0 * _TILE * inches[0] / usual, inches[1] * 0.82 * 72 / (1.28 * lines))
        found.append((points, between))
    return max(found)


def _ways(parts: list[str], between: str) -> list[str]:
    """Return the words of a tile as they may be set: as most are, or a long name on two lines."""
    words = parts[0].split()
    folds = [" ".join(words[:at]) + "\n" + " ".join(words[at:]) for at in range(1, len(words))]
    return [between.join(parts), *("\n".join([name, *parts[1:]]) for name in folds)]


def _fitting(page: frame.Frame, text: str, inches: tuple[float, float]) -> float:
    """Return the font size at which words fill a tile."""
    lines = text.count("\n") + 1
    return min(10.0 * _TILE * inches[0] / _widest_line(page, text), inches[1] * 0.86 * 72 / (1.15 * lines))


def _widest_line(page: frame.Frame, text: str) -> float:
    """Return the width of the longest line of a tile in inches, at 10 points."""
    return max(frame.text_width(page.figure, line, 10.0, "bold") for line in text.split("\n"))


def _tile(
    axes: Axes,
    corner: tuple[int, int],
    text: str,
    depth: float | None,
    own: bool,
    points: float,
) -> None:
    fill = _NO_FIGURE if depth is None else theme.RAMP[round(depth * (len(theme.RAMP) - 1))]
    ink = theme.PAPER if theme.contrast(fill) > 4.5 else theme.INK
    edge, width = (theme.TARGET, 2.4) if own else (theme.MUTED if depth is None else theme.PAPER, 0.8)
    axes.add_patch(
        Rectangle(
            (corner[0] + 0.03, corner[1] + 0.05),
            0.94,
            0.9,
            facecolor=fill,
            edgecolor=edge,
            lw=width,
            ls=":" if depth is None else "-",
            zorder=3 if own else 2,
        )
    )
    axes.text(
        corner[0] + 0.5,
        corner[1] + 0.5,
        text,
        size=points,
        color=ink,
        ha="center",
        va="center",
        linespacing=1.1,
        weight="bold" if own else "normal",
        zorder=4,
    )


def depths(known: Mapping[str, float], indicator: Indicator) -> dict[str, float]:
    """Return how dark each area is drawn, from 0 to 1: the highest value darkest, of ranks the best.

    >>> from types import SimpleNamespace as Record
    >>> depths({"a": 1.0, "b": 3.0}, Record(unit="rank")), depths({"a": 1.0, "b": 3.0}, Record(unit="percent"))
    ({'a': 1.0, 'b': 0.0}, {'a': 0.0, 'b': 1.0})
    """
    ends = min(known.values(), default=0.0), max(known.values(), default=0.0)
    light, dark = ends[::-1] if indicator.unit == "rank" else ends
    return {one: 0.0 if light == dark else abs((value - light) / (dark - light)) for one, value in known.items()}


def _islands(
    axes: Axes, page: frame.Frame, one: str, x: int, y: int, across: int, inches: tuple[float, float], lang: str
) -> None:
    """Write an archipelago with its dots: the law of the users' country requires both on every map of it."""
    for dx, dy in ((0.08, 0.3), (0.2, 0.62), (0.3, 0.28), (0.4, 0.7), (0.16, 0.82)):
        axes.plot(x + dx * 0.5, y + dy, "o", ms=page.font * 0.22, color=theme.MUTED)
    text = labels.label(ISLANDS[one], lang)
    lines, points = fitted(page, text, (across - x - 0.3) * inches[0], inches[1] * 1.9, "normal")
    axes.text(
        x + 0.28, y + 0.5, "\n".join(lines), size=points, color=theme.INK, va="center", ha="left", linespacing=1.15
    )
