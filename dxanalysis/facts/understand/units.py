"""Units and scales as files print them: "Nghìn tỷ đồng" is a unit of the catalogue and a factor."""

from __future__ import annotations

import re
from typing import NamedTuple

from dxanalysis.facts.names import fold
from dxanalysis.facts.understand.periods import STATUS_OF
from dxanalysis.facts.understand.words import meaning, numbers, words_of

# Unit of the catalogue -> family of units that convert into each other, and its size in that family.
FAMILIES = {
    "percent": ("share", 0.01),
    "percent_per_year": ("growth", 0.01),
    "index_0_1": ("index", 1.0),
    "points": ("points", 1.0),
    "rank": ("rank", 1.0),
    "count": ("count", 1.0),
    "million": ("count", 1e6),
    "per_person": ("per head", 1.0),
    "per_100": ("per head", 0.01),
    "per_1000": ("per head", 0.001),
    "usd": ("usd", 1.0),
    "usd_billion": ("usd", 1e9),
    "vnd_billion": ("vnd", 1e9),
}
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


def unit_id(printed: str) -> str:
    """Return the unit of the catalogue a printed word names, or "".

    >>> unit_id("%"), unit_id("Tỷ đồng"), unit_id("percent"), unit_id("parsecs")
    ('percent', 'vnd_billion', 'percent', '')
    """
    found = parse_unit(printed) if printed.strip() else None
    if found is None:
        return ""
    return next((name for name, (family, size) in FAMILIES.items() if (family, size) == tuple(found)), "")


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
