"""What the runs left, arranged as the site shows it: series of areas, and the verdict of each year."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ...briefing import labels, numbers
from ..listing import Failure, Run, found_in
from .markup import known_step
from .records import Known

SITE = "site"
_SAFE = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}")  # ids name folders and files of the site
_JUDGES = ("30_attainment", "40_verdicts")  # notebooks that leave agreement.csv
_AGENDA = "90_briefing_year"
_OUTCOMES = ("achieved", "missed")
_EITHER = "GDP/GRDP"


@dataclass(frozen=True)
class Verdict:
    """What the methods say of one target at the end of one year; `variant` tells special runs apart."""

    year: int
    target_year: int
    target: float | None
    step: str
    agree: int
    judged: int
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
        """Return the topics of each area, in the order of names."""
        found: dict[str, list[Topic]] = {}
        for topic in self.topics:
            found.setdefault(topic.area, []).append(topic)
        return found

    def runs_of(self, area: str) -> list[Run]:
        """Return the runs of an area."""
        return [run for run in self.runs if run.group == area]


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
        _add_run(topics, root, run, known)
    return Gathered(root, sorted(topics.values(), key=_order), runs, failures)


def year_of(run: Run) -> int:
    """Return the year at whose end a run stands; 0 where it names none."""
    text = str(run.parameters.get("year", ""))
    return int(text) if re.fullmatch(r"\d{1,4}", text, re.ASCII) else 0


def variant_of(run: Run) -> str:
    """Return the parameters that tell a run from the usual one: its folder's name carries them."""
    return run.folder.rsplit("/", 1)[-1].partition("--")[2].replace("--", ", ")


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


def _add_run(topics: dict[tuple[str, str], Topic], root: Path, run: Run, known: Known) -> None:
    indicator = run.about.get("indicator", {})
    if indicator:
        topic = _topic(topics, run, indicator, known)
        topic.runs.append(run)
        if run.notebook in _JUDGES and not any(one.variant == variant_of(run) and one.year == year_of(run)
                                               for one in topic.verdicts):  # fmt: skip
            topic.verdicts += _verdicts(_settled(root / run.folder), run)
    if run.notebook == _AGENDA:
        _add_agenda(topics, root, run, known)


def _add_agenda(topics: dict[tuple[str, str], Topic], root: Path, run: Run, known: Known) -> None:
    """Add the verdicts on every target of an area; the table names indicators in the run's language."""
    by_name: dict[str, list[dict[str, str]]] = {}
    for row in rows_of(root / run.folder / "judged.csv"):
        by_name.setdefault(row.get("indicator", ""), []).append(row)
    for name, rows in by_name.items():
        names = known.names("indicator", name)
        if names and _SAFE.fullmatch(names["id"]):
            topic = _topic(topics, run, names, known)
            own = any(one.year == year_of(run) and not one.variant for one in topic.verdicts)
            topic.verdicts += [] if own and not variant_of(run) else _verdicts(rows, run)


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


def _settled(folder: Path) -> list[dict[str, str]]:
    """Return what the methods agree on; a target whose year has been measured is met or missed, whatever they say."""
    outcome = {row.get("target_year"): row.get("verdict", "") for row in rows_of(folder / "attainment.csv")}
    return [
        row | ({"step": outcome[row.get("target_year")], "agree": "0", "judged": "0"}
               if outcome.get(row.get("target_year")) in _OUTCOMES else {})
        for row in rows_of(folder / "agreement.csv")
    ]  # fmt: skip


def _verdicts(rows: Iterable[Mapping[str, str]], run: Run) -> list[Verdict]:
    found = []
    for row in rows:
        target_year = number_in(row.get("target_year", ""))
        if target_year is not None:
            agree, judged = (int(number_in(row.get(name, "")) or 0) for name in ("agree", "judged"))
            found.append(Verdict(year_of(run), int(target_year), number_in(row.get("target", "")),
                                 known_step(row.get("step", "")), agree, judged, variant_of(run)))  # fmt: skip
    return found


def _next_target(verdicts: list[Verdict], year: int) -> Verdict:
    """Return the verdict on the first target from a year on, or on the last one where all are past."""
    ahead = [one for one in verdicts if one.target_year >= year]
    return min(ahead, key=lambda one: one.target_year) if ahead else max(verdicts, key=lambda one: one.target_year)


def _order(topic: Topic) -> tuple[Any, ...]:
    """Sort by area; what notebooks were run for comes first, then what could be judged, then the rest."""
    name = str(topic.names.get("vi", topic.indicator))
    judged = sum(verdict.step != "not_available" for verdict in topic.verdicts)
    return (numbers.vi_key(str(topic.area_names.get("vi", topic.area))), -len(topic.runs), not judged,
            numbers.vi_key(name), topic.indicator)  # fmt: skip
