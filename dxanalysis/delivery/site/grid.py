"""The verdict grid: one row per area and indicator, one column per year, each cell a symbol, a word and a link."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence

from ...briefing import numbers, theme
from .gather import Topic, Verdict, year_of
from .markup import both, label, local, named, pair, spoken, step_mark, word

_DAY = re.compile(r"as_of=(\d{4}-\d{2}-\d{2})")
MOST_BYTES = 220_000  # of rows on the start page, which as a whole stays under 300 kB; it says where the rest is


def grid(topics: Sequence[Topic], years: Sequence[int], *, up: str = "", areas: bool = True) -> str:
    """Return the grid as a table; with `areas` every row is headed by its area, too."""
    rows = [_row(topic, years, up, areas) for topic in topics]
    shown = list(_within(MOST_BYTES, rows)) if areas else rows
    heads = ([both("area")] if areas else []) + [both("indicator"), *map(str, years)]
    top = "".join(f'<th scope="col"{_year_mark(head)}>{head}</th>' for head in heads)
    body = "".join(shown)
    more = len(topics) - len(shown)
    rest = f"<p>{both('more_rows', count=more)}</p>" if more else ""
    return (
        f'<div class="scroll" tabindex="0" role="group"{label("grid")}><table id="grid" class="grid">'
        f'<caption class="hidden">{both("grid")}</caption><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{rest}"
    )


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
        + "".join(f"<li>{step_mark(step)}</li>" for step in theme.STEPS)
        + "</ul>"
    )


def filters(topics: Sequence[Topic], years: Sequence[int]) -> str:
    """Return the search box and the lists to filter by."""
    areas = _unique((topic.area, topic.area_names) for topic in topics)
    indicators = _unique((topic.indicator, topic.names) for topic in topics)
    steps = [(step, named("step", step)) for step in theme.STEPS]
    lists = [("area", areas), ("indicator", indicators), ("year", [(str(year), {}) for year in reversed(years)]),
             ("status", steps)]  # fmt: skip
    chosen = "".join(_choice(key, entries) for key, entries in lists)
    box = '<input id="q" type="search" autocomplete="off" spellcheck="false">'
    search = f'<p><label for="q">{both("search")}</label>{box}</p>'
    count = "".join(
        f'<span class="{lang}" lang="{lang}" data-count="{html.escape(word("shown", lang, shown="{0}", count="{1}"))}">'
        "</span>" for lang in numbers.LANGUAGES
    )  # fmt: skip
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
    return "".join(step_mark(one.step, _said(one) if several else "") for one in found)


def _said(verdict: Verdict) -> str:
    return f" <small>{variant_words(verdict) or both('variant_latest')}</small>"


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
    steps = " ".join(dict.fromkeys(one.step for one in verdicts))
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
