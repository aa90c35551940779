"""Small phrases of the office files: texts, periods, names of documents and of publications."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

from ..briefing import labels, numbers
from ..facts import catalogue
from ..facts.records import FORM, Area, Document, Indicator

_NUMBERLESS = r" \((?:không nêu số văn bản|number not given[^)]*)\)|, (?:không nêu số văn bản|number not given)(?=\))"
_NOBODY = ("không nêu", "not stated", "not given")


def text(key: str, lang: str, **values: str) -> str:
    """Return a text of the office files.

    >>> text("distance_missing", "vi", amount="12,9 điểm phần trăm")
    'còn thiếu 12,9 điểm phần trăm'
    """
    return labels.fill(labels.entry("office", key)[numbers.language(lang)], values)


def one_bracket(said: str) -> str:
    """Join remarks in brackets that follow each other.

    >>> one_bracket("89,1% (không rõ thời điểm) (năm 2023)")
    '89,1% (không rõ thời điểm; năm 2023)'
    """
    return said.replace(") (", "; ")


def known(value: Any) -> bool:
    """Tell whether a cell of the judgement table holds something."""
    return (
        value is not None
        and value is not pd.NA
        and value != ""
        and not (isinstance(value, float) and math.isnan(value))
    )


def period(code: str, lang: str) -> str:
    """Write a period of the data as a reader says it.

    >>> period("2024-09", "vi"), period("2022-H1", "vi"), period("2024-Q1", "vi"), period("2021-2025", "en")
    ('tháng 09/2024', '6 tháng đầu năm 2022', 'quý I/2024', '2021–2025')
    """
    if found := re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", code):
        if found[3]:
            return text("period_day", lang, date=numbers.date(code, lang))
        return text("period_month", lang, date=numbers.date(code, lang))
    if found := re.fullmatch(r"(\d{4})-(H|Q)(\d)", code):
        key = "period_half" if found[2] == "H" else "period_quarter"
        about = {"year": found[1], "n": "I" * int(found[3]) if found[3] < "4" else "IV", "quarter": found[3]}
        return text(f"{key}{found[3]}" if key == "period_half" else key, lang, **about)
    if found := re.fullmatch(r"(\d{4})-(\d+)M", code):
        return text("period_months", lang, n=found[2], year=found[1])
    if found := re.fullmatch(r"(\d{4})-(\d{4})", code):
        return text("period_span", lang, first=found[1], last=found[2])
    return text("period_year", lang, year=code)


def ranges(numbers: Iterable[int]) -> str:
    """Print numbers in order, three and more in a row as a range.

    >>> ranges([1, 2, 3, 5, 7, 8])
    '1–3, 5, 7, 8'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def numbered(numbers: Iterable[int], lang: str) -> str:
    """Name rows of the appendix by their numbers.

    >>> numbered([1], "en"), numbered([1, 4], "en"), numbered([1, 2, 3], "vi")
    ('No. 1', 'Nos. 1, 4', 'số thứ tự 1–3')
    """
    found, words = list(numbers), labels.entry("office", "numbered")
    form = "en_one" if lang == "en" and len(found) == 1 else lang
    return labels.fill(words[form], {"numbers": ranges(found)})


def other_figure(goal: Any, row: dict[str, Any], lang: str) -> str:
    """Say a figure of a goal that is held and not judged: its period, its value, whose it is."""
    about = {"period": period(str(row["period"]), lang), "value": goal.value(row["value"], lang)}
    record = catalogue.source(str(row["source"])) if row.get("source") else None
    if record is not None and record.note == FORM:  # what an office reported is said to be its own
        by = text("reported_by", lang, body=record.publisher, date=numbers.date(record.published, lang))
        return "{period}: {value} ".format(**about) + by
    return text("note_other", lang, **about,
                definition=labels.definer(goal.measured(str(row["definition"]), str(row["vintage"])), lang))


def _titled(document: Document, lang: str) -> str:
    """Return the title of a document without the remark that its number is not known: that is for whoever drafts."""
    return re.sub(_NUMBERLESS, "", labels.in_language(document, "title", lang))


def document_name(document: Document, lang: str) -> str:
    """Return the short name of a document: its kind and number, or its whole title where it has none."""
    title = _titled(document, lang)
    number = document.number
    return title[: title.index(number) + len(number)] if number and number in title else title


def document_line(document: Document, lang: str) -> str:
    """Return a document as Nghị định 30/2020 cites one: kind, number, day as well as it is known, issuer, subject.

    >>> from dxanalysis.facts.catalogue import find_document
    >>> document_line(find_document("749"), "vi")[:79]
    'Quyết định số 749/QĐ-TTg ngày 03 tháng 6 năm 2020 của Thủ tướng Chính phủ về Ch'
    """
    title, name = _titled(document, lang), document_name(document, lang)
    rest = re.sub("^: ", " về ", title.removeprefix(name))
    about = {"title": title, "name": name, "issuer": labels.in_language(document, "issuer", lang)}
    about["rest"] = "" if re.match(r"( năm \d{4})? của ", rest) else rest  # the issuer is named already
    year, month, day = document.date.split("-")
    about |= {"year": year, "month": month if month < "03" else month.lstrip("0"), "day": day}
    about |= {"date": numbers.date(document.date, lang), "period": period(document.date[:7], lang)}
    sure = {"exact": "document_line", "month": "document_line_month"}.get(document.date_basis, "document_line_by")
    if name == title:
        told = about["issuer"] in title or about["issuer"] in _NOBODY
        return title if told else one_bracket(text("document_line_open", lang, **about))
    return one_bracket(text(sure, lang, **about))


def title_in(indicator: Indicator, area: Area, lang: str) -> str:
    """Return the name of an indicator in full, of GRDP or GDP as the area has it."""
    title = labels.in_language(indicator, "title", lang)
    return labels.measure_name(indicator, area, lang) if "GRDP" in title else title


def capitals(said: str) -> str:
    """Return a heading in capitals, in which numbers of documents stay as they are.

    >>> capitals("mục tiêu của Quyết định số 411/QĐ-TTg")
    'MỤC TIÊU CỦA QUYẾT ĐỊNH SỐ 411/QĐ-TTg'
    """
    return re.sub(r"\S+", lambda word: word[0] if re.match(r"\d+/", word[0]) else word[0].upper(), said)


def place_name(area: Area, lang: str) -> str:
    """Return an area's name without the remark in brackets about its boundary.

    >>> from dxanalysis import facts
    >>> place_name(facts.find_area("da-nang-2025"), "vi")
    'Đà Nẵng'
    """
    return re.sub(r"\s*\([^)]*\)$", "", labels.in_language(area, "name", lang))
