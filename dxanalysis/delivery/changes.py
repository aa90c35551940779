"""Two output folders side by side: which analyses belong together, and what moved as table, text and slide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ..briefing import labels, numbers
from ..briefing.page import change_rows, changes
from ..facts.records import Area, Indicator
from . import files, origin
from .blocks import About, Grid, Slide, Words
from .records import Left, read_run
from .slides import write_slides

_TOLD = 9  # rows one slide holds in a readable size
_LEADING = ("30_attainment", "40_verdicts", "10_trend")  # whose tables are taken first

Key = tuple[str, ...]


@dataclass(frozen=True)
class Side:
    """One analysis in one folder: area, year, indicator and definition with the tables its runs left."""

    key: Key
    as_of: str
    runs: tuple[Left, ...]
    tables: dict[str, pd.DataFrame]

    def published(self) -> str:
        """Return the newest release its history rests on."""
        history = self.tables["history"]
        known = history["vintage"].dropna().astype(str) if "vintage" in history else pd.Series(dtype=str)
        return max(known, default="")


@dataclass(frozen=True)
class Change:
    """What moved in one analysis: the sides and the table of :func:`dxanalysis.analysis.changes`."""

    before: Side
    after: Side
    moved: pd.DataFrame
    indicator: Indicator
    area: Area


def sides(folder: str | Path) -> dict[Key, list[Side]]:
    """Read the analyses of an output folder, by area, year, indicator and definition.

    Raises
    ------
    FileNotFoundError
        When the folder holds no run with a history and targets.
    """
    grouped: dict[tuple[Key, str], list[Left]] = {}
    for path in sorted(Path(folder).rglob("run.json")):
        if "_failed" in path.parts:
            continue
        left = read_run(path.parent)
        if {"history", "targets"} <= set(left.tables):
            grouped.setdefault((_key(left), str(left.run["parameters"].get("as_of", ""))), []).append(left)
    if not grouped:
        raise FileNotFoundError(
            f"{folder} holds no run with a history and targets. "
            f"Run one: dx run --notebooks 30_attainment --out {folder}"
        )
    found: dict[Key, list[Side]] = {}
    for (key, as_of), runs in grouped.items():
        found.setdefault(key, []).append(Side(key, as_of, tuple(runs), _tables(runs)))
    return found


def _key(left: Left) -> Key:
    return tuple(str(left.run["parameters"].get(name, "")) for name in ("area", "year", "indicator", "definition"))


def _tables(runs: list[Left]) -> dict[str, pd.DataFrame]:
    """Join the tables of runs of one analysis, those of the leading notebooks first."""
    found: dict[str, pd.DataFrame] = {}
    for left in sorted(runs, key=lambda one: (one.notebook not in _LEADING, _LEADING.index(one.notebook)
                                              if one.notebook in _LEADING else 0)):
        for name, table in left.tables.items():
            if name != "panel" or "method" in table:
                found.setdefault(name, table)
    return found


def pairs(before: str | Path, after: str | Path) -> tuple[list[tuple[Side, Side]], list[str]]:
    """Pair the analyses of two folders; return those without partner, in words, too.

    Where a folder holds one analysis as it stood on several days, those of the same day belong together.
    """
    old, new = sides(before), sides(after)
    found: list[tuple[Side, Side]] = []
    alone: list[str] = []
    for key in sorted({*old, *new}):
        matched = _matched(old.get(key, []), new.get(key, []))
        found += matched
        if not matched:
            where = after if key in new else before
            alone.append(
                f"{'/'.join(key[:3])}: " + ("on several days" if key in old and key in new else f"only in {where}")
            )
    return found, alone


def _matched(old: list[Side], new: list[Side]) -> list[tuple[Side, Side]]:
    same = [(one, two) for one in old for two in new if one.as_of == two.as_of]
    return same or ([(old[0], new[0])] if len(old) == len(new) == 1 else [])


def table_of(found: Iterable[Change]) -> pd.DataFrame:
    """Return all that moved as one table, with the analysis it belongs to in front."""
    parts = [
        change.moved.assign(area=change.after.key[0], year=int(change.after.key[1]), indicator=change.after.key[2],
                            definition=change.after.key[3], as_of_before=change.before.as_of,
                            as_of_after=change.after.as_of)
        for change in found
    ]
    table = pd.concat(parts, ignore_index=True)
    first = ["area", "year", "indicator", "definition", "as_of_before", "as_of_after"]
    return table[[*first, *[name for name in table.columns if name not in first]]]


def text_of(found: Iterable[Change], lang: str) -> str:
    """Return what moved in sentences, one block for each analysis."""
    blocks = []
    for change in found:
        title = _title(change, lang)
        said = changes(change.moved, indicator=change.indicator, area=change.area)
        blocks.append("\n".join([title, _sides(change, lang), *(f"- {one.text(lang)}" for one in said)]))
    return "\n\n".join(blocks) + "\n"


def _title(change: Change, lang: str) -> str:
    return labels.label("moved_title", lang, subject=labels.subject(change.indicator, change.area, lang))


def _sides(change: Change, lang: str) -> str:
    days = {name: numbers.date(side.published(), lang) if side.published() else "–"
            for name, side in (("before", change.before), ("after", change.after))}
    return labels.label("moved_sides", lang, **days)


def write_changes(
    folder: str | Path, found: list[Change], command: str, languages: Iterable[str] = numbers.LANGUAGES
) -> list[Path]:
    """Write ``changes.csv`` and, in each language, ``changes.<lang>.txt`` and ``changes.<lang>.pptx``."""
    folder = Path(folder)
    made = [files.write_csv(folder / "changes.csv", table_of(found))]
    for lang in languages:
        made.append(files.write_text(folder / f"changes.{lang}.txt", text_of(found, lang)))
        made.append(_write_slides(folder / f"changes.{lang}.pptx", found, command, lang))
    return made


def _write_slides(path: Path, found: list[Change], command: str, lang: str) -> Path:
    """Write one slide for each analysis in which something moved, and one that says so where nothing did."""
    moved = [change for change in found if len(change.moved)] or found[:1]
    last = moved[-1]
    record = origin.coded({
        "file": path.name, "command": command, "methods": origin.methods(), "definition": last.after.key[3],
        "data_digest": _digest(last.after), "data_digest_before": _digest(last.before),
        "vintage": last.after.published(), "vintage_before": last.before.published(),
    })
    repeat = labels.label("pack_command", lang, command=command)
    about = About(_title(last, lang), lang, repeat, str(record["code"]), origin.text_of(record))
    return write_slides(path, [_slide(change, repeat, lang) for change in moved], about)


def _digest(side: Side) -> str:
    return str(side.runs[0].run.get("data_digest", ""))


def _slide(change: Change, repeat: str, lang: str) -> Slide:
    said = [one.text(lang) for one in changes(change.moved, indicator=change.indicator, area=change.area)]
    rows = change_rows(change.moved, change.indicator, lang)
    head = tuple(labels.label(f"moved_{name}", lang) for name in ("what", "before", "after", "cause"))
    more = [labels.label("moved_rest", lang, count=str(len(rows) - _TOLD))] if len(rows) > _TOLD else []
    below = " ".join([_sides(change, lang), *more])
    parts = ((Grid((head, *rows[:_TOLD]), (0.41, 0.19, 0.19, 0.21)),) if rows else ()) + (
        Words((below,), 12, (0, 0.9, 1, 0.1)),
    )
    sources = [str(one) for one in change.after.runs[0].run.get("sources", {}).get(lang, [])]
    foot = labels.label("source", lang, sources="; ".join(sources)) if sources else ""
    return Slide(said[0].rstrip("."), parts, "\n".join([*said, below, foot, repeat]), foot)
