"""Write a workbook to fill in, with drop-down lists, which the importer reads back without a question."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from dxanalysis.facts.catalogue import find_area, find_indicator, source
from dxanalysis.facts.names import fold
from dxanalysis.facts.package import RELIABILITY, open_package
from dxanalysis.facts.records import Source
from dxanalysis.facts.schema import DataError, Problem, refuse
from dxanalysis.facts.understand.periods import parse_period
from dxanalysis.facts.understand.workbooks import read_xlsx, sheet_names

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

WORDS: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_ROWS = 1000  # prepared with drop-down lists
_FIRST_ROW = {"data": 2, "sources": 1}  # rows above are headers of the template
QUALIFIERS = ("=", ">", "<", "about")
_SOURCE_COLUMNS = ("id", "publisher", "title", "published", "url", "grade")
_CREATED = dt.datetime(2020, 1, 1)  # a fixed day: the same template has the same bytes
# Where things stand in the collection form that `dx report --form` writes and the importer reads back.
MARK = "dxanalysis form 1"  # opens the hidden column, before the area's id
SHEETS = {"vi": "Biểu thu thập", "en": "Collection form"}
OFFICE, PERSON, DAY, HEAD = 2, 3, 4, 6  # rows, counted from 0: who, by whom, when, headings
ANSWER = 3  # column of the answers to who and when
YEARS = 4  # column of the first year


def write(path: str | Path, *, lang: str = "vi") -> Path:
    """Write a workbook with the sheets data, sources, lists and help; lists hold the catalogue in use.

    Parameters
    ----------
    path : path
        Where to write; an existing file is not overwritten.
    lang : "vi" or "en"
        Language of headers, lists and help.

    Raises
    ------
    ValueError
        For another language.
    DataError
        When the file exists.
    """
    import xlsxwriter

    path = Path(path)
    if lang not in WORDS:
        raise ValueError(f"Unknown language {lang!r}. Languages: {list(WORDS)}.")
    if path.exists():
        raise refuse(path.name, "exists already.", "Choose another name; a filled-in file is never overwritten.")
    words = WORDS[lang]
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    try:
        book.set_properties({"created": _CREATED})
        data, sources, lists, guide = (book.add_worksheet(name) for name in words["sheets"])
        columns = _lists(lang)
        _write_lists(book, lists, words["lists"], columns)
        _write_data(book, data, words, columns)
        _write_sources(book, sources, words)
        guide.set_column(0, 0, 110)
        guide.write_column(0, 0, words["help"])
    finally:
        book.close()
    return path


def _lists(lang: str) -> list[list[str]]:
    tables = open_package().tables
    titles = tables["indicators"][f"title_{lang}"]
    units = sorted(tables["indicators"]["unit"].unique())
    areas = tables["areas"][f"name_{lang}"]
    definitions = sorted(tables["definitions"]["id"].unique())
    unique = titles[~titles.duplicated(keep=False)]
    named = [sorted(unique, key=fold), definitions, sorted(areas, key=fold), units]
    return [*named, WORDS[lang]["statuses"], list(QUALIFIERS), list(RELIABILITY)]


def _header(book: Workbook) -> Any:
    return book.add_format({"bold": True, "bg_color": "#D9E2EC", "border": 1, "text_wrap": True})


def _write_lists(book: Workbook, page: Worksheet, names: list[str], columns: list[list[str]]) -> None:
    page.write_row(0, 0, names, _header(book))
    for i, column in enumerate(columns):
        page.write_column(1, i, column)
        page.set_column(i, i, min(60, max(map(len, column), default=8) + 2))


def _write_data(book: Workbook, page: Worksheet, words: dict, columns: list[list[str]]) -> None:
    page.write(0, 0, words["title"], book.add_format({"italic": True}))
    page.write_row(1, 0, words["columns"], _header(book))
    page.freeze_panes(2, 0)
    page.set_column(0, 0, 50)
    page.set_column(1, 9, 16)
    # Text format: Excel would turn 04/2023 into a date and 2023-04 into April.
    page.set_column(3, 3, 12, book.add_format({"num_format": "@"}))
    sheet = words["sheets"][2]
    for column, which in ((0, 0), (1, 1), (2, 2), (5, 3), (6, 4), (8, 5)):
        _drop_down(page, (2, column, _ROWS + 1), sheet, which, len(columns[which]))
    number = {"validate": "decimal", "criteria": "between", "minimum": -1e15, "maximum": 1e15, "ignore_blank": True}
    page.data_validation(2, 4, _ROWS + 1, 4, number)
    sources = f"='{words['sheets'][1]}'!$A$2:$A$200"
    page.data_validation(2, 7, _ROWS + 1, 7, {"validate": "list", "source": sources, "ignore_blank": True})


def _drop_down(page: Worksheet, place: tuple[int, int, int], sheet: str, which: int, length: int) -> None:
    first, column, last = place
    letter = chr(65 + which)
    source = f"='{sheet}'!${letter}$2:${letter}${length + 1}"
    page.data_validation(first, column, last, column, {"validate": "list", "source": source, "ignore_blank": True})


def _write_sources(book: Workbook, page: Worksheet, words: dict) -> None:
    page.write_row(0, 0, words["sources"], _header(book))
    page.set_column(0, 5, 28)
    page.set_column(3, 3, 14, book.add_format({"num_format": "@"}))
    page.data_validation(1, 5, 199, 5, {"validate": "list", "source": list(RELIABILITY)})


def read_records(path: str | Path) -> dict[str, pd.DataFrame]:
    """Return the sources a filled-in template describes; any other workbook describes none.

    Raises
    ------
    DataError
        When a source lacks its publisher or its day of publication.
    """
    known = {words["sheets"][1]: words["sources"] for words in WORDS.values()}
    for sheet in sheet_names(path):
        if sheet in known:
            rows = read_xlsx(path, sheet)[0].rows
            if rows and [cell.text for cell in rows[0][:6]] == known[sheet]:
                return _sources([[cell.text for cell in row[:6]] for row in rows[1:]], Path(path).name)
    return {}


def _sources(rows: list[list[str]], name: str) -> dict[str, pd.DataFrame]:
    kept = [dict(zip(_SOURCE_COLUMNS, row, strict=False)) for row in rows if any(row)]
    for number, row in enumerate(kept, start=2):
        published, _ = parse_period(row["published"]) or ("", "")
        if not row["id"] or not row["publisher"] or len(published) != 10:
            value = " / ".join(row.values())
            cure = "Give an id, the publisher and the day of publication (30/06/2024)."
            raise refuse(name, "describes a source incompletely.", cure, row=number, column="sources", value=value)
        row |= {"published": published, "published_basis": "exact", "read": dt.date.today().isoformat()}
        row["grade"] = row["grade"] or "press"
    return {"sources": pd.DataFrame(kept)} if kept else {}


def own_workbook(path: str | Path, published: pd.DataFrame, folder: str | Path, *, lang: str = "vi") -> Path:
    """Return the researcher's workbook; without one, a template filled in with published figures as an example.

    Parameters
    ----------
    path : path or ""
        The researcher's file. Empty: the example is made.
    published : DataFrame
        The history that fills the example; it may be empty.
    folder : path
        Where the example is written, under the name ``own.xlsx``; an older example is replaced.
    lang : "vi" or "en"
        Language of the template.

    Raises
    ------
    DataError
        Where `path` names no file.
    """
    if path:
        if not Path(path).is_file():
            raise DataError([Problem(str(path), 0, "", "", "is not a file.", "Give its path, or leave it empty.")])
        return Path(path)
    made = Path(folder) / "own.xlsx"
    made.parent.mkdir(parents=True, exist_ok=True)
    made.unlink(missing_ok=True)
    write(made, lang=lang)
    return fill_in(made, published, lang=lang) if len(published) else made


def fill_in(path: str | Path, history: pd.DataFrame, *, lang: str = "vi") -> Path:
    """Write the figures of a history and their sources into an empty template, as a person would."""
    words = WORDS[lang]
    with pd.ExcelWriter(path, engine="openpyxl", mode="a", if_sheet_exists="overlay") as book:
        for frame, sheet, rows in (
            (_example_figures(history, lang), words["sheets"][0], _FIRST_ROW["data"]),
            (_example_sources(history), words["sheets"][1], _FIRST_ROW["sources"]),
        ):
            frame.to_excel(book, sheet_name=sheet, startrow=rows, header=False, index=False)
    return Path(path)


def _example_figures(history: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Return the rows of the data sheet in the words of its drop-down lists."""
    statuses = dict(zip(WORDS["en"]["statuses"], WORDS[lang]["statuses"], strict=True))
    return pd.DataFrame({
        "indicator": [getattr(find_indicator(one), f"title_{lang}") for one in history["indicator"]],
        "definition": history["definition"],
        "area": [getattr(find_area(one), f"name_{lang}") for one in history["area"]],
        "period": history["year"].astype("str"),
        "value": history["value"],
        "unit": [find_indicator(one).unit for one in history["indicator"]],
        "status": [statuses.get(one, one) for one in history["status"]],
        "source": history["source"],
        "qualifier": "=",
        "note": history["break_before"],
    })


def _example_sources(history: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the source sheet; a page without a date gets the day its figures count as known."""
    known = history.groupby("source", sort=False)["vintage"].max()
    records = [(source(one), str(day)) for one, day in known.items()]
    rows = [(one.id, one.publisher, one.title, one.published or day, one.url, one.grade) for one, day in records]
    return pd.DataFrame(rows)


def _data_sheet(path: str | Path) -> str:
    """Return the data sheet of a template; empty for any other file."""
    if Path(path).suffix.lower() != ".xlsx":
        return ""
    known = {words["sheets"][0] for words in WORDS.values()}
    return next((sheet for sheet in sheet_names(path) if sheet in known), "")


def is_unfilled(path: str | Path) -> bool:
    """Tell whether a file is a template whose data sheet holds no figure yet."""
    sheet = _data_sheet(path)
    rows = read_xlsx(path, sheet)[0].rows if sheet else []
    return bool(rows) and not any(cell.text for row in rows[_FIRST_ROW["data"] :] for cell in row)


def source_in(path: str | Path = "") -> Callable[[str], Source]:
    """Return the function that finds a source id, first in a filled-in workbook, then in the catalogue.

    >>> source_in("")("founding-article").published
    '2023-10-02'
    """
    records = read_records(path) if path and Path(path).suffix.lower() == ".xlsx" else {}
    rows = records["sources"].to_dict("records") if "sources" in records else []
    fields = Source.__dataclass_fields__
    own = {row["id"]: Source(**{name: str(row.get(name, "")) for name in fields}) for row in rows}

    def find(id: str) -> Source:
        return own[id] if id in own else source(id)

    return find
