"""The parts of a document, apart from any file format: what Word and PDF write is the same by construction."""

from __future__ import annotations

from dataclasses import dataclass, field


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
class Document:
    """The blocks of one document and what its properties say.

    Attributes
    ----------
    title, lang : str
    blocks : tuple of Block
    comments, keywords : str
        The command that makes it again and the codes of data and methods.
    record : str
        The same and more, for machines.
    points : float
        Size of the body text: 13 to 14 by Nghị định 30/2020.
    """

    title: str
    lang: str
    blocks: tuple[Block, ...]
    comments: str = ""
    keywords: str = ""
    record: str = "{}"
    points: float = 13
    margins: tuple[float, float, float, float] = field(default=(20.0, 20.0, 30.0, 20.0))  # top, bottom, left, right, mm
