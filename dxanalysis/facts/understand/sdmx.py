"""Read SDMX data: CSV (versions 1 and 2) and XML (generic and structure-specific), without fetching structures."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from dxanalysis.facts.schema import Problem, refuse
from dxanalysis.facts.understand.guards import MAX_CELLS, children, decode, local_name, parse_xml, read_bytes
from dxanalysis.facts.understand.numbers import status_id
from dxanalysis.facts.understand.reading import CELL_COLUMNS, Reading, name_periods, time_dimension
from dxanalysis.facts.understand.roles import role_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_STRUCTURE = {"DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "SERIES_KEY"}
_ATTRIBUTES = {
    *("OBS_STATUS", "CONF_STATUS", "DECIMALS", "TIME_FORMAT", "COLLECTION", "TITLE", "NOTE", "SOURCE"),
    *("OBS_CONF", "COMMENT_OBS", "COMMENT_TS", "PRE_BREAK_VALUE", "OBS_PRE_BREAK", "TIME_PER_COLLECT", "BASE_PER"),
    "FREQ",  # the period says it
}
_KEPT = {"SOURCE", "NOTE"}
_ROLES = {"SERIES": "indicator", "DX_STATUS": "status", "LOCATION": "area", "TIME_PERIOD": "period"}


def read_sdmx_csv(path: str | Path) -> Reading:
    """Read SDMX-CSV; "CODE: Label" cells give codes and labels.

    Raises
    ------
    DataError
        When TIME_PERIOD or OBS_VALUE is absent, or rows delete data (ACTION D).
    """
    path = Path(path)
    text, encoding = decode(read_bytes(path), path.name)
    delimiter = ";" if text.split("\n", 1)[0].count(";") > text.split("\n", 1)[0].count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise refuse(path.name, f"is not CSV ({error}).", "It may be truncated: fetch it again.") from None
    header = reader.fieldnames or []
    if len(set(header)) < len(header):
        raise refuse(path.name, "names a column twice.", "Fetch it again.", row=1)
    ragged = next((line for line, row in rows if None in row or None in row.values()), 0)
    if ragged:
        raise refuse(path.name, "the row has another number of cells than the header.", "Fetch it again.", row=ragged)
    if any(row.get("ACTION") == "D" for _, row in rows):
        raise refuse(path.name, "holds rows that delete data (ACTION D).", "Export the data themselves.")
    return assemble("sdmx-csv", rows, path.name, f"SDMX-CSV in {encoding}")


def read_sdmx_ml(path: str | Path) -> Reading:
    """Read SDMX-ML 2.0, 2.1 or 3.0 data, generic or structure-specific; structures are not needed nor fetched.

    Raises
    ------
    DataError
        When the XML is broken or declares entities, or holds no observations.
    """
    path = Path(path)
    root = parse_xml(read_bytes(path), path.name)
    rows = list(enumerate(_observations(root), start=1))
    if not rows:
        what = f"is XML ('{local_name(root.tag)}') without SDMX observations."
        raise refuse(path.name, what, "Download the data themselves (not the structure), or as SDMX-CSV.")
    return assemble("sdmx-ml", rows, path.name, "SDMX-ML")


def _observations(root: Element) -> Iterator[dict[str, str]]:
    for dataset in root.iter():
        if local_name(str(dataset.tag)) != "DataSet":
            continue
        own = _values(dataset, "Attributes")
        groups = [_group(group) for group in children(dataset, "Group")]
        for series in children(dataset, "Series"):
            key = own | _values(series, "SeriesKey") | _values(series, "Attributes") | _plain(series)
            key |= next((found for group, found in groups if group.items() <= key.items()), {})
            for observation in children(series, "Obs"):
                yield key | _observation(observation)
        for observation in children(dataset, "Obs"):
            yield own | _observation(observation)
        for group in children(dataset, "Group"):  # version 2.0 by cross-section: the tag of a figure is its measure
            for section in children(group, "Section"):
                key = own | _plain(group) | _plain(section)
                for figure in section:
                    if "value" in figure.attrib:
                        pairs = _plain(figure) | {"MEASURE": local_name(str(figure.tag))}
                        yield key | pairs | {"OBS_VALUE": pairs.pop("value")}


def _group(group: Element) -> tuple[dict[str, str], dict[str, str]]:
    return _values(group, "GroupKey"), _values(group, "Attributes")


def _plain(element: Element) -> dict[str, str]:
    """Return XML attributes that are dimensions: the ones without a namespace."""
    return {key: value for key, value in element.attrib.items() if not key.startswith("{")}


def _values(element: Element, tag: str) -> dict[str, str]:
    """Return the pairs of <tag><Value id= value=/></tag> (id is called concept in version 2.0)."""
    return {
        value.get("id") or value.get("concept") or "": value.get("value", "")
        for part in children(element, tag)
        for value in children(part, "Value")
    }


def _observation(observation: Element) -> dict[str, str]:
    pairs = _plain(observation) | _values(observation, "ObsKey") | _values(observation, "Attributes")
    measure = next((value for key, value in observation.attrib.items() if key.endswith("}type")), "")
    if measure and "TIME_PERIOD" not in pairs:  # explicit measures: the type of an observation is what it measures
        pairs["MEASURE"] = measure.rpartition(":")[2]
    for part, name in (("ObsDimension", "TIME_PERIOD"), ("ObsValue", "OBS_VALUE")):
        for found in children(observation, part):
            pairs[found.get("id") or name] = found.get("value", "")
    for found in children(observation, "Time"):
        pairs["TIME_PERIOD"] = found.text or ""
    return pairs


def assemble(
    kind: str, rows: list[tuple[int, Mapping[str, str]]], name: str, how: str, labels: Mapping[str, dict] | None = None
) -> Reading:
    """Return the reading of SDMX observations: (line, {dimension or attribute: code}) pairs, whatever their syntax.

    Raises
    ------
    DataError
        When TIME_PERIOD or OBS_VALUE is absent, or a column stands twice.
    """
    columns = list(dict.fromkeys(key for _, row in rows for key in row))
    short = {key: key.split(":")[0].strip() for key in columns}
    if "TIME_PERIOD" not in short.values():  # version 2.0 lets each structure name its time
        words = {key: {row.get(key, ""): row.get(key, "") for _, row in rows[:500]} for key in columns}
        time = time_dimension(words, {key: role_of(name) for key, name in short.items() if name != "OBS_VALUE"})
        short |= {time: "TIME_PERIOD"} if time and short[time] != "OBS_VALUE" else {}
    if not {"TIME_PERIOD", "OBS_VALUE"} <= set(short.values()):
        cure = f"Columns found: {list(short.values())[:10]}. Export the data with time in rows."
        raise refuse(name, "has no TIME_PERIOD and OBS_VALUE.", cure)
    if len(rows) * len(columns) > 4 * MAX_CELLS:
        raise refuse(name, f"has more than {4 * MAX_CELLS:,} cells.", "Select fewer series.")
    table = pd.DataFrame(
        [[row.get(key, "") or "" for key in columns] for _, row in rows], columns=list(short.values()), dtype="str"
    )
    if table.columns.duplicated().any():
        raise refuse(name, "names a column twice.", "Fetch it again.")
    found = dict(labels or {}) | _split_labels(table)
    cells, problems = _cells(table, [row for row, _ in rows], name)
    return _reading(kind, cells, found, problems, how)


def _split_labels(table: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Split "CODE: Label" cells in place and return the labels of each column written so throughout."""
    labels = {}
    for column in table.columns:
        split = table[column].str.extract(r"^([A-Za-z0-9_@$-]+): (.+)$")
        if column not in ("OBS_VALUE", "TIME_PERIOD") and len(split) and split[0].notna().all():
            labels[column] = dict(zip(split[0], split[1], strict=True))
            table[column] = split[0].astype("str")
    return labels


def _cells(table: pd.DataFrame, lines: list[int], name: str) -> tuple[pd.DataFrame, list[Problem]]:
    cells = table.drop(columns=[c for c in table.columns if c in _STRUCTURE | (_ATTRIBUTES - _KEPT)])
    printed = cells.pop("OBS_VALUE").str.strip()
    missing = printed.isin(["", "NaN", "nan", "NA", "None", ":", "..", "..."])
    proper = printed.str.fullmatch(r"[+-]?([0-9]{1,400}\.?[0-9]{0,400}|\.[0-9]{1,400})([eE][+-]?[0-9]{1,3})?")
    value = pd.to_numeric(printed.where(proper & ~missing)).astype("float64")
    finite = value.map(math.isfinite) | missing
    status = table["OBS_STATUS"] if "OBS_STATUS" in table else pd.Series("", index=table.index)
    cells["value"], cells["symbol"] = value.where(finite), printed.where(missing, "").astype("str")
    cells["status"] = status.map(lambda code: status_id(code) or "").astype("str")
    cells["status"] = cells["status"].where(cells["status"] != "official", "")
    cells["row"], cells["column"] = lines, "OBS_VALUE"
    cure = "SDMX writes a decimal point and no thousands marks."
    wrong = cells.index[~(proper & finite) & ~missing]
    problems = [
        Problem(name, int(cells.at[i, "row"]), "OBS_VALUE", printed[i][:80], "is no number.", cure) for i in wrong
    ]
    return cells, problems


def _reading(kind: str, cells: pd.DataFrame, labels: Mapping, problems: Iterable[Problem], how: str) -> Reading:
    dimensions = [column for column in cells.columns if column not in CELL_COLUMNS]
    roles = {d: _ROLES.get(d.upper()) or role_of(d) for d in dimensions}
    unit = next((set(cells[d]) for d, role in roles.items() if role == "unit"), set())
    categories = {"TIME_PERIOD": {p: re.sub(r"-[AW]1?$", "", p) for p in cells["TIME_PERIOD"].unique()}}
    time = time_dimension(categories, {"TIME_PERIOD": "period"})
    problems = [*problems] if time else [*problems, _bad_period(cells)]
    cells, notes = name_periods(cells, "TIME_PERIOD", categories["TIME_PERIOD"])
    return Reading(
        kind=kind,
        cells=cells[[*(c for c in cells.columns if c not in CELL_COLUMNS), *CELL_COLUMNS]],
        dimensions=tuple("period" if d == "TIME_PERIOD" else d for d in dimensions),
        roles={"period" if d == "TIME_PERIOD" else d: role for d, role in roles.items() if role},
        labels=dict(labels),
        unit=str(unit.pop()) if len(unit) == 1 else "",
        notes=(f"{how}: {len(cells)} observations by {', '.join(dimensions)}.", *notes),
        problems=tuple(problems),
    )


def _bad_period(cells: pd.DataFrame) -> Problem:
    row = cells.iloc[0]
    cure = "Years (2023), quarters (2023-Q1), months (2023-04) and days are read."
    return Problem("", int(row["row"]), "TIME_PERIOD", str(row["TIME_PERIOD"])[:80], "is no period.", cure)
