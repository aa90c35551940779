"""The parts of documents and decks, apart from any file format: Word and PDF write the same by construction."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

LOCALES = {"vi": "vi-VN", "en": "en-GB"}  # of a file: how its language is called


@dataclass(frozen=True)
class Letterhead:
    """The head of a document by Nghị định 30/2020: body, number, state's name and motto, place and day."""

    issuer: str
    number: str
    state: str
    motto: str
    dated: str


@dataclass(frozen=True)
class Title:
    """The kind of a document in capitals and its subject, centred; `note` stands in italics below."""

    kind: str
    subject: str
    note: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 (I.) or 2 (1.)."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Text:
    """One paragraph; `style` is body (first line indented) or note (small); `keep` holds it to what follows."""

    text: str
    style: str = "body"
    keep: bool = False


@dataclass(frozen=True)
class Row:
    """One row of a table; a `group` row has one cell that runs through all columns, a `total` row is bold."""

    cells: tuple[str, ...]
    kind: str = "plain"


@dataclass(frozen=True)
class Table:
    """A native table whose head is repeated on every page.

    Attributes
    ----------
    head : tuple of str
    rows : tuple of Row
    widths : tuple of float
        Millimetres of each column.
    points : float
        Size of its letters.
    centred : tuple of int
        Columns whose cells are centred (numbers of rows, years, units).
    """

    head: tuple[str, ...]
    rows: tuple[Row, ...]
    widths: tuple[float, ...]
    points: float = 11
    centred: tuple[int, ...] = ()


@dataclass(frozen=True)
class Signature:
    """Where copies go (left) and who signs (right); the name is left blank."""

    heading: str
    recipients: tuple[str, ...]
    signer: tuple[str, ...]


@dataclass(frozen=True)
class Appendix:
    """The start of an appendix: a landscape section with page numbers of its own."""


Block = Letterhead | Title | Heading | Text | Table | Signature | Appendix


@dataclass(frozen=True)
class About:
    """What the properties of an office file say.

    Attributes
    ----------
    title, lang : str
    comments, keywords : str
        The command that makes it again and the codes of data and methods.
    record : str
        The same and more, for machines.
    """

    title: str
    lang: str
    comments: str = ""
    keywords: str = ""
    record: str = "{}"


@dataclass(frozen=True)
class Document:
    """The blocks of one document; `points` is the size of its body text: 13 to 14 by Nghị định 30/2020."""

    about: About
    blocks: tuple[Block, ...]
    points: float = 13
    margins: tuple[float, float, float, float] = (20.0, 20.0, 30.0, 20.0)  # top, bottom, left, right, mm


# ---------------------------------------------------------------- parts of a deck
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Line:
    """One series of a line chart: values by year, colour, marker; a series without a line shows its points alone."""

    name: str
    values: pd.Series
    colour: str
    marker: str = "CIRCLE"
    joined: bool = True
    dashed: bool = False


@dataclass(frozen=True)
class Plot:
    """What a native chart shows.

    Attributes
    ----------
    alt : str
        What it shows, in words.
    lines : tuple of Line
        Series of a line chart; empty for bars.
    bars : Series
        Values by printed name; empty for lines.
    marked : tuple of str
        Bars in the colour of the area a deck is about.
    symbol : str
        What follows each number ("%").
    decimals : int
    """

    alt: str
    lines: tuple[Line, ...] = ()
    bars: pd.Series | None = None
    marked: tuple[str, ...] = ()
    symbol: str = ""
    decimals: int = 2


@dataclass(frozen=True)
class Words:
    """Sentences, one paragraph each; `share` is the part of the slide's width they take, from the left or the right."""

    lines: tuple[str, ...]
    points: float = 18
    place: Box = (0, 0, 1, 1)


@dataclass(frozen=True)
class Grid:
    """A native table; the first row is its head, `shares` the parts of the width its columns take."""

    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]
    points: float = 14
    place: Box = (0, 0, 1, 1)


@dataclass(frozen=True)
class Chart:
    """A native chart of a plot."""

    plot: Plot
    place: Box = (0, 0, 1, 1)


Part = Words | Grid | Chart


@dataclass(frozen=True)
class Slide:
    """One message: its sentence as the title, what shows it, what the speaker says, where it is from."""

    title: str
    parts: tuple[Part, ...]
    notes: str
    foot: str = ""
