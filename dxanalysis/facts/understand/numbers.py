"""Read printed figures (decimal signs, missing marks, flags, footnotes) and units: "Nghìn tỷ đồng" is a factor."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from dxanalysis.facts.names import fold, meaning, numbers, words_of
from dxanalysis.facts.understand.periods import STATUS_OF

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


def percent_sign(number_format: str) -> str:
    """Return how a spreadsheet shows a percent sign: "scaled" (times 100), "printed" as text, "" (none, a currency).

    >>> [percent_sign(form) for form in ("0.0%", '0.0"%"', "0.0\\\\%", "#,##0.0 [$%-42A]", "General", "0_%")]
    ['scaled', 'printed', 'printed', '', '', '']
    """
    scaled = "%" in re.sub(r'"[^"]*"|\\.|_.|\[[^\]]*\]', "", number_format)
    return "scaled" if scaled else "printed" if "%" in re.sub(r"_.|\[[^\]]*\]", "", number_format) else ""


# Unit of the catalogue -> family of units that convert into each other, and its size in that family.
FAMILIES = {unit: (family, size) for family, units in words_of("families").items() for unit, size in units.items()}
_UNIT_OF = meaning("units")
_FACTORS = {word: float(size) for word, size in numbers("factors").items()}
# Measures the catalogue has no unit for: they never pass for a count of things.
_OTHER, _FILLERS = frozenset(words_of("other")["measures"]), frozenset(words_of("other")["fillers"])
# Codes of SDMX, ILOSTAT and the UN that say something else than a status mean "": they are noted, never refused.
_STATUS_OF = STATUS_OF | meaning("observation_status")


class Unit(NamedTuple):
    """A printed unit: the family it belongs to ("" unknown) and the size of one of it in that family."""

    family: str = ""
    size: float = 1.0


def parse_unit(printed: str) -> Unit | None:
    """Return what a printed unit measures, None where the words name no unit.

    >>> parse_unit("%"), parse_unit("Nghìn tỷ đồng"), parse_unit("Nghìn người - Thous. persons"), parse_unit("parsecs")
    (Unit(family='share', size=0.01), Unit(family='vnd', size=1000000000000.0), Unit(family='count', size=1000.0), None)
    >>> parse_unit("Thousands"), parse_unit("tỷ USD"), parse_unit("% mỗi năm")
    (Unit(family='', size=1000.0), Unit(family='usd', size=1000000000.0), Unit(family='growth', size=0.01))
    """
    text = printed.strip().strip("()[]:;., ")
    if text in FAMILIES:
        return Unit(*FAMILIES[text])
    text = re.sub(r"(?i)^(?:đơn vị tính|đơn vị|đvt|units?(?: of measure)?)\b\s*[:/]?\s*", "", text) or text
    if "%" in text:
        yearly = re.search(r"(?i)năm|year|annum|annual|growth|change|tháng", text)
        return Unit("growth" if yearly else "share", 0.01)
    text = re.sub(r"(?i)^(?:percentage|per ?cent|share) of .*", "%", text)
    if text == "%":
        return Unit("share", 0.01)
    text = re.sub(r"(?i)^(?:(?:total )?numbers? of|count of|số lượng|số) +(?=\w{3})", "", text)
    halves = [text, *re.split(r"\s+[-–/|]\s+|\s*\(|\s*/\s*|,", text)]
    return next(filter(None, map(_words, halves)), None)


def _words(text: str) -> Unit | None:
    words, size = fold(re.sub(r"(?i)US\$|\$", " usd ", text)).split(), 1.0
    if " ".join(words) in _UNIT_OF:
        return _sized(_UNIT_OF[" ".join(words)], 1.0)
    if words[:1] in (["ty"], ["ti"]) and words[1:2] and words[1] in ("le", "trong", "suat", "so", "phan"):
        return None  # "Tỷ lệ hộ có Internet" is a rate of households, not thousands of millions of them
    words = [word for word in words if word not in _FILLERS]
    found = False
    while words and words[0] in _FACTORS:
        size, found = size * _FACTORS[words.pop(0)], True
    while words and words[-1] in _FACTORS and len(words) > 1:
        size, found = size * _FACTORS[words.pop()], True
    rest = " ".join(words)
    if not rest:
        return Unit("", size) if found else None
    if rest in _UNIT_OF:
        return _sized(_UNIT_OF[rest], size)
    if found and re.search(r"(^| )(dong|vnd)( |$)", rest):
        return Unit("vnd", size)
    if found and re.search(r"(^| )(usd|do la|dollars?)( |$)", rest):
        return Unit("usd", size)
    # Beside other words "ha" is no hectare: Hà Nội, Hà Nam; nor is "tan" a ton in Tân An.
    other = next((word for word in words if word in _OTHER), "") if found or len(words) == 1 else ""
    if other:
        return Unit(f"other ({other})", size)
    return Unit("count", size) if found and len(words) <= 4 else None  # "nghìn thuê bao": thousands of anything


def _sized(name: str, size: float) -> Unit:
    if name == "vnd":
        return Unit("vnd", size)
    family, own = FAMILIES[name]
    return Unit(family, own * size)


def unit_of(unit: str) -> Unit:
    """Return what a unit of the catalogue measures, or the unit of a measure of one's own, in any words.

    >>> unit_of("percent"), unit_of("tỷ đồng"), unit_of("ca")
    (Unit(family='share', size=0.01), Unit(family='vnd', size=1000000000.0), Unit(family='count', size=1.0))
    """
    return Unit(*FAMILIES[unit]) if unit in FAMILIES else parse_unit(unit) or Unit(f"own ({fold(unit)})", 1.0)


def factor(printed: Unit, unit: str) -> float | None:
    """Return what figures in a printed unit are multiplied by to be in another unit; None: they differ.

    >>> factor(parse_unit("Triệu đồng"), "vnd_billion"), factor(parse_unit("Nghìn người"), "count")
    (0.001, 1000.0)
    >>> factor(parse_unit("Thousands"), "million"), factor(parse_unit("%"), "count")
    (0.001, None)
    """
    family, size = unit_of(unit)
    same = {printed.family, family}
    if not printed.family:  # a bare "thousands" counts in ones, dong or dollars, never in percent
        counted = family in ("count", "vnd", "usd") or family.startswith(("own", "other"))
        return round(printed.size / size, 15) if counted else None
    if (
        len(same) > 1
        and not same <= {"share", "growth"}
        and not same <= {"share", "index"}
        and same != {"points", "index"}
    ):
        return None
    if same == {"share", "growth"}:
        return 1.0
    return float(f"{printed.size / size:.12g}")


def status_id(printed: str) -> str | None:
    """Return the status a printed word or code names, "" for a blank or a code that is no status, None for an unknown.

    >>> status_id("Sơ bộ"), status_id(""), status_id("U"), status_id("guess")
    ('preliminary', '', '', None)
    """
    return _STATUS_OF.get(fold(printed)) if printed.strip() else ""


_IN_TEXT = re.compile(r"(?i)(?:đơn vị tính|đơn vị|đvt|units?(?: of measure)?)\s*[:：]\s*([^()\n]+?)\s*\)?\s*$")


def unit_in(text: str) -> str:
    """Return the unit a title, heading or line gives in brackets, after "Đơn vị tính:", or alone; "" for none.

    >>> unit_in("Tỷ trọng kinh tế số (%)"), unit_in("Đơn vị tính: tỷ đồng"), unit_in("Nghìn người - Thous. persons")
    ('%', 'tỷ đồng', 'Nghìn người - Thous. persons')
    >>> unit_in("GRDP"), unit_in("Dân số (2021)"), unit_in("Doanh thu, tỷ đồng")
    ('', '', 'tỷ đồng')
    """
    named = _IN_TEXT.search(text)
    if named:
        return named.group(1)
    for bracket in reversed(re.findall(r"\(([^()]{1,40})\)", text)):
        if not re.search(r"\d{4}", bracket) and parse_unit(bracket):
            return bracket.strip()
    last = text.rpartition(",")[2].strip()
    alone = last if last != text.strip() and len(last) < 30 else text.strip()
    parsed = parse_unit(alone) if len(alone) < 60 and not re.search(r"\d{4}", alone) else None
    return alone if parsed and (parsed.size != 1.0 or parsed.family != "count") else ""
