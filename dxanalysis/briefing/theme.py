"""One look for every picture: sizes, colours, markers and the settings that make files the same bytes each time.

Colours are those of Okabe and Ito that keep a contrast of 3:1 on white, and nothing is told by colour alone: every
line has its own dash or marker, every status its own symbol and word.

FreeType, as matplotlib 3.11 brings it, goes back to the file of a font for every letter it draws: two calls to the
system for each, ten times as long as the drawing itself. Given the file's content it draws the same letters.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

FONT = "DejaVu Sans for Briefings"  # the letters of DejaVu Sans that are needed here, made by .ci/maintain/fonts.py
FONT_FILES = {"normal": "sans.ttf", "bold": "sans-bold.ttf"}
FAMILY = (FONT, "DejaVu Sans")  # a letter that the first does not have is taken from the second


@lru_cache(maxsize=1)
def know_fonts() -> None:
    """Tell matplotlib where the fonts of the pictures are, once per process."""
    from matplotlib import font_manager

    for name in FONT_FILES.values():
        font_manager.fontManager.addfont(Path(__file__).with_name(name))
    if hasattr(font_manager, "FontPath"):  # since 3.11 a font may be something else than a path, and is named by str()
        font_manager.ft2font = _InMemory(font_manager.ft2font)
    if hasattr(font_manager.fontManager, "_find_fonts_by_props"):
        font_manager.fontManager._find_fonts_by_props = _found_once(font_manager.fontManager._find_fonts_by_props)


class FontFile(io.BytesIO):
    """The content of a font file that still says which file it is."""

    def __init__(self, path: str) -> None:
        super().__init__(_content(path))
        self.path = path

    def __str__(self) -> str:
        return self.path


class _InMemory(ModuleType):
    """Stand for ``matplotlib.ft2font`` where fonts are opened, and open them from memory."""

    def __init__(self, real: ModuleType) -> None:
        super().__init__(real.__name__)
        self.real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def FT2Font(self, path: Any, *rest: Any, **options: Any) -> Any:
        """Open a font."""
        return self.real.FT2Font(FontFile(str(path)) if isinstance(path, str) else path, *rest, **options)


def _found_once(find: Callable[..., Any]) -> Callable[..., Any]:
    """Look for the files of our two families once per weight and slant; they depend on no setting and no size.

    Every text is laid out some ten times on its way into three files, and each time both families are looked for.
    """
    known: dict[tuple[Any, ...], Any] = {}

    def found(prop: Any, *rest: Any, **options: Any) -> Any:
        if rest or options or getattr(prop, "get_family", tuple)() != list(FAMILY) or prop.get_file():
            return find(prop, *rest, **options)
        key = (prop.get_style(), prop.get_variant(), prop.get_weight(), prop.get_stretch())
        if key not in known:
            known[key] = find(prop)
        return list(known[key])

    return found


@lru_cache(maxsize=16)
def _content(path: str) -> bytes:
    return Path(path).read_bytes()


INK = "#1A1A1A"
MUTED = "#595959"
GRID = "#DDDDDD"
PAPER = "#FFFFFF"
OBSERVED = "#0072B2"
TARGET = "#D55E00"
REQUIRED = "#00795A"
SECOND = "#8A3A6E"
MEDIAN = "#004B76"
BANDS = {95: "#DCEAF4", 80: "#B5D3E8", 50: "#86B6D9"}
SERIES = (OBSERVED, SECOND, REQUIRED, INK, "#7A5C00", "#5B5BA8")  # never the colour of targets
RAMP = ("#F4F7FA", "#D3E2EE", "#A9C8DE", "#82AFCD", "#39709A", "#1A4F78")  # from low to high, legible in grey
MARKERS = ("o", "s", "^", "D", "v", "P")

# A status is a symbol and a word; the colour only helps. Text on `fill` is INK or PAPER, whichever is given.
STEPS = {
    "achieved": ("✔", "#00593F", PAPER),
    "on_track": ("▲", "#9AD4BE", INK),
    "acceleration_needed": ("►", "#F5E3A1", INK),
    "limited_progress": ("◆", "#F0B27A", INK),
    "moving_away": ("▼", "#A33B00", PAPER),
    "missed": ("✘", "#6B6B6B", PAPER),
    "not_available": ("–", "#EEEEEE", INK),
}

# The same for the state of a judged target.
STATES = {
    "met": ("✔", "#00593F", PAPER),
    "at_level": ("▲", "#9AD4BE", INK),
    "open": ("►", "#D9E8F3", INK),
    "due": ("◆", "#F5E3A1", INK),
    "missed": ("✘", "#A33B00", PAPER),
    "cannot_tell": ("≈", "#E3E3E3", INK),
    "no_figure_held": ("–", "#F4F4F4", INK),
    "no_target_held": ("–", "#F4F4F4", INK),
}

SETTINGS = {
    "font.family": FAMILY,
    "text.hinting": "none",  # letters as wide in every format and resolution; at 200 dpi no eye sees the difference
    "axes.unicode_minus": True,
    "svg.hashsalt": "dxanalysis",
    "svg.fonttype": "none",  # text stays text: a designer can edit it, a screen reader can read it
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "text.usetex": False,
    "text.parse_math": False,
    "path.simplify": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "text.color": INK,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "figure.dpi": 100,
    "savefig.dpi": 200,
}


@dataclass(frozen=True)
class Size:
    """A page format: inches, the size of its running text in points, and the least height of its drawing.

    Where words leave less than that to the drawing, the page grows.
    """

    width: float
    height: float
    font: float
    drawing: float = 0.0


# A phone and a card of the index are 400 pixels wide: letters of 8 points on 4.2 inches are 11 pixels high there.
SIZES = {
    "slide": Size(10.0, 5.625, 10.5), "a4": Size(6.7, 4.75, 8.0), "square": Size(7.0, 7.0, 10.0),
    "phone": Size(4.2, 3.6, 8.0, 2.2),
}


def size_of(name: str) -> Size:
    """Return a page format by name: slide (16:9), a4 (half a page), square, or phone (legible at 400 pixels).

    >>> size_of("poster")
    Traceback (most recent call last):
        ...
    ValueError: Unknown size 'poster'. Sizes: slide, a4, square, phone.
    """
    if name not in SIZES:
        raise ValueError(f"Unknown size {name!r}. Sizes: {', '.join(SIZES)}.")
    return SIZES[name]


def settings() -> Any:
    """Return the context manager under which figures are made and saved; it leaves the user's own settings alone."""
    import matplotlib as mpl

    know_fonts()
    return mpl.rc_context(SETTINGS)


def contrast(one: str, other: str = PAPER) -> float:
    """Return the contrast ratio of two colours (WCAG 2: relative luminance, from 1 to 21).

    >>> round(contrast("#000000"), 1)
    21.0
    """
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
