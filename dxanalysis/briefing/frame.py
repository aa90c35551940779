"""The page of a picture: title that states the finding, subtitle, legend, drawing area and source line, all measured.

Texts are wrapped to the width they really take and the drawing area gets what is left, so nothing is cut off and
nothing lies on something else, in any size and language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from . import theme

_MARGIN = 0.28  # inches around everything
_LINE = 1.32  # line height in font sizes
_MAX_TITLE_LINES = 3
_MOST_FOOT_LINES = 5  # breaks and caveats are said there, before the sources
SILENT = "silent"  # how a figure is marked that has nothing to show but that nothing is known


@dataclass(frozen=True)
class Key:
    """One entry of a legend: how it looks (Line2D properties, or the face colours of bands) and what it means."""

    text: str
    line: dict[str, Any] = field(default_factory=dict)
    bands: tuple[str, ...] = ()


@dataclass
class Frame:
    """A figure with its furniture drawn and the box (left, bottom, width, height in figure shares) left for axes."""

    figure: Figure
    size: theme.Size
    box: tuple[float, float, float, float]

    @property
    def font(self) -> float:
        """Size of the running text in points."""
        return self.size.font

    def axes(self) -> Axes:
        """Add one axes that fills the box."""
        axes = self.figure.add_axes(self.box)
        axes.tick_params(labelsize=self.font * 0.9, length=0, pad=4)
        axes.set_axisbelow(True)
        return axes

    def grid(
        self, rows: int, columns: int, *, side: float = 0.0, head: float = 1.7, foot: float = 1.7, gap: float = 0.12
    ) -> list[Axes]:
        """Add rows x columns axes in the box, row by row from the top.

        Each keeps free `head` and `foot` lines of running text above and below it for its heading and its tick
        labels, and `side` inches on its left; `gap` inches lie between them.
        """
        left, bottom, width, height = self.box
        across, down = gap / self.size.width, gap / self.size.height
        cell_w, cell_h = (width - across * (columns - 1)) / columns, (height - down * (rows - 1)) / rows
        line = self.font / 72 / self.size.height
        free = side / self.size.width
        found = []
        for row in range(rows):
            for column in range(columns):
                x = left + column * (cell_w + across) + free
                y = bottom + (rows - 1 - row) * (cell_h + down) + foot * line
                axes = self.figure.add_axes((x, y, cell_w - free, max(0.01, cell_h - (head + foot) * line)))
                axes.tick_params(labelsize=self.font * 0.8, length=0, pad=3)
                found.append(axes)
        return found

    def fit(self, axes: Axes) -> None:
        """Shrink axes until their tick labels lie inside the box."""
        left, bottom, width, height = self.box
        renderer = renderer_of(self.figure)
        for _ in range(2):
            tight = axes.get_tightbbox(renderer).transformed(self.figure.transFigure.inverted())
            at = axes.get_position()
            over_left, over_bottom = max(0.0, left - tight.x0), max(0.0, bottom - tight.y0)
            over_right, over_top = max(0.0, tight.x1 - left - width), max(0.0, tight.y1 - bottom - height)
            axes.set_position((
                at.x0 + over_left, at.y0 + over_bottom,
                max(0.05, at.width - over_left - over_right), max(0.05, at.height - over_bottom - over_top),
            ))


def silence(figure: Figure) -> None:
    """Mark a figure that shows only that too little is known: a run keeps it, a briefing leaves it out."""
    figure.set_gid(SILENT)


def stand_in(figure: Figure, title: str) -> None:
    """Mark a figure that stands in where a picture lacks what it needs: once in a run is enough."""
    figure.set_gid(f"in place: {title}")


def is_silent(figure: Figure) -> bool:
    """Tell whether a figure is marked as one that has nothing to show."""
    return figure.get_gid() == SILENT


def renderer_of(figure: Figure) -> Any:
    """Return the renderer that measures texts of a figure."""
    return figure.canvas.get_renderer()


def text_width(figure: Figure, text: str, points: float, weight: str = "normal") -> float:
    """Return the width of a text in inches."""
    return _measure(figure, points, weight)(text) / figure.dpi


def _measure(figure: Figure, points: float, weight: str) -> Callable[[str], float]:
    """Return the function that gives the width of a text in pixels, under the settings of this moment."""
    theme.know_fonts()
    return partial(_width_at, points=points, weight=weight, dpi=float(figure.dpi), _hinting=rcParams["text.hinting"])


@lru_cache(maxsize=8192)
def _width_at(text: str, points: float, weight: str, dpi: float, _hinting: object) -> float:
    """Return the width of a text in pixels; the same words are measured for every language, size and try."""
    font = FontProperties(family=list(theme.FAMILY), size=points, weight=weight)
    return _ruler(dpi).get_text_width_height_descent(text, font, False)[0]


@lru_cache(maxsize=8)
def _ruler(dpi: float) -> RendererAgg:
    return RendererAgg(1, 1, dpi)


def wrap(figure: Figure, text: str, width: float, points: float, weight: str = "normal", lines: int = 9) -> list[str]:
    """Break a text into lines of at most `width` inches; a word longer than a line is broken, never cut.

    Where more than `lines` lines would be needed, the last one ends in an ellipsis.
    """
    measured, limit = _measure(figure, points, weight), width * figure.dpi
    done: list[str] = []
    taken, blank = 0.0, measured(" ")
    for word in _words_that_fit(text.split(), measured, limit):
        wide = measured(word)  # a line is as wide as its words and blanks; words are met again, lines hardly ever
        if done and taken + blank + wide <= limit:
            done[-1], taken = f"{done[-1]} {word}", taken + blank + wide
        else:
            done.append(word)
            taken = wide
    if len(done) <= lines:
        return done or [""]
    kept = done[:lines]
    while measured(kept[-1] + "…") > limit and " " in kept[-1]:
        kept[-1] = kept[-1].rsplit(" ", 1)[0]
    return [*kept[:-1], kept[-1] + "…"]


def _words_that_fit(words: Iterable[str], measured: Callable[[str], float], limit: float) -> Iterable[str]:
    for word in words:
        while len(word) > 1 and measured(word) > limit:
            end = len(word) - 1
            while end > 1 and measured(word[:end] + "-") > limit:
                end -= 1
            yield word[:end] + "-"
            word = word[end:]
        yield word


def page(
    size: str, title: str, subtitle: str, source: str, keys: Sequence[Key] = (), *, drawing: float = 0.0
) -> Frame:
    """Make a figure with its furniture; the rest of the page is the frame's box.

    A page that may grow (a phone's) leaves at least `drawing` inches of height to the box. Call it under
    :func:`theme.settings`. The figure belongs to no pyplot state: nothing has to be closed.
    """
    form = theme.size_of(size)
    made = _page(form, title, subtitle, source, keys)
    short = max(form.drawing, drawing) - made.box[3] * form.height if form.drawing else 0.0
    return made if short <= 0 else _page(replace(form, height=form.height + short), title, subtitle, source, keys)


def _page(form: theme.Size, title: str, subtitle: str, source: str, keys: Sequence[Key]) -> Frame:
    figure = Figure(figsize=(form.width, form.height), dpi=100)
    FigureCanvasAgg(figure)
    figure.set_label(". ".join(text.rstrip(".") for text in (title, subtitle) if text))  # the words for who cannot see
    inner = form.width - 2 * _MARGIN
    top = form.height - _MARGIN
    points = form.font * (
        1.35 if len(wrap(figure, title, inner, form.font * 1.35, "bold")) <= _MAX_TITLE_LINES else 1.1
    )
    top = _block(figure, title, top, points, "bold", theme.INK, inner, 6)
    top = _block(figure, subtitle, top - 0.03, form.font * 0.95, "normal", theme.MUTED, inner, 3)
    top = _legend(figure, keys, top - 0.06, form.font * 0.9, inner)
    bottom = _MARGIN * 0.6 + _foot(figure, source, form.font * 0.75, inner)
    box = (_MARGIN / form.width, (bottom + 0.1) / form.height, inner / form.width, (top - bottom - 0.2) / form.height)
    return Frame(figure, form, box)


def _block(
    figure: Figure, text: str, top: float, points: float, weight: str, colour: str, inner: float, lines: int
) -> float:
    """Write a block of wrapped lines from `top` (inches) down and return where it ends."""
    if not text:
        return top
    for line in wrap(figure, text, inner, points, weight, lines):
        _put(figure, line, _MARGIN, top, points, weight, colour)
        top -= points * _LINE / 72
    return top


def _foot(figure: Figure, text: str, points: float, inner: float) -> float:
    rows = wrap(figure, text, inner, points, lines=_MOST_FOOT_LINES) if text else []
    height = points * _LINE / 72
    for place, line in enumerate(reversed(rows)):
        _put(figure, line, _MARGIN, _MARGIN * 0.6 + (place + 1) * height, points, "normal", theme.MUTED)
    return height * len(rows)


def _put(figure: Figure, text: str, x: float, y: float, points: float, weight: str, colour: str) -> None:
    width, height = figure.get_size_inches()
    baseline = y - points * 0.98 / 72
    figure.text(x / width, baseline / height, text, size=points, weight=weight, color=colour, ha="left", va="baseline")


def _legend(figure: Figure, keys: Sequence[Key], top: float, points: float, inner: float) -> float:
    """Write the legend in as many rows as it takes, each entry whole, and return where it ends."""
    handle, gap, x, height = points * 2.6 / 72, points * 2.0 / 72, 0.0, points * 1.5 / 72
    for key in keys:
        room = inner - handle - 0.06
        lines = wrap(figure, key.text, room, points, lines=2)
        width = handle + 0.06 + max(text_width(figure, line, points) for line in lines)
        if x > 0 and x + width > inner:
            x, top = 0.0, top - height
        for place, line in enumerate(lines):
            _put(figure, line, _MARGIN + x + handle + 0.06, top - place * height, points, "normal", theme.INK)
        _handle(figure, key, _MARGIN + x, top - points * 0.62 / 72, handle, points)
        top -= height * (len(lines) - 1)
        x += width + gap
    return top - height if keys else top


def _handle(figure: Figure, key: Key, x: float, y: float, width: float, points: float) -> None:
    form_w, form_h = figure.get_size_inches()
    for place, colour in enumerate(key.bands):
        share = width / len(key.bands)
        figure.add_artist(Rectangle(((x + place * share) / form_w, (y - points * 0.4 / 72) / form_h), share / form_w,
                                    points * 0.8 / 72 / form_h, facecolor=colour, edgecolor="none",
                                    transform=figure.transFigure))
    if key.line:
        ends = ([x / form_w, (x + width / 2) / form_w, (x + width) / form_w], [y / form_h] * 3)
        figure.add_artist(Line2D(*ends, transform=figure.transFigure, markevery=[1], **key.line))
