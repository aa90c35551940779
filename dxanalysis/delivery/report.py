"""The report of one notebook: charts, tables and findings collected, shown and written beside the notebook."""

from __future__ import annotations

import base64
import html
import inspect
import os
import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

import dxanalysis

from .. import facts
from ..briefing import frame, judged, labels, numbers, quotes, tables
from ..briefing.charts.common import Sheet, latest_vintage
from ..briefing.quotes import Finding
from ..briefing.tables import Shown
from ..facts.history import load_everywhere
from ..facts.package import LATEST, compiler_on
from ..facts.records import Area, Indicator, Source
from ..facts.understand.template import source_in
from . import figures, files, origin
from .records import ANSWERS

RUN_DIR = "NOTEBOOK_RUN_DIR"
_PACKAGES = ("dxanalysis", *origin.DRAWN_BY)
_JUDGED = ("indicator", "area", "target_year", "target", "state")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def open_report(
    notebook: str, parameters: dict[str, Any] | None = None, *, area: str | Area | None = None,
    indicator: str | Indicator | None = None, definition: Any = "preferred", year: int | None = None,
    as_of: Any = "latest", lang: str = "vi", assess: Callable[..., pd.DataFrame] | None = None, **others: Any,
) -> Report:
    """Open the report of a notebook's run; names are looked up in the catalogue.

    Parameters
    ----------
    notebook : str
        Name of the notebook, such as ``30_attainment``.
    parameters : dict, optional
        Parameters of the run besides those named here; further keywords are taken as parameters, too.
    area, indicator : str or record
        What the report is about; charts and findings name them.
    definition : str or record
        The definition asked for.
    year, as_of, lang
        Parameters of the run as the notebook has them.

    Raises
    ------
    UnknownName
        Where the catalogue knows no such area or indicator.

    Examples
    --------
    >>> report = open_report("30_attainment", area="Quảng Ninh", indicator="digital_economy_share", year=2025)
    >>> report.area.id, report.indicator.decimals, report.day
    ('quang-ninh', 2, None)
    >>> open_report("30_attainment", lang="fr")
    Traceback (most recent call last):
        ...
    ValueError: Unknown language 'fr'. Languages: vi, en.
    """
    numbers.language(lang)
    if year is not None and not re.fullmatch("[0-9]{1,4}", str(year)):
        raise ValueError(f"{year!r} is no year. Give one such as 2025.")
    place = facts.find_area(area) if isinstance(area, str) else area
    subject = facts.find_indicator(indicator) if isinstance(indicator, str) else indicator
    named = {
        "area": getattr(place, "id", None), "indicator": getattr(subject, "id", None),
        "definition": getattr(definition, "id", definition), "year": year, "as_of": str(as_of), "lang": lang,
    }
    kept = {name: value for name, value in named.items() if value is not None} | (parameters or {}) | others
    return Report(notebook, kept, indicator=subject, area=place, definition=definition, assess=assess)


class Report:
    """Collects what one run leaves behind; :func:`open_report` makes one.

    Attributes
    ----------
    indicator, area : records of the catalogue
    day : datetime.date or None
        The day up to which publications count; None for the newest of everything.

    Files go to the folder named by the environment variable ``NOTEBOOK_RUN_DIR``, which a batch sets, else to
    ``outputs/<area>/<year>/<notebook>/`` of the project.
    """

    def __init__(
        self, notebook: str, parameters: dict[str, Any], *, indicator: Indicator | None, area: Area | None,
        definition: Any, assess: Callable[..., pd.DataFrame] | None = None,
    ) -> None:
        self.notebook = notebook
        self.parameters = parameters
        self.lang = str(parameters["lang"])
        self.folder = run_folder(notebook, parameters)
        self.indicator, self.area = indicator, area
        self.day = facts.as_of_date(parameters.get("as_of", "latest"), parameters.get("year"))
        self._about = {"indicator": indicator, "area": area}
        self._definition = definition if not isinstance(definition, str) else None
        self._assess = assess
        self._all: pd.DataFrame | None = None  # the judgements of all indicators, where a chart asked for them
        self._digest = facts.digest()
        self._source = _finder(str(parameters.get("workbook", "")))
        self._charts: dict[str, dict[str, Any]] = {}
        self._tables: dict[str, pd.DataFrame] = {}
        self._findings: list[Finding] = []
        self._pictured: list[tuple[str, str]] = []  # what the pictures say: none is drawn twice
        self._said: list[str] = []  # sentences shown: none is said twice on a page

    def definition_of(self, history: pd.DataFrame) -> str:
        """Return the definition a history is measured by (the one asked for where the history is empty)."""
        if "definition" in history and len(history):
            return str(history["definition"].iloc[-1])
        return str(self.parameters.get("definition", "preferred"))

    def chart(
        self, name: str, function: Callable[..., Any], *, size: str = "slide", sources: pd.DataFrame | None = None,
        **inputs: Any,
    ) -> Shown:
        """Draw a chart in both languages, save each as PNG, SVG and PDF, and show the one in the report's language.

        The indicator, the area, names of ids and the code of provenance are put in where the chart takes them. A chart
        with nothing to draw leaves no picture; what is missing is said in its place.

        Parameters
        ----------
        name : str
            Name of the files.
        function : callable
            One of :mod:`dxanalysis.briefing.charts`.
        sources : DataFrame, optional
            The figures drawn, with the sources they are from; by default the history.
        **inputs
            What the chart draws.
        """
        _check_name(name, "chart")
        history = inputs.get("history", self._tables.get("history"))
        drawn = history if sources is None else sources
        if "history" not in inspect.signature(function).parameters:
            inputs.pop("history", None)  # it only says where the figures are from
        record = self.provenance(name, function.__name__, size, history)
        given = self._context(function, inputs) | inputs
        about = {"sources": tuple(self._sources(drawn)), "as_of": self._stands_at(history), "code": record["code"]}
        sheet = Sheet(size=size, **about, source_of=self._source)
        first = not self._charts
        made, shown = {}, Shown("", "")
        for lang in numbers.LANGUAGES:
            figure = function(**given, sheet=replace(sheet, lang=lang))
            alt = figure.get_label() or name
            same = (lang, figure.get_gid() or name)  # two charts may fall back on the same next best picture
            if frame.is_silent(figure) or same in self._pictured:  # the run says what is missing
                shown = Shown(f"<p>{html.escape(alt)}</p>", alt) if lang == self.lang else shown
                continue
            self._pictured.append(same)
            drawing, stem = figures.Drawing(figure), f"{name}.{lang}"
            pixels = figures.drawn(drawing)
            paths = figures.save_figure(drawing, self.folder, stem, record | {"file": stem}, alt, pixels)
            made[lang] = {"alt": alt, "files": [path.name for path in paths]}
            if lang == self.lang:
                shown = _figure(figures.png_of(figures.screen_picture(pixels)), alt)
            if first:
                if self.notebook == ANSWERS:
                    pixels = figures.drawn(function(**given, sheet=replace(sheet, lang=lang, size="phone")))
                made[lang]["thumbnail"] = figures.save_thumbnail(pixels, self.folder / f"{name}.{lang}.jpg").name
        kept = {field: record[field] for field in ("function", "code", "definition", "vintage")}
        if not made:
            return shown
        self._charts[name] = {**kept, **made}
        return Shown(shown.markup + tables.how_to_read(f"chart_{function.__name__}", self.lang), shown.text)

    def table(self, name: str, table: pd.DataFrame, *, named: bool = False) -> Shown:
        """Save a table as CSV and show it with labels and numbers of the report's language.

        With `named` the ids of areas and indicators and the codes of a table are written as names, in the file, too.
        """
        _check_name(name, "table")
        if named:
            table = labels.named(table, self.lang, facts)
        self._tables[name] = table.copy()
        files.write_csv(self.folder / f"{name}.csv", table)
        read = self._with_publishers(table)
        markup = tables.to_html(read, self.lang, indicator=self._about["indicator"], caption=name)
        return Shown(markup + tables.how_to_read(f"table_{name}", self.lang), table.to_string())

    def findings(self, *groups: Finding | Iterable[Finding]) -> Shown:
        """Collect findings for the export and show their sentences in the report's language."""
        new = [one for group in groups for one in ([group] if isinstance(group, Finding) else group)]
        self._findings += [one for one in dict.fromkeys(new) if one not in self._findings]
        texts = [text for text in dict.fromkeys(one.text(self.lang) for one in new) if text not in self._said]
        self._said += texts
        items = "".join(f"<li>{html.escape(text)}</li>" for text in texts)
        return Shown(f'<ul class="findings" lang="{self.lang}">{items}</ul>', "\n".join(texts))

    def save(self) -> Shown:
        """Write ``facts.json`` (sentences and the numbers they quote) and ``run.json`` (how to make it all again).

        A finding that quotes a table saved in this report under the same name is checked against it once more.
        """
        known = {name: table.reset_index(drop=True) for name, table in self._tables.items()}
        for finding in self._findings:
            _recheck(finding, known)
        files.write_json(self.folder / "facts.json", self._facts())
        files.write_json(self.folder / "run.json", self._run())
        groups = [[f"{name}.csv"] for name in self._tables] + [["facts.json"], ["run.json"]]
        groups += [chart[lang]["files"] for chart in self._charts.values() for lang in numbers.LANGUAGES]
        names = sorted(name for group in groups for name in group)
        items = "".join(f"<li>{' · '.join(map(files.file_link, group))}</li>" for group in sorted(groups))
        return Shown(f'<ul class="files">{items}</ul>', "\n".join(names))

    def provenance(self, chart: str, function: str, size: str, history: pd.DataFrame | None = None) -> dict[str, Any]:
        """Return what a picture must carry to be made again."""
        history = pd.DataFrame() if history is None else history
        return origin.of_chart(
            chart, function, size, notebook=self.notebook, parameters=self.parameters, command=self.command(),
            data_digest=self._digest, definition=self.definition_of(history), vintage=latest_vintage(history),
        )

    def command(self) -> str:
        """Return the command that repeats the run.

        >>> open_report("30_attainment", area="quang-ninh", year=2025).command()[:60]
        'dx run --notebooks 30_attainment --areas quang-ninh --defini'
        """
        return shlex.join(origin.command_of(self.notebook, self.parameters))

    def _context(self, function: Callable[..., Any], inputs: dict[str, Any]) -> dict[str, Any]:
        """Return what the report knows and the chart takes, besides what it was given."""
        wanted = set(inspect.signature(function).parameters) - set(inputs)
        indicator = inputs.get("indicator", self.indicator)
        known: dict[str, Callable[[], Any]] = {
            "indicator": lambda: self.indicator, "area": lambda: self.area, "definition": lambda: self._definition,
            "history": lambda: self._tables.get("history"), "names": lambda: _record_named,
            "year": lambda: self.parameters.get("year"), "assessed": lambda: self.judgements(indicator),
            "elsewhere": lambda: self._elsewhere(indicator),
        }
        return {name: value() for name, value in known.items() if name in wanted}

    def judgements(self, indicator: Indicator | None = None) -> pd.DataFrame:
        """Return the judgements of the run's area and year: of one indicator, or of all that has a target."""
        place, year = getattr(self.area, "id", ""), self.parameters.get("year")
        if self._assess is None or not place or year is None:
            return pd.DataFrame(columns=_JUDGED)
        one = None if indicator is None else indicator.id
        definition = str(self.parameters.get("definition", "preferred"))
        as_of = str(self.parameters.get("as_of", "latest"))
        table = self._assess(place, int(year), one, definition=definition, as_of=as_of)
        if one is None:
            self._all = table
            return table
        day = self._stands_at(self._tables.get("history")) or LATEST
        names = [compiler_on(one, id, day) if id in facts.definitions(one) else ("", "") for id in table["definition"]]
        return table.assign(**{f"definition_{lang}": [who[at] for who in names]
                               for at, lang in enumerate(numbers.LANGUAGES)})

    def _elsewhere(self, indicator: Indicator | None) -> pd.DataFrame:
        """Return the figures of every area by each definition, as known and up to the year of the run."""
        if indicator is None or indicator.id not in set(facts.open_package().tables["indicators"]["id"]):
            return pd.DataFrame(columns=["area", "definition", "year", "value"])
        return load_everywhere(indicator.id, self.day, through=self.parameters.get("year"))

    def _stands_at(self, history: pd.DataFrame | None) -> str:
        """Return the day up to which the figures drawn were published: the one asked for, else the newest of them."""
        return latest_vintage(history) if self.day is None else self.day.isoformat()

    def _sources(self, history: pd.DataFrame | None) -> list[Any]:
        """Return the records of the sources a table names."""
        if history is None or "source" not in history:
            return []
        return [self._source(one) for one in dict.fromkeys(history["source"].dropna().astype(str)) if one]

    def _source_records(self) -> dict[str, list[str]]:
        """Name the sources of every table that says where its rows are from, in both languages."""
        tables = [self._tables["history"]] if "history" in self._tables else self._tables.values()
        found = [one for table in tables for one in self._sources(table)]
        return {lang: list(dict.fromkeys(labels.source_name(one, lang) for one in found)) for lang in numbers.LANGUAGES}

    def _with_publishers(self, table: pd.DataFrame) -> pd.DataFrame:
        """Put the name of the publisher where a table names a source by its id; the file keeps the id."""
        if "source" not in table:
            return table
        found = {one: self._source(one) for one in table["source"].dropna().unique() if one}
        names = {one: getattr(record, "publisher", one) for one, record in found.items()}
        return table.assign(source=table["source"].map(lambda one: names.get(one, one)))

    def _facts(self) -> dict[str, Any]:
        headline = _most_telling(self._findings)
        return {
            "headline": None if headline is None else {"vi": headline.vi, "en": headline.en},
            "findings": [one.record() for one in self._findings],
            "scale": labels.entry("sentence", "scale"),
            "judged": self._judged(),
        }

    def _judged(self) -> list[dict[str, Any]]:
        """Return the judgements of the run's indicator; of a run about all indicators, the next target of each."""
        if self.indicator is not None:
            rows = self.judgements(self.indicator).to_dict("records")
            return [judged.record(row, self.indicator) for row in rows]
        table = pd.DataFrame() if self._all is None or self._all.empty else self._all
        if table.empty:
            return []
        rows = judged.in_order(judged.one_each(table, int(self.parameters["year"]))).to_dict("records")
        return [judged.record(row, facts.find_indicator(row["indicator"])) for row in rows]

    def _run(self) -> dict[str, Any]:
        about = {name: _names(record) for name, record in self._about.items() if record is not None}
        return {
            "notebook": self.notebook, "parameters": self.parameters, "command": self.command(), "about": about,
            "data_digest": self._digest,
            "charts": [{"name": name} | chart for name, chart in self._charts.items()], "tables": sorted(self._tables),
            "packages": origin.versions(_PACKAGES), "methods": origin.methods(self.notebook),
            "sources": self._source_records(),
        }


def _finder(workbook: str) -> Callable[[str], Source | str]:
    """Return what finds the record of a source, first in a filled-in workbook; an id nobody knows stands for itself."""
    find = source_in(workbook)

    def found(id: str) -> Source | str:
        try:
            return find(id)
        except facts.UnknownName:
            return id

    return found


def _record_named(id: str) -> Indicator | Area:
    """Return the record of an id: indicators are written with underscores, areas with hyphens."""
    known = set(facts.open_package().tables["indicators"]["id"])
    return facts.find_indicator(id) if id in known else facts.find_area(id)


def run_folder(notebook: str, parameters: dict[str, Any]) -> Path:
    """Return where a run's files go: the batch's folder, else ``outputs/<area>/<year>/<notebook>/`` of the project."""
    if os.environ.get(RUN_DIR):
        return Path(os.environ[RUN_DIR])
    parts = [str(parameters[name]) for name in ("area", "year") if name in parameters]
    return Path(dxanalysis.__file__).parents[1].joinpath("outputs", *parts, notebook)


def _most_telling(findings: list[Finding]) -> Finding | None:
    """Return the finding that stands for the run in a list of many: a headline, else a judgement, else a level."""
    for start in ("headline_", "attainment", "verdict_", "gap", "target_", "trend_", "level", ""):
        for one in findings:
            if one.key.startswith(start) and one.key != "attainment_too_early":
                return one
    return findings[0] if findings else None


def _names(record: Any) -> dict[str, Any]:
    """Return the id and the names of an area or an indicator, in both languages, and how its values are printed."""
    stem = "title" if hasattr(record, "title_vi") else "name"
    measure = ("unit", "unit_vi", "unit_en", "decimals") if hasattr(record, "unit") else ()
    place = ("level",) if hasattr(record, "level") else ()
    return {
        "id": str(getattr(record, "id", record)),
        **{lang: str(getattr(record, f"{stem}_{lang}", record)) for lang in numbers.LANGUAGES},
        **{field: getattr(record, field) for field in (*measure, *place)},
    }


def _check_name(name: str, what: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"The {what} name {name!r} cannot name a file. Use small letters, digits and _: 'trend'.")


def _figure(png: bytes, alt: str) -> Shown:
    data = base64.b64encode(png).decode("ascii")
    quoted = html.escape(alt, quote=True)
    return Shown(f'<figure style="margin:0"><img alt="{quoted}" src="data:image/png;base64,{data}" '
                 'style="max-width:100%;height:auto"></figure>', alt)


def _recheck(finding: Finding, known: dict[str, pd.DataFrame]) -> None:
    """Check a finding against the saved tables, as far as all it quotes was saved under the names it uses."""
    quoted = {one.table for one in finding.numbers} - {"names", "constants"}
    if quoted and quoted <= set(known):
        quotes.check(finding, known)
