"""Measure a drawn picture: which texts lie on one another and which are cut off."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

_TOUCH = 1.0  # pixels two boxes may share: a box holds the air above and below its letters


def problems(figure: Figure) -> list[str]:
    """Return one line for each text that is cut off by the page or lies on another text; none means legible.

    >>> from matplotlib.figure import Figure
    >>> page = Figure(figsize=(4, 2))
    >>> _ = page.text(0.5, 0.5, "mục tiêu"), page.text(0.52, 0.5, "dự báo")
    >>> problems(page)
    ["'mục tiêu' lies on 'dự báo'"]
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    if not isinstance(figure.canvas, FigureCanvasAgg):
        FigureCanvasAgg(figure)
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    shown = [(text, text.get_window_extent(renderer)) for text in visible_texts(figure)]
    cut = [f"{text.get_text()!r} is cut off" for text, box in shown if not _on_page(box, figure.bbox)]
    pairs = combinations(shown, 2)
    return cut + [f"{a.get_text()!r} lies on {b.get_text()!r}" for (a, one), (b, two) in pairs if _share(one, two)]


def visible_texts(figure: Figure) -> list[Text]:
    """Return the texts of a figure that are drawn: not hidden, not empty, no tick label beyond the ends of its axis."""
    unseen = _undrawn_ticks(figure)
    return [
        text for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and id(text) not in unseen and _axes_on(text)
    ]  # fmt: skip


def _axes_on(text: Text) -> bool:
    return text.axes is None or text.axes.axison or text in text.axes.texts or text is text.axes.title


def _undrawn_ticks(figure: Figure) -> set[int]:
    unseen: set[int] = set()
    for axis in figure.findobj(Axis):
        low, high = sorted(axis.get_view_interval())
        slack = (high - low) * 1e-9
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
            if not (low - slack <= tick.get_loc() <= high + slack) or not axis.get_visible():
                unseen |= {id(tick.label1), id(tick.label2)}
    return unseen


def _on_page(box: Bbox, page: Any) -> bool:
    return box.x0 >= page.x0 - 1 and box.y0 >= page.y0 - 1 and box.x1 <= page.x1 + 1 and box.y1 <= page.y1 + 1


def _share(one: Bbox, two: Bbox) -> bool:
    across = min(one.x1, two.x1) - max(one.x0, two.x0)
    down = min(one.y1, two.y1) - max(one.y0, two.y0)
    return across > _TOUCH and down > 2 * _TOUCH
