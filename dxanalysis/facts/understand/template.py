"""Write a workbook to fill in, with drop-down lists, which the importer reads back without a question."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from dxanalysis.facts.names import fold
from dxanalysis.facts.package import open_package
from dxanalysis.facts.understand.grids import read_xlsx, sheet_names
from dxanalysis.facts.understand.guards import refuse

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

WORDS = {
    "vi": {
        "sheets": ("Số liệu", "Nguồn", "Danh mục", "Hướng dẫn"),
        "title": "Mỗi dòng một số liệu; chọn từ danh sách, không tự đặt tên mới",
        "columns": (
            *("Chỉ tiêu", "Cách tính", "Địa phương", "Kỳ", "Giá trị"),
            *("Đơn vị tính", "Trạng thái", "Nguồn", "Dấu", "Ghi chú"),
        ),
        "sources": ("Mã nguồn", "Cơ quan công bố", "Tên tài liệu", "Ngày công bố", "Địa chỉ", "Loại nguồn"),
        "lists": ("Chỉ tiêu", "Cách tính", "Địa phương", "Đơn vị tính", "Trạng thái", "Dấu", "Loại nguồn"),
        "statuses": ("Chính thức", "Sơ bộ", "Ước tính", "Tự đánh giá", "Báo cáo", "Tính toán", "Dự báo"),
        "help": (
            "1. Ghi nguồn vào trang 'Nguồn' trước; mã nguồn tự đặt (chữ thường không dấu, nối bằng gạch ngang).",
            "2. Trang 'Số liệu': mỗi dòng một số liệu. Kỳ: 2023, Q1/2023, 04/2023 hoặc 30/06/2023.",
            "3. Không có số liệu thì bỏ trống hoặc ghi …, không ghi 0. Tỷ lệ ghi theo phần trăm: 12,5 chứ không 0,125.",
            "4. Không dùng công thức, không nối tới tệp khác. Cách tính: ai đo và đo thế nào (gso, mic, province).",
            "5. Nhập vào: dx data import TỆP.xlsx --to THƯ_MỤC",
        ),
    },
    "en": {
        "sheets": ("Data", "Sources", "Lists", "Help"),
        "title": "One figure per row; choose from the lists, do not invent names",
        "columns": (
            *("Indicator", "Definition", "Area", "Period", "Value"),
            *("Unit", "Status", "Source", "Qualifier", "Note"),
        ),
        "sources": ("Source id", "Publisher", "Title", "Published", "Address", "Grade"),
        "lists": ("Indicator", "Definition", "Area", "Unit", "Status", "Qualifier", "Grade"),
        "statuses": ("official", "preliminary", "estimate", "self-assessed", "reported", "derived", "projection"),
        "help": (
            "1. Fill in the sheet 'Sources' first; the source id is yours (lower case, words joined by hyphens).",
            "2. Sheet 'Data': one figure per row. Period: 2023, Q1/2023, 04/2023 or 30/06/2023.",
            "3. Leave an unknown figure empty or write …; never 0. Write shares in percent (12.5), not 0.125.",
            "4. No formulas, no links to other files. Definition says who measures and how (gso, mic, province).",
            "5. Import it: dx data import FILE.xlsx --to FOLDER",
        ),
    },
}
GRADES = ("official", "press", "mirror")
QUALIFIERS = ("=", ">", "<", "about")
_SOURCE_COLUMNS = ("id", "publisher", "title", "published", "url", "grade")
_CREATED = dt.datetime(2020, 1, 1)  # a fixed day: the same template has the same bytes


def write(path: str | Path, *, lang: str = "vi", rows: int = 1000) -> Path:
    """Write a workbook with the sheets data, sources, lists and help; lists hold the catalogue in use.

    Parameters
    ----------
    path : path
        Where to write; an existing file is not overwritten.
    lang : "vi" or "en"
        Language of headers, lists and help.
    rows : int
        Number of rows prepared with drop-down lists.

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
        _write_data(book, data, words, columns, rows)
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
    statuses = list(WORDS[lang]["statuses"])
    unique = titles[~titles.duplicated(keep=False)]
    return [
        sorted(unique, key=fold),
        definitions,
        sorted(areas, key=fold),
        units,
        statuses,
        list(QUALIFIERS),
        list(GRADES),
    ]


def _header(book: Workbook) -> Any:
    return book.add_format({"bold": True, "bg_color": "#D9E2EC", "border": 1, "text_wrap": True})


def _write_lists(book: Workbook, page: Worksheet, names: tuple[str, ...], columns: list[list[str]]) -> None:
    page.write_row(0, 0, names, _header(book))
    for i, column in enumerate(columns):
        page.write_column(1, i, column)
        page.set_column(i, i, min(60, max(map(len, column), default=8) + 2))


def _write_data(book: Workbook, page: Worksheet, words: dict, columns: list[list[str]], rows: int) -> None:
    page.write(0, 0, words["title"], book.add_format({"italic": True}))
    page.write_row(1, 0, words["columns"], _header(book))
    page.freeze_panes(2, 0)
    page.set_column(0, 0, 50)
    page.set_column(1, 9, 16)
    # Text format: Excel would turn 04/2023 into a date and 2023-04 into April.
    page.set_column(3, 3, 12, book.add_format({"num_format": "@"}))
    sheet = words["sheets"][2]
    for column, which in ((0, 0), (1, 1), (2, 2), (5, 3), (6, 4), (8, 5)):
        _drop_down(page, (2, column, rows + 1), sheet, which, len(columns[which]))
    number = {"validate": "decimal", "criteria": "between", "minimum": -1e15, "maximum": 1e15, "ignore_blank": True}
    page.data_validation(2, 4, rows + 1, 4, number)
    sources = f"='{words['sheets'][1]}'!$A$2:$A$200"
    page.data_validation(2, 7, rows + 1, 7, {"validate": "list", "source": sources, "ignore_blank": True})


def _drop_down(page: Worksheet, place: tuple[int, int, int], sheet: str, which: int, length: int) -> None:
    first, column, last = place
    letter = chr(65 + which)
    source = f"='{sheet}'!${letter}$2:${letter}${length + 1}"
    page.data_validation(first, column, last, column, {"validate": "list", "source": source, "ignore_blank": True})


def _write_sources(book: Workbook, page: Worksheet, words: dict) -> None:
    page.write_row(0, 0, words["sources"], _header(book))
    page.set_column(0, 5, 28)
    page.set_column(3, 3, 14, book.add_format({"num_format": "@"}))
    page.data_validation(1, 5, 199, 5, {"validate": "list", "source": list(GRADES)})


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
            rows = read_xlsx(path, sheet).rows
            if rows and tuple(cell.text for cell in rows[0][:6]) == known[sheet]:
                return _sources([[cell.text for cell in row[:6]] for row in rows[1:]], Path(path).name)
    return {}


def _sources(rows: list[list[str]], name: str) -> dict[str, pd.DataFrame]:
    from dxanalysis.facts.understand.periods import parse_period

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
