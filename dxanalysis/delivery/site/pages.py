"""The page of one series, and the pages beside the results: methods, data and sources, failed runs."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ...briefing import labels, numbers, theme
from ...briefing.quotes import Measure
from ..listing import Failure, pair, state_mark, variant_of, year_of
from ..records import check_facts, read_record
from .drawn import date_texts, payload, series_of, target_texts
from .gather import Gathered, Known, Line, Series, Topic, Verdict, rows_of
from .markup import (
    both,
    data_block,
    label,
    local,
    named,
    page,
    section,
    source_texts,
    step_mark,
    table,
    web,
    word,
)
from .start import run_list, source_link, variant_words

# What a number of comparable figures allows, as the sentences have it (`needs` in wording.toml).
_GRADES = (("0", "none"), ("1", "level"), ("2–3", "direction"), ("4–5", "pace"), ("≥ 6", "forecast"))
_SURE = ((0.99, "virtually_certain"), (0.90, "very_likely"), (0.66, "likely"), (0.33, "even"), (0.10, "unlikely"),
         (0.01, "very_unlikely"), (0.0, "exceptionally_unlikely"))
Every = list[tuple[str, Series]]
_SPEAKERS = ("30_attainment", "50_index", "40_verdicts", "10_trend", "20_forecast")


def series_page(topic: Topic, root: Path, known: Known, foot: str) -> str:
    """Return the page of a series."""
    series = series_of(topic, root, known)
    drawn = payload(topic, series, root, known)
    names = {lang: f"{topic.names[lang]}, {topic.area_names[lang]}" for lang in numbers.LANGUAGES}
    heading = f"<h1>{pair(topic.names, topic.indicator)} <small>{pair(topic.area_names, topic.area)}</small></h1>"
    parts = [heading, _lead(topic), section("chart", _chart(drawn)), _verdicts(topic), _findings(topic, root),
             section("targets", _targets(series, known))]
    if topic.runs:
        parts.append(section("runs", run_list(topic.runs, up="../../", opened=False)))
    parts.append(section("sources", _sources(series, known)))
    trail = [("index.html", pair(topic.area_names, topic.area))]
    return page(names, "".join(parts), depth=2, trail=trail, scripts=["figure.js", "chart.js"], foot=foot)


def _lead(topic: Topic) -> str:
    """Return the sentence that the newest run of the first speaker leads with."""
    for name in _SPEAKERS:
        runs = [run for run in topic.runs if run.notebook == name and run.headline and not variant_of(run)]
        if runs:
            newest = max(runs, key=year_of)
            stand = f"{both('stand_at')} {year_of(newest)}: " if year_of(newest) else ""
            return f'<p class="lead">{stand}{pair(newest.headline)}</p>'
    return ""


def _chart(drawn: dict[str, Any]) -> str:
    if not any(release["points"] for line in drawn["lines"] for release in line["releases"]) and not drawn["targets"]:
        return f"<p>{both('no_figure')}</p>"
    chosen = "".join(
        f'<p><label for="{key}">{both(key)}</label><select id="{key}"></select></p>'
        for key in ("definition", "release", "forecast")
    )
    more = f'<p class="check"><input type="checkbox" id="others"><label for="others">{both("others")}</label></p>'
    kinds = "".join(
        f'<button type="button" data-save="{kind}">{kind.upper()}</button>' for kind in ("png", "svg", "csv")
    )
    save = f'<div class="save" role="group"{label("download")}><span>{both("download")}:</span> {kinds}</div>'
    return (
        f'<div id="tool" hidden><div id="choices" class="filter">{chosen}{more}</div><div id="plot" class="plot"></div>'
        f'<p id="remark" role="status"></p><p class="help">{both("chart_help")}</p>{save}</div>'
        f'<noscript><p class="warn">{both("no_script")}</p></noscript>'
        f"<h3>{both('table')}</h3>{_figures(drawn)}{data_block('series', drawn)}"
    )


def _figures(drawn: dict[str, Any]) -> str:
    """Return the chart as a table: at first the newest release of the first definition; a script keeps it in step."""
    newest = drawn["lines"][0]["releases"][-1]["points"] if drawn["lines"] else []
    seen = [(str(one["y"]), both("observed"), pair(one["t"]), pair(one["s"]), pair(one["day"]), pair(one["src"]))
            for one in newest]
    goals = [
        (str(one["y"]), both("for_target"), pair(one["t"]), "", "", pair(one["doc"])) for one in drawn["targets"]
    ]
    head = [both(key) for key in ("year", "kind", "value", "figure_status", "published", "source")]
    return table(head, [*seen, *goals], caption="table", name="figures")


def _verdicts(topic: Topic) -> str:
    if not topic.verdicts:
        return ""
    goals = sorted({one.target_year for one in topic.verdicts if one.target_year})
    head = [both("stand_at"), *(f"{both('for_target')} {year}" for year in goals)]
    rows = [
        [f'<span id="y{year}">{year}</span>{_variant(mine[0])}', *(_judged(mine, goal) for goal in goals)]
        for year in reversed(topic.years())
        for mine in _by_variant(topic, year)
    ]
    return section("verdicts", table(head, rows, caption="verdicts"))


def _by_variant(topic: Topic, year: int) -> list[list[Verdict]]:
    mine = [one for one in topic.verdicts if one.year == year]
    return [[one for one in mine if one.variant == variant] for variant in sorted({one.variant for one in mine})]


def _variant(verdict: Verdict) -> str:
    return f" <small>{variant_words(verdict)}</small>" if verdict.variant else ""


def _judged(verdicts: list[Verdict], goal: int) -> str:
    found = [one for one in verdicts if one.target_year == goal]
    return "<br>".join(state_mark(one.state, f" <small>{pair(_said(one))}</small>") for one in found) or (
        '<span class="none">–</span>'
    )


def _said(verdict: Verdict) -> Mapping[str, str]:
    return verdict.outlook if verdict.outlook.get("vi") else verdict.distance


def _findings(topic: Topic, root: Path) -> str:
    """Return the sentences of the runs, year by year, the newest open."""
    parts = []
    for name in _SPEAKERS:
        for run in sorted(topic.runs, key=lambda one: (-year_of(one), one.folder)):
            if run.notebook == name:
                parts += _sentences(root / run.folder, f"{year_of(run)} {variant_of(run)}".strip(), not parts)
        if parts:
            return section("findings", "".join(parts))
    return ""


def findings_of(folder: Path) -> list[dict[str, str]]:
    """Return the sentences a run wrote down, each once; nothing where its record is missing or of another form."""
    try:
        found = read_record(folder / "facts.json", check_facts).get("findings", [])
    except (OSError, ValueError):
        return []
    return list({one["vi"]: one for one in found}.values())


def _sentences(folder: Path, title: str, opened: bool) -> list[str]:
    items = "".join(f"<li>{pair(one)}</li>" for one in findings_of(folder))
    if not items:
        return []
    return [f"<details{' open' if opened else ''}><summary>{html.escape(title)}</summary><ul>{items}</ul></details>"]


def _targets(series: Series, known: Known) -> str:
    rows = series.targets.to_dict("records")
    if not rows:
        return f"<p>{both('no_target')}</p>"
    measure = Measure.of(series.indicator)
    head = [both(key) for key in ("year", "for_target", "document", "wording", "source")]
    return table(head, [_target(row, measure, known) for row in rows], caption="targets")


def _target(row: dict[str, Any], measure: Measure, known: Known) -> list[str]:
    titles = {lang: _text(row, f"document_{lang}") or _text(row, "document") for lang in numbers.LANGUAGES}
    day = date_texts(_text(row, "document_date"))
    said = {lang: ", ".join(filter(None, [titles[lang], day[lang]])) for lang in numbers.LANGUAGES}
    words = {lang: _text(row, f"wording_{lang}").replace(" %", "%") for lang in numbers.LANGUAGES}
    return [
        str(row["year"]),
        pair(target_texts(row, measure)),
        pair(said),
        pair(words),
        source_link(_text(row, "source"), known),
    ]


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _sources(series: Series, known: Known) -> str:
    used = [id for line in series.lines for release in line.releases[-1:] for id in release.history.get("source", [])]
    items = []
    for id in dict.fromkeys(str(one) for one in used if isinstance(one, str) and one):
        source = known.source(id)
        dated = (
            {lang: f": {source.title} ({date_texts(source.published)[lang]})" for lang in numbers.LANGUAGES}
            if source
            else {}
        )
        items.append(f"<li>{source_link(id, known)}{pair(dated)}</li>")
    said = f"<p>{both('licence')}: {_terms(series.indicator.licence)}</p>" if series.indicator.licence else ""
    return f"<ul>{''.join(items)}</ul>{said}" if items else f"<p>{both('no_figure')}</p>{said}"


def _terms(licence: str) -> str:
    """Return the terms of use: the catalogue's own in both languages, others as they stand."""
    own = labels.entry("site", "licence_facts")
    return pair(own) if licence == own["en"] else f'<span lang="en">{html.escape(licence)}</span>'


# ---------------------------------------------------------------- methods, data, failures


def method_page(found: Gathered, known: Known, foot: str) -> str:
    """Return the page on symbols, methods, evidence and words of likelihood."""
    title = {lang: word("method", lang) for lang in numbers.LANGUAGES}
    states = table([both("status"), both("meaning")], _states(), caption="states")
    steps = table([both("status"), both("meaning")], _steps(), caption="steps")
    methods = table([both("method"), both("version"), both("citation")], _methods(found), caption="methods")
    grades = table([both("comparable"), both("meaning")], _grades(), caption="grades")
    scale = {lang: labels.entry("sentence", "scale")[lang] for lang in numbers.LANGUAGES}
    sure = f"<p>{pair(scale)}</p>" + table([both("word"), both("from_probability")], _sure(), caption="likelihood")
    sure += f"<p>{both('words_worth')}</p>"
    columns = [both(key) for key in ("method", "edition", "edition_newest", "edition_checked", "edition_formula")]
    rows = [_edition(one) for one in known.editions()]
    shown = table(columns, rows, caption="editions")
    editions = f"<details><summary>{both('all_rows', count=str(len(rows)))}</summary>{shown}</details>"
    parts = [f'<h1>{both("method")}</h1><p class="lead">{both("method_lead")}</p>', section("states", states),
             section("steps", steps),
             section("methods", methods), section("editions", editions), section("grades", grades),
             section("likelihood", sure),
             section("projection", f"<p>{both('projection_text')}</p>")]
    return page(title, "".join(parts), here="method", foot=foot)


def data_page(every: Every, known: Known, moved: bool, foot: str) -> str:
    """Return the page on indicators, definitions, freshness and sources of everything the site shows."""
    title = {lang: word("data", lang) for lang in numbers.LANGUAGES}
    head = f'<h1>{both("data")}</h1><p class="lead">{both("data_lead")}</p>'
    if moved:
        head += f'<p class="warn">{both("data_moved", now=known.digest[:12])}</p>'
    columns = [both(key) for key in ("indicator", "definition", "agency", "how_measured")]
    definitions = table(columns, _definitions(every), caption="definitions")
    columns = [both(key) for key in ("indicator", "area", "definition", "last_figure", "published", "figures", "rung")]
    fresh = table(columns, _freshness(every, known.rungs()), caption="freshness")
    columns = [both(key) for key in ("source", "published", "read", "grade_of_source")]
    sources = table(columns, _all_sources(every, known), caption="sources")
    licences = sorted({series.indicator.licence for _, series in every} - {""})
    terms = "".join(f"<li>{_terms(one)}</li>" for one in licences)
    parts = [head, section("definitions", definitions), section("freshness", fresh), section("sources", sources),
             section("licence", f"<ul>{terms}</ul>") if terms else ""]
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


def _states() -> Iterable[list[str]]:
    for state in theme.STATES:
        yield [state_mark(state), both(f"state_{state}")]


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


def _edition(row: Mapping[str, str]) -> list[str]:
    """Return which edition of a published method is followed, and the newest one seen."""
    texts = {"vi": row["note_vi"], "en": row["note"]}
    newest = web(row["newest_url"], dict.fromkeys(numbers.LANGUAGES, row["newest"]))
    formula = both(f"formula_{row['formula']}")
    return [pair(named("method", row["method"])), html.escape(row["edition"]), newest,
            pair(date_texts(row["checked"])), f"{formula} ({pair(texts)})"]


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


def _freshness(every: Every, rungs: Mapping[tuple[str, str, str], tuple[str, str, int]]) -> Iterable[list[str]]:
    for link, series in every:
        for line in series.lines:
            last = _last(line)
            if last:
                about = line.definition
                yield [f'<a href="{link}">{_indicator(series)}</a>', _area(series),
                       pair({"vi": about.name_vi, "en": about.name_en}, about.id), str(last["year"]),
                       pair(date_texts(str(last["vintage"]))), str(len(line.releases[-1].history)),
                       _rung(rungs.get((series.indicator.id, series.area.id, about.id)))]


def _rung(reached: tuple[str, str, int] | None) -> str:
    """Say what the figures allow, and how many more the next rung of the ladder of evidence takes."""
    if reached is None:
        return ""
    grade, following, needed = reached
    now, then = named("grade", grade), named("grade", following) if following else {}
    if not then:
        return pair(now)
    more = {lang: word("rung_next", lang, count=str(needed), grade=then[lang]) for lang in numbers.LANGUAGES}
    return pair({lang: f"{now[lang]}; {more[lang]}" for lang in numbers.LANGUAGES})


def _last(line: Line) -> dict[str, object]:
    rows = line.releases[-1].history.to_dict("records") if line.releases else []
    return max(rows, key=lambda row: row["year"]) if rows else {}


def _all_sources(every: Every, known: Known) -> Iterable[list[str]]:
    used = {str(id) for _, series in every for line in series.lines for release in line.releases
            for id in release.history.get("source", [])}
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
               pair(date_texts(source.read)), grade]


def _indicator(series: Series) -> str:
    about = series.indicator
    return pair({lang: getattr(about, f"title_{lang}", "") for lang in numbers.LANGUAGES}, getattr(about, "id", ""))


def _area(series: Series) -> str:
    return pair({lang: getattr(series.area, f"name_{lang}", "") for lang in numbers.LANGUAGES}, series.area.id)
