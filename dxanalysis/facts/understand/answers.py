"""What the user answers about a file, what was understood of it, and what gathers while it is matched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import pandas as pd

from dxanalysis.facts.names import fold
from dxanalysis.facts.package import open_package
from dxanalysis.facts.records import Indicator, Problem
from dxanalysis.facts.understand.reading import Question, Reading, Unclear
from dxanalysis.facts.understand.roles import Places, nearest, share_known
from dxanalysis.facts.understand.units import status_id

SHOWN = 50
PASSED = ("definition", "vintage", "source", "qualifier", "note")
SILENT = (*PASSED, "period", "unit", "multiplier", "status", "attribute", "ordinal")


@dataclass(frozen=True)
class Answers:
    """What the user says about a file: each answers the question of its name, and none overrules the file.

    Attributes
    ----------
    indicator : str, mapping or Indicator
        Id or title, printed name -> id, or a record of `measure`.
    area, definition, period : str
        Which area, definition or period is wanted, or meant where the file does not say.
    unit : str
        Unit of the figures, in words ("Nghìn người", "%"), where the file does not say.
    scale : float
        What printed values are multiplied by; 1 keeps them as they are.
    where : mapping
        Dimension -> the category to take; "*" takes all.
    boundaries : "period", "before-2025" or "since-2025"
        Which province a name shared before and after 1 July 2025 means; by default the figure's period decides.
    code_list : "vn63" or "vn34"
        Code list of bare area codes; seven codes mean another province in each.
    """

    indicator: str | Mapping[str, str] | Indicator | None = None
    area: str | None = None
    definition: str | None = None
    period: str | None = None
    unit: str | None = None
    scale: float | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    boundaries: str = "period"
    code_list: str | None = None

    def __post_init__(self) -> None:
        number = isinstance(self.scale, int | float) and not isinstance(self.scale, bool)
        if self.scale is not None and not (number and 0 < self.scale < float("inf")):
            raise ValueError(f"scale must be a number above 0 (1 keeps the values); received {self.scale!r}.")


ANSWERS = tuple(one.name for one in fields(Answers))


@dataclass(frozen=True)
class Preview:
    """What was understood of a file, before anything is written.

    Attributes
    ----------
    file : str
        Name of the file.
    table : DataFrame
        One row per figure in the columns of observations (text "" where the file says nothing), then row and column
        in the file.
    understood : tuple of str
        Sentences to show: format, header, decimal sign, areas, conversions, and what was left out and why.
    questions : mapping
        Name of an answer that is still needed -> the question.
    problems : tuple of Problem
        Faults; a file with faults is never written.
    records : mapping
        Rows for other tables ("indicators", "sources", "areas", "definitions") that the file itself gives.
    selected : str
        What an answer chose among several areas of the file, "" where it chose nothing.
    """

    file: str
    table: pd.DataFrame
    understood: tuple[str, ...] = ()
    questions: Mapping[str, Question] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    records: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    selected: str = ""

    def refuse_open(self, *allowed: str) -> None:
        """Raise `Unclear` where a question other than the allowed ones is open."""
        left = {name: question for name, question in self.questions.items() if name not in allowed}
        if left:
            raise Unclear(self.file, left)


@dataclass
class Work:
    """What gathers while a reading is matched: notes, problems and questions."""

    reading: Reading
    file: str
    answers: Answers
    records: dict[str, pd.DataFrame]
    used: set[str] = field(default_factory=set)
    selected: str = ""

    def __post_init__(self) -> None:
        for dimension, role in self.reading.roles.items():
            words = [w for w in self.reading.shown(dimension).unique().tolist()[:500] if w] if role == "status" else []
            if words and share_known(words, lambda word: status_id(word) is not None) < 0.5:  # "Nature" of INSEE
                roles = {name: held for name, held in self.reading.roles.items() if name != dimension}
                self.reading = replace(self.reading, roles=roles)
        self.notes: list[str] = list(self.reading.notes)
        self.problems: list[Problem] = list(self.reading.problems)
        self.questions: dict[str, Question] = dict(self.reading.questions)

    def known(self, name: str) -> pd.DataFrame:
        """Return a catalogue table with the rows this file adds."""
        shipped = open_package().tables[name]
        own = self.records.get(name)
        return shipped if own is None else pd.concat([shipped, own], ignore_index=True)

    @cached_property
    def places(self) -> Places:
        """Areas of the catalogue and countries of the world."""
        return Places(self.known("areas"))

    def fault(self, cells: pd.DataFrame, column: str, value: str, message: str, cure: str) -> None:
        """Note one problem at the first of these cells."""
        row = int(cells["row"].iloc[0]) if len(cells) else 0
        self.problems.append(Problem(self.file, row, column, value[:80], message, cure))

    def ask(self, name: str, text: str, cells: tuple[str, ...] = (), answers: tuple[str, ...] = ()) -> None:
        """Note an open question; the first of a name stays."""
        self.questions.setdefault(name, Question(text, cells, answers))

    def take(self, units: Any) -> None:
        """Take over what the conversion of units said and asked."""
        self.notes += units.notes
        for name, question in units.questions.items():
            self.questions.setdefault(name, question)

    def header(self, dimension: str) -> str:
        """Return a dimension as the file's header writes it."""
        return self.reading.headers.get(dimension, dimension)

    def dimension(self, name: str) -> str:
        """Return the dimension that a user's word names: our name for it, or its header, accents aside."""
        held = [*self.reading.dimensions]
        return next((d for d in held if name in (d, self.header(d))),
                    next((d for d in held if fold(name) in (fold(d), fold(self.header(d)))), ""))

    def by_content(self, role: str, known: Any, least: float = 0.5) -> str:
        """Return the dimension with the largest share of known words; a stated role decides between equals."""
        barred = {d for d, given in self.reading.roles.items() if given in SILENT and given != role} | {"period"}
        scores = {}
        for d in self.reading.dimensions:
            if (
                d in barred
                or d in self.used
                or self.reading.roles.get(d, role) not in (role, f"{role}_code", "area_code")
            ):
                continue
            words = [word for word in self.reading.shown(d).unique().tolist() if word]
            held = share_known(words[:500], known)
            codes = share_known(list(self.reading.labels.get(d, {}))[:500], known)
            scores[d] = (max(held, codes), self.reading.roles.get(d) == role)
        best = max(scores, key=scores.__getitem__, default="")
        return best if best and scores[best][0] >= least else ""


def refuse_names(
    work: Work, cells: pd.DataFrame, words: pd.Series, unknown: list[str], names: Mapping[str, Any], told: tuple
) -> None:
    """Note the unknown names one by one, the nearest known name with each; of very many the rest is counted."""
    dimension, kind, cure = told
    for word in unknown[:SHOWN]:
        work.fault(cells[words == word], dimension, word, f"no such {kind}.", f"{nearest(word, names)}{cure}")
    if len(unknown) > SHOWN:
        work.fault(cells.head(0), dimension, "", f"{len(unknown) - SHOWN:,} more names are no {kind}.", cure)


def listed(words: list[str], most: int = 5) -> str:
    """Return the first words of a list and how many more there are."""
    shown = ", ".join(str(word)[:40] for word in words[:most])
    return f"{shown} and {len(words) - most} more" if len(words) > most else shown
