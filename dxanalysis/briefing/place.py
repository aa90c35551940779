"""Label layout without overlaps: labels spread along a line, and labels placed around points."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from .frame import renderer_of

_ANGLES = (90, 270, 45, 135, 0, 180, 315, 225, 67, 113, 22, 158)
_CROSSING = 4.0  # what a label on 4 pixels of a line costs; one radius farther off costs 2.5
_ON_LINES = 6  # pixels of lines, 4 apart, under a label that may be left out: on more of them it is left out
_RADII = (1.0, 1.6, 2.4, 3.4, 4.8, 6.6, 9.0, 12.0, 16.0)


def spread(positions: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Move intervals along a line as little as possible so that none overlap and all lie between two ends.

    The intervals keep their order. This is the least-squares solution by pooling neighbours that touch; where the
    sizes add up to more than there is room, they are laid out evenly and overlap as little as they can.

    Parameters
    ----------
    positions : centres wished for
    sizes : lengths of the intervals (same unit)

    Examples
    --------
    >>> spread([5.0, 5.0, 20.0], [2.0, 2.0, 2.0], 0.0, 30.0)
    [4.0, 6.0, 20.0]
    >>> spread([0.0, 1.0], [4.0, 4.0], 0.0, 10.0)
    [2.0, 6.0]
    """
    order = sorted(range(len(positions)), key=lambda at: positions[at])
    room = high - low
    scale = min(1.0, room / total) if (total := sum(sizes)) > 0 else 1.0
    lengths = [sizes[at] * scale for at in order]
    before = [sum(lengths[:place]) + lengths[place] / 2 for place in range(len(order))]
    # Subtracting what must lie before each one turns "no overlap" into "not decreasing": isotonic regression.
    pooled = _not_decreasing([positions[at] - offset for at, offset in zip(order, before, strict=True)])
    last = high - sum(lengths)
    found = [0.0] * len(order)
    for at, shift, offset in zip(order, pooled, before, strict=True):
        found[at] = min(max(shift, low), last) + offset
    return found


def _not_decreasing(values: Sequence[float]) -> list[float]:
    """Return the nearest sequence that never decreases (pool adjacent violators)."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, count = value, 1
        while blocks and blocks[-1][0] > mean:
            other, others = blocks.pop()
            mean, count = (mean * count + other * others) / (count + others), count + others
        blocks.append((mean, count))
    return [mean for mean, count in blocks for _ in range(count)]


@dataclass(frozen=True)
class Tag:
    """A label wished for beside a point (data coordinates): how it looks, and if it may be left out.

    `must` labels are always written, if need be farther off with a thin line to their point; the others are left out
    where there is no room.
    """

    text: str
    x: float
    y: float
    colour: str
    must: bool = True
    weight: str = "normal"
    first: tuple[int, ...] = ()


def place(axes: Axes, tags: Sequence[Tag], points: float, lines: Sequence[np.ndarray] = ()) -> list[Tag]:
    """Write labels beside their points so that they touch no other label and as few lines as possible.

    Parameters
    ----------
    tags : in order of importance
    points : font size
    lines : arrays of shape (n, 2) in data coordinates that labels should keep off

    Returns
    -------
    list of Tag
        The labels left out because there was no room.
    """
    figure = axes.figure
    box = axes.get_window_extent(renderer_of(figure))
    limits = Bbox.from_extents(box.x0, box.y0, min(box.x1 + 2, figure.bbox.x1 - 4), box.y1 + 2)
    busy = _pixels(axes, lines, [(tag.x, tag.y) for tag in tags])
    taken: list[Bbox] = [text.get_window_extent(renderer_of(figure)) for text in axes.texts]
    left_out = []
    for tag in sorted(tags, key=lambda tag: not tag.must):
        spot = _best(axes, tag, points, limits, taken, busy)
        if spot is None:
            left_out.append(tag)
            continue
        taken.append(_write(axes, tag, points, spot))
    return left_out


def _pixels(axes: Axes, lines: Sequence[np.ndarray], marks: Sequence[tuple[float, float]]) -> np.ndarray:
    """Return points along the lines, a few pixels apart, and the marks, in pixels."""
    parts = [axes.transData.transform(np.asarray(marks, dtype=float).reshape(-1, 2))]
    for line in lines:
        corners = axes.transData.transform(np.asarray(line, dtype=float).reshape(-1, 2))
        for start, end in pairwise(corners):
            if np.isfinite([*start, *end]).all():
                count = int(min(400, max(2, np.hypot(*(end - start)) / 4)))
                parts.append(np.linspace(start, end, count))
    return np.concatenate(parts)


def _best(
    axes: Axes, tag: Tag, points: float, limits: Bbox, taken: Sequence[Bbox], busy: np.ndarray
) -> tuple[float, float, float] | None:
    """Return the centre (pixels) and distance of the cheapest free spot, or None where there is none."""
    width, height = _extent(axes, tag, points)
    at = axes.transData.transform((tag.x, tag.y))
    unit = points * axes.figure.dpi / 72 * 0.62
    best, least, covered = None, math.inf, 0
    for x, y, radius, rank in _spots(at, tag, (width, height), unit, limits):
        if least < radius * 2.5 + 4:
            break
        box = Bbox.from_bounds(x - width / 2, y - height / 2, width, height)
        if not _inside(box, limits) or any(box.padded(1.5).overlaps(other) for other in taken):
            continue
        crossed = _crossings(box, busy)
        cost = radius * 2.5 + rank * 0.35 + crossed * _CROSSING
        if cost < least:
            best, least, covered = (x, y, radius), cost, crossed
    return best if tag.must or covered <= _ON_LINES else None


def _spots(
    at: np.ndarray, tag: Tag, size: tuple[float, float], unit: float, limits: Bbox
) -> Iterator[tuple[float, float, float, int]]:
    """Yield centres around a point, the nearest first, then the upper and the lower edge of the drawing."""
    width, height = size
    for radius in _RADII if tag.must else _RADII[:3]:
        for rank, angle in enumerate((*tag.first, *(a for a in _ANGLES if a not in tag.first))):
            turn = math.radians(angle)
            # Beyond 1.5 times its sine or cosine a box stands wholly beside its point, so it never covers the marker.
            x = at[0] + math.cos(turn) * unit * radius + width / 2 * max(-1.0, min(1.0, 1.5 * math.cos(turn)))
            y = at[1] + math.sin(turn) * unit * radius + height / 2 * max(-1.0, min(1.0, 1.5 * math.sin(turn)))
            yield x, y, radius, rank
    if tag.must:
        middle = min(max(at[0], limits.x0 + width / 2), limits.x1 - width / 2)
        for y in (limits.y1 - height / 2, limits.y0 + height / 2):
            yield middle, y, max(_RADII[-1], abs(y - at[1]) / unit), 0


def beside(axes: Axes, tags: Sequence[Tag], points: float) -> None:
    """Write labels to the right of all that is drawn, level with their points, apart, with a thin line to each."""
    if not tags:
        return
    figure = axes.figure
    box = axes.get_window_extent(renderer_of(figure))
    marks = axes.transData.transform([(tag.x, tag.y) for tag in tags])
    line = points * 1.3 * figure.dpi / 72
    heights = spread(marks[:, 1].tolist(), [line] * len(tags), box.y0, box.y1)
    edge = marks[:, 0].max() + line
    for tag, mark, y in zip(tags, marks, heights, strict=True):
        start, end, text = axes.transData.inverted().transform([mark, (edge, y), (edge + 0.2 * line, y)])
        axes.plot(*zip(start, end, strict=True), color=tag.colour, lw=0.7, zorder=2, scalex=False, scaley=False)
        axes.text(*text, tag.text, size=points, color=tag.colour, weight=tag.weight, va="center")


def _extent(axes: Axes, tag: Tag, points: float) -> tuple[float, float]:
    text = axes.text(0, 0, tag.text, size=points, weight=tag.weight)
    box = text.get_window_extent(renderer_of(axes.figure))
    text.remove()
    return box.width + 2, box.height + 2


def _inside(box: Bbox, limits: Bbox) -> bool:
    return box.x0 >= limits.x0 and box.x1 <= limits.x1 and box.y0 >= limits.y0 and box.y1 <= limits.y1


def _crossings(box: Bbox, busy: np.ndarray) -> int:
    inside = (busy[:, 0] > box.x0) & (busy[:, 0] < box.x1) & (busy[:, 1] > box.y0) & (busy[:, 1] < box.y1)
    return int(inside.sum())


def _write(axes: Axes, tag: Tag, points: float, spot: tuple[float, float, float]) -> Bbox:
    x, y, radius = spot
    where = axes.transData.inverted().transform((x, y))
    if radius >= 2.4:
        axes.plot(
            [tag.x, where[0]], [tag.y, where[1]], color=tag.colour, lw=0.6, zorder=2.5, scalex=False, scaley=False
        )
    halo = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.6}
    text = axes.text(*where, tag.text, size=points, color=tag.colour, weight=tag.weight, ha="center", va="center",
                     zorder=6, bbox=halo)
    return text.get_window_extent(renderer_of(axes.figure))
