"""The page of one indicator in one area: chart, verdicts year by year, findings, targets, notebooks, sources."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

from ...briefing import numbers
from ...briefing.quotes import Measure
from .drawn import date_texts, payload, series_of, target_texts
from .gather import Topic, Verdict, variant_of, year_of
from .grid import variant_words
from .markup import both, data_block, label, page, pair, publisher_texts, section, step_mark, table, web
from .records import Known, Series
from .start import run_list

_SPEAKERS = ("30_attainment", "50_index", "40_verdicts", "10_trend", "20_forecast")


def series_page(topic: Topic, root: Path, known: Known, foot: str) -> str:
    """Return the page of a series."""
    series = series_of(topic, root, known)
    drawn = payload(topic, series, root, known)
    names = {lang: f"{topic.names[lang]}, {topic.area_names[lang]}" for lang in numbers.LANGUAGES}
    heading = f"<h1>{pair(topic.names, topic.indicator)} <small>{pair(topic.area_names, topic.area)}</small></h1>"
    parts = [heading, _lead(topic), section("chart", _chart(drawn)), _verdicts(topic), _findings(topic, root),
             section("targets", _targets(series, known))]  # fmt: skip
    if topic.runs:
        parts.append(section("runs", run_list(topic.runs, up="../../")))
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
            for one in newest]  # fmt: skip
    goals = [
        (str(one["y"]), both("for_target"), pair(one["t"]), "", "", html.escape(one["doc"])) for one in drawn["targets"]
    ]
    head = [both(key) for key in ("year", "kind", "value", "figure_status", "published", "source")]
    return table(head, [*seen, *goals], caption="table", name="figures")


def _verdicts(topic: Topic) -> str:
    if not topic.verdicts:
        return ""
    goals = sorted({one.target_year for one in topic.verdicts})
    head = [both("stand_at"), *(f"{both('for_target')} {year}" for year in goals)]
    rows = [
        [f'<span id="y{year}">{year}</span>{_variant(mine[0])}', *(_judged(mine, goal) for goal in goals)]
        for year in reversed(topic.years())
        for mine in _by_variant(topic, year)
    ]
    return section("verdicts", f"<p>{both('verdicts_note')}</p>{table(head, rows, caption='verdicts')}")


def _by_variant(topic: Topic, year: int) -> list[list[Verdict]]:
    mine = [one for one in topic.verdicts if one.year == year]
    return [[one for one in mine if one.variant == variant] for variant in sorted({one.variant for one in mine})]


def _variant(verdict: Verdict) -> str:
    return f" <small>{variant_words(verdict)}</small>" if verdict.variant else ""


def _judged(verdicts: list[Verdict], goal: int) -> str:
    found = [one for one in verdicts if one.target_year == goal]
    return "<br>".join(step_mark(one.step, _agree(one)) for one in found) or '<span class="none">–</span>'


def _agree(verdict: Verdict) -> str:
    if not verdict.judged:
        return ""
    return f" <small>({both('agree', agree=verdict.agree, judged=verdict.judged)})</small>"


def _findings(topic: Topic, root: Path) -> str:
    """Return the sentences of the runs, year by year, the newest open."""
    parts = []
    for name in _SPEAKERS:
        for run in sorted(topic.runs, key=lambda one: (-year_of(one), one.folder)):
            if run.notebook == name:
                parts += _sentences(
                    root / run.folder / "facts.json", f"{year_of(run)} {variant_of(run)}".strip(), not parts
                )
        if parts:
            return section("findings", "".join(parts))
    return ""


def _sentences(path: Path, title: str, opened: bool) -> list[str]:
    if not path.is_file():
        return []
    findings = json.loads(path.read_text(encoding="utf-8")).get("findings", [])
    items = "".join(f"<li>{pair(one)}</li>" for one in findings)
    return (
        [f"<details{' open' if opened else ''}><summary>{html.escape(title)}</summary><ul>{items}</ul></details>"]
        if items
        else []
    )


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
    words = {lang: _text(row, f"wording_{lang}") for lang in numbers.LANGUAGES}
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


def source_link(id: str, known: Known) -> str:
    """Return a source by its publisher, linked where its address is one of the web."""
    source = known.source(id)
    return web(source.url, publisher_texts(source)) if source else html.escape(id)


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
    licence = str(getattr(series.indicator, "licence", "") or "")
    said = f'<p>{both("licence")}: <span lang="en">{html.escape(licence)}</span></p>' if licence else ""
    return f"<ul>{''.join(items)}</ul>{said}" if items else f"<p>{both('no_figure')}</p>{said}"
