"""Numbers, dates and names as Vietnamese and English readers write them.

Vietnamese: ``1.234,5``, ``13,17%`` (no space before %), ``4,1 điểm phần trăm``, ``06/01/2025``.
English: ``1,234.5``, ``13.17%``, ``4.1 percentage points``, ``6 January 2025``.
A negative number carries the true minus sign (U+2212), which no line break tears from its digits.
"""

from __future__ import annotations

import datetime as dt
import decimal
import math
import unicodedata

LANGUAGES = ("vi", "en")
MISSING = "–"
MINUS = "\N{MINUS SIGN}"
_SWAP = str.maketrans(",.", ".,")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)
_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_SHAPES = {"\u0302", "\u0306", "\u031b"}


def language(lang: str) -> str:
    """Return `lang` if it is one we write, else say which ones are.

    >>> language("fr")
    Traceback (most recent call last):
        ...
    ValueError: Unknown language 'fr'. Languages: vi, en.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"Unknown language {lang!r}. Languages: {', '.join(LANGUAGES)}.")
    return lang


def number(value: float | None, lang: str, decimals: int = 2, *, trim: bool = True, sign: bool = False) -> str:
    """Write a number with the decimal mark of the language.

    Halves are rounded away from zero, as statistics offices do, on the digits the number shows (2.675 is 2.68, not the
    2.67 of its binary neighbour). A result that rounds to zero has no sign.

    Parameters
    ----------
    value : float or None
        None and NaN are written as a dash: a missing number is never a zero.
    lang : {"vi", "en"}
    decimals : int
        Most digits after the mark; with `trim`, trailing zeros are left out (a published 3 is not printed as 3,00).
    sign : bool
        Write the plus sign too, for changes.

    Examples
    --------
    >>> number(1234.5, "vi"), number(1234.5, "en"), number(-0.04, "vi", 1), number(4.1, "vi", sign=True)
    ('1.234,5', '1,234.5', '0', '+4,1')
    """
    language(lang)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if math.isinf(value):
        return f"{MINUS if value < 0 else ''}∞"
    exact = _rounded(value, decimals)
    text = f"{abs(exact):,f}"
    if trim and "." in text:
        text = text.rstrip("0").rstrip(".")
    mark = MINUS if exact < 0 else "+" if sign and exact > 0 else ""
    return mark + (text.translate(_SWAP) if lang == "vi" else text)


def _rounded(value: float, decimals: int) -> decimal.Decimal:
    step = decimal.Decimal(1).scaleb(-decimals)
    with decimal.localcontext() as context:
        context.prec = 400  # a float has at most 309 digits before the mark: nothing overflows
        return decimal.Decimal(repr(float(value))).quantize(step, decimal.ROUND_HALF_UP)


def enough_decimals(value: float, decimals: int) -> int:
    """Return the decimals with which a value that is not zero is not printed as zero (two digits that count).

    What is smaller than 1e-12 is the noise of binary arithmetic and stays zero.

    >>> enough_decimals(13.17, 2), enough_decimals(0.00034, 2), enough_decimals(1e-17, 2)
    (2, 5, 2)
    """
    size = abs(value)
    if math.isnan(size) or size >= 0.5 * 10.0**-decimals or size < 1e-12:
        return decimals
    return 1 - math.floor(math.log10(size))


def percent(value: float | None, lang: str, decimals: int = 2, *, trim: bool = True, sign: bool = False) -> str:
    """Write a percentage; 13.17 is 13,17% (the value is already in percent).

    >>> percent(13.17, "vi"), percent(13.17, "en"), percent(-0.9, "vi", sign=True)
    ('13,17%', '13.17%', '−0,9%')
    """
    text = number(value, lang, decimals, trim=trim, sign=sign)
    return text if text == MISSING else text + "%"


def points(value: float | None, lang: str, decimals: int = 2, *, sign: bool = False) -> str:
    """Write a difference of two percentages, which is in percentage points and never in percent.

    >>> points(4.1, "vi", sign=True), points(4.1, "en"), points(1, "en")
    ('+4,1 điểm phần trăm', '4.1 percentage points', '1 percentage point')
    """
    text = number(value, lang, decimals, sign=sign)
    if lang == "vi":
        return f"{text} điểm phần trăm"
    return f"{text} percentage point" + ("" if text.lstrip(f"+{MINUS}") == "1" else "s")


def probability(value: float | None, lang: str) -> str:
    """Write a probability (0 to 1) as a whole percentage, never as a false 0% or 100%.

    >>> probability(1.2, "en")
    Traceback (most recent call last):
        ...
    ValueError: A probability lies between 0 and 1; got 1.2.
    >>> probability(0.384, "vi"), probability(0.004, "vi"), probability(0.999, "en")
    ('38%', 'dưới 1%', 'over 99%')
    """
    if value is None or math.isnan(value):
        return MISSING
    if not 0 <= value <= 1:
        raise ValueError(f"A probability lies between 0 and 1; got {value}.")
    if value < 0.01:
        return {"vi": "dưới 1%", "en": "under 1%"}[language(lang)]
    if value > 0.99:
        return {"vi": "trên 99%", "en": "over 99%"}[language(lang)]
    return percent(value * 100, lang, 0)


def date(value: str | dt.date, lang: str) -> str:
    """Write a date: 06/01/2025 in Vietnamese, 6 January 2025 in English (where 06/01 could mean June).

    A month (``2023-12``) or a year (``2023``) is written as what it is; no day is made up.

    >>> date("2025-01-06", "vi"), date("2025-01-06", "en"), date("2023-12", "vi"), date("2023", "en")
    ('06/01/2025', '6 January 2025', '12/2023', '2023')
    """
    parts = [int(part) for part in str(value)[:10].split("-")]
    if len(parts) == 3:
        day = dt.date(*parts)
        return f"{day:%d/%m/%Y}" if language(lang) == "vi" else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    if len(parts) == 2:
        return f"{parts[1]:02d}/{parts[0]}" if language(lang) == "vi" else f"{_MONTHS[parts[1] - 1]} {parts[0]}"
    return str(parts[0])


def years(first: int, last: int) -> str:
    """Write a range of years with an en dash.

    >>> years(2020, 2024), years(2024, 2024)
    ('2020–2024', '2024')
    """
    return str(first) if first == last else f"{first}–{last}"


def vi_key(text: str) -> list[tuple[int, int]]:
    """Return the key that sorts by the Vietnamese alphabet: letters first (đ after d), then the tone.

    >>> sorted(["Đà Nẵng", "Yên Bái", "Điện Biên", "Bạc Liêu", "Bà Rịa", "An Giang"], key=vi_key)
    ['An Giang', 'Bà Rịa', 'Bạc Liêu', 'Đà Nẵng', 'Điện Biên', 'Yên Bái']
    """
    letters: list[tuple[int, int]] = []
    tones: list[tuple[int, int]] = []
    for letter in unicodedata.normalize("NFC", text).casefold():
        parts = unicodedata.normalize("NFD", letter)
        shape = unicodedata.normalize("NFC", parts[0] + "".join(mark for mark in parts[1:] if mark in _SHAPES))
        place = _LETTERS.find(shape)
        letters.append((1, place) if place >= 0 else (0, ord(shape[0])))
        tones.append((0, next((_TONES[mark] for mark in parts[1:] if mark in _TONES), 0)))
    return [*letters, (-1, -1), *tones]
