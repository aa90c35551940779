"""Measure a drawn picture: which texts lie on one another and which are cut off."""

from __future__ import annotations

import numpy as np
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text

from dxanalysis.briefing import theme

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
    with theme.settings():  # letters as wide as in the files
        figure.canvas.draw()
        renderer = figure.canvas.get_renderer()
        texts = visible_texts(figure)
        boxes = np.array([text.get_window_extent(renderer).extents for text in texts]).reshape(-1, 4)
    page = figure.bbox.extents + np.array([-1, -1, 1, 1])
    cut = (boxes[:, :2] < page[:2]).any(axis=1) | (boxes[:, 2:] > page[2:]).any(axis=1)
    found = [f"{texts[at].get_text()!r} is cut off" for at in np.flatnonzero(cut)]
    pairs = zip(*np.nonzero(_overlaps(boxes)), strict=True)
    return found + [f"{texts[one].get_text()!r} lies on {texts[two].get_text()!r}" for one, two in pairs]


def _overlaps(boxes: np.ndarray) -> np.ndarray:
    """Tell for each pair of boxes (x0, y0, x1, y1), counted once, whether they share more than a hair."""
    low, high = boxes[:, None, :2], boxes[:, None, 2:]
    shared = np.minimum(high, boxes[None, :, 2:]) - np.maximum(low, boxes[None, :, :2])
    return np.triu((shared[..., 0] > _TOUCH) & (shared[..., 1] > 2 * _TOUCH), k=1)


def visible_texts(figure: Figure) -> list[Text]:
    """Return the texts of a figure that are drawn: not hidden, not empty, no tick label beyond the ends of its axis."""
    unseen = _undrawn_ticks(figure)
    return [
        text for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and id(text) not in unseen and _axes_on(text)
    ]


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
