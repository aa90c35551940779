"""Read periods as people print them: years, halves, quarters, months, days, spans, in several languages."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from dxanalysis.facts.names import fold, meaning, numbers

STATUS_OF = meaning("period_status")
_STATUSES = sorted(STATUS_OF, key=len, reverse=True)
_MONTH_OF, _VIETNAMESE_MONTH, _ORDINALS = (numbers(table) for table in ("months", "vietnamese_months", "ordinals"))
_QUARTER_WORDS = "q|quy|quarter|qtr|trimestre|trimester|trim|trimestr|quartal|kvartal|kv|k|kwartal|kwartaal|ctvrtleti"
_HALF_WORDS = "h|s|half|hy|semestre|semester|sem|halbjahr|halvar|halvaar|nua|polrocze|pololeti"
_Y = r"(?P<year>(?:19|20)\d\d)"
_N = r"(?P<n>\d{1,2}|i{1,3}|iv|[a-z0-9]+)"
_JOIN = r"(?: ?(?:nam|of|de|del|of the year) ?| ?)"
_FISCAL = "fy|cy|ay|nien do|nam hoc|fiscal year|academic year|nam tai chinh|nam ngan sach"
_RULES: list[tuple[re.Pattern[str], str]] = [
    (re.compile(rf"{_Y}"), "year"),
    (re.compile(rf"{_Y} ?(?:a1?|fy)"), "year"),
    (re.compile(rf"(?:a|12 thang|ca nam|ca|jan dec|january december|{_FISCAL}|tai khoa){_JOIN}{_Y}"), "year"),
    (re.compile(rf"(?:{_FISCAL}|giai doan|thoi ky|binh quan|bq)? ?{_Y} (?P<end>(?:19|20)\d\d)"), "span"),
    (re.compile(rf"(?:{_FISCAL}|school year) ?{_Y} (?P<end2>\d\d)"), "span"),
    (re.compile(rf"{_Y} (?P<end2>1[3-9]|[2-9]\d|00)"), "next"),
    (re.compile(r"(?:fy|fiscal year) ?(?P<year2>\d\d)"), "year"),
    (re.compile(r"(?:fy|fiscal year) ?(?P<year2>\d\d) (?P<end2>\d\d)"), "span"),
    (re.compile(rf"{_Y} ?(?:{_QUARTER_WORDS}) ?{_N}"), "quarter"),
    (re.compile(rf"(?:{_QUARTER_WORDS}) ?{_N}{_JOIN}{_Y}"), "quarter"),
    (re.compile(rf"{_N} ?(?:{_QUARTER_WORDS}){_JOIN}{_Y}"), "quarter"),
    (re.compile(rf"{_Y} {_N} (?:{_QUARTER_WORDS})"), "quarter"),
    (re.compile(rf"(?P<n>i{{1,3}}|iv) (?:nam )?{_Y}"), "quarter"),
    (re.compile(r"(?:q|quy) ?(?P<n>[1-4]) (?P<year2>\d\d)|(?P<n2>[1-4]) ?q ?(?P<year3>\d\d)"), "quarter"),
    (re.compile(rf"(?P<m1>jan|apr|jul|oct)[a-z]* (?P<m2>mar|jun|sep|dec)[a-z]* {_Y}"), "three"),
    (re.compile(rf"{_Y} ?(?:{_HALF_WORDS}) ?{_N}"), "half"),
    (re.compile(rf"(?:{_HALF_WORDS}) ?{_N}{_JOIN}{_Y}"), "half"),
    (re.compile(rf"{_N} ?(?:{_HALF_WORDS}){_JOIN}{_Y}"), "half"),
    (re.compile(r"h(?P<n>[12]) (?P<year2>\d\d)|(?P<n2>[12]) ?h ?(?P<year3>\d\d)"), "half"),
    (re.compile(rf"6 thang cuoi{_JOIN}{_Y}"), "second half"),
    (re.compile(rf"(?P<n>\d\d?) thang(?: dau)?{_JOIN}{_Y}"), "first months"),
    (re.compile(rf"{_Y} (?P<n>\d\d?) ?m|(?P<n2>\d\d?) ?t ?(?P<year2>\d\d\d\d)"), "first months"),
    (re.compile(rf"{_Y}(?: | ?m ?)(?P<n>1[0-2]|0?[1-9])"), "month"),
    (re.compile(rf"(?:thang |thg ?|th ?|t ?|m ?)?(?P<n>1[0-2]|0?[1-9]){_JOIN}{_Y}"), "month"),
    (re.compile(rf"thang (?P<so>[a-z]+(?: mot| hai)?){_JOIN}{_Y}"), "named month"),
    (re.compile(rf"{_Y} ?(?P<word>[a-z]+)"), "named month"),
    (re.compile(rf"(?P<word>[a-z]+){_JOIN}{_Y}"), "named month"),
    (re.compile(r"(?P<word>[a-z]+) (?P<year2>\d\d)"), "named month"),
    (re.compile(rf"{_Y} (?P<n>\d\d?) (?P<day>\d\d?)(?:t? ?00 00(?: 00(?: 0+)?)?z?(?: \d\d \d\d)?)?"), "day"),
    (re.compile(rf"(?P<day>\d\d?) (?P<n>\d\d?) {_Y}(?: 00 00(?: 00)?)?"), "day first"),
    (re.compile(rf"(?:ngay )?(?P<day>\d\d?) thang (?P<n>\d\d?) nam {_Y}"), "day"),
    (re.compile(rf"(?P<day>\d\d?)(?:st|nd|rd|th)? (?P<word>[a-z]+) {_Y}"), "named day"),
    (re.compile(rf"(?P<word>[a-z]+) (?P<day>\d\d?)(?:st|nd|rd|th)? {_Y}"), "named day"),
]
_PLAIN = re.compile(r"(?:19|20)\d\d(?:-\d\d-\d\d)?", re.ASCII)
_SIGNS = re.compile(r"[\w\s/.,:;()\[\]*'’+&–—-]+")
_FOOTNOTE = re.compile(r"\s*(?:\(\s*(?:\d{1,2}|\*+)\s*\)|\s\d{1,2}\)|\[\d{1,2}\]|[*¹²³⁴-⁹†‡]+)\s*$")
_RAISED = str.maketrans({"ᵖ": " p", "ᵉ": " e", "ʳ": " r", "ᶠ": " f"})
_HINT_OF = meaning("hints")


def period_hint(name: str) -> str:
    """Return "quarter", "month" or "half" where the name of a column says what its numbers count, else "".

    >>> period_hint("Trimestre"), period_hint("Tháng"), period_hint("Năm")
    ('quarter', 'month', '')
    """
    return _HINT_OF.get(fold(name), "")


@lru_cache(maxsize=65_536)
def parse_period(text: str, hint: str = "") -> tuple[str, str] | None:
    """Read a period as printed and return it with the status its words or marks tell, or None when it is no period.

    Years are "2023", quarters "2023-Q1", half years "2023-H1", first months "2023-9M", months "2023-04", days
    "2023-04-30" and spans "2021-2025". Marks of footnotes ("2023(1)", "2023*") are looked past.

    Parameters
    ----------
    text : str
        As printed.
    hint : "", "quarter", "month" or "half"
        What the column is said to hold: "2005 - 1" is January, or a quarter in a column "Trimestre".

    >>> parse_period("Sơ bộ 2023"), parse_period("Quý I/2024"), parse_period("Tháng 4 năm 2024")
    (('2023', 'preliminary'), ('2024-Q1', ''), ('2024-04', ''))
    >>> parse_period("2023(1)"), parse_period("2023p"), parse_period("9 tháng 2024")
    (('2023', ''), ('2023', 'preliminary'), ('2024-9M', ''))
    >>> parse_period("2005 - 1"), parse_period("2005 - 1", "quarter")
    (('2005-01', ''), ('2005-Q1', ''))
    >>> parse_period("30/06/2024"), parse_period("31/02/2024"), parse_period("2023.5")
    (('2024-06-30', ''), None, None)
    """
    if _PLAIN.fullmatch(text):  # most periods of a large file: nothing to find out
        period = text if len(text) == 4 else _day(*map(int, text.split("-")), False)
        return (period, "") if period else None
    text = unicodedata.normalize("NFC", re.sub(r"(?<=^\d{4})\.0$", "", text.strip()))
    if len(text) > 60 or not _SIGNS.fullmatch(text) or re.fullmatch(r"-.*|\d{4}[.,]\d{1,2}|\d{4}[.,]\d+", text):
        return None
    text = re.sub(r"\s*\[YR\d{4}\]$", "", text)
    bare = text.translate(_RAISED)
    while _FOOTNOTE.search(bare) and re.match(r".*\d{4}", _FOOTNOTE.sub("", bare)):  # "2024 (1),(2)"
        bare = _FOOTNOTE.sub("", bare).rstrip(" ,")
    folded, status = _without_status(re.sub(r"(\d{4}(?: ?[qhm]\d\d?)?)(p|e|f|r)$", r"\1 \2", fold(bare)))
    folded = re.sub(r"^(?:x|yr?)(?=\d{4}$)", "", folded)  # R and Stata put a letter before a year
    folded = re.sub(r"^((?:tinh|den|het|tai|cuoi|thoi diem|as of|at|end of|end) )+(?=.*\d)", "", folded)
    folded = re.sub(r"^((nam|year|ky|niên|anno|ano|annee|jahr|rok) )+(?=\d)", "", folded)
    folded = re.sub(r"^(cong don|luy ke|tinh chung|ytd) (?=.*\d (thang|m)|.*thang)", "", folded)
    if hint:
        folded = _hinted(folded, hint)
    for pattern, kind in _RULES:
        match = pattern.fullmatch(folded)
        period = _written(kind, match.groupdict()) if match else ""
        if period:
            return period, status
    return None


def _hinted(folded: str, hint: str) -> str:
    """Write a bare "2005 1", "1 2005", "t1 2005" or "20051" as the quarter, month or half its column says it is."""
    letter = {"quarter": "q", "month": "m", "half": "h"}[hint]
    longest = r"\d\d?" if hint == "month" else r"[1-4]"
    found = re.fullmatch(rf"((?:19|20)\d\d) ?t?({longest})", folded) or re.fullmatch(
        rf"(?P<n>t?{longest}) ((?:19|20)\d\d)", folded
    )
    if not found:
        return folded
    first, second = found.groups()
    year, number = (first, second) if len(first) == 4 and first.isdigit() else (second, first.lstrip("t"))
    return f"{year} {letter}{number}"


def _without_status(folded: str) -> tuple[str, str]:
    """Return the text without its status words ("so bo prel 2022" says it in two languages) and the first status."""
    for word in _STATUSES:
        bare = folded.removeprefix(f"{word} ").removesuffix(f" {word}")
        if bare != folded:
            rest, more = _without_status(bare)
            return rest, STATUS_OF[word] or more
    return folded, ""


def status_of_words(text: str) -> str | None:
    """Return the status that words without a year tell ("Sơ bộ", "Prel."), None where they tell none.

    >>> status_of_words("Sơ bộ - Prel."), status_of_words("Tỉnh"), status_of_words("Thực hiện")
    ('preliminary', None, '')
    """
    rest, status = _without_status(f"{fold(text)} ")
    return status if fold(text) and not rest.strip() else None


def _written(kind: str, parts: dict[str, str | None]) -> str:
    short = parts.get("year2") or parts.get("year3")
    year = parts.get("year") or (_century(short) if short and len(short) == 2 else short or "")
    if kind == "year":
        return year
    if kind == "next":  # "2023-24": the next year, for there is no month 24
        end = int(parts["end2"])
        return f"{year}-{int(year) + 1}" if end == (int(year) + 1) % 100 else _span(year, f"{year[:2]}{end}")
    if kind == "span":
        return _span(year, parts.get("end") or f"{year[:2]}{parts.get('end2')}")
    if kind == "three":
        quarter = {"jan": ("mar", 1), "apr": ("jun", 2), "jul": ("sep", 3), "oct": ("dec", 4)}[parts["m1"]]
        return f"{year}-Q{quarter[1]}" if parts["m2"] == quarter[0] else ""
    if kind == "second half":
        return f"{year}-H2"
    number = _number(parts)
    if kind == "first months":
        return {3: f"{year}-Q1", 6: f"{year}-H1", 12: year}.get(number, f"{year}-{number}M" if 0 < number < 12 else "")
    if kind in ("quarter", "half"):
        return f"{year}-{kind[0].upper()}{number}" if 1 <= number <= (4 if kind == "quarter" else 2) else ""
    if kind.endswith("month"):
        return f"{year}-{number:02}" if 1 <= number <= 12 else ""
    return _day(year, number, int(parts.get("day") or 1), kind == "day first")


def _number(parts: dict[str, str | None]) -> int:
    if parts.get("word"):
        return _MONTH_OF.get(str(parts["word"]), 0)
    if parts.get("so"):
        return _VIETNAMESE_MONTH.get(str(parts["so"]), 0)
    printed = str(parts.get("n") or parts.get("n2") or "0")
    if printed.isdigit():
        return int(printed)
    return _ORDINALS.get(printed, 0)


def _span(year: str, end: str) -> str:
    return f"{year}-{end}" if year < end else ""


def _century(two: str) -> str:
    return f"{'20' if int(two) < 50 else '19'}{two}"


def _day(year: str | int, month: int, day: int, either: bool) -> str:
    for one, other in ((month, day), (day, month)) if either else ((month, day),):
        try:
            return dt.date(int(year), one, other).isoformat()
        except ValueError:
            continue
    return ""


def parse_periods(texts: Iterable[str], hint: str = "") -> dict[str, tuple[str, str] | None]:
    """Read the periods of one column together: one of them may decide how the others are meant.

    A column with "2012-13" holds spans, so its "2010-11" is no November; one with "12/31/2021" writes the month first.

    >>> parse_periods(["2010-11", "2012-13"]), parse_periods(["03/04/2021", "12/31/2021"])["03/04/2021"]
    ({'2010-11': ('2010-2011', ''), '2012-13': ('2012-2013', '')}, ('2021-03-04', ''))
    """
    unique = list(dict.fromkeys(texts))
    found = {text: parse_period(text, hint) for text in unique}
    terms = {text: re.fullmatch(r"\s*((?:19|20)\d\d)T([1-4])\s*", text) for text in unique}
    if len(unique) > 1 and all(terms.values()):  # "2024T3" of Spanish and French offices; Viet Nam writes "T3/2024"
        return {text: (f"{m[1]}-Q{m[2]}", "") for text, m in terms.items() if m}
    short = {text: re.fullmatch(r"\s*((?:19|20)\d\d)\s*[-–—/]\s*(\d\d)\W*", text) for text in unique}
    pairs = {text: m for text, m in short.items() if m and int(m[2]) == (int(m[1]) + 1) % 100}
    if pairs and not hint and all(text in pairs for text, m in short.items() if m) and (
        len(pairs) > 1 or any(int(m[2]) > 12 or int(m[2]) == 0 for m in pairs.values())
    ):
        found |= {text: (f"{m[1]}-{int(m[1]) + 1}", "") for text, m in pairs.items()}
    days = {text: re.fullmatch(r"\s*(\d\d?)[/.-](\d\d?)[/.-]((?:19|20)\d\d)(?:[ T].*)?", text) for text in unique}
    dates = {text: m for text, m in days.items() if m}
    if any(int(m[2]) > 12 for m in dates.values()) and not any(int(m[1]) > 12 for m in dates.values()):
        found |= {text: (_day(m[3], int(m[1]), int(m[2]), False), "") for text, m in dates.items()}
    return found


def yearly_dates(periods: Iterable[str]) -> bool:
    """Tell whether days stand for whole years: all at one end of a year, none twice.

    >>> yearly_dates(["2021-01-01", "2022-01-01"]), yearly_dates(["2021-12-31"]), yearly_dates(["2021-06-30"])
    (True, True, False)
    """
    held = {period for period in periods if period}
    days = {period[4:] for period in held}
    return bool(held) and (days == {"-01-01"} or days == {"-12-31"}) and all(len(period) == 10 for period in held)


def period_end(period: str) -> dt.date:
    """Return the last day of a period written as `parse_period` writes it.

    >>> period_end("2024-Q1"), period_end("2021-2025"), period_end("2024-9M")
    (datetime.date(2024, 3, 31), datetime.date(2025, 12, 31), datetime.date(2024, 9, 30))
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
        month = int(rest.removesuffix("M"))
    return (dt.date(int(year) + month // 12, month % 12 + 1, 1)) - dt.timedelta(days=1)
