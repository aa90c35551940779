"""A geographic map of the provinces, with both archipelagos that every map of the country must show.

The shapes come from Natural Earth (public domain), simplified: for pictures only. Official printing needs an official
base map.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from .. import frame, labels, theme
from . import common
from .common import Names, area_names
from .maps import ISLANDS, fill_of, layout_of, scale_keys
from .matrix import Cell, draw

_LIMITS = (101.9, 117.6, 7.2, 23.6)  # degrees east and north: the mainland and both archipelagos
_MIDDLE = 16.0
_MOST_ROWS = 14
# Islands of each archipelago (degrees east, north), enough to show where it lies and how far it reaches.
_POINTS = {
    "hoang-sa": ((111.61, 16.53), (112.34, 16.83), (111.20, 15.78), (112.73, 16.67), (111.77, 16.45)),
    "truong-sa": ((111.92, 8.64), (114.33, 11.43), (114.36, 10.18), (112.92, 7.89), (114.33, 9.88), (113.70, 8.97)),
}


@functools.cache
def shapes() -> dict[str, dict[str, list[list[tuple[float, float]]]]]:
    """Return the rings of every province in degrees, by code list and area id."""
    text = resources.files("dxanalysis.briefing").joinpath("provinces.json").read_text(encoding="utf-8")
    held = json.loads(text)
    return {
        units: {
            one: [[(x / held["scale"], y / held["scale"]) for x, y in ring] for ring in rings]
            for one, rings in held[units].items()
        }
        for units in ("vn34", "vn63")
    }


def geographic_map(
    values: pd.DataFrame,
    *,
    indicator: Any,
    area: Any,
    lang: str = "vi",
    size: str = "slide",
    names: Names = None,
    units: str = "",
    sources: Iterable[Any] = (),
    as_of: Any = None,
    title: str = "",
    code: str = "",
) -> Figure:
    """Draw the provinces in their places, darker where the value is higher, with the highest values listed.

    Parameters
    ----------
    values : DataFrame
        Columns area and value, one row per area; an area without a value is left white and dotted.
    units : {"", "vn34", "vn63"}
        The code list; found from the areas where left out.

    Raises
    ------
    ValueError
        When an area belongs to another code list than the rest.
    """
    units = units or layout_of(values["area"].astype(str))
    known = {str(one): float(v) for one, v in zip(values["area"], values["value"], strict=True) if pd.notna(v)}
    title = title or labels.label("map_title", lang, measure=labels.measure_name(indicator, area, lang))
    with theme.settings():
        sheet = frame.page(
            size,
            title,
            common.subtitle(lang, indicator, area),
            common.source_line(lang, sources, as_of, code, values),
            scale_keys(known, indicator, lang),
        )
        axes, table = _two_axes(sheet)
        _provinces(axes, shapes()[units], known, getattr(area, "id", ""))
        _islands(axes, sheet, lang)
        _list(table, sheet, known, indicator, area, area_names(shapes()[units], names, lang), lang)
    return sheet.figure


def _two_axes(sheet: frame.Frame) -> tuple[Axes, Axes]:
    """Give the map the width its height asks for, and the list what is left."""
    left, bottom, width, height = sheet.box
    west, east, south, north = _LIMITS
    shape = (east - west) * math.cos(math.radians(_MIDDLE)) / (north - south)
    share = min(0.66 * width, shape * height * sheet.size.height / sheet.size.width)
    axes = sheet.figure.add_axes((left, bottom, share, height))
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(1 / math.cos(math.radians(_MIDDLE)), anchor="NW")
    axes.axis("off")
    table = sheet.figure.add_axes((left + share + 0.03 * width, bottom, width * 0.97 - share, height))
    return axes, table


def _provinces(
    axes: Axes, rings: Mapping[str, list[list[tuple[float, float]]]], known: Mapping[str, float], own: str
) -> None:
    for one, parts in rings.items():
        outline = Outline.make_compound_path(*(Outline(ring, closed=True) for ring in parts))
        blank = one not in known
        axes.add_patch(
            PathPatch(
                outline,
                facecolor="white" if blank else fill_of(known[one], known),
                lw=1.2 if one == own else 0.5,
                edgecolor=theme.TARGET if one == own else theme.MUTED,
                ls=":" if blank else "-",
                zorder=3 if one == own else 2,
            )
        )


def _islands(axes: Axes, sheet: frame.Frame, lang: str) -> None:
    """Draw and name both archipelagos: the law of the users' country requires them on every map of it."""
    box = axes.get_position()
    inch = box.width * sheet.size.width / (_LIMITS[1] - _LIMITS[0])
    for one, points in _POINTS.items():
        axes.plot(*zip(*points, strict=True), "o", ms=sheet.font * 0.24, color=theme.INK, zorder=3)
        middle = sum(x for x, _ in points) / len(points)
        top = max(y for _, y in points)
        room = 2 * min(middle - 109.6, _LIMITS[1] - middle) * inch
        lines = frame.wrap(sheet.figure, labels.label(ISLANDS[one], lang), room, sheet.font * 0.78)
        axes.text(
            middle, top + 0.25, "\n".join(lines), size=sheet.font * 0.78, ha="center", va="bottom", linespacing=1.1
        )


def _list(
    axes: Axes,
    sheet: frame.Frame,
    known: Mapping[str, float],
    indicator: Any,
    area: Any,
    shown: Mapping[str, str],
    lang: str,
) -> None:
    """List the highest values, and the area's own where it is not among them."""
    axes.axis("off")
    if not known:
        common.empty_note(axes, lang, sheet.font)
        return
    order = sorted(known, key=lambda one: -known[one])
    kept = order[:_MOST_ROWS]
    own = getattr(area, "id", "")
    if own in known and own not in kept:
        kept = [*kept[:-1], own]
    rows = [
        [
            Cell(
                f"{order.index(one) + 1}. {shown[one]}",
                weight="bold" if one == own else "normal",
                ink=theme.TARGET if one == own else theme.INK,
            ),
            Cell(common.value_text(known[one], lang, indicator), fill_of(known[one], known), _ink(known[one], known)),
        ]
        for one in kept
    ]
    draw(axes, sheet, rows, [1.6, 1.0], tallest=0.34)


def _ink(value: float, known: Mapping[str, float]) -> str:
    return theme.PAPER if theme.contrast(fill_of(value, known)) > 4.5 else theme.INK
