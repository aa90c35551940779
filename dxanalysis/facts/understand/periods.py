"""Read printed figures: decimal comma or point, marks of missing values, and periods in Vietnamese and English."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from dxanalysis.facts.names import fold

MISSING_MARKS = {
    "": "empty",
    "...": "not available",
    "…": "not available",
    "..": "not available",
    ".": "not available",
    "-": "no such thing (yearbook convention)",
    "–": "no such thing (yearbook convention)",
    "—": "no such thing (yearbook convention)",
    ":": "not available",
    "n a": "not available",
    "na": "not available",
    "nan": "not available",
    "null": "not available",
    "khong co": "not available",
    "chua co": "not available",
    "chua co so lieu": "not available",
}

_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f']")
_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")
_POINT = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
_POWER = re.compile(r"[+-]?\d+([.,]\d+)?[eE][+-]?\d{1,3}")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")


def is_missing(text: str) -> bool:
    """Tell whether a cell's text is one of the printed marks of a missing value.

    >>> [is_missing(mark) for mark in ("…", "..", "-", "n/a", "0")]
    [True, True, True, True, False]
    """
    text = text.strip()
    if text[:1].isdigit():
        return False
    return text in MISSING_MARKS or (fold(text) in MISSING_MARKS and fold(text) != "")


def bare_number(text: str) -> str:
    """Strip what surrounds a printed number: spaces (also between thousands), a percent sign, footnote asterisks.

    >>> bare_number(" 1 234,5 %*")
    '1234,5'
    """
    return _SPACES.sub("", text.replace("\u2212", "-")).removesuffix("(*)").rstrip("*%")


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
        The number as printed; thousands may be grouped by spaces or by the other sign.
    decimal : str
        "," or ".".

    Raises
    ------
    ValueError
        When the text is not a finite number written with that decimal sign.

    >>> parse_number("1.234,5", ","), parse_number("12,33 %", ","), parse_number("0.5", ".")
    (1234.5, 12.33, 0.5)
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


_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_STATUS_WORDS = {
    "so bo": "preliminary",
    "prel": "preliminary",
    "preliminary": "preliminary",
    "uoc": "estimate",
    "uoc tinh": "estimate",
    "est": "estimate",
    "estimate": "estimate",
    "du bao": "projection",
    "projection": "projection",
    "chinh thuc": "official",
    "thuc hien": "",
    "ke hoach": "plan",
    "kh": "plan",
    "muc tieu": "plan",
}
_PERIODS = [
    (re.compile(rf"{_YEAR}"), "{year}"),
    (
        re.compile(rf"{_YEAR} ?q(?P<n>[1-4])|(?:q|quy )(?P<n2>[1-4]|iv|i{{1,3}}) (?:nam )?(?P<year2>(?:19|20)\d\d)"),
        "{year}-Q{n}",
    ),
    (re.compile(rf"{_YEAR} ?[hs](?P<n>[12])|6 thang dau (?:nam )?(?P<year2>(?:19|20)\d\d)"), "{year}-H{n}"),
    (re.compile(rf"{_YEAR}(?: | ?m)(?P<n>1[0-2]|0?[1-9])"), "{year}-{n:02}"),
    (re.compile(rf"(?:thang |t ?)?(?P<n>1[0-2]|0?[1-9]) (?:nam )?{_YEAR}"), "{year}-{n:02}"),
    (re.compile(rf"{_YEAR} (?P<end>(?:19|20)\d\d)"), "{year}-{end}"),
    (re.compile(rf"{_YEAR} (?P<n>\d\d?) (?P<day>\d\d?)(?: 00 00(?: 00)?)?"), "{year}-{n:02}-{day:02}"),
    (re.compile(rf"(?P<day>\d\d?) (?P<n>\d\d?) {_YEAR}"), "{year}-{n:02}-{day:02}"),
]
_PERIOD_SIGNS = re.compile(r"[\w\s/.:()*-]+")


@lru_cache(maxsize=4096)
def parse_period(text: str) -> tuple[str, str] | None:
    """Read a period as printed and return it with the status its prefix tells, or None when it is no period.

    Years are "2023", quarters "2023-Q1", half years "2023-H1", months "2023-04", days "2023-04-30" and spans
    "2021-2025".

    >>> parse_period("Sơ bộ 2023"), parse_period("Quý I/2024"), parse_period("Tháng 4 năm 2024")
    (('2023', 'preliminary'), ('2024-Q1', ''), ('2024-04', ''))
    >>> parse_period("30/06/2024"), parse_period("31/02/2024"), parse_period("2023.5")
    (('2024-06-30', ''), None, None)
    """
    text = unicodedata.normalize("NFC", re.sub(r"\.0$", "", text.strip()))
    if not _PERIOD_SIGNS.fullmatch(text) or re.fullmatch(r"-.*|\d{4}\.\d{1,2}", text):
        return None
    folded, status = _without_status(fold(text))
    folded = re.sub(r"^((nam|year|ky) )+(?=\d)", "", folded)
    for pattern, form in _PERIODS:
        match = pattern.fullmatch(folded)
        period = _format_period(form, match.groupdict()) if match else ""
        if period:
            return period, status
    return None


def _without_status(folded: str) -> tuple[str, str]:
    """Return the text without its status words ("so bo prel 2022" says it in two languages) and the first status."""
    for word, status in _STATUS_WORDS.items():
        bare = folded.removeprefix(f"{word} ").removesuffix(f" {word}")
        if bare != folded:
            return _without_status(bare)[0], status
    return folded, ""


def _format_period(form: str, parts: dict[str, str | None]) -> str:
    year = parts.get("year") or parts.get("year2")
    printed = parts.get("n") or parts.get("n2") or "1"
    number, day = _ROMAN.get(printed) or int(printed), int(parts.get("day") or 1)
    try:
        dt.date(int(year), number, day)
    except ValueError:
        return ""
    end = parts.get("end") or "9999"
    return form.format(year=year, n=number, day=day, end=end) if year < end else ""


def period_end(period: str) -> dt.date:
    """Return the last day of a period written as `parse_period` writes it.

    >>> period_end("2024-Q1"), period_end("2021-2025")
    (datetime.date(2024, 3, 31), datetime.date(2025, 12, 31))
    """
    if re.fullmatch(r"\d{4}-\d\d-\d\d", period):
        return dt.date.fromisoformat(period)
    year, _, rest = period.partition("-")
    if len(rest) == 4:
        return dt.date(int(rest), 12, 31)
    month = 12
    if rest.startswith("Q"):
        month = 3 * int(rest[1:])
    elif rest.startswith("H"):
        month = 6 * int(rest[1:])
    elif rest:
        month = int(rest)
    return (dt.date(int(year) + month // 12, month % 12 + 1, 1)) - dt.timedelta(days=1)
