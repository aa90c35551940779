"""Build the fonts of the pictures: DejaVu Sans with the letters this project can need, and nothing else.

Run by a developer, once: ``.venv/bin/python .ci/maintain/fonts.py``. It reads the fonts that come with matplotlib and
writes ``sans.ttf`` and ``sans-bold.ttf``. A PDF holds the letters it shows: taking 60 of them out of 6,241 glyphs with
their ligature tables took as long as drawing the picture, out of 530 glyphs it takes a fifteenth of that. A letter that
is missing here is drawn from the whole font.
"""

from __future__ import annotations

import sys
from pathlib import Path

from dxanalysis import briefing
from dxanalysis.briefing import theme

# Latin with all Vietnamese letters, punctuation, arithmetic, arrows and the marks of statuses.
RANGES = ((0x20, 0x7F), (0xA0, 0x180), (0x1A0, 0x1A2), (0x1AF, 0x1B1), (0x1EA0, 0x1EFA), (0x2010, 0x2028))
MARKS = "‰′″‹›€₫−×÷±≈≠≤≥∞←↑→↓↔■□▲△►▼▽◄◆◇●○✓✔✗✘★☆"
DROPPED = ["GSUB", "GPOS", "GDEF", "MATH", "FFTM"]  # the old table of kerning stays, and is all that is used
WHOLE = {"normal": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf"}


def letters() -> set[int]:
    """Return the code points that the fonts hold."""
    return {code for first, end in RANGES for code in range(first, end)} | set(map(ord, MARKS))


def build(folder: Path) -> list[Path]:
    """Write the fonts to a folder and return their paths."""
    return [_reduced(weight, folder / name) for weight, name in theme.FONT_FILES.items()]


def _reduced(weight: str, target: Path) -> Path:
    import matplotlib
    from fontTools import subset

    options = subset.Options(glyph_names=True, hinting=False, legacy_kern=True, layout_features=[])
    options.drop_tables += DROPPED
    options.name_IDs = ["*"]  # the licence and the makers stay named
    whole = Path(matplotlib.get_data_path(), "fonts", "ttf", WHOLE[weight])
    with subset.load_font(str(whole), options) as font:
        work = subset.Subsetter(options)
        work.populate(unicodes=letters())
        work.subset(font)
        for record in font["name"].names:
            if record.nameID in (1, 16):  # the family, by which matplotlib finds it; makers and licence stay
                record.string = theme.FONT
        font.save(str(target))
    return target


if __name__ == "__main__":
    for path in build(Path(briefing.__file__).parent):
        sys.stdout.write(f"{path}: {path.stat().st_size:,} bytes\n")
