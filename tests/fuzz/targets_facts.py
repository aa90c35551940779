"""The parsers of facts: readers of every format, data packages, imports, names and roles."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from dxanalysis.facts import names
from dxanalysis.facts import schema as package
from dxanalysis.facts.checks import check, value_faults
from dxanalysis.facts.exporting import harmless
from dxanalysis.facts.names import UnknownName
from dxanalysis.facts.schema import DataError
from dxanalysis.facts.understand import door, guards, jsonstat, numbers, periods, px, roles, sdmx, template
from dxanalysis.facts.understand.door import read
from dxanalysis.facts.understand.workbooks import read_xls, read_xlsx

from . import samples
from .targets import Target, held, promise, text

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def facts_targets(folder: Path) -> list[Target]:
    """Return the targets of the room facts."""
    roles.country("VN")  # Babel unpickles its own tables of names when they are first asked for
    return [*_texts(), *_readers(folder), *_packages(folder)]


def _texts() -> list[Target]:
    printed = [word.encode() for word in ("1.234,5", "12,33 %", "1 234", "-", "…", "(1,5)", "1e5", "−3", "12.5(*)")]
    periods = [word.encode() for word in ("Sơ bộ 2023", "Quý I/2024", "30/06/2024", "2021-2025", "2024-H1", "T4/2024")]
    places = [
        word.encode() for word in ("Tỉnh Quảng Ninh", "TP. Hồ Chí Minh", "HÀ NỘI - HANOI", "quang-ninh", "Huế (mới)")
    ]
    fields = [b"2023-02-31", b"12,87", b"percent", b"gso-1", b"https://a.vn/x", b"S01", b"=1+1"]
    return [
        Target("numbers.parse_number", _number, printed, (ValueError,), 100),
        Target("periods.parse_period", _period, periods, (), 100),
        Target("names.fold", _fold, places, (), 70),
        Target("names.match", _match, places, (UnknownName,), 10),
        Target("roles", _matching, places + periods, (), 10),
        Target("words", _words, places, (), 70),
        Target("checks.value_faults", _fields, fields, (), 12),
        Target("exporting.harmless", _harmless, fields + places, (), 70),
        Target("guards.decode", _decode, [samples.CSV.encode(), samples.CSV.encode("utf-16")], (DataError,), 40),
    ]


def _number(data: bytes) -> None:
    for decimal in ",.":
        numbers.is_missing(text(data)), numbers.is_ambiguous(text(data)), numbers.decimal_signs([text(data)])
        promise(math.isfinite(numbers.parse_number(text(data), decimal)), "a number that is not finite")


def _period(data: bytes) -> None:
    found = periods.parse_period(text(data))
    if found:
        periods.period_end(found[0])
        promise(periods.parse_period(found[0]) == (found[0], ""), f"{found[0]!r} does not read as itself")


def _fold(data: bytes) -> None:
    folded = names.fold(text(data))
    promise(names.fold(folded) == folded, "folding twice gives something else")
    promise(re.fullmatch("[a-z0-9-]*", names.slug(text(data))) is not None, "an id with other signs")


PLACES = {"quang ninh": "quang-ninh", "ha tinh": "ha-tinh", "ho chi minh": "ho-chi-minh", "ha noi": "ha-noi"}


def _match(data: bytes) -> None:
    promise(names.match(text(data), PLACES, "area", "dx data list") in PLACES.values(), "an unknown id")


def _matching(data: bytes) -> None:
    word = text(data)
    numbers.parse_unit(word), numbers.status_id(word), roles.is_region(word), roles.nearest(word, PLACES)
    promise(roles.resolve(word, PLACES) in {"", *PLACES}, "an unknown name")
    both = [("a", "", "2025-06-30"), ("b", "2025-07-01", "")]
    promise(roles.choose_area(both, word, "period") in "ab", "an unknown area")


def _words(data: bytes) -> None:
    roles.role_of(text(data)), numbers.unit_in(text(data))


def _fields(data: bytes) -> None:
    value = text(data)
    for name in ("sources", "observations", "areas"):
        faults = [value_faults(value, field) for field in package.fields(name).values()]
        promise(all(faults) or not CONTROL.search(value) or value == "", "a control character passes the check")


def _harmless(data: bytes) -> None:
    safe = harmless(text(data))
    promise(len(safe) < 2 or safe[0] not in "=+-@\t\r", "a text that a spreadsheet computes")


def _decode(data: bytes) -> None:
    decoded, _ = guards.decode(data, "a.csv", declared="cp1252" if data[:1] == b"C" else "")
    promise(
        not CONTROL.search(decoded.replace("\r", "").replace("\x0b", "").replace("\x0c", "")), "a control character"
    )


def _readers(folder: Path) -> list[Target]:
    def target(name: str, reader: Callable[[Path], Any], ending: str, cases: list[bytes], share: int = 1) -> Target:
        path = folder / f"case{ending}"
        return Target(name, lambda data: _whole(reader(held(path, data))), cases, (DataError,), share)

    book, old = samples.xlsx(), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    ml = [samples.SDMX_ML.encode(), samples.SDMX_FLAT.encode()]
    formats = (samples.CSV, samples.PX, samples.JSONSTAT, samples.SDMX_ML, samples.SDMX_CSV)
    return [
        target("readers.read (CSV)", read, ".csv", [samples.CSV.encode(), samples.LONG.encode()], 3),
        target("readers.read (any)", read, ".txt", [*map(str.encode, formats), book], 2),
        target("readers.px", px.read_px, ".px", [samples.PX.encode()], 3),
        target("readers.jsonstat", jsonstat.read_json, ".json", [samples.JSONSTAT.encode()], 3),
        target("readers.sdmx CSV", sdmx.read_sdmx_csv, ".sdmx", [samples.SDMX_CSV.encode()], 2),
        target("readers.sdmx ML", sdmx.read_sdmx_ml, ".xml", ml, 2),
        Target("workbooks.read_xlsx", lambda data: read_xlsx(held(folder / "a.xlsx", data)), [book], (DataError,)),
        Target("workbooks.read_xls", lambda data: read_xls(held(folder / "a.xls", data)), [old, book], (DataError,), 2),
        Target("template", lambda data: template.read_records(held(folder / "t.xlsx", data)), [book], (DataError,)),
    ]


def _whole(reading: Any) -> None:
    promise(list(reading.cells.columns)[-5:] == ["value", "symbol", "status", "row", "column"], "other columns")
    values = reading.cells["value"].dropna()
    promise(bool(values.map(math.isfinite).all()), "a number that is not finite")


def _packages(folder: Path) -> list[Target]:
    mine = folder / "mine"
    mine.mkdir(exist_ok=True)
    tables = [samples.OBSERVATIONS.encode()]
    cases = [samples.CSV.encode(), samples.LONG.encode(), samples.PX.encode(), samples.JSONSTAT.encode()]
    return [
        Target("package.read_descriptor", partial(_descriptor, mine), [samples.DESCRIPTOR.encode()], (DataError,), 4),
        Target("package.read_text_table", partial(_table, mine), tables, (DataError,), 3),
        Target("checks.check", partial(_check, folder), tables, (DataError,), 0),
        Target("door.understand", partial(_understood, folder), cases, (DataError,), 1),
    ]


def _descriptor(mine: Path, data: bytes) -> None:
    held(mine / "observations.csv", samples.OBSERVATIONS.encode())
    held(mine / package.DESCRIPTOR, data)
    for path in package.table_paths(mine).values():
        promise(path.is_relative_to(mine.resolve()), "a table outside its folder")


def _table(mine: Path, data: bytes) -> None:
    table = package.read_text_table(held(mine / "observations.csv", data))
    promise(bool(table.map(lambda cell: isinstance(cell, str)).all(axis=None)), "a cell that is no text")


def _check(folder: Path, data: bytes) -> None:
    whole = folder / "whole"
    whole.mkdir(exist_ok=True)
    held(whole / package.DESCRIPTOR, samples.DESCRIPTOR.encode())
    held(whole / "observations.csv", data)
    check(whole)


def _understood(folder: Path, data: bytes) -> None:
    preview = door.understand(held(folder / "own.csv", data))
    promise(all(map(math.isfinite, preview.table["value"])), "a number that is not finite")
