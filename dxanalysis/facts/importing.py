"""Understand a user's file, ask for what it cannot know, and write it as a data package beside the shipped one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from dxanalysis.facts.interpreting import Preview, interpret
from dxanalysis.facts.package import fields, open_package
from dxanalysis.facts.readers import read
from dxanalysis.facts.records import DataError, Problem

__all__ = ["Preview", "import_file", "import_large", "interpret", "new_indicator", "understand", "write_package"]


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
    reading = read(path, sheet=sheet, decimal=decimal, language=language)
    records = {} if new_indicators is None else {"indicators": new_indicators}
    if reading.kind == "xlsx":
        from dxanalysis.facts.template import read_records

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


def new_indicator(
    id: str, title_vi: str, title_en: str, unit: str, *, direction: int = 0, pillar: str = "context", **more: str
) -> pd.DataFrame:
    """Describe an indicator the catalogue does not hold, as one row of the indicators table.

    Parameters
    ----------
    id : str
        snake_case name.
    title_vi, title_en : str
        Titles in both languages.
    unit : str
        A unit of the schema ("percent", "count", "vnd_billion", ...).
    direction : int
        +1 where higher is better, -1 where lower is better, 0 neither.
    pillar : str
        digital_government, digital_economy, digital_society, data or context.
    **more
        Other columns of the indicators table ("lower", "upper", "decimals", "licence", ...).

    Raises
    ------
    ValueError
        For a column the table does not have.
    """
    row = dict.fromkeys(fields("indicators"), "")
    unknown = sorted(set(more) - set(row))
    if unknown:
        raise ValueError(f"The indicators table has no column {unknown[0]!r}. Columns: {list(row)}")
    row |= {"id": id, "title_vi": title_vi, "title_en": title_en, "short_vi": title_vi, "short_en": title_en}
    row |= {"unit": unit, "unit_vi": "%" if unit == "percent" else unit, "unit_en": "%" if unit == "percent" else unit}
    row |= {"pillar": pillar, "direction": str(direction), "decimals": "2", "merge": "none", "licence": "not stated"}
    if unit == "percent":
        row |= {"lower": "0"}
    return pd.DataFrame([row | {key: str(value) for key, value in more.items()}], dtype="str")


def write_package(
    preview: Preview,
    target: str | Path,
    *,
    definition: str | Mapping[str, str] | None = None,
    source: str | Mapping[str, str] | None = None,
    vintage: str | None = None,
    status: str | None = None,
) -> Path:
    """Write an understood file as a data package in a new folder, whole or not at all.

    Parameters
    ----------
    preview : Preview
        From `understand`, with every question but definition and source answered.
    target : path
        A folder that does not exist yet, outside the shipped data.
    definition : str or mapping
        Id of a definition, or its record: id, agency, name_vi, name_en, method.
    source : str or mapping
        Id of a source, or its record: publisher, title, published (YYYY-MM-DD), url, grade (official, press, mirror).
    vintage : str, optional
        Day the figures were published; default: the day of the source.
    status : str, optional
        Status of figures that carry none; default: official for an official source, else reported.

    Returns
    -------
    Path
        The folder written.

    Raises
    ------
    DataError
        When a question is open, or the package would not pass the check; nothing has been written then.
    """
    from dxanalysis.facts.packing import package_tables, write_folder

    _refuse_open(preview, definition, source)
    tables = package_tables(preview, definition, source, vintage, status)
    return write_folder(tables, Path(target), preview)


def _refuse_open(preview: Preview, definition: object, source: object) -> None:
    answered = {name for name, value in (("definition", definition), ("source", source)) if value}
    missing = {name: text for name, text in preview.questions.items() if name not in answered}
    faults = [
        Problem(preview.file, 0, name, "", f"needs an answer: {text}", f"Give {name}=...")
        for name, text in missing.items()
    ]
    if preview.problems or faults:
        raise DataError([*preview.problems, *faults])


def import_file(
    path: str | Path,
    target: str | Path,
    *,
    definition: str | Mapping[str, str] | None = None,
    source: str | Mapping[str, str] | None = None,
    vintage: str | None = None,
    status: str | None = None,
    **answers: object,
) -> Path:
    """Understand a file and write it as a package in one step (see `understand` and `write_package`)."""
    preview = understand(path, **answers)  # type: ignore[arg-type]
    return write_package(preview, target, definition=definition, source=source, vintage=vintage, status=status)


def import_large(path: str | Path, target: str | Path) -> Path:
    """Write millions of observations (a CSV in our columns) as a package that holds a Parquet store.

    Indicators, definitions, areas and sources the catalogue lacks (communes, say) are described in another package of
    ``DX_DATA``; the store is checked against all of them before the folder takes its name.

    Parameters
    ----------
    path : path
        CSV in UTF-8 with the columns indicator, definition, area, period, value, unit, status, vintage, source.
    target : path
        A folder that does not exist yet.

    Raises
    ------
    DataError
        When the file cannot be read or the check finds anything; nothing has been written then.
    ImportError
        When pyarrow is not installed.
    """
    from dxanalysis.facts import store
    from dxanalysis.facts.packing import write_descriptor
    from dxanalysis.facts.staging import new_folder
    from dxanalysis.facts.storecheck import as_problems, check_against

    target = Path(target).expanduser().resolve()
    catalogue = open_package().tables
    with new_folder(target, Path(path).name) as staging:
        built = store.build(store.read_csv_chunks(path), staging / "observations")
        problems = check_against(built, catalogue)
        if len(problems):
            raise DataError(as_problems(problems))
        write_descriptor(staging, target.name, [{"name": "store", "format": "parquet", "path": "observations"}])
    return target
