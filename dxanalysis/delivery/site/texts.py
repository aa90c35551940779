"""The pages beside the results: methods, data and sources, failed runs."""

from __future__ import annotations

import html
from collections.abc import Iterable

from ...briefing import labels, numbers, theme
from ..listing import Failure
from .drawn import date_texts
from .gather import Gathered, rows_of
from .markup import both, local, named, page, pair, section, source_texts, step_mark, table, web, word
from .records import Known, Line, Series

# What a number of comparable figures allows, as the sentences have it (`needs` in wording.toml).
_GRADES = (("0", "none"), ("1", "level"), ("2–3", "direction"), ("4–5", "pace"), ("≥ 6", "forecast"))
_SURE = ((0.99, "virtually_certain"), (0.90, "very_likely"), (0.66, "likely"), (0.33, "even"), (0.10, "unlikely"),
         (0.01, "very_unlikely"), (0.0, "exceptionally_unlikely"))  # fmt: skip
Every = list[tuple[str, Series]]


def method_page(found: Gathered, foot: str) -> str:
    """Return the page on symbols, methods, evidence and words of likelihood."""
    title = {lang: word("method", lang) for lang in numbers.LANGUAGES}
    steps = table([both("status"), both("meaning")], _steps(), caption="steps")
    methods = table([both("method"), both("version"), both("citation")], _methods(found), caption="methods")
    grades = table([both("comparable"), both("meaning")], _grades(), caption="grades")
    scale = {lang: labels.entry("sentence", "scale")[lang] for lang in numbers.LANGUAGES}
    sure = f"<p>{pair(scale)}</p>" + table([both("word"), both("from_probability")], _sure(), caption="likelihood")
    parts = [f'<h1>{both("method")}</h1><p class="lead">{both("method_lead")}</p>', section("steps", steps),
             section("methods", methods), section("grades", grades), section("likelihood", sure),
             section("projection", f"<p>{both('projection_text')}</p>")]  # fmt: skip
    return page(title, "".join(parts), here="method", foot=foot)


def data_page(every: Every, known: Known, moved: bool, foot: str) -> str:
    """Return the page on indicators, definitions, freshness and sources of everything the site shows."""
    title = {lang: word("data", lang) for lang in numbers.LANGUAGES}
    head = f'<h1>{both("data")}</h1><p class="lead">{both("data_lead")}</p>'
    if moved:
        head += f'<p class="warn">{both("data_moved", now=known.digest[:12])}</p>'
    columns = [both(key) for key in ("indicator", "definition", "agency", "how_measured")]
    definitions = table(columns, _definitions(every), caption="definitions")
    columns = [both(key) for key in ("indicator", "area", "definition", "last_figure", "published", "figures")]
    fresh = table(columns, _freshness(every), caption="freshness")
    columns = [both(key) for key in ("source", "published", "read", "grade_of_source")]
    sources = table(columns, _sources(every, known), caption="sources")
    licences = sorted({str(getattr(series.indicator, "licence", "") or "") for _, series in every} - {""})
    terms = "".join(f'<li lang="en">{html.escape(one)}</li>' for one in licences)
    parts = [head, section("definitions", definitions), section("freshness", fresh), section("sources", sources),
             section("licence", f"<ul>{terms}</ul>") if terms else ""]  # fmt: skip
    return page(title, "".join(parts), here="data", foot=foot)


def failures_page(failures: list[Failure], foot: str) -> str:
    """Return the page of the runs that failed or cannot be read."""
    title = {lang: word("failures", lang) for lang in numbers.LANGUAGES}
    head = f"<h1>{both('failures')}</h1>"
    if not failures:
        return page(title, f"{head}<p>{both('no_failures')}</p>", here="failures", foot=foot)
    columns = [
        pair({lang: labels.label(key, lang) for lang in numbers.LANGUAGES}) for key in ("index_run", "index_error")
    ]
    shown = table([*columns, both("open_notebook")], map(_failure, failures), caption="failures", name="failed")
    return page(title, f'{head}<p class="lead">{both("failures_lead")}</p>{shown}', here="failures", foot=foot)


def failed_page(failure: Failure) -> str:
    """Return where the page of a failed notebook stands below the site."""
    return f"failed/{failure.executed.removeprefix('_failed/').removesuffix('.ipynb')}.html"


def _failure(failure: Failure) -> list[str]:
    link = f'<a href="{local(failed_page(failure))}">{both("open_notebook")}</a>' if failure.executed else ""
    return [html.escape(failure.folder), f"<code>{html.escape(failure.error)}</code>", link]


def _steps() -> Iterable[list[str]]:
    for step in theme.STEPS:
        yield [step_mark(step), both(f"step_{step}")]


def _methods(found: Gathered) -> list[list[str]]:
    """Return the methods as the newest runs recorded them: version and reference."""
    used: dict[str, list[str]] = {}
    for run in found.runs:
        for row in rows_of(found.root / run.folder / "panel.csv"):
            method = row.get("method", "")
            told = [pair(named("method", method)), *(html.escape(row.get(key, "")) for key in ("version", "citation"))]
            used.setdefault(method, told)
    return list(used.values())


def _grades() -> Iterable[list[str]]:
    for points, grade in _GRADES:
        yield [points, pair(named("grade", grade))]


def _sure() -> Iterable[list[str]]:
    for least, key in _SURE:
        entry = labels.entry("likelihood", key)
        yield [pair(entry), pair({lang: numbers.percent(least * 100, lang, 0) for lang in numbers.LANGUAGES})]


def _definitions(every: Every) -> Iterable[list[str]]:
    seen = set()
    for _, series in every:
        for line in series.lines:
            about = line.definition
            if (about.indicator, about.id) not in seen:
                seen.add((about.indicator, about.id))
                names = pair({"vi": about.name_vi, "en": about.name_en}, about.id)
                method = pair({"vi": about.method_vi, "en": about.method}, about.method)
                yield [_indicator(series), names, html.escape(about.agency), method]


def _freshness(every: Every) -> Iterable[list[str]]:
    for link, series in every:
        for line in series.lines:
            last = _last(line)
            if last:
                about = line.definition
                yield [f'<a href="{link}">{_indicator(series)}</a>', _area(series),
                       pair({"vi": about.name_vi, "en": about.name_en}, about.id), str(last["year"]),
                       pair(date_texts(str(last["vintage"]))), str(len(line.releases[-1].history))]  # fmt: skip


def _last(line: Line) -> dict[str, object]:
    rows = line.releases[-1].history.to_dict("records") if line.releases else []
    return max(rows, key=lambda row: row["year"]) if rows else {}


def _sources(every: Every, known: Known) -> Iterable[list[str]]:
    used = {str(id) for _, series in every for line in series.lines for release in line.releases
            for id in release.history.get("source", [])}  # fmt: skip
    used |= {str(id) for _, series in every for id in series.targets.get("source", [])}
    for id in sorted(used - {"", "nan", "None"}):
        source = known.source(id)
        if source is None:
            yield [html.escape(id), "", "", both("not_in_catalogue")]
            continue
        grade = (
            both(f"source_{source.grade}")
            if source.grade in ("official", "press", "mirror")
            else html.escape(source.grade)
        )
        yield [web(source.url, source_texts(source)), pair(date_texts(source.published)),
               pair(date_texts(source.read)), grade]  # fmt: skip


def _indicator(series: Series) -> str:
    about = series.indicator
    return pair({lang: getattr(about, f"title_{lang}", "") for lang in numbers.LANGUAGES}, getattr(about, "id", ""))


def _area(series: Series) -> str:
    return pair({lang: getattr(series.area, f"name_{lang}", "") for lang in numbers.LANGUAGES}, series.area.id)
