"""What the site is told besides the runs: the catalogue's records and every release of a series."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from ...facts.records import Area, Definition, Indicator, Source


@dataclass(frozen=True)
class Release:
    """A series as it stood after one day of publication, and the path from there to its targets.

    `history` has the columns of a history, `path` has ``year, value`` (empty where there is no target).
    """

    day: str
    history: pd.DataFrame
    path: pd.DataFrame


@dataclass(frozen=True)
class Line:
    """A series by one definition, release by release, oldest first."""

    definition: Definition
    releases: tuple[Release, ...]


@dataclass(frozen=True)
class Series:
    """One indicator in one area: every definition that has a figure, and the targets."""

    indicator: Indicator
    area: Area
    lines: tuple[Line, ...]
    targets: pd.DataFrame


@dataclass(frozen=True)
class Known:
    """The catalogue as the site sees it; what it does not know (a package of yours) is taken from the runs alone.

    Attributes
    ----------
    digest : str
        Digest of the data, compared with the one each run noted.
    series : callable
        ``series(indicator, area)`` gives the series, None where the catalogue lacks either.
    names : callable
        ``names("area" or "indicator", id or name)`` gives ``id, vi, en`` (and an area's ``level``); None where
        it is unknown.
    source : callable
        ``source(id)`` gives the record of a page on which figures were read, None where it is unknown.
    """

    digest: str
    series: Callable[[str, str], Series | None]
    names: Callable[[str, str], Mapping[str, str] | None]
    source: Callable[[str], Source | None]


NOTHING = Known("", lambda indicator, area: None, lambda kind, id: None, lambda id: None)
