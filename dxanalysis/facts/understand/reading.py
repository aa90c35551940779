"""What every reader returns: figures with their dimensions, the cells a table is brought into, or a question."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from dxanalysis.facts.names import CONTROL
from dxanalysis.facts.schema import Problem, refuse
from dxanalysis.facts.understand.periods import parse_periods, period_hint

CELL_COLUMNS = ["value", "symbol", "status", "row", "column"]


@dataclass(frozen=True)
class Question:
    """What a file leaves open: the question in words, its cells, possible answers, or the code that cures."""

    text: str
    cells: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    cure: str = ""


class Unclear(ValueError):
    """Raised where a file or a table can be read in more than one way; nothing is guessed.

    Attributes
    ----------
    question : str
        Name of the first open question, which is also the keyword that answers it ("decimal", "scale", "unit",
        "where", "area", "indicator", "definition", "period", "sheet", "direction", "annual").
    questions : mapping
        All open questions by name.
    cells : tuple of str
        Cells the first question is about, as the file shows them.

    Examples
    --------
    >>> asked = Unclear("a.csv", {"decimal": Question("may be 1234 or 1.234.", ("row 2: '1.234'",), (",", "."))})
    >>> print(asked)
    a.csv leaves a question: may be 1234 or 1.234. Cells: row 2: '1.234'. Answer with decimal=',' or decimal='.'.
    """

    SHOWN = 5

    def __init__(self, file: str, questions: Mapping[str, Question]) -> None:
        self.file, self.questions = file, dict(questions)
        self.question = next(iter(self.questions))
        self.cells = self.questions[self.question].cells
        self.keyword = self.question
        count = len(self.questions)
        head = f"{file} leaves {'a question' if count == 1 else f'{count} questions'}:"
        told = [_told(name, question) for name, question in self.questions.items()]
        super().__init__(f"{head} {told[0]}" if count == 1 else "\n  ".join([head, *told]))


def _told(name: str, question: Question) -> str:
    cells = f" Cells: {'; '.join(question.cells[: Unclear.SHOWN])}." if question.cells else ""
    if question.cure:
        return f"{question.text}{cells} {question.cure}"
    plain = name in ("scale", "by", "through", "direction")
    answers = " or ".join(
        f"{name}={answer if plain or answer[:1] == '{' else repr(answer)}" for answer in question.answers[:3]
    )
    return f"{question.text}{cells} Answer with {answers or f'{name}=...'}."


@dataclass(frozen=True)
class Reading:
    """A file as read, before anybody has said what its words mean.

    Attributes
    ----------
    kind : str
        "csv", "xlsx", "xls", "table" (pandas), "px", "json-stat", "sdmx-csv", "sdmx-ml" or "sdmx-json".
    cells : DataFrame
        One row per figure: the dimensions as text, then value (float, missing = NaN), symbol (the printed mark of a
        missing value, or "%" behind a value), status ("" or a value status), row and column in the file.
    dimensions : tuple of str
        Names of the dimension columns, in the file's order.
    roles : mapping
        Dimension -> "area", "period", "indicator", "unit", "note", ... where the file itself says so.
    labels : mapping
        Dimension -> {code: label} where the file gives codes.
    headers : mapping
        Dimension -> the header it has in the file, where that is another word.
    title, unit, source, updated : str
        As the file says, or "".
    notes : tuple of str
        What was understood, in sentences a user can check.
    problems : tuple of Problem
        Faults of single cells; a file with problems is not imported.
    questions : mapping
        Answers the reader needs, by keyword ("decimal", "sheet").
    """

    kind: str
    cells: pd.DataFrame
    dimensions: tuple[str, ...]
    roles: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    unit: str = ""
    source: str = ""
    updated: str = ""
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    questions: Mapping[str, Question] = field(default_factory=dict)

    def shown(self, dimension: str) -> pd.Series:
        """Return a dimension as a reader sees it: labels in place of codes."""
        labels = self.labels.get(dimension, {})
        if not labels:
            return self.cells[dimension].astype("str")
        return self.cells[dimension].map(lambda code: labels.get(code, code)).astype("str")


def without_controls(reading: Reading, file: str) -> Reading:
    """Return a reading whose texts hold nothing that a terminal would obey or that turns the reading direction.

    A text file is looked at as a whole (`guards.decode`); JSON, XML and workbooks can write such characters in escapes.

    Raises
    ------
    DataError
        When a title, a label or a cell holds a control character.
    """
    said = [reading.title, reading.unit, reading.source, reading.updated, *reading.dimensions, *reading.notes]
    labels = [text for words in reading.labels.values() for pair in words.items() for text in pair]
    columns = [*(d for d in reading.dimensions if d in reading.cells), "symbol", "status"]
    cells = (text for column in columns for text in reading.cells[column].unique().tolist())
    for text in itertools.chain(said, labels, cells):
        found = CONTROL.search(str(text))
        if found:
            message = f"holds the control character U+{ord(found.group()):04X} in the text {ascii(text)[:60]}."
            raise refuse(file, message, "Type the text again, without it.")
    return reading


def read_cube(
    kind: str, cells: pd.DataFrame, categories: Mapping[str, Mapping[str, str]], likely: Mapping[str, str], *,
    notes: Iterable[str], **about: str,
) -> Reading:
    """Return the reading of a cube of figures, its time dimension named "period".

    Parameters
    ----------
    kind : str
        Format of the file.
    cells : DataFrame
        One row per cell: the codes of the dimensions, then the columns of `Reading.cells`.
    categories : mapping
        Dimension -> {code: label}, in the file's order.
    likely : mapping
        Dimension -> role, as the file states it or its name suggests.
    notes, **about
        What was understood; title, unit, source, updated.
    """
    time = time_dimension(categories, likely)
    cells, more = name_periods(cells, time, categories.get(time, {}))
    roles = {dimension: role for dimension, role in likely.items() if role not in ("", "period")}
    return Reading(
        kind, cells, tuple("period" if dimension == time else dimension for dimension in categories),
        roles=roles | ({"period": "period"} if time else {}),
        labels={dimension: codes for dimension, codes in categories.items() if dimension != time},
        notes=(*notes, *more), **about,
    )


def time_dimension(categories: Mapping[str, Mapping[str, str]], likely: Mapping[str, str]) -> str:
    """Return the dimension that holds the periods: the stated one, else the first whose categories are all periods.

    Parameters
    ----------
    categories : mapping
        Dimension -> {code: label}.
    likely : mapping
        Dimension -> role, as the file states it or its name suggests.

    >>> time_dimension({"n": {"0": "2020", "1": "2021"}, "t": {"a": "b"}}, {"n": "period", "t": "period"})
    'n'
    >>> time_dimension({"Periodo": {"0": "2018M12"}, "Variable": {"a": "b"}}, {})
    'Periodo'
    """
    shares = {name: _share_of_periods(name, codes) for name, codes in categories.items()}
    stated = [name for name in categories if likely.get(name) == "period" and shares[name] > 0]
    free = [name for name in categories if likely.get(name, "") in ("", "quarter", "month") and shares[name] == 1]
    return max(stated, key=shares.__getitem__) if stated else next(iter(free), "")


def _share_of_periods(name: str, codes: Mapping[str, str]) -> float:
    return sum(found is not None for found in _periods_of(name, codes).values()) / max(len(codes), 1)


def _periods_of(name: str, codes: Mapping[str, str]) -> dict[str, tuple[str, str] | None]:
    """Return code -> period of a dimension, from its labels or else from its codes."""
    hint = period_hint(name)
    labels, plain = parse_periods(codes.values(), hint), parse_periods(codes, hint)
    return {code: labels[label] or plain[code] for code, label in codes.items()}


def name_periods(cells: pd.DataFrame, dimension: str, codes: Mapping[str, str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the cells with the time dimension renamed "period" and its status words set apart, and what to say.

    Figures of periods that are none of ours (three rolling months, say) are left out and said to be.
    """
    if not dimension:
        return cells, ()
    parsed = _periods_of(dimension, codes)
    unknown = [code for code, found in parsed.items() if found is None]
    left = cells[dimension].isin(unknown)
    notes = []
    if left.any():
        shown = ", ".join(repr(codes[code]) for code in unknown[:3])
        notes.append(f"{int(left.sum())} figures left out: {shown} are no years, halves, quarters, months or days.")
        cells = cells[~left]
    status = cells[dimension].map({code: found[1] for code, found in parsed.items() if found})
    period = cells[dimension].map({code: found[0] for code, found in parsed.items() if found})
    cells = cells.assign(**{dimension: period, "status": cells["status"].where(cells["status"] != "", status)})
    return cells.rename(columns={dimension: "period"}).reset_index(drop=True), tuple(notes)


class Cell(NamedTuple):
    """One cell: its text (numbers in Python's form, dates in ISO form), its kind, and the percent sign it shows."""

    text: str = ""
    kind: str = "text"  # text, number, formula or error
    percent: str = ""  # "scaled": 0.123 is shown as 12.3 %; "printed": 12.3 is shown with a literal %


EMPTY = Cell()


@dataclass(frozen=True)
class Grid:
    """A sheet: rows of cells (all of one width) and what is known of how it was read.

    ``widths`` holds the number of cells each line of a text file really had; ``whole`` is the table of texts of a large
    file, of which ``rows`` are only the head.
    """

    kind: str
    sheet: str
    rows: list[list[Cell]]
    notes: tuple[str, ...]
    widths: tuple[int, ...] = ()
    whole: pd.DataFrame | None = None


def column_letter(index: int) -> str:
    """Return the letters of a column counted from 0.

    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
