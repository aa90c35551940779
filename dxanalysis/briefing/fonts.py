"""Give matplotlib the fonts of the pictures, and let it read fonts from memory.

FreeType, as matplotlib 3.11 brings it, goes back to the file for every letter it draws: two calls to the system for
each, ten times as long as the drawing itself. Given the file's content it draws the same letters.
"""

from __future__ import annotations

import io
from collections.abc import Callable
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
