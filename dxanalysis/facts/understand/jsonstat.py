"""Read JSON: JSON-stat data sets (versions 1 and 2), dense or sparse, and SDMX-JSON messages, flat or by series."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from dxanalysis.facts.schema import DataError, refuse
from dxanalysis.facts.understand.guards import MAX_CELLS, decode, read_bytes
from dxanalysis.facts.understand.reading import CELL_COLUMNS, Reading, read_cube
from dxanalysis.facts.understand.roles import role_of
from dxanalysis.facts.understand.sdmx import assemble

_ROLES = {"time": "period", "geo": "area", "metric": "indicator"}
_STATUS = {"p": "preliminary", "e": "estimate", "f": "projection"}


def read_json(path: str | Path) -> Reading:
    """Read a JSON file, JSON-stat or SDMX-JSON: one row per cell that has a value or a status.

    The index of a dimension may be a list or an object, values may be a list or a sparse object.

    Raises
    ------
    DataError
        When the file is no JSON, no single data set, or its sizes, categories and values do not fit together.
    """
    path = Path(path)
    text, encoding = decode(read_bytes(path), path.name)
    data = load_json(text, path.name)
    try:
        if is_sdmx_json(data):
            return read_sdmx_json(data, path.name)
        return _reading(_dataset(data, path.name), path.name, encoding)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, OverflowError) as error:
        if isinstance(error, DataError):
            raise
        form = "SDMX-JSON" if is_sdmx_json(data) else "JSON-stat"
        message = f"is JSON but no {form} data set ({type(error).__name__}: {str(error)[:80]})."
        raise refuse(path.name, message, "Download it as JSON-stat 2 or CSV.") from None


def load_json(text: str, name: str) -> Any:
    """Parse JSON without NaN or infinities.

    Raises
    ------
    DataError
        When the text is not JSON or nests too deeply.
    """
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise refuse(name, f"is no JSON ({str(error)[:80]}).", "It may be truncated: fetch it again.") from None


def _no_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not a number in JSON")


def _dataset(data: Any, name: str) -> Mapping[str, Any]:
    """Return the one data set in a response; version 1 wraps it in an object of data sets."""
    if not isinstance(data, dict):
        raise refuse(name, "is JSON but no JSON-stat object.", "Download it as JSON-stat 2 or CSV.")
    if data.get("class") == "collection":
        raise refuse(name, "is a JSON-stat collection of several data sets.", "Download one data set.")
    if "dimension" in data:
        return data
    if "resources" in data and isinstance(data["resources"], list):
        tables = [str(one.get("path", "")) for one in data["resources"] if isinstance(one, dict)]
        cure = f"Keep it beside its tables and import one of them: {tables[:5]}"
        raise refuse(name, "is the descriptor of a Frictionless data package; no table of it lies beside it.", cure)
    if data.get("type") in ("FeatureCollection", "Feature", "Topology"):
        raise refuse(name, f"is a map (GeoJSON {data['type']}), which holds no table.", "Give the CSV of its figures.")
    inner = [value for value in data.values() if isinstance(value, dict) and "dimension" in value]
    if len(inner) != 1:
        what = f"holds {len(inner)} JSON-stat data sets where one belongs" if inner else "is JSON of an unknown kind"
        cure = "Download one data set." if inner else "JSON-stat and SDMX-JSON are read; or give it as CSV."
        raise refuse(name, f"{what} (keys: {list(data)[:5]}).", cure)
    return inner[0]


def _reading(data: Mapping[str, Any], name: str, encoding: str) -> Reading:
    dimension = data["dimension"]
    ids = [str(i) for i in data.get("id") or dimension["id"]]
    sizes = [int(size) for size in data.get("size") or dimension["size"]]
    if len(set(ids)) != len(ids):
        raise refuse(name, "names a dimension twice.", "Fetch it again, or download it as CSV.")
    categories = {i: _categories(dimension[i], size, i, name) for i, size in zip(ids, sizes, strict=True)}
    cells = _cells(data, categories, name)
    likely = _roles(data.get("role") or dimension.get("role") or {}, dimension, categories)
    held = [unit for i in ids for unit in (dimension[i]["category"].get("unit") or {}).values()]
    units = {str(unit.get("base") or unit.get("label") or "") for unit in held}
    note = f"JSON-stat in {encoding}: " + ", ".join(f"{i} ({len(c)})" for i, c in categories.items()) + "."
    title, source, updated = (str(data.get(name) or "") for name in ("label", "source", "updated"))
    unit = units.pop() if len(units) == 1 else ""
    about = {"title": title, "unit": unit, "source": source, "updated": updated}
    return read_cube("json-stat", cells, categories, likely, notes=[note], **about)


def _categories(dimension: Mapping[str, Any], size: int, name: str, file: str) -> dict[str, str]:
    """Return code -> label in the order of the index."""
    category = dimension["category"]
    labels = category.get("label") or {}
    index = category.get("index") or list(labels)
    codes = sorted(index, key=index.get) if isinstance(index, dict) else list(index)
    codes = [str(code) for code in codes]
    if len(codes) != size or len(set(codes)) != size:
        message = f"states {size} categories for '{name}' but lists {len(codes)} ({len(set(codes))} different)."
        raise refuse(file, message, "It may be truncated: fetch it again.")
    return {code: str(labels.get(code, code)) for code in codes}


def _cells(data: Mapping[str, Any], categories: Mapping[str, dict[str, str]], name: str) -> pd.DataFrame:
    expected = math.prod(len(codes) for codes in categories.values())
    if expected > MAX_CELLS:
        raise refuse(name, f"spans {expected:,} cells; at most {MAX_CELLS:,} are read.", "Select fewer categories.")
    values = _spread(data["value"], expected, "values", name)
    status = _spread(data.get("status") or {}, expected, "statuses", name)
    keys = itertools.product(*categories.values())
    rows = [
        (*key, _number(v, name), str(s or ""), _STATUS.get(str(s or "").casefold(), ""), i, "value")
        for i, (key, v, s) in enumerate(zip(keys, values, status, strict=True), start=1)
        if v is not None or s
    ]
    return pd.DataFrame(rows, columns=[*categories, *CELL_COLUMNS]).astype(
        {**dict.fromkeys(categories, "str"), "value": "float64", "symbol": "str", "status": "str"}
    )


def _spread(given: Any, expected: int, what: str, name: str) -> list[Any]:
    """Return one entry per cell from a list, a sparse object or one status for all."""
    if isinstance(given, str):
        return [given] * expected
    if isinstance(given, list):
        if len(given) == expected:
            return given
        message = f"holds {len(given)} {what} where its dimensions span {expected}."
        raise refuse(name, message, "It may be truncated: fetch it again.")
    spread: list[Any] = [None] * expected
    for place, value in given.items():
        if not place.isdecimal() or int(place) >= expected:
            message = f"gives one of its {what} at {place[:20]!r}, outside its {expected} cells."
            raise refuse(name, message, "Fetch it again.")
        spread[int(place)] = value
    return spread


def _number(value: Any, name: str) -> float:
    if value is None:
        return float("nan")
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    try:
        read = float(value) if number else math.nan
    except OverflowError:  # a whole number of hundreds of digits
        read = math.inf
    if not math.isfinite(read):
        raise refuse(name, "holds a value that is no finite number.", "Fetch it again.", value=str(value)[:80])
    return read


def _roles(stated: Mapping[str, list[str]], dimension: Mapping, categories: Mapping) -> dict[str, str]:
    roles = {str(i): _ROLES[role] for role, ids in stated.items() if role in _ROLES for i in ids if i in categories}
    for i in categories:
        roles.setdefault(i, role_of(str(dimension[i].get("label") or i)) or role_of(i))
    return {i: role for i, role in roles.items() if role}


def is_sdmx_json(data: Any) -> bool:
    """Tell whether parsed JSON is an SDMX-JSON data message.

    >>> is_sdmx_json({"dataSets": [], "structure": {}}), is_sdmx_json({"data": {"dataSets": []}}), is_sdmx_json([])
    (True, True, False)
    """
    held = data.get("data", data) if isinstance(data, dict) else {}
    return isinstance(held, dict) and isinstance(held.get("dataSets"), list)


def read_sdmx_json(data: Mapping[str, Any], name: str) -> Reading:
    """Return the observations of an SDMX-JSON message, codes with their names as labels.

    Raises
    ------
    DataError
        When the message holds no structure, no observation, or a value that is no number.
    """
    held = data.get("data", data)
    structures = held.get("structures") or ([held["structure"]] if isinstance(held.get("structure"), dict) else [])
    if not structures:
        raise refuse(name, "is SDMX-JSON without its structure.", "Download it with dimensions, or as SDMX-CSV.")
    rows, labels = [], {}
    for dataset in held["dataSets"]:
        structure = structures[int(dataset.get("structure") or 0)]
        dimensions, attributes = structure.get("dimensions") or {}, structure.get("attributes") or {}
        for parts in (dimensions, attributes):
            for level in parts.values():
                labels |= {part["id"]: labels.get(part["id"], {}) | _labels(part) for part in level or []}
        rows += _observations(dataset, dimensions, attributes)
    if len(rows) > MAX_CELLS:
        raise refuse(name, f"has more than {MAX_CELLS:,} observations.", "Select fewer series.")
    if not rows:
        raise refuse(name, "is SDMX-JSON without observations.", "Download the data themselves, or as SDMX-CSV.")
    named = {part: codes for part, codes in labels.items() if any(code != label for code, label in codes.items())}
    return assemble("sdmx-json", list(enumerate(rows, start=1)), name, "SDMX-JSON", named)


def _labels(part: Mapping[str, Any]) -> dict[str, str]:
    return {_code(value): _word(value.get("name")) or _code(value) for value in part.get("values") or []}


def _code(value: Mapping[str, Any]) -> str:
    return str(value.get("id") if value.get("id") is not None else value.get("value", value.get("name", "")))


def _word(name: Any) -> str:
    """Return a name, which version 2 may give by language."""
    return str(name.get("en") or next(iter(name.values()), "")) if isinstance(name, dict) else str(name or "")


def _observations(
    dataset: Mapping[str, Any], dimensions: Mapping[str, Any], attributes: Mapping[str, Any]
) -> Iterator[dict[str, str]]:
    own = _chosen(dimensions.get("dataSet") or [], [0] * len(dimensions.get("dataSet") or []))
    own |= _chosen(attributes.get("dataSet") or [], dataset.get("attributes") or [])
    inner = dimensions.get("observation") or []
    for key, series in (dataset.get("series") or {}).items():
        outer = own | _chosen(dimensions.get("series") or [], _places(key))
        outer |= _chosen(attributes.get("series") or [], series.get("attributes") or [])
        for place, values in (series.get("observations") or {}).items():
            yield outer | _observation(inner, attributes, place, values)
    for place, values in (dataset.get("observations") or {}).items():
        yield own | _observation(inner, attributes, place, values)


def _observation(inner: list[Any], attributes: Mapping[str, Any], place: str, values: list[Any]) -> dict[str, str]:
    found = _chosen(inner, _places(place)) | _chosen(attributes.get("observation") or [], values[1:])
    return found | {"OBS_VALUE": "" if not values or values[0] is None else repr(values[0]).strip("'\"")}


def _places(key: str) -> list[int]:
    return [int(part) for part in key.split(":") if part != ""]


def _chosen(parts: list[Any], places: list[Any]) -> dict[str, str]:
    """Return id -> code of each dimension or attribute at its place; null says nothing."""
    found = {}
    for part, place in zip(parts, places, strict=False):
        values = part.get("values") or []
        if isinstance(place, int) and 0 <= place < len(values):
            in_time = part.get("role") == "time" or "TIME_PERIOD" in (part.get("roles") or [])
            found["TIME_PERIOD" if in_time else part["id"]] = _code(values[place])
        elif isinstance(place, int) and values:
            raise ValueError(f"place {place} of {part['id']!r} is outside its {len(values)} values")
    return found
