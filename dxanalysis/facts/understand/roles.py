"""What a column holds, from its content with its name as a hint; names of areas, countries and indicators."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import pandas as pd

from dxanalysis.facts.names import fold, meaning, slug, words_of
from dxanalysis.facts.understand.periods import parse_period, period_end

_ROLE_OF = meaning("roles")
_ALSO = meaning("countries")  # names that offices print and the Unicode country list does not hold -> ISO alpha-2
AGGREGATES = frozenset(words_of("other")["aggregates"])  # they stand among countries and are none
_REGIONS = frozenset(words_of("other")["regions"])
_SPELLINGS = meaning("spellings")  # spellings of provinces that the catalogue does not hold -> the folded name it holds
_TOTALS = frozenset(words_of("other")["totals"])
_PREFIX = re.compile(
    r"^(?:tinh|thanh pho|tp|tx|thi xa|phuong|xa|t|province of|city of|vung) +|(?<=\w) (?:province|city)$"
)
_NUMBERING = re.compile(r"^\s*(?:\d{1,3}|[IVX]{1,5}|[A-Za-z])\s*[.)]\s*(?=\S{2})|^\s*[-–•+*]\s*")
_MARKS = re.compile(r"\s*(?:\(\s*(?:\d{1,2}|\*+)\s*\)|(?<=\S)[*¹²³⁴-⁹†‡]+|\s\d{1,2}\)|\[\d{1,2}\])\s*$")


@lru_cache(maxsize=16_384)
def role_of(header: str) -> str:
    """Return the role a header word names, or "": a hint, which the content of the column may overrule.

    A unit in brackets is looked past; a header may say it in two languages.

    >>> role_of("Tỉnh/Thành phố"), role_of("Giá trị (%)"), role_of("Tỉnh, thành phố - Province"), role_of("Doanh thu")
    ('area', 'value', 'area', '')
    >>> role_of("Country Name"), role_of("TIME_PERIOD"), role_of("OBS_FLAG"), role_of("Nam"), role_of("Năm")
    ('area', 'period', 'status', '', 'period')
    """
    if header.strip() in ("Nam", "nam", "NAM"):  # male, or a year without its accent: the content decides
        return ""
    words = fold(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"\([^)]*\)\s*$", "", header))).split(" ")
    joined = fold(re.sub(r"\([^)]*\)\s*$", "", header)).removesuffix(" v2 structure")
    if joined in _ROLE_OF or " ".join(words) in _ROLE_OF:
        return _ROLE_OF.get(joined, _ROLE_OF.get(" ".join(words), ""))
    if header.strip().upper() == header.strip() and header.endswith(("_LABEL", "_NAME")) and len(words) > 1:
        return role_of(" ".join(words[:-1]))
    halves = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, min(len(words), 12))]
    both = next((_ROLE_OF[a] for a, b in halves if a in _ROLE_OF and _ROLE_OF[a] == _ROLE_OF.get(b)), "")
    parts = [fold(part) for part in re.split(r"\s[-–/|]\s|/|\n", header)]
    return both or (next((_ROLE_OF[p] for p in parts if p in _ROLE_OF), "") if len(parts) > 1 else "")


def without_marks(word: str) -> str:
    """Return a printed name without its running number and footnote marks.

    >>> without_marks("1. Quảng Ninh"), without_marks("Hà Nội(*)"), without_marks("- Nữ")
    ('Quảng Ninh', 'Hà Nội', 'Nữ')
    """
    return _MARKS.sub("", _NUMBERING.sub("", word)).strip() or word.strip()


def indicator_names(indicators: pd.DataFrame) -> dict[str, str]:
    """Return folded name -> id over ids, titles, short titles and codes elsewhere that name one indicator only."""
    pairs = [
        (fold(text), row.id)
        for row in indicators.itertuples()
        for text in (row.id, row.title_vi, row.title_en, row.short_vi, row.short_en)
    ]
    ids = set(indicators["id"])
    known = _single(pairs)
    return {word: indicator for word, indicator in series_codes().items() if indicator in ids} | known


def _single(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    ids: dict[str, set[str]] = {}
    for name, found in pairs:
        ids.setdefault(name, set()).add(found)
    return {name: found.pop() for name, found in ids.items() if name and len(found) == 1}


def indicator_key(word: str, names: Mapping[str, str]) -> str:
    """Return the folded name in `names` that a heading gives: whole, without its unit, number or second language.

    >>> indicator_key("Table 5. Population (Thous. persons)", {"population": "population"})
    'population'
    """
    bare = re.sub(r"(?i)^(?:bảng|biểu|table|hình|figure)?\s*(?:số\s*)?\d*[ .:]*", "", word) or word
    texts = [word, bare, *(re.sub(r"\s*\([^()]*\)", "", text) for text in (word, bare))]
    texts += [part for text in texts for part in re.split(r"\s+[-–/|]\s+", text)]
    return next((fold(text) for text in texts if fold(text) in names), "")


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
    for spelling, name in _SPELLINGS.items():
        if name in names:
            names.setdefault(spelling, names[name])
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
    bare = without_marks(word)
    parts = [word, bare, *re.split(r"\s+[-–/|]\s+|\s*\(", bare)]
    folded = [fold(part) for part in parts]
    return next((name for part in folded for name in (part, _PREFIX.sub("", part)) if name and name in names), "")


class Places:
    """Areas of the catalogue and countries of the world, found by name or code in a user's words."""

    def __init__(self, areas: pd.DataFrame) -> None:
        self.names = area_names(areas)
        self._found: dict[str, list[tuple[str, str, str]]] = {}

    def find(self, word: str) -> list[tuple[str, str, str]]:
        """Return the candidates for a word; a country comes as [(id, "", "")], an unknown word as []."""
        if word not in self._found:
            key = resolve(word, self.names)
            abroad = None if key or not word else country(without_marks(word))
            self._found[word] = self.names[key] if key else ([(abroad.id, "", "")] if abroad else [])
        return self._found[word]

    def knows(self, word: str) -> bool:
        """Tell whether a word names an area of the catalogue, a country or an aggregate of countries."""
        return bool(self.find(word)) or fold(word) in AGGREGATES

    def vietnamese(self, words: Iterable[str]) -> bool:
        """Tell whether most of the words that are known name places in Viet Nam: its regions are meant then."""
        found = [self.find(word)[0][0] for word in words if self.find(word)]
        home = sum(id in {c[0] for names in self.names.values() for c in names} for id in set(found))
        return bool(found) and home * 2 > len(set(found))


def is_region(word: str) -> bool:
    """Tell whether a word names a statistical region of Viet Nam, whose rows printed tables put among the provinces.

    >>> is_region("Đồng bằng sông Hồng"), is_region("Vùng Đồng bằng sông Hồng"), is_region("Quảng Ninh")
    (True, True, False)
    """
    bare = without_marks(word)
    return any(_PREFIX.sub("", fold(part)) in _REGIONS for part in [bare, *re.split(r"\s+[-–/|]\s+", bare)])


def is_total(word: str) -> bool:
    """Tell whether a word stands for the sum of the rows ("TỔNG SỐ - TOTAL")."""
    return any(fold(part) in _TOTALS for part in [word, *re.split(r"\s+[-–/|]\s+", without_marks(word))])


def nearest(text: str, names: Mapping[str, Any]) -> str:
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


def near_area(word: str, names: Mapping[str, Any]) -> bool:
    """Tell whether an unknown word is so near the name of an area that it is likely a slip of the pen.

    >>> near_area("Quảng Nin", {"quang ninh": ""}), near_area("North East", {"quang ninh": ""})
    (True, False)
    """
    return len(word) < 60 and bool(difflib.get_close_matches(fold(without_marks(word)), list(names), n=1, cutoff=0.85))


def share_known(words: Iterable[str], known: Callable[[str], bool]) -> float:
    """Return which part of the words is known; blanks do not count."""
    held = [word for word in words if word]
    return sum(map(known, held)) / len(held) if held else 0.0


# ---------------------------------------------------------------- countries


class Country(NamedTuple):
    """A country: our id and its names."""

    id: str
    name_vi: str
    name_en: str


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Return folded name or code -> ISO alpha-2, from the Unicode CLDR that Babel carries."""
    from babel import Locale
    from babel.core import get_global

    iso = {code for code in Locale("en").territories if len(code) == 2 and code.isalpha()} - {
        "EU",
        "EZ",
        "UN",
        "ZZ",
        "XK",
    }
    names = {fold(code): found[0] for code, found in get_global("territory_aliases").items()
             if len(found) == 1 and found[0] in iso and (len(code) == 3)}
    for language in ("en", "vi", "fr", "es", "de", "sv", "it", "pt", "nl", "pl"):
        names |= {fold(name): code for code, name in Locale(language).territories.items() if code in iso and name}
        names |= {_bare(name): code for code, name in Locale(language).territories.items() if code in iso and name}
    return names | {fold(code): code for code in iso} | _ALSO


def country(word: str) -> Country | None:
    """Return the country a name or an ISO 3166 code (two or three letters, three digits) stands for, None for none.

    >>> country("Viet Nam").id, country("VNM").id, country("704").id, country("Korea, Rep.").name_vi
    ('viet-nam', 'viet-nam', 'viet-nam', 'Hàn Quốc')
    >>> country("South East"), country("World"), country("Nam")
    (None, None, None)
    """
    coded = len(word) <= 3 and word.isascii()  # "Nam" (male) is not NAM, Namibia: codes stand in capitals
    if (coded and word != word.upper()) or (word.isdigit() and len(word) != 3):
        return None
    code = _names().get(fold(word), "") or _names().get(_bare(word), "")
    return _described(code) if code else None


def _bare(name: str) -> str:
    """Return a folded name without its small words: "Antigua and Barbuda" is "Antigua & Barbuda"."""
    return " ".join(word for word in fold(name).split() if word not in ("and", "the", "of", "va", "et", "y"))


@lru_cache(maxsize=512)
def _described(code: str) -> Country:
    from babel import Locale

    if code == "VN":
        return Country("viet-nam", "Việt Nam", "Viet Nam")
    english, vietnamese = Locale("en").territories[code], Locale("vi").territories.get(code, "")
    return Country(slug(english), vietnamese or english, english)


def series_codes() -> dict[str, str]:
    """Return folded code or title of a series elsewhere -> indicator id."""
    return meaning("series")
