"""Readers of users' files: each gives a `Reading`, whatever the format.

`read` looks at the first bytes, not only at the name: a workbook saved as .csv is still a workbook.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from dxanalysis.facts.understand.door import Preview, interpret
from dxanalysis.facts.understand.guards import readable
from dxanalysis.facts.understand.reading import Reading, without_controls


def kind_of(path: str | Path) -> str:
    """Return the format of a file: "table" (CSV, XLSX, XLS), "px", "json-stat", "sdmx-csv" or "sdmx-ml"."""
    path = readable(path)
    with path.open("rb") as stream:
        head = stream.read(4000)
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if head[:4] == b"PK\x03\x04" or head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "table"
    if path.suffix.lower() == ".px" or plain.startswith((b"CHARSET=", b"AXIS-VERSION=")):
        return "px"
    if plain.startswith(b"<"):
        return "sdmx-ml"
    if plain.startswith((b"{", b"[")):
        return "json-stat"
    first = plain.split(b"\n", 1)[0].upper()
    structured = first.startswith((b"DATAFLOW", b"STRUCTURE", b'"DATAFLOW', b'"STRUCTURE'))
    return "sdmx-csv" if structured or (b"TIME_PERIOD" in first and b"OBS_VALUE" in first) else "table"


def read(
    path: str | Path, *, sheet: str | None = None, decimal: str | None = None, language: str | None = None
) -> Reading:
    """Read a file in whatever of the known formats it is.

    Parameters
    ----------
    path : path
        CSV, XLSX, XLS, PX, JSON-stat, SDMX-CSV or SDMX-ML.
    sheet : str, optional
        Sheet of a workbook.
    decimal : "," or ".", optional
        Decimal sign of printed numbers, where the file does not prove it.
    language : str, optional
        Language of a PX file in several languages.

    Raises
    ------
    DataError
        When the file as a whole cannot be read.
    """
    reading = _read(path, kind_of(path), sheet=sheet, decimal=decimal, language=language)
    return without_controls(reading, Path(path).name)


def _read(path: str | Path, kind: str, *, sheet: str | None, decimal: str | None, language: str | None) -> Reading:
    if kind == "px":
        from dxanalysis.facts.understand.px import read_px

        return read_px(path, language=language)
    if kind == "json-stat":
        from dxanalysis.facts.understand.jsonstat import read_jsonstat

        return read_jsonstat(path)
    if kind in ("sdmx-csv", "sdmx-ml"):
        from dxanalysis.facts.understand.sdmx import read_sdmx_csv, read_sdmx_ml

        return read_sdmx_csv(path) if kind == "sdmx-csv" else read_sdmx_ml(path)
    from dxanalysis.facts.understand.tables import read_table

    return read_table(path, sheet=sheet, decimal=decimal)


def understand(
    path: str | Path,
    *,
    sheet: str | None = None,
    decimal: str | None = None,
    language: str | None = None,
    indicator: str | Mapping[str, str] | None = None,
    area: str | None = None,
    period: str | None = None,
    where: Mapping[str, str] | None = None,
    boundaries: str = "period",
    code_list: str | None = None,
    scale: float | None = None,
    new_indicators: pd.DataFrame | None = None,
) -> Preview:
    """Read a file and say what was understood; nothing is written.

    Parameters
    ----------
    path : path
        CSV, XLSX, XLS, PX, JSON-stat, SDMX-CSV or SDMX-ML.
    sheet, decimal, language
        See `readers.read`.
    indicator : str or mapping, optional
        Indicator id for the whole file, or printed name -> id.
    area, period : str, optional
        For a file that names no area or no period.
    where : mapping, optional
        Dimension -> the one category to take ("Giới tính" -> "Chung").
    boundaries : "period", "before-2025" or "since-2025"
        Which province a name shared before and after 1 July 2025 means; by default the figure's period decides.
    code_list : "vn63" or "vn34", optional
        Code list of bare area codes; seven codes mean another province in each.
    scale : 1 or 100, optional
        Answer to the suspicion that percentages are given as fractions of 1: 100 multiplies, 1 keeps.
    new_indicators : DataFrame, optional
        Records of indicators the catalogue does not hold (see `new_indicator`).

    Raises
    ------
    DataError
        When the file as a whole cannot be read.
    """
    from dxanalysis.facts.understand.form import is_form, read_form

    if is_form(path):
        return read_form(path)
    reading = read(path, sheet=sheet, decimal=decimal, language=language)
    records = {} if new_indicators is None else {"indicators": new_indicators}
    if reading.kind == "xlsx":
        from dxanalysis.facts.understand.template import read_records

        records = read_records(path) | records
    return interpret(
        reading,
        Path(path).name,
        indicator=indicator,
        area=area,
        period=period,
        where=where or {},
        boundaries=boundaries,
        code_list=code_list,
        scale=scale,
        records=records,
    )
