"""Match the words of a user's file with the catalogue: area names and codes, indicator titles, units and statuses."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from dxanalysis.facts.names import fold
from dxanalysis.facts.understand.periods import parse_period, period_end
from dxanalysis.facts.understand.reading import Reading

UNIT_WORDS = {
    "percent": "%|phan tram|percent|pct|pt|percentage",
    "percent_per_year": "%/nam|phan tram nam|percent per year|% nam",
    "vnd_billion": "ty dong|ty vnd|billion vnd|vnd billion",
    "usd_billion": "ty usd|ty do la|billion usd|usd billion",
    "usd": "usd|do la|do la my",
    "million": "trieu|million|trieu nguoi|million people",
    "points": "diem|points|point",
    "rank": "hang|thu hang|rank|xep hang",
    "per_100": "tren 100 dan|per 100|thue bao 100 dan|per 100 people",
    "per_1000": "tren 1000 dan|per 1000|1000 dan",
    "count": "nguoi|so|cai|chiec|xa|doanh nghiep|ho|to|count|number|san pham|thue bao|don vi|people|persons",
}
_UNIT_OF = {fold(word): unit for unit, words in UNIT_WORDS.items() for word in words.split("|")}
STATUS_WORDS = {
    "official": "official|chinh thuc|a",
    "preliminary": "preliminary|so bo|p|prel",
    "estimate": "estimate|uoc tinh|uoc|e|est",
    "self-assessed": "self assessed|tu danh gia",
    "reported": "reported|bao cao",
    "derived": "derived|tinh toan",
    "projection": "projection|du bao|f",
}
_STATUS_OF = {word: status for status, words in STATUS_WORDS.items() for word in words.split("|")}
_REGIONS = {
    *("dong bang song hong", "trung du va mien nui phia bac", "bac trung bo va duyen hai mien trung", "tay nguyen"),
    *("dong nam bo", "dong bang song cuu long", "bac trung bo", "duyen hai nam trung bo", "mien nui phia bac"),
    *("bac trung bo va duyen hai nam trung bo", "duyen hai nam trung bo va tay nguyen", "duyen hai mien trung"),
    *(
        "red river delta",
        "northern midlands and mountain areas",
        "central highlands",
        "south east",
        "mekong river delta",
    ),
    *("north central and central coastal areas", "mekong delta", "southeast"),
}
_PREFIX = re.compile(r"^(?:tinh|thanh pho|tp|tx|thi xa|phuong|xa) +")


def unit_id(printed: str) -> str:
    """Return the unit a printed word names, or "".

    >>> unit_id("%"), unit_id("Tỷ đồng"), unit_id("percent"), unit_id("parsecs")
    ('percent', 'vnd_billion', 'percent', '')
    """
    text = printed.strip()
    if text in UNIT_WORDS or text == "index_0_1" or text == "per_person":
        return text
    return "percent" if text == "%" else _UNIT_OF.get(fold(text), "") if fold(text) else ""


def status_id(printed: str) -> str | None:
    """Return the status a printed word names, "" for a blank, None for an unknown word.

    >>> status_id("Sơ bộ"), status_id(""), status_id("?!x")
    ('preliminary', '', None)
    """
    return _STATUS_OF.get(fold(printed)) if printed.strip() else ""


def indicator_names(indicators: pd.DataFrame) -> dict[str, str]:
    """Return folded name -> id over ids, titles and short titles that name one indicator only."""
    pairs = [
        (fold(text), row.id)
        for row in indicators.itertuples()
        for text in (row.id, row.title_vi, row.title_en, row.short_vi, row.short_en)
    ]
    return _single(pairs)


def _single(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    ids: dict[str, set[str]] = {}
    for name, found in pairs:
        ids.setdefault(name, set()).add(found)
    return {name: found.pop() for name, found in ids.items() if name and len(found) == 1}


def area_names(areas: pd.DataFrame) -> dict[str, list[tuple[str, str, str]]]:
    """Return folded name -> [(id, valid_from, valid_to)]; a province before and after 2025 shares its name."""
    names: dict[str, list[tuple[str, str, str]]] = {}
    for row in areas.itertuples():
        aliases = str(row.aliases).split(";") if row.aliases else []
        bare = re.sub(r" *\([^)]*\)$", "", row.name_vi)  # "Bắc Ninh (từ 7/2025)" is "Bắc Ninh" in a user's table
        texts = {fold(text) for text in (row.id, row.name_vi, row.name_en, bare, *aliases)}
        for text in texts | {_PREFIX.sub("", text) for text in texts}:
            if text:
                names.setdefault(text, []).append((row.id, row.valid_from, row.valid_to))
    return names


def area_codes(areas: pd.DataFrame, code_list: str) -> dict[str, list[tuple[str, str, str]]]:
    """Return code -> [(id, valid_from, valid_to)] of one code list ("vn63" or "vn34")."""
    column = f"code_{code_list}"
    return {
        row[column]: [(row["id"], row["valid_from"], row["valid_to"])] for _, row in areas.iterrows() if row[column]
    }


def choose_area(candidates: list[tuple[str, str, str]], period: str, boundaries: str) -> str:
    """Return the id among areas of one name whose boundary is meant.

    Parameters
    ----------
    candidates : list of (id, valid_from, valid_to)
    period : str
        The figure's period; its last day decides when `boundaries` is "period".
    boundaries : str
        "period", "before-2025" or "since-2025".
    """
    if len(candidates) == 1:
        return candidates[0][0]
    day = {"before-2025": "2025-06-30", "since-2025": "2025-07-01"}.get(boundaries, "")
    parsed = parse_period(period)
    if not day and parsed:
        day = period_end(parsed[0]).isoformat()
    fitting = [c[0] for c in candidates if (c[1] or "0") <= (day or "9") <= (c[2] or "9999")]
    return fitting[0] if fitting else candidates[-1][0]


def resolve(word: str, names: Mapping[str, object]) -> str:
    """Return the folded name in `names` that a word gives, whole or in one of its two languages, or "".

    >>> resolve("CẢ NƯỚC - WHOLE COUNTRY", {"ca nuoc": ""}), resolve("Bà Rịa - Vũng Tàu", {"ba ria vung tau": ""})
    ('ca nuoc', 'ba ria vung tau')
    """
    parts = [word, *re.split(r"\s+[-–/|]\s+|\s*\(", word)]
    folded = [fold(part) for part in parts]
    return next((name for part in folded for name in (part, _PREFIX.sub("", part)) if name and name in names), "")


def is_region(word: str) -> bool:
    """Tell whether a word names a statistical region, whose rows printed tables put among the provinces.

    >>> is_region("Đồng bằng sông Hồng"), is_region("Quảng Ninh")
    (True, False)
    """
    return any(fold(part) in _REGIONS for part in re.split(r"\s+[-–/|]\s+", word))


def nearest(text: str, names: Mapping[str, str | list[tuple[str, str, str]]]) -> str:
    """Return "Did you mean 'id'? " for the nearest name, or "".

    >>> nearest("Quảng Nin", {"quang ninh": "quang-ninh", "ha noi": "ha-noi"})
    "Did you mean 'quang-ninh'? "
    """
    if len(text) > 100:  # no name is so long, and the search takes time that grows with the square of the length
        return ""
    close = difflib.get_close_matches(fold(text), list(names), n=1, cutoff=0.6)
    if not close:
        return ""
    found = names[close[0]]
    return f"Did you mean '{found if isinstance(found, str) else found[0][0]}'? "


def find_dimension(reading: Reading, role: str, known: Callable[[str], bool]) -> str:
    """Return the dimension that holds areas (or indicators): by its role, else because half its words are known.

    Labels count as words where the file gives codes.
    """
    for dimension, given in reading.roles.items():
        if given == role:
            return dimension
    free = [d for d in reading.dimensions if d not in reading.roles]
    scores = {d: _share_known(shown(reading, d).unique().tolist(), known) for d in free}
    best = max(scores, key=scores.__getitem__, default="")
    return best if best and scores[best] >= 0.5 else ""


def _share_known(words: list[str], known: Callable[[str], bool]) -> float:
    words = [word for word in words if word]
    return sum(map(known, words)) / len(words) if words else 0.0


def shown(reading: Reading, dimension: str) -> pd.Series:
    """Return a dimension as a reader sees it: labels in place of codes."""
    labels: Mapping[str, str] = reading.labels.get(dimension, {})
    return reading.cells[dimension].map(lambda code: labels.get(code, code)).astype("str")
