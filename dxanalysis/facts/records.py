"""Records of the facts: what an indicator, an area, a definition, a source and a document are."""

from __future__ import annotations

from dataclasses import dataclass

FORM = "collection form"  # the note of a source that is a filled-in form


@dataclass(frozen=True)
class Indicator:
    """What is measured, in which unit, and which way is better.

    ``direction`` is +1 where higher is better, -1 where lower is better (ranks) and 0 where neither is.
    ``lower`` and ``upper`` are the natural bounds of a value (``None``: unbounded). ``merge`` says how old provinces
    add up to a new one: ``sum`` (counts), ``weighted`` (shares, by their denominator ``weight``), ``rate`` (per
    head, by population), ``mean`` (indices: simple mean, as published) or ``none`` (ranks). ``year_end`` is
    ``december`` for stocks whose December figure stands for the year.

    ``kind`` says which statements make sense: ``stock_share`` (a share or ratio of a stock at a date), ``flow_share``
    (a share of what happened in a period), ``growth_rate``, ``rank``, ``cumulative_count`` (things there are by a
    date), ``index_edition`` (a score whose rules may change with its edition) or ``amount`` (money, people or counts of
    one period). ``evidence_class`` names the reference class in which precedents are sought (``economic_share``,
    ``diffusion``, ``service_coverage``, ``rate``; empty: none fits). ``out_of`` is the number of places ranked, or the
    maximum of an index (``None``: it differs by edition, or neither applies).
    """

    id: str
    title_vi: str
    title_en: str
    short_vi: str
    short_en: str
    pillar: str
    unit: str
    unit_vi: str
    unit_en: str
    share_of_vi: str
    share_of_en: str
    direction: int
    lower: float | None
    upper: float | None
    decimals: int
    merge: str
    weight: str
    year_end: str
    kind: str
    evidence_class: str
    out_of: float | None
    licence: str
    note: str

    @property
    def bounds(self) -> tuple[float | None, float | None] | None:
        """Natural bounds as (lower, upper); ``None`` where there are none."""
        return None if self.lower is None and self.upper is None else (self.lower, self.upper)


@dataclass(frozen=True)
class Area:
    """A place with the days between which its boundary held and its code in each code list (never a bare code)."""

    id: str
    name_vi: str
    name_en: str
    aliases: str
    level: str
    parent: str
    code_vn63: str
    code_vn34: str
    valid_from: str
    valid_to: str
    note: str


@dataclass(frozen=True)
class Definition:
    """Who measures an indicator and how; two definitions are never joined in one series."""

    indicator: str
    id: str
    order: int
    agency: str
    name_vi: str
    name_en: str
    method_vi: str
    method: str
    since: str
    comparable_with: str
    note_vi: str
    note: str


@dataclass(frozen=True)
class Source:
    """A page on which figures were read; ``grade`` is official, press or mirror."""

    id: str
    publisher: str
    title: str
    published: str
    published_basis: str
    read: str
    url: str
    grade: str
    note: str


@dataclass(frozen=True)
class Document:
    """A legal or party document that sets targets, and the one that took its place."""

    id: str
    number: str
    title_vi: str
    title_en: str
    issuer_vi: str
    issuer_en: str
    date: str
    date_basis: str
    scope: str
    role: str
    period_start: int | None
    horizon: int | None
    orientation: int | None
    note: str
