"""Every word in two languages, read from ``briefing/wording.toml``, which an official can review; tables in words."""

from __future__ import annotations

import functools
import re
import string
import tomllib
from importlib import resources
from typing import Any

import pandas as pd

from ..facts.records import Area, Indicator, Source
from . import numbers
from .numbers import language

_SECTIONS_OF_NAMES = (
    "definition", "status", "step", "grade", "likelihood", "method", "model", "path", "pillar", "cause", "statistic",
    "unit", "choice", "why", "sheet", "state", "caveat", "doubt", "shaky", "evidence_class", "kind", "basis_of",
    "column",
)
LIKELIHOOD = (
    (0.99, "virtually_certain"),
    (0.90, "very_likely"),
    (0.66, "likely"),
    (0.33, "even"),
    (0.10, "unlikely"),
    (0.01, "very_unlikely"),
    (0.0, "exceptionally_unlikely"),
)
# The order in which a reader asks: what was missed or is due, what is open, what is reached, what nobody can tell.
STATES = ("missed", "due", "open", "at_level", "met", "cannot_tell", "no_figure_held", "no_target_held")
WITHOUT_FIGURE = ("no_figure_held", "no_target_held")
_EITHER = "GDP/GRDP"
_NO_COMPILER = ("province", "other", "it-only")
# What a share counts, in its title: "Tỷ trọng thương mại điện tử trong tổng mức bán lẻ".
_PART = {"vi": r"Tỷ (?:trọng|lệ) (.+?) trong ", "en": r"(.+?) (?:as a )?share of "}
# Nouns that stand with "the" in a sentence, and what may follow the noun of a measure.
_COUNTED_ONE = frozenset((
    "share", "part", "rank", "score", "index", "rate", "ratio", "contribution", "economy", "workforce", "value",
    "proportion", "number", "percentage", "level", "density", "speed", "balance", "gap", "average", "median",
    "mean", "total",
))
_AFTER_HEAD = r" (?:of|per|in|on|to|with|at|for|by|above|relative)\b|[(,]| \("
_PROPER = ("Vietnam ", "Viet Nam", "Việt Nam", "Mobile Money", "E-Business", "Resolution ", "Plan 2")
_WITH_ARTICLE = (" Union", "Philippines", "Netherlands", " Republic", " States", " Kingdom")
_NATIONS = ("nation", "country")
_COMPARATORS = {">=": "at_least", ">": "above", "<=": "at_most", "<": "below", "about": "about", "~": "about"}


@functools.cache
def wording() -> dict[str, dict[str, dict[str, str]]]:
    """Return the wording file: section, key, then ``vi``, ``en`` and, for sentences, ``needs``."""
    return tomllib.loads(resources.files(__package__).joinpath("wording.toml").read_text(encoding="utf-8"))


def entry(section: str, key: str) -> dict[str, str]:
    """Return one entry of the wording file.

    >>> entry("step", "on_track")["vi"]
    'đúng tiến độ'
    >>> entry("step", "on_trck")
    Traceback (most recent call last):
        ...
    KeyError: "No wording 'on_trck' in section 'step'. Add it to briefing/wording.toml in both languages."
    """
    found = wording().get(section, {}).get(key)
    if found is None:
        raise KeyError(f"No wording {key!r} in section {section!r}. Add it to briefing/wording.toml in both languages.")
    return found


def placeholders(template: str) -> set[str]:
    """Return the names in braces of a template.

    >>> sorted(placeholders("{first} và {last}"))
    ['first', 'last']
    """
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def fill(template: str, values: dict[str, str]) -> str:
    """Fill a template; a name it needs and does not get is an error that names it.

    >>> fill("Năm {year}", {"yeer": "2024"})
    Traceback (most recent call last):
        ...
    KeyError: "The wording 'Năm {year}' needs 'year'; it was given: yeer."
    """
    missing = sorted(placeholders(template) - set(values))
    if missing:
        given = ", ".join(sorted(values)) or "nothing"
        raise KeyError(f"The wording {template!r} needs {missing[0]!r}; it was given: {given}.")
    return template.format(**values)


def label(key: str, lang: str, **values: str) -> str:
    """Return a short text of charts, tables and pages.

    >>> label("verdict_for", "vi", year="2025")
    'Kết luận 2025'
    """
    return fill(entry("label", key)[language(lang)], values)


def name(section: str, key: str, lang: str) -> str:
    """Return the name of a code (a status, a step, a method ...); an unknown code is shown as it is, never dropped.

    >>> name("status", "preliminary", "vi"), name("status", "guessed", "vi")
    ('sơ bộ', 'guessed')
    """
    if section not in _SECTIONS_OF_NAMES:
        raise KeyError(f"Unknown section {section!r}. Sections: {', '.join(_SECTIONS_OF_NAMES)}.")
    found = wording().get(section, {}).get(key)
    return found[language(lang)] if found else key


def counted(noun: str, count: int, lang: str) -> str:
    """Return a count with its noun in the right number.

    >>> counted("indicator", 1, "en"), counted("indicator", 0, "en"), counted("indicator", 2, "vi")
    ('1 indicator', '0 indicators', '2 chỉ tiêu')
    """
    words = entry("noun", noun)
    form = "en_one" if language(lang) == "en" and count == 1 else lang
    return fill(words[form], {"n": numbers.number(count, lang, 0)})


def likelihood(probability: float) -> str:
    """Return the key of the calibrated word for a probability (IPCC guidance note on uncertainty).

    >>> likelihood(0.38), likelihood(0.90), likelihood(0.004)
    ('even', 'very_likely', 'exceptionally_unlikely')
    >>> likelihood(1.5)
    Traceback (most recent call last):
        ...
    ValueError: A probability lies between 0 and 1; got 1.5.
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"A probability lies between 0 and 1; got {probability}.")
    return next(word for least, word in LIKELIHOOD if probability >= least)


def comparator(symbol: str) -> str:
    """Return the wording key of a target's comparator; a plain number is ``equal``.

    >>> comparator(">="), comparator("")
    ('at_least', 'equal')
    """
    return _COMPARATORS.get(symbol, "equal")


def in_language(record: Any, field: str, lang: str) -> str:
    """Return ``field_vi`` or ``field_en`` of a record of the facts (an indicator, an area, a definition)."""
    return str(getattr(record, f"{field}_{language(lang)}"))


def subject(indicator: Indicator, area: Area, lang: str) -> str:
    """Return what is measured and where, ready for the middle of a sentence.

    The nation's share is of GDP, a province's of GRDP: the catalogue's title names one, the area decides.

    >>> from types import SimpleNamespace as Record
    >>> share = Record(short_vi="Tỷ trọng kinh tế số trong GRDP", short_en="Digital economy share of GRDP")
    >>> subject(share, Record(name_vi="Quảng Ninh", name_en="Quảng Ninh", level="province"), "vi")
    'tỷ trọng kinh tế số trong GRDP của Quảng Ninh'
    >>> subject(share, Record(name_vi="Việt Nam", name_en="Viet Nam", level="country"), "en")
    'the digital economy share of GDP in Viet Nam'
    """
    measure = measure_name(indicator, area, lang).removeprefix("EU: ")
    kind = str(getattr(indicator, "kind", ""))
    said = with_article(measure, kind) if lang == "en" else lower_first(measure)
    return label("of_area", lang, measure=said, area=place_name(area, lang))


def place_name(area: Area, lang: str) -> str:
    """Return the name of an area as it stands in a sentence: "the European Union"."""
    place = in_language(area, "name", lang)
    return f"the {place}" if lang == "en" and place.endswith(_WITH_ARTICLE) else place


def with_article(measure: str, kind: str = "") -> str:
    """Return the English name of a measure as it stands in a sentence: "the" where its noun asks for one.

    A share, a rank or an index takes the article; growth, plurals and what cannot be counted do not. A component named
    after its index ("DTI: awareness") is its score or its rank.

    >>> [with_article(name) for name in ("DTI rank", "GRDP growth", "Fibre households", "Service index (Decision 766)")]
    ['the DTI rank', 'GRDP growth', 'fibre households', 'the service index (Decision 766)']
    >>> with_article("DTI: awareness", "index_edition"), with_article("Rank: digital economy", "rank")
    ('the DTI score for awareness', 'the rank for digital economy')
    >>> with_article("Law and order", "index_edition"), with_article("Digitised files: commune", "flow_share")
    ('the law and order score', 'digitised files (commune)')
    """
    whole, part = measure.partition(": ")[::2]
    if part and kind == "index_edition":
        return f"the {whole} score for {part}"
    if part:
        return f"the {lower_first(whole)} for {part}" if kind == "rank" else f"{lower_first(whole)} ({part})"
    head = re.split(_AFTER_HEAD, measure)[0].rsplit(" ", 1)[-1]
    taking = head.lower() in _COUNTED_ONE or (kind == "index_edition" and head.isupper())
    if kind == "index_edition" and not taking and head != "points":
        return "the " + re.sub(r"( \(|$)", r" score\1", lower_first(measure), count=1)
    return f"the {lower_first(measure)}" if taking else lower_first(measure)


def measure_name(indicator: Indicator, area: Area, lang: str) -> str:
    """Return the name of an indicator for a title: of GDP for a nation and of GRDP for a province.

    A full title that leaves this open ("trong GDP/GRDP") is settled by the area; otherwise the short title is taken.

    >>> from types import SimpleNamespace as Record
    >>> share = Record(title_vi="Tỷ trọng kinh tế số trong GDP/GRDP", short_vi="Tỷ trọng kinh tế số")
    >>> measure_name(share, Record(level="province"), "vi")
    'Tỷ trọng kinh tế số trong GRDP'
    """
    title = str(getattr(indicator, f"title_{lang}", ""))
    title = title if _EITHER in title else in_language(indicator, "short", lang)
    if getattr(area, "level", "") in _NATIONS:
        return title.replace(_EITHER, "GDP").replace("GRDP", "GDP")
    return title.replace(_EITHER, "GRDP")


def lower_first(text: str) -> str:
    """Lower the first letter unless the text opens with an abbreviation or a name.

    >>> lower_first("Tỷ trọng"), lower_first("GRDP"), lower_first("Vietnam ICT Index")
    ('tỷ trọng', 'GRDP', 'Vietnam ICT Index')
    """
    named = text[1:2].isupper() or text[1:2].isdigit() or text.startswith(_PROPER)
    return text if named else text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """Raise the first letter and leave the rest.

    >>> upper_first("tỷ trọng trong GRDP")
    'Tỷ trọng trong GRDP'
    """
    return text[:1].upper() + text[1:]


def definition_name(record_or_id: Any, lang: str) -> str:
    """Return who measures and how, from a definition record or from its id alone."""
    if record_or_id is None or record_or_id == "":
        return name("definition", "unstated", lang)
    known = record_or_id if isinstance(record_or_id, str) else str(getattr(record_or_id, "id", ""))
    if isinstance(record_or_id, str) or known in _NO_COMPILER:  # their names in the catalogue are headings
        return name("definition", known, lang)
    return in_language(record_or_id, "name", lang)


def definer(record_or_id: Any, lang: str) -> str:
    """Return who measures, ready for the middle of a sentence: in English with its article, short names without one.

    >>> definer("gso", "en"), definer("province", "en"), definer("province", "vi"), definer("VECOM", "en")
    ('the General Statistics Office (GSO)', "the area's own reports", 'báo cáo của địa phương', 'VECOM')
    """
    found = definition_name(record_or_id, lang)
    first, _, rest = found.partition(" ")
    bare = lang == "vi" or not rest or found[:1].islower() or (len(first) > 1 and first.rstrip(",").isupper())
    return found if bare else f"the {found}"


def parts_of_share(indicator: Indicator, area: Area, lang: str) -> tuple[str, str]:
    """Return what a share counts and what it is a share of, in words a reader knows.

    >>> from types import SimpleNamespace as Record
    >>> share = Record(id="digital_economy_share", share_of_vi="GRDP", share_of_en="GRDP")
    >>> parts_of_share(share, Record(level="province"), "vi")
    ('giá trị tăng thêm kinh tế số', 'GRDP')
    >>> trade = Record(title_en="E-commerce share of retail sales", share_of_en="retail sales")
    >>> parts_of_share(trade, Record(level="province"), "en")
    ('e-commerce', 'retail sales')
    >>> chips = Record(title_en="European Union: share of world production of chips", share_of_en="world production")
    >>> parts_of_share(chips, Record(level="union"), "en")
    ('what is counted', 'world production')
    """
    whole = str(getattr(indicator, f"share_of_{lang}", "") or label("whole_counted", lang))
    if "GDP" in whole or "GRDP" in whole:
        whole = "GDP" if getattr(area, "level", "") in _NATIONS else "GRDP"
    if str(getattr(indicator, "id", "")).startswith("digital_economy"):
        return label("digital_value_added", lang), whole
    title = str(getattr(indicator, f"title_{lang}", "")).rpartition(": ")[2]  # without the area before a colon
    named = re.match(_PART[lang], title)
    return lower_first(named[1]) if named else label("part_counted", lang), whole


def source_name(source: Source, lang: str) -> str:
    """Name a source as a reader of the language would: publisher, title, date.

    Remarks that the catalogue makes in English ("(repost)") are put into Vietnamese; names of papers and offices that
    have a Vietnamese name get it.

    >>> from types import SimpleNamespace as Record
    >>> source_name(Record(publisher="Báo Mới (repost)", title="Quảng Ninh bứt phá", published="2025-07-31"), "vi")
    'Báo Mới (đăng lại), “Quảng Ninh bứt phá” (31/07/2025)'
    """
    if isinstance(source, str):
        return source
    title = f", “{source.title}”" if getattr(source, "title", "") else ""
    published = getattr(source, "published", "")
    dated = f" ({numbers.date(published, lang)})" if published else ""
    return f"{publisher(source.publisher, lang)}{title}{dated}"


def publisher(name: str, lang: str) -> str:
    """Return a publisher's name with the remarks about it in the language of the reader."""
    for phrase, words in wording()["publisher"].items():
        if phrase in name:
            name = name.replace(phrase, words[language(lang)])
    return name


# Where the words of a column's codes stand; a code that is in none of them is shown as it is.
_SECTIONS = {
    "scenario": ("scenario",), "condition": ("condition",), "reason": ("reason",), "basis": ("basis",),
    "status": ("status",), "state": ("state",), "grade": ("page", "grade"), "pillar": ("pillar",), "model": ("model",),
}
_AREAS = ("area", "best_area", "peer_area")


def named(table: pd.DataFrame, lang: str, catalogue: Any = None) -> pd.DataFrame:
    """Return a table with its codes in words and, given a catalogue, its ids in names; numbers stay as they are.

    Parameters
    ----------
    table : DataFrame
        Any result table.
    lang : {"vi", "en"}
    catalogue : object, optional
        With ``find_area(id)`` and ``find_indicator(id)``, as the room of facts has them.

    Examples
    --------
    >>> import pandas as pd
    >>> named(pd.DataFrame({"scenario": ["halt"], "value": [7.1]}), "en").values.tolist()
    [['No change', 7.1]]
    """
    words = {
        column: [_word(sections, str(code), lang) for code in _filled(table[column])]
        for column, sections in _SECTIONS.items()
        if column in table
    }
    if catalogue is not None:
        words |= {
            column: _names(table[column], lang, catalogue.find_area, "name") for column in _AREAS if column in table
        }
        if "indicator" in table:
            words["indicator"] = _names(table["indicator"], lang, catalogue.find_indicator, "short")
    return table.assign(**{column: pd.Series(texts, index=table.index, dtype="str") for column, texts in words.items()})


def _word(sections: tuple[str, ...], code: str, lang: str) -> str:
    held = wording()
    return next((held[name][code][lang] for name in sections if code in held.get(name, {})), code)


def word(section: str, code: str, lang: str) -> str:
    """Return the word of a code in a section; an unknown code is shown as it is.

    >>> word("condition", "no_further_change", "vi"), word("condition", "rain", "vi")
    ('từ nay không thay đổi', 'rain')
    """
    return _word((section,), code, lang)


def _names(ids: pd.Series, lang: str, find: Any, field: str) -> list[str]:
    known = {one: in_language(find(str(one)), field, lang) if one else "" for one in _filled(ids).unique()}
    return [known[one] for one in _filled(ids)]


def _filled(column: pd.Series) -> pd.Series:
    """Return a column with "" for nothing; one that holds nothing at all is read from a file as numbers."""
    return column.astype("object").fillna("")
