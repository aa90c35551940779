"""Read PX files as Viet Nam's statistics office publishes them; codes are kept beside the labels."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dxanalysis.facts.schema import refuse
from dxanalysis.facts.understand.guards import MAX_CELLS, decode, read_bytes
from dxanalysis.facts.understand.reading import Reading, read_cube
from dxanalysis.facts.understand.roles import role_of

# One character class per repetition: nested blanks would take quadratic time on a hostile file.
_KEYWORD = re.compile(r'([A-Z][A-Z0-9_.-]*)(?:\[(\w+)\])?(?:\(((?:"[^"]*"[\s,]*)+)\))?\s*=')
_STRING = re.compile(r'"([^"]*)"')
_BLANK = re.compile(r"\s*")
_WORD = re.compile(r"[^\s,;\"]+")
_CODEPAGE = re.compile(rb'(?m)^CODEPAGE\s*=\s*"([\w-]{2,20})"\s*;')
_DATA_TOKEN = re.compile(r'"[^"]*"|[^\s;,]+')
_MISSING = {"-", ".", "..", "...", "....", ".....", "......"}


@dataclass(frozen=True)
class Entry:
    """One keyword of a PX file with its language, its sub-keys and its values."""

    keyword: str
    language: str
    keys: tuple[str, ...]
    values: tuple[str, ...]


def read_px(path: str | Path, *, language: str | None = None) -> Reading:
    """Read a PX file: one row per data cell, dimensions as codes where CODES are given, labels beside them.

    The marks ".", "..", "..." and "-" (also in quotation marks) are missing values; the mark is kept as the symbol.

    Parameters
    ----------
    path : path
        The file; its CODEPAGE is used when it is not UTF-8.
    language : str, optional
        Language of a file in several languages; default: the file's own (LANGUAGE).

    Raises
    ------
    DataError
        When the file is no PX file, uses KEYS (a sparse form), or holds fewer or more data than its dimensions span.
    """
    path = Path(path)
    data = read_bytes(path)
    declared = _CODEPAGE.search(data[:20_000])
    # CHARSET="ANSI" without a code page means the Windows letters of Western Europe, where no Vietnamese text stands.
    ansi = "cp1252" if b'CHARSET="ANSI"' in data[:200] else ""
    page = declared.group(1).decode() if declared else ""
    text, encoding = decode(data, path.name, declared=page, fallback=ansi)
    head, body = _split(text, path.name)
    entries = list(_entries(head, path.name))
    return _reading(entries, body, language, path.name, encoding)


def _split(text: str, name: str) -> tuple[str, str]:
    """Split a PX text at its DATA keyword."""
    start = re.search(r"(?m)^\s*DATA\s*=", text)
    if not start or "STUB" not in text[: start.start()] + "HEADING":
        raise refuse(name, "has no DATA keyword: it is no PX file, or it is truncated.", "Fetch it again.")
    if re.search(r"(?m)^KEYS\s*\(", text[: start.start()]):
        raise refuse(name, "uses KEYS (sparse data), which is not read.", "Download it again as a full PX file or CSV.")
    body, closed, rest = text[start.end() :].rpartition(";")  # some offices also end each row with ";"
    if not closed or rest.strip():
        raise refuse(name, "ends inside its data (no closing ';'): it is truncated.", "Fetch it again.")
    return text[: start.start()], body


def _entries(head: str, name: str) -> Iterator[Entry]:
    position = _BLANK.match(head, 0).end()
    while position < len(head):
        match = _KEYWORD.match(head, position)
        if not match:
            line = head.count("\n", 0, position) + 1
            message = f"is not written as PX near {head[position : position + 40].strip()!r}."
            raise refuse(name, message, "Fetch it again, or export it as CSV.", row=line)
        values, end = _values(head, match.end(), name)
        position = _BLANK.match(head, end).end()
        keys = tuple(re.findall(r'"([^"]*)"', match.group(3) or ""))
        yield Entry(match.group(1), match.group(2) or "", keys, values)


def _values(head: str, position: int, name: str) -> tuple[tuple[str, ...], int]:
    """Return the comma-separated values after "=" and the position after ";". Strings broken over lines are joined."""
    values: list[str] = []
    joined = False
    while (position := _BLANK.match(head, position).end()) < len(head):
        string, word = _STRING.match(head, position), _WORD.match(head, position)
        if string:
            if joined:
                values[-1] += string.group(1)
            else:
                values.append(string.group(1))
            position, joined = string.end(), True
        elif head[position] == ";":
            return tuple(values), position + 1
        elif word:
            values.append(word.group())
            position, joined = word.end(), False
        else:
            joined = joined and head[position] != ","
            position += 1
    raise refuse(name, "ends inside a keyword: it is truncated.", "Fetch it again.")


def _reading(entries: list[Entry], body: str, language: str | None, name: str, encoding: str) -> Reading:
    main = next((e.values[0] for e in entries if e.keyword == "LANGUAGE" and e.values), "")
    wanted = "" if language in (None, main) else language
    if wanted and all(entry.language != wanted for entry in entries):
        others = sorted({entry.language for entry in entries} - {""} | {main})
        raise refuse(name, f"has no language '{language}'.", f"Languages: {others}")
    base = {(e.keyword, *e.keys): e.values for e in entries if e.language == ""}
    found = base | {(e.keyword, *e.keys): e.values for e in entries if wanted and e.language == wanted}
    dimensions = (*found.get(("STUB",), ()), *found.get(("HEADING",), ()))
    _share_codes(found, (*base.get(("STUB",), ()), *base.get(("HEADING",), ())), dimensions)
    if not dimensions:
        raise refuse(name, "names no dimensions (STUB, HEADING).", "Fetch it again, or export it as CSV.")
    categories = {dimension: _categories(found, dimension, name) for dimension in dimensions}
    cells = _cells(body, categories, name)
    likely = {dimension: _role(found, dimension) for dimension in dimensions}
    title = _first(found, "TITLE") or _first(found, "DESCRIPTION") or _first(found, "CONTENTS")
    return read_cube(
        "px", cells, categories, likely, notes=_notes(cells, categories, encoding), title=title, unit=_unit(found),
        source=_first(found, "SOURCE"), updated=_first(found, "LAST-UPDATED"),
    )


def _share_codes(found: dict[tuple, tuple[str, ...]], main: tuple[str, ...], translated: tuple[str, ...]) -> None:
    """Give translated dimensions the codes of the main language, which a file states once."""
    for own, other in zip(main, translated, strict=False):
        for keyword in ("CODES", "TIMEVAL"):
            if (keyword, own) in found:
                found.setdefault((keyword, other), found[(keyword, own)])


def _first(found: Mapping[tuple, tuple[str, ...]], keyword: str) -> str:
    values = found.get((keyword,)) or next((v for k, v in found.items() if k[0] == keyword), ())
    return " ".join(values).replace("#", " ").strip()


def _unit(found: Mapping) -> str:
    """Return the unit of all figures, or "" where the content variable gives its categories different units."""
    units = {values for key, values in found.items() if key[0] == "UNITS"}
    return " ".join(units.pop()) if len(units) == 1 else ""


def _categories(found: Mapping[tuple, tuple[str, ...]], dimension: str, name: str) -> dict[str, str]:
    """Return code -> label of one dimension; a file without CODES uses its labels as codes."""
    labels = found.get(("VALUES", dimension)) or _time_values(found, dimension)
    codes = found.get(("CODES", dimension)) or labels
    if not labels or len(codes) != len(labels) or len(set(codes)) != len(codes):
        message = f"gives {len(codes)} codes ({len(set(codes))} different) and {len(labels)} values for '{dimension}'."
        raise refuse(name, message, "Fetch it again, or export it as CSV.")
    return dict(zip(codes, labels, strict=True))


def _time_values(found: Mapping[tuple, tuple[str, ...]], dimension: str) -> tuple[str, ...]:
    values = found.get(("TIMEVAL", dimension), ())
    return tuple(value for value in values if not value.startswith("TLIST"))


def _role(found: Mapping[tuple, tuple[str, ...]], dimension: str) -> str:
    if ("TIMEVAL", dimension) in found:
        return "period"
    return "indicator" if found.get(("CONTVARIABLE",)) == (dimension,) else role_of(dimension)


def _cells(body: str, categories: Mapping[str, dict[str, str]], name: str) -> pd.DataFrame:
    expected = math.prod(len(codes) for codes in categories.values())
    if expected > MAX_CELLS:
        raise refuse(name, f"spans {expected:,} cells; at most {MAX_CELLS:,} are read.", "Select fewer categories.")
    tokens = [token.strip('"').strip() for token in _DATA_TOKEN.findall(body)]
    if len(tokens) != expected:
        kind = "truncated" if len(tokens) < expected else "damaged"
        sizes = " x ".join(str(len(codes)) for codes in categories.values())
        raise refuse(name, f"holds {len(tokens)} figures where {sizes} = {expected} belong: {kind}.", "Fetch it again.")
    table = pd.DataFrame(list(itertools.product(*categories.values())), columns=list(categories), dtype="str")
    symbols = [token if token in _MISSING else "" for token in tokens]
    table["value"] = [
        float("nan") if symbol else _number(token, name) for token, symbol in zip(tokens, symbols, strict=True)
    ]
    table["symbol"], table["status"], table["row"], table["column"] = symbols, "", range(1, expected + 1), "DATA"
    return table.astype({"symbol": "str"})


def _number(token: str, name: str) -> float:
    known = re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d{1,2})?", token, flags=re.ASCII)
    if known and math.isfinite(float(token)):  # four hundred digits are none
        return float(token)
    message = "holds something in DATA that is neither a number nor a missing mark."
    raise refuse(name, message, "Fetch it again.", value=token)


def _notes(cells: pd.DataFrame, categories: Mapping, encoding: str) -> tuple[str, ...]:
    notes = [f"PX file in {encoding}: " + ", ".join(f"{d} ({len(codes)})" for d, codes in categories.items()) + "."]
    for mark, count in cells.loc[cells["symbol"] != "", "symbol"].value_counts().items():
        notes.append(f"{count} cells '{mark}' left out as missing.")
    return tuple(notes)
