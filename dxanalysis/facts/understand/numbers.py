"""Read printed figures: decimal comma or point, missing marks, and the flags and footnote marks behind a number."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache

from dxanalysis.facts.names import fold
from dxanalysis.facts.understand.words import words_of

MISSING_MARKS = {
    "": "empty",
    **dict.fromkeys(("...", "…", "..", ".", ":", "....", "……", "#n/a", "*", "**"), "not available"),
    **dict.fromkeys(("-", "–", "—", "--", "−"), "no such thing (yearbook convention)"),
    **dict.fromkeys(("x", "c", "confidential"), "confidential"),
}
_MISSING_WORDS = frozenset(words_of("other")["missing"])
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f'’]")
_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")
_POINT = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d*(?=\.\d)|\d+)(\.\d+)?")
_POWER = re.compile(r"[+-]?\d+([.,]\d+)?[eE][+-]?\d{1,3}")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
# What may follow a number: a percent sign, footnotes "(1)", " 1)", "[2]", "¹", asterisks, and flags of one to three
# letters. Only letters that offices use as flags count, so that "5 km" stays no number.
_MARK = re.compile(r"(?:%|\((?:\*{1,3}|\d{1,2}|[a-z])\)|\[\w{1,2}\]|\s\d{1,2}\)|[¹²³⁴-⁹†‡§*])$")
_FLAG = re.compile(r"(?<=[\d\s])\(?([bcdefimnprsuz]{1,3})\)?$")
LONGEST = 60  # characters of a printed number with all its marks
FLAGS = {"p": "preliminary", "e": "estimate", "i": "estimate", "f": "projection", "s": "estimate"}


def is_missing(text: str) -> bool:
    """Tell whether a cell's text is one of the printed marks of a missing value.

    >>> [is_missing(mark) for mark in ("…", "..", "-", "n/a", ": u", ":c", "0")]
    [True, True, True, True, True, True, False]
    """
    text = text.strip().casefold()
    if text[:1].isdigit():
        return False
    if text in MISSING_MARKS or re.fullmatch(r":\s*[a-z]{1,3}", text):
        return True
    return (text.isascii() is False and fold(text) in _MISSING_WORDS) or fold(text) in _MISSING_WORDS


def missing_meaning(mark: str) -> str:
    """Return what a missing mark means.

    >>> missing_meaning("-"), missing_meaning(":c"), missing_meaning("n/a")
    ('no such thing (yearbook convention)', 'not available', 'not available')
    """
    return MISSING_MARKS.get(mark.casefold(), "not available")


@lru_cache(maxsize=65_536)
def split_marks(text: str) -> tuple[str, str, str]:
    """Return the bare number of a printed figure, its flag letters and its footnote marks.

    >>> split_marks("79.3 bep"), split_marks("12,5 (1)"), split_marks("45,1p"), split_marks(" 1 234,5 %*")
    (('79.3', 'bep', ''), ('12,5', '', '(1)'), ('45,1', 'p', ''), ('1234,5', '', '*'))
    """
    text = text.strip().replace("\u2212", "-")
    flag = notes = ""
    while len(text) <= LONGEST:
        mark, letters = _MARK.search(text), None if flag else _FLAG.search(text)
        found = mark or letters
        if not found or not found.start() or (not text[: found.start()].strip()[-1:].isdigit() and not mark):
            break
        flag = letters.group(1) if letters and not mark else flag
        notes = (mark.group().strip() if mark else "") + notes
        text = text[: found.start()].rstrip()
    return _SPACES.sub("", text), flag, notes.replace("%", "")


def bare_number(text: str) -> str:
    """Strip what surrounds a printed number: spaces (also between thousands), percent sign, flags and footnotes.

    >>> bare_number(" 1 234,5 %*")
    '1234,5'
    """
    return split_marks(text)[0]


def looks_like_number(text: str) -> bool:
    """Tell whether a text is a figure with either decimal sign, marks allowed.

    >>> [looks_like_number(text) for text in ("12,5", "1.234,5 (1)", "5 km", "2021-22", "A1")]
    [True, True, False, False, False]
    """
    bare = bare_number(text)
    return bare.isascii() and bool(_COMMA.fullmatch(bare) or _POINT.fullmatch(bare) or _POWER.fullmatch(bare))


def decimal_signs(texts: Iterable[str]) -> set[str]:
    """Return the decimal signs that printed numbers prove: {","}, {"."}, both (a mixed file) or none (undecidable).

    "12,5" proves a comma and "1.234.567" too; "1.234" proves nothing: it may be a thousand or a fraction.

    >>> decimal_signs(["12,87", "1.234"]), decimal_signs(["1.234"]), sorted(decimal_signs(["1,5", "1.5"]))
    ({','}, set(), [',', '.'])
    """
    signs = set()
    for text in texts:
        number = bare_number(text)
        comma, point = bool(_COMMA.fullmatch(number)), bool(_POINT.fullmatch(number))
        if comma != point:
            signs.add("," if comma else ".")
    return signs


def is_ambiguous(text: str) -> bool:
    """Tell whether a printed number reads differently with a decimal comma and with a decimal point.

    >>> is_ambiguous("1.452"), is_ambiguous("0.452"), is_ambiguous("1452")
    (True, False, False)
    """
    return bool(_GROUPED.fullmatch(bare_number(text)))


def parse_number(text: str, decimal: str) -> float:
    """Read one printed number with a known decimal sign.

    Parameters
    ----------
    text : str
        The number as printed; thousands may be grouped by spaces or by the other sign, flags and footnotes may follow.
    decimal : str
        "," or ".".

    Raises
    ------
    ValueError
        When the text is not a finite number written with that decimal sign.

    >>> parse_number("1.234,5", ","), parse_number("12,33 %", ","), parse_number("5400 p", ".")
    (1234.5, 12.33, 5400.0)
    >>> parse_number("1,234.5", ",")
    Traceback (most recent call last):
        ...
    ValueError: '1,234.5' is not a number with a decimal comma.
    """
    number = bare_number(text)
    pattern = _COMMA if decimal == "," else _POINT
    sign = "comma" if decimal == "," else "point"
    if _POWER.fullmatch(number):
        value = float(number.replace(",", "."))
    elif number.isascii() and pattern.fullmatch(number):
        thousands = "." if decimal == "," else ","
        value = float(number.replace(thousands, "").replace(",", "."))
    else:
        raise ValueError(f"{text!r} is not a number with a decimal {sign}.")
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is not a finite number.")
    return value


def shown_as_percent(number_format: str) -> bool:
    """Tell whether a spreadsheet multiplies by 100 for display: a % outside quotes, escapes, brackets and padding.

    >>> [shown_as_percent(form) for form in ("0.0%", '0.0"%"', "0.0\\\\%", "#,##0.0 [$%-42A]", "General", "0_%")]
    [True, False, False, False, False, False]
    """
    return "%" in re.sub(r'"[^"]*"|\\.|_.|\[[^\]]*\]', "", number_format or "")


def prints_percent(number_format: str) -> bool:
    """Tell whether a format prints a percent sign, computed or literal (a currency named "%" is none).

    >>> prints_percent('0.0"%"'), prints_percent("0%"), prints_percent("[$%-42A]0")
    (True, True, False)
    """
    return "%" in re.sub(r"_.|\[[^\]]*\]", "", number_format or "")
