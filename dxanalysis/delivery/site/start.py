"""The start page, the page of each area with the history of states that both show, and the story's page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...briefing import labels, numbers, theme
from ..listing import (
    MOST_ANSWERS,
    Run,
    answer,
    answered,
    documents_of,
    lead,
    newest_answers,
    pair,
    state_mark,
    told_apart,
    variant_of,
    year_of,
)
from .gather import Gathered, Known, Topic, Verdict
from .markup import both, label, local, page, publisher_texts, rest_of, section, spoken, table, web, word

_MOST_SILENT = 40
_DAY = re.compile(r"as_of=(\d{4}-\d{2}-\d{2})")
MOST_BYTES = 200_000  # of rows on the start page, which as a whole stays under 300 kB; it says where the rest is


def start_page(found: Gathered, foot: str) -> str:
    """Return the start page: the answer for each area that was run, then the history of all targets by year."""
    title = {lang: labels.label("index_title", lang) for lang in numbers.LANGUAGES}
    head = f"<h1>{pair(title)}</h1>"
    failed = (
        f'<p class="warn"><a href="failures.html">{both("failures")}: {len(found.failures)}</a></p>'
        if found.failures
        else ""
    )
    if not found.runs:
        return page(title, f"{head}{failed}<p>{both('empty')}</p>", here="home", foot=foot)
    years = found.years()
    told = [(area, *newest_answers(found.runs_of(area))) for area in found.areas()]
    told.sort(key=lambda one: not answered(one[1]))  # areas with a figure come first, names stay in order
    answers = "".join(_brief(found, *one, full=at < MOST_ANSWERS) for at, one in enumerate(told))
    history = f"<p>{both('lead')}</p>{legend()}{filters(found.topics, years)}{grid(found.topics, years)}"
    judged = section("grid", history, anchor="verdicts") if found.topics else ""
    plain = f'<p><a href="../index.html">{both("simple")}</a></p>'
    return page(title, f"{head}{failed}{answers}{judged}{plain}", here="home", foot=foot)


def _brief(found: Gathered, area: str, speaker: Run | None, every: list[dict[str, Any]], *, full: bool) -> str:
    """Return what is known of an area at the end of its newest year: one line, or picture and details as well."""
    link = f'<a href="areas/{area}/index.html">{pair(found.named(area), area)}</a>'
    if full and answered(speaker):
        return f'<section id="{area}"><h2>{link}</h2>{answer(speaker, every, "../")}</section>'
    return f'<p class="brief" id="{area}"><b>{link}</b> {lead(speaker)}</p>'


def area_page(found: Gathered, area: str, topics: list[Topic], foot: str) -> str:
    """Return the page of an area: its indicators over the years, its notebooks and its documents."""
    names = found.named(area)
    years = sorted({year for topic in topics for year in topic.years()})
    parts = [f"<h1>{pair(names, area)}</h1>", answer(*newest_answers(found.runs_of(area)), "../../../")]
    states = legend() + grid(topics, years, up="../../", areas=False)
    parts += [section("grid", states, anchor="verdicts")] if topics else []
    runs = found.runs_of(area)
    parts.append(section("runs", run_list(runs, up="../../", opened=True)))
    items = "".join(
        f'<li><a href="../../../{local(one.relative_to(found.root).as_posix())}">{html.escape(one.name)}</a></li>'
        for one in documents_of(found.root, area)
    )
    parts += [section("files", f"<ul>{items}</ul>")] if items else []
    return page(names, "".join(parts), depth=2, foot=foot)


def run_list(runs: list[Run], *, up: str, opened: bool) -> str:
    """Return links to the executed notebooks, year by year, each with a sentence of its own; the newest may be open."""
    by_year: dict[int, list[Run]] = {}
    for run in sorted(runs, key=lambda one: (-year_of(one), one.notebook, one.folder)):
        by_year.setdefault(year_of(run), []).append(run)
    return "".join(
        f'<details{" open" if opened and not at else ""} id="runs-{year}">'
        f'<summary>{year or "–"} ({len(mine)})</summary><ul class="runs">{_links(mine, up)}</ul></details>'
        for at, (year, mine) in enumerate(by_year.items())
    )


def notebook_page(run: Run) -> str:
    """Return where the page of a run's notebook stands below the site."""
    return f"runs/{run.folder}.html"


def notebook_name(name: str) -> str:
    """Return what a notebook is about, with its name behind; the name alone where it is not one of ours."""
    about = labels.wording()["notebook"].get(name)
    return f"{pair(about)} ({html.escape(name)})" if about else html.escape(name)


def _links(runs: list[Run], up: str) -> str:
    told = told_apart(runs)
    return "".join(f"<li>{_link(run, up)}{_small(told[run.folder])}</li>" for run in runs)


def _link(run: Run, up: str) -> str:
    special = f" <small>{html.escape(variant_of(run))}</small>" if variant_of(run) else ""
    name = notebook_name(run.notebook)
    return (f'<a href="{up}{local(notebook_page(run))}">{name}</a>' if run.executed else name) + special


def _small(said: Mapping[str, str]) -> str:
    return f"<br><small>{pair(said)}</small>" if said else ""


# ---------------------------------------------------------------- the history by year
def grid(topics: Sequence[Topic], years: Sequence[int], *, up: str = "", areas: bool = True) -> str:
    """Return the grid as a table; with `areas` every row is headed by its area, too."""
    heard = [topic for topic in topics if not topic.silent()]
    rows = [_row(topic, years, up, areas) for topic in heard]
    shown = list(_within(MOST_BYTES, rows)) if areas else rows
    heads = ([both("area")] if areas else []) + [both("indicator"), *map(str, years)]
    top = "".join(f'<th scope="col"{_year_mark(head)}>{head}</th>' for head in heads)
    body = "".join(shown)
    more = len(heard) - len(shown)
    rest = f"<p>{both('more_rows', count=more)}</p>" if more else ""
    rest += _silent([topic for topic in topics if topic.silent()], up, areas)
    return (
        f'<div class="scroll" tabindex="0" role="group"{label("grid")}><table id="grid" class="grid list">'
        f'<caption class="hidden">{both("grid")}</caption><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table>{rest_of(len(shown))}</div>{rest}"
    )


def _silent(topics: Sequence[Topic], up: str, areas: bool) -> str:
    """Return the indicators without any figure, folded into one line."""
    if not topics:
        return ""
    places = {topic.area: [one for one in topics if one.area == topic.area] for topic in topics}
    items = "".join(
        f"<li>{f'{pair(mine[0].area_names, area)}: ' if areas else ''}{_linked(mine, up)}</li>"
        for area, mine in list(places.items())[:_MOST_SILENT]
    )
    return f"<details><summary>{both('silent', count=len(topics))}</summary><ul>{items}</ul></details>"


def _linked(topics: Sequence[Topic], up: str) -> str:
    links = [f'<a href="{up}{local(one.page)}">{pair(one.names, one.indicator)}</a>' for one in topics[:_MOST_SILENT]]
    return ", ".join(links) + (" …" if len(topics) > _MOST_SILENT else "")


def _within(most: int, rows: Iterable[str]) -> Iterator[str]:
    """Yield rows as long as they fit."""
    for row in rows:
        most -= len(row.encode())
        if most < 0:
            return
        yield row


def legend() -> str:
    """Return every symbol with its word."""
    return (
        f'<ul class="legend"{label("steps")}>'
        + "".join(f"<li>{state_mark(step)}</li>" for step in theme.STATES)
        + "</ul>"
    )


def filters(topics: Sequence[Topic], years: Sequence[int]) -> str:
    """Return the search box and the lists to filter by."""
    areas = _unique((topic.area, topic.area_names) for topic in topics)
    indicators = _unique((topic.indicator, topic.names) for topic in topics)
    steps = [(state, {lang: labels.word("state", state, lang) for lang in numbers.LANGUAGES}) for state in theme.STATES]
    lists = [("area", areas), ("indicator", indicators), ("year", [(str(year), {}) for year in reversed(years)]),
             ("status", steps)]
    chosen = "".join(_choice(key, entries) for key, entries in lists)
    box = '<input id="q" type="search" autocomplete="off" spellcheck="false">'
    search = f'<p><label for="q">{both("search")}</label>{box}</p>'
    count = "".join(
        f'<span class="{lang}" lang="{lang}" data-count="{html.escape(word("shown", lang, shown="{0}", count="{1}"))}">'
        "</span>" for lang in numbers.LANGUAGES
    )
    clear = f'<p><button type="button" id="clear">{both("clear")}</button></p>'
    return (
        f'<form id="filter" class="filter" role="search"{label("filter")} hidden>{search}{chosen}{clear}</form>'
        f'<p id="count" role="status">{count}</p>'
    )


def variant_words(verdict: Verdict) -> str:
    """Return what tells a special run apart: the day its data stand at, in words, else its parameters."""
    rest = []
    for part in filter(None, verdict.variant.split(", ")):
        day = _DAY.fullmatch(part)
        if part == "as_of=year-end":
            rest.append(both("variant_year_end", year=verdict.year))
        elif day:
            texts = {lang: word("variant_day", lang, day=numbers.date(day[1], lang)) for lang in numbers.LANGUAGES}
            rest.append(pair(texts))
        else:
            rest.append(html.escape(part))
    return ", ".join(rest)


def cell_marks(verdicts: Iterable[Verdict]) -> str:
    """Return the verdicts of one cell; where several runs stand in one year each says what it knew."""
    found = list(verdicts)
    several = len(found) > 1 or any(one.variant for one in found)
    return "".join(state_mark(one.state, _beside(one, several)) for one in found)


def _beside(verdict: Verdict, several: bool) -> str:
    """Return the outlook, or the distance of a closed target, and of several runs which one says so."""
    said = verdict.outlook if verdict.outlook.get("vi") else verdict.distance
    words = f" <small>· {pair(said)}</small>" if said.get("vi") else ""
    which = f" <small>{variant_words(verdict) or both('variant_latest')}</small>" if several else ""
    return words + which


def _row(topic: Topic, years: Sequence[int], up: str, areas: bool) -> str:
    cells = "".join(_cell(topic, year, up) for year in years)
    words = html.escape(" ".join(dict.fromkeys(_searched(topic))).lower())
    ours = f' data-area="{topic.area}" data-indicator="{topic.indicator}" data-words="{words}"'
    place = f'<a href="{up}areas/{topic.area}/index.html">{pair(topic.area_names, topic.area)}</a>'
    first = f'<th scope="row" class="place">{place}</th>' if areas else ""
    link = f'<a href="{up}{local(topic.page)}">{pair(topic.names, topic.indicator)}</a>'
    return f'<tr{ours}>{first}<th scope="row">{link}</th>{cells}</tr>'


def _cell(topic: Topic, year: int, up: str) -> str:
    verdicts = topic.in_year(year)
    if not verdicts:
        said = "no_verdict" if any(year_of(run) == year for run in topic.runs) else "not_run"
        return f'<td data-year="{year}" data-status=""><span class="none">{both(said)}</span></td>'
    steps = " ".join(dict.fromkeys(one.state for one in verdicts))
    return (
        f'<td data-year="{year}" data-status="{steps}"><a class="cell" href="{up}{local(topic.page, f"y{year}")}">'
        f"{cell_marks(verdicts)}</a></td>"
    )


def _searched(topic: Topic) -> list[str]:
    names = [topic.area_names, topic.names]
    return [topic.area, topic.indicator, *(str(one.get(lang, "")) for one in names for lang in numbers.LANGUAGES)]


def _year_mark(head: str) -> str:
    return f' data-year="{head}"' if head.isdigit() else ""


def _choice(key: str, entries: list[tuple[str, dict[str, str]]]) -> str:
    every = f'<option value=""{spoken("text", **_all())}>{_all()["vi"]}</option>'
    options = "".join(
        f'<option value="{value}"{_in_both(names)}>{html.escape(str(names.get("vi", value)))}</option>'
        for value, names in entries
    )
    return f'<p><label for="{key}">{both(key)}</label><select id="{key}">{every}{options}</select></p>'


def _all() -> dict[str, str]:
    return {lang: word("all", lang) for lang in numbers.LANGUAGES}


def _in_both(names: dict[str, str]) -> str:
    return spoken("text", vi=str(names["vi"]), en=str(names["en"])) if "vi" in names and "en" in names else ""


def _unique(entries: Iterable[tuple[str, dict[str, str]]]) -> list[tuple[str, dict[str, str]]]:
    return sorted(dict(entries).items(), key=lambda one: numbers.vi_key(str(one[1].get("vi", one[0]))))


def story_page(told: Mapping[str, Any], found: Gathered, known: Known, foot: str) -> str:
    """Return the page on what became of each number of the founding article."""
    title = {lang: word("story", lang) for lang in numbers.LANGUAGES}
    head = f'<h1>{both("story")}</h1>'
    if not told:
        return page(title, f"{head}<p>{both('story_none')}</p>", here="story", foot=foot)
    pages = {(one.indicator, one.area): one.page for one in found.topics}
    rows = []
    for vi, en in zip(told["vi"].facts, told["en"].facts, strict=True):
        texts = [pair({"vi": getattr(vi, one), "en": getattr(en, one)}) for one in ("text", "then", "latest", "target")]
        page_of = pages.get((vi.indicator, vi.area))
        texts[0] = f'<a href="{local(page_of)}">{texts[0]}</a>' if page_of else texts[0]
        rows.append([f'<a id="{vi.fact}" href="#{vi.fact}">{vi.fact}</a>', *texts, source_link(vi.source, known)])
    keys = ("story_fact", "story_text", "story_then", "story_latest", "story_target", "source")
    said = "".join(f"<p>{pair({lang: told[lang].said[at] for lang in told})}</p>" for at in range(len(told["vi"].said)))
    bars = "".join(
        f"<tr><th>{pair({'vi': vi, 'en': en})}</th>"
        f"<td><meter min=0 max=100 value={share:g}></meter> {share:g}%</td></tr>"
        for (vi, share), en in zip(told["vi"].bars.items(), told["en"].bars.index, strict=True)
    )
    chart = f"<table><caption>{both('story_bars')}</caption>{bars}</table>" if bars else ""
    lead = f'<p class="lead">{both("story_lead")}</p>'
    shown = table(map(both, keys), rows, caption="story")
    return page(title, head + lead + said + chart + shown, here="story", foot=foot)


def source_link(id: str, known: Known) -> str:
    """Return a source by its publisher, linked where its address is one of the web."""
    source = known.source(id)
    return web(source.url, publisher_texts(source)) if source else html.escape(id)
