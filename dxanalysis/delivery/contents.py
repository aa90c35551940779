"""What a pack says, the same for slides, note and workbook: title, sentences, pictures, table, sources, origin."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from ..briefing import labels, numbers, tables
from . import files, origin
from .left import Left, Picture, main_run, pictures_once

_LEADING = 4  # sentences a reader takes in at a glance
_PACE = ("target_year", "target", "last_year", "last", "gap", "years_left", "required_per_year")
# What a finding's key begins with where it speaks of the target; the others say how far to trust it.
_LEAD_KEYS = ("gap", "pace", "required", "target", "attainment", "expected", "forecast", "trend", "agenda", "level")


@dataclass(frozen=True)
class Contents:
    """The parts of a pack in one language.

    Attributes
    ----------
    title, headline : str
    lead, trust : tuple of str
        Sentences about the target, then those about how far to trust them and how it was measured.
    pictures : tuple of Picture
    pace : tuple of rows
        The table of gap and required pace, printed, its headings first; empty where nothing was computed.
    sources, methods : tuple of str
        Publications the figures are from; methods of judgement with version and citation.
    made : tuple of str
        The command that makes the pack again and the codes of data and methods.
    record : str
        The same and more, for machines.
    """

    title: str
    headline: str
    lead: tuple[str, ...]
    trust: tuple[str, ...]
    pictures: tuple[Picture, ...]
    pace: tuple[tuple[str, ...], ...]
    sources: tuple[str, ...]
    methods: tuple[str, ...]
    made: tuple[str, ...]
    record: str
    lang: str

    def source_line(self) -> str:
        """Return the sources in one line."""
        return labels.label("notes_source", self.lang, sources="; ".join(self.sources)) if self.sources else ""

    def notes(self) -> str:
        """Return what a speaker needs to answer questions: methods, sources, how to repeat."""
        said = [labels.label("notes_methods", self.lang, methods="; ".join(self.methods))] if self.methods else []
        return "\n".join([*said, *filter(None, [self.source_line()]), *self.made])


def gather(runs: list[Left], lang: str, file: str, template: str | Path | None = None) -> Contents:
    """Gather what the runs of one area and year say in a language.

    Parameters
    ----------
    runs : the runs, as :func:`dxanalysis.delivery.left.read_runs` gives them
    lang : {"vi", "en"}
    file : name of the file it is for, which its record keeps
    template : the office's own file it is written into, if any
    """
    numbers.language(lang)
    main = main_run(runs)
    record = origin.of_pack(runs, main, file, lang, None if template is None else Path(template))
    lead, trust = _sentences(main, lang)
    return Contents(
        title_of(runs, lang), main.headline(lang), lead, trust, tuple(pictures_once(runs, lang)), _pace(runs, lang),
        _sources(main, lang), _methods(main, lang), _made(record, lang), origin.text_of(record), lang,
    )  # fmt: skip


def title_of(runs: list[Left], lang: str) -> str:
    """Return the title of a pack: area, what is measured, year."""
    main = main_run(runs).run
    about, year = main.get("about", {}), str(main["parameters"].get("year", ""))
    area, measure = (str(about.get(key, {}).get(lang, "")) for key in ("area", "indicator"))
    if not (area and measure):
        return ", ".join(filter(None, [area, measure, year]))
    place = SimpleNamespace(level=about["area"].get("level", ""))
    measure = labels.lower_first(labels.measure_name(_titled(measure, lang), place, lang))
    return labels.label("deck_title", lang, area=area, measure=measure, year=year)


def _titled(name: str, lang: str) -> Any:
    return SimpleNamespace(**{f"title_{lang}": name, f"short_{lang}": name})


def _sentences(main: Left, lang: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the sentences about the target and those about trust, each once and none that adds nothing."""
    said = [one for one in main.facts.get("findings", []) if one[lang] != main.headline(lang)]
    keys = {str(one.get("key", "")) for one in said}
    kept = [one for one in said if not _idle(one, keys, lang)]
    first = [one[lang] for one in kept if str(one.get("key", "")).startswith(_LEAD_KEYS)]
    lead = tuple(dict.fromkeys(first))[:_LEADING]
    return lead, tuple(dict.fromkeys(one[lang] for one in kept if one[lang] not in lead))


def _idle(finding: dict[str, Any], keys: set[str], lang: str) -> bool:
    """Tell whether a sentence only repeats that nothing can be concluded."""
    key = str(finding.get("key", ""))
    none = labels.name("step", "not_available", lang)
    return (key == "attainment_too_early" and "verdict_none" in keys) or (key == "releases_stable" and
                                                                         none in str(finding[lang]))  # fmt: skip


def _pace(runs: list[Left], lang: str) -> tuple[tuple[str, ...], ...]:
    left = next((left for left in [main_run(runs), *runs] if len(left.tables.get("pace", []))), None)
    if left is None:
        return ()
    head = tuple(_heading(name, left.indicator, lang) for name in _PACE)
    rows = left.tables["pace"].to_dict("records")
    return (head, *(tuple(tables.cell_text(name, row.get(name), lang, left.indicator) for name in _PACE)
                    for row in rows))  # fmt: skip


def _heading(name: str, indicator: Any, lang: str) -> str:
    """Return a column's heading, with the unit where its numbers are differences in percentage points."""
    text = tables.column_label(name, lang)
    in_points = name in ("gap", "required_per_year") and indicator is not None and indicator.unit == "percent"
    return f"{text} ({labels.label('points_unit', lang)})" if in_points else text


def _sources(main: Left, lang: str) -> tuple[str, ...]:
    return tuple(str(one) for one in main.run.get("sources", {}).get(lang, []))


def _methods(main: Left, lang: str) -> tuple[str, ...]:
    panel = main.tables.get("panel", pd.DataFrame())
    if not {"method", "version", "citation"} <= set(panel.columns):
        return ()
    rows = panel.drop_duplicates("method").itertuples()
    return tuple(f"{labels.name('method', row.method, lang)}: {row.citation} ({row.version})" for row in rows)


def _made(record: dict[str, Any], lang: str) -> tuple[str, ...]:
    versions = files.short_code(record["methods"])
    return (
        labels.label("pack_command", lang, command=record["command"]),
        labels.label("pack_digest", lang, digest=record["data_digest"][:12], code=record["code"], methods=versions),
    )
