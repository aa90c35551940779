"""Tables drawn as pictures: rows, columns and coloured cells whose words always fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from .. import frame, theme

_SMALLEST = 0.62  # of the running text: below that a cell's words are cut with an ellipsis


@dataclass(frozen=True)
class Cell:
    """The words of one cell, its fill and the colour of its words."""

    text: str
    fill: str = theme.PAPER
    ink: str = theme.INK
    weight: str = "normal"


def draw(
    axes: Axes,
    page: frame.Frame,
    rows: Sequence[Sequence[Cell]],
    widths: Sequence[float],
    *,
    gap: float = 0.05,
    tallest: float = 0.62,
) -> None:
    """Draw rows of cells from the top of the axes; `widths` are shares of the axes' width, rows share its height.

    Parameters
    ----------
    gap : white between cells, in shares of a row's height
    tallest : greatest height of a row in inches
    """
    box = axes.get_position()
    inches = (box.width * page.size.width, box.height * page.size.height)
    height = min(tallest / inches[1], 1 / max(1, len(rows)))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.axis("off")
    total = sum(widths)
    for place, row in enumerate(rows):
        left = 0.0
        for cell, width in zip(row, widths, strict=True):
            share = width / total
            corner = (left, 1 - (place + 1) * height)
            _cell(axes, page, cell, corner, (share, height), inches, gap)
            left += share


def _cell(
    axes: Axes,
    page: frame.Frame,
    cell: Cell,
    corner: tuple[float, float],
    extent: tuple[float, float],
    inches: tuple[float, float],
    gap: float,
) -> None:
    air = gap * extent[1] * inches[1] / 2
    x, y = corner[0] + air / inches[0], corner[1] + air / inches[1]
    width, height = extent[0] - 2 * air / inches[0], extent[1] - 2 * air / inches[1]
    if cell.fill != theme.PAPER:
        axes.add_patch(Rectangle((x, y), width, height, facecolor=cell.fill, edgecolor="none", zorder=1))
    lines, points = fitted(page, cell.text, width * inches[0] - 0.1, height * inches[1], cell.weight)
    axes.text(
        x + width / 2 if cell.fill != theme.PAPER else x + 0.03 / inches[0],
        y + height / 2,
        "\n".join(lines),
        size=points,
        color=cell.ink,
        weight=cell.weight,
        va="center",
        linespacing=1.1,
        ha="center" if cell.fill != theme.PAPER else "left",
        zorder=3,
    )


def fitted(page: frame.Frame, text: str, width: float, height: float, weight: str) -> tuple[list[str], float]:
    """Return the lines and the font size with which a text fits a box of `width` x `height` inches."""
    for share in (0.95, 0.85, 0.75, _SMALLEST):
        points = page.font * share
        room = max(1, int(height / (points * 1.25 / 72)))
        lines = frame.wrap(page.figure, text, width, points, weight)
        broken = any(line.endswith("-") and "-" not in text for line in lines)
        if len(lines) <= room and not broken:
            return lines, points
    points = page.font * _SMALLEST
    return frame.wrap(page.figure, text, width, points, weight, max(1, int(height / (points * 1.25 / 72)))), points


def step_cell(step: str, word: str, mark: str = "") -> Cell:
    """Return the cell of a status: its symbol, its word, its colour and any mark of doubt."""
    symbol, fill, ink = theme.STEPS.get(step, theme.STEPS["not_available"])
    return Cell(f"{symbol} {word}{mark}", fill, ink)
