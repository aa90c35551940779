"""What the site is made from: the catalogue, and what the runs left by area, indicator and year."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from ...briefing import labels, numbers, theme
from ...facts.records import Area, Definition, Indicator, Source
from ..listing import Failure, Run, found_in, variant_of, year_of

SITE, BUILT = "site", ".built.json"  # its folder, and in it what each page was made from
_SAFE = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}")  # ids name folders and files of the site
_EITHER = "GDP/GRDP"


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
    story : callable
        ``story()`` gives, by language, the sentences and the facts of the founding article
        (:func:`dxanalysis.delivery.exhibits.told`) and the pillars' shares before the resolution; nothing where there
        is no story.
    rungs : callable
        ``rungs()`` gives, by indicator, area and definition, the rung of the ladder of evidence that is reached, the
        next one and how many more comparable figures that takes.
    editions : callable
        ``editions()`` gives the rows of :func:`dxanalysis.facts.method_editions`.
    """

    digest: str
    series: Callable[[str, str], Series | None]
    names: Callable[[str, str], Mapping[str, str] | None]
    source: Callable[[str], Source | None]
    story: Callable[[], Mapping[str, Any]] = dict
    rungs: Callable[[], Mapping[tuple[str, str, str], tuple[str, str, int]]] = dict
    editions: Callable[[], Sequence[Mapping[str, str]]] = list


NOTHING = Known("", lambda _indicator, _area: None, lambda _kind, _id: None, lambda _id: None)


@dataclass(frozen=True)
class Verdict:
    """How one target stood at the end of one year, as the run judged it; `variant` tells special runs apart."""

    year: int
    target_year: int
    state: str
    answer: Mapping[str, str]
    outlook: Mapping[str, str]
    distance: Mapping[str, str]
    variant: str


@dataclass
class Topic:
    """One indicator in one area: names by language, its runs, and its verdicts by year."""

    area: str
    indicator: str
    area_names: Mapping[str, str]
    names: Mapping[str, str]
    runs: list[Run] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def page(self) -> str:
        """Where its page stands below the site."""
        return f"areas/{self.area}/{self.indicator}.html"

    def years(self) -> list[int]:
        """Return the years with a verdict."""
        return sorted({verdict.year for verdict in self.verdicts})

    def silent(self) -> bool:
        """Tell whether it has targets and no run found a figure of it."""
        return bool(self.verdicts) and all(one.state == "no_figure_held" for one in self.verdicts)

    def in_year(self, year: int) -> list[Verdict]:
        """Return the verdicts on the next target at the end of a year: of the usual run, then of special ones."""
        mine = [verdict for verdict in self.verdicts if verdict.year == year]
        variants = sorted({verdict.variant for verdict in mine})
        return [_next_target([one for one in mine if one.variant == variant], year) for variant in variants]


@dataclass(frozen=True)
class Gathered:
    """Everything the site is made from."""

    root: Path
    topics: list[Topic]
    runs: list[Run]
    failures: list[Failure]

    def years(self) -> list[int]:
        """Return every year with a verdict."""
        return sorted({year for topic in self.topics for year in topic.years()})

    def areas(self) -> dict[str, list[Topic]]:
        """Return the topics of each area that was run, in the order of names; a run may have judged nothing."""
        found: dict[str, list[Topic]] = {run.group: [] for run in self.runs}
        for topic in self.topics:
            found[topic.area].append(topic)
        return found

    def named(self, area: str) -> Mapping[str, str]:
        """Return the names of an area by language."""
        known = (topic.area_names for topic in self.topics if topic.area == area)
        return next(known, None) or self.runs_of(area)[0].about.get("area") or dict.fromkeys(numbers.LANGUAGES, area)

    def runs_of(self, area: str) -> list[Run]:
        """Return the runs of an area."""
        return [run for run in self.runs if run.group == area]


def refuse_foreign(root: Path) -> None:
    """Raise where the place of the site is taken: by a link, a file, or a folder with files that dx has not made.

    Raises
    ------
    ValueError
        Nothing of it is overwritten.
    """
    site = root / SITE
    taken = site.is_dir() and any(site.iterdir()) and not (site / BUILT).is_file()
    if taken or site.is_symlink() or (site.exists() and not site.is_dir()):
        raise ValueError(f"{site} was not made by dx; pages of the site would replace what is there. Move it away, or "
                         "name another --out.")


def gather(outputs: str | Path, known: Known) -> Gathered:
    """Read the runs of an output folder; one whose ids cannot name a file is listed with the failures."""
    root = Path(outputs)
    found, failures = found_in(root)
    runs = [run for run in found if run.folder.split("/")[0] != SITE]
    strange = [run for run in runs if not _names_a_file(run)]
    failures = [*failures, *(Failure(run.folder, "", _strange(run)) for run in strange)]
    runs = [run for run in runs if _names_a_file(run)]
    topics: dict[tuple[str, str], Topic] = {}
    for run in runs:
        _add_run(topics, run, known)
    return Gathered(root, sorted(topics.values(), key=_order), runs, failures)


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV table as text; nothing where there is no such file."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return [{name: value or "" for name, value in row.items() if name} for row in csv.DictReader(lines)]


def number_in(text: str) -> float | None:
    """Return the number of a cell, None where it holds none (an empty cell, a word, infinity)."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def _names_a_file(run: Run) -> bool:
    ids = [run.group, *filter(None, [run.about.get("indicator", {}).get("id")])]
    return all(_SAFE.fullmatch(str(one)) for one in ids)


def _strange(run: Run) -> str:
    return f"run.json: area {run.group!r} or indicator {run.about.get('indicator', {}).get('id')!r} cannot name a page"


def _add_run(topics: dict[tuple[str, str], Topic], run: Run, known: Known) -> None:
    indicator = run.about.get("indicator", {})
    if indicator:
        topic = _topic(topics, run, indicator, known)
        topic.runs.append(run)
        _add_verdicts(topic, run, run.judged)
        return
    by_indicator: dict[str, list[dict[str, Any]]] = {}
    for row in run.judged:  # the briefing of a year judges every indicator with a target
        by_indicator.setdefault(row["indicator"], []).append(row)
    for id, rows in by_indicator.items():
        if _SAFE.fullmatch(id):
            _add_verdicts(_topic(topics, run, {"id": id, **rows[0].get("name", {})}, known), run, rows)


def _add_verdicts(topic: Topic, run: Run, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add how the targets stood, once for each year and variant."""
    known = {(one.year, one.target_year, one.variant) for one in topic.verdicts}
    for row in rows:
        goal = row.get("target_year")
        key = (year_of(run), goal if isinstance(goal, int) else 0, variant_of(run))
        if row["indicator"] == topic.indicator and row["state"] in theme.STATES and key not in known:
            said = [row.get(name, {}) for name in ("answer", "outlook", "distance")]
            topic.verdicts.append(Verdict(key[0], key[1], row["state"], *said, key[2]))


def _topic(topics: dict[tuple[str, str], Topic], run: Run, indicator: Mapping[str, Any], known: Known) -> Topic:
    key = (run.group, str(indicator["id"]))
    if key not in topics:
        area = known.names("area", run.group) or run.about.get("area") or dict.fromkeys(numbers.LANGUAGES, run.group)
        names = known.names("indicator", key[1]) or indicator
        topics[key] = Topic(*key, area, _of_place(names, area))
    return topics[key]


def _of_place(names: Mapping[str, str], area: Mapping[str, str]) -> Mapping[str, str]:
    """Return the names of an indicator for one area: of GDP for a nation, of GRDP for a province."""
    if not area.get("level"):
        return names
    place = SimpleNamespace(level=area["level"])
    titles = {f"title_{lang}": str(names[lang]) for lang in numbers.LANGUAGES}
    measured = SimpleNamespace(**titles)
    return dict(names) | {
        lang: labels.measure_name(measured, place, lang) for lang in numbers.LANGUAGES if _EITHER in str(names[lang])
    }


def _next_target(verdicts: list[Verdict], year: int) -> Verdict:
    """Return the verdict on the first target from a year on, or on the last one where all are past."""
    ahead = [one for one in verdicts if one.target_year >= year]
    return min(ahead, key=lambda one: one.target_year) if ahead else max(verdicts, key=lambda one: one.target_year)


def _order(topic: Topic) -> tuple[Any, ...]:
    """Sort by area; what notebooks were run for comes first, then what could be judged, then the rest."""
    name = str(topic.names.get("vi", topic.indicator))
    judged = sum(verdict.state not in labels.WITHOUT_FIGURE for verdict in topic.verdicts)
    return (numbers.vi_key(str(topic.area_names.get("vi", topic.area))), -len(topic.runs), not judged,
            numbers.vi_key(name), topic.indicator)
