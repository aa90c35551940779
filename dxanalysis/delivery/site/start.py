"""The start page and the page of each area."""

from __future__ import annotations

import html
from pathlib import Path

from ...briefing import labels, numbers
from ..listing import Run
from .gather import Gathered, Topic, variant_of, year_of
from .grid import filters, grid, legend
from .markup import both, local, page, pair, section


def start_page(found: Gathered, foot: str) -> str:
    """Return the start page: search, filter, and the verdict grid over areas and years."""
    title = {lang: pair_of("index_title", lang) for lang in numbers.LANGUAGES}
    head = f'<h1>{pair(title)}</h1><p class="lead">{both("lead")}</p>'
    failed = (
        f'<p class="warn"><a href="failures.html">{both("failures")}: {len(found.failures)}</a></p>'
        if found.failures
        else ""
    )
    if not found.topics:
        return page(title, f"{head}{failed}<p>{both('empty')}</p>", here="home", foot=foot)
    years = found.years()
    body = section("grid", f"{legend()}{filters(found.topics, years)}{grid(found.topics, years)}", anchor="verdicts")
    places = "".join(
        f'<li><a href="areas/{area}/index.html">{pair(topics[0].area_names, area)}</a></li>'
        for area, topics in found.areas().items()
    )
    plain = f'<p><a href="../index.html">{both("simple")}</a></p>'
    return page(title, f"{head}{failed}{body}{section('areas', f'<ul>{places}</ul>{plain}')}", here="home", foot=foot)


def pair_of(key: str, lang: str) -> str:
    """Return a text of the plain index page, which the site shares."""
    return labels.label(key, lang)


def area_page(found: Gathered, area: str, topics: list[Topic], foot: str) -> str:
    """Return the page of an area: its indicators over the years, its notebooks and its documents."""
    names = topics[0].area_names
    years = sorted({year for topic in topics for year in topic.years()})
    parts = [
        f"<h1>{pair(names, area)}</h1>",
        section("grid", legend() + grid(topics, years, up="../../", areas=False), anchor="verdicts"),
    ]
    runs = found.runs_of(area)
    parts.append(section("runs", run_list(runs, up="../../")))
    documents = _documents(found.root, area)
    if documents:
        parts.append(section("files", f"<ul>{documents}</ul>"))
    return page(names, "".join(parts), depth=2, foot=foot)


def run_list(runs: list[Run], *, up: str) -> str:
    """Return links to the executed notebooks, year by year, newest first, each with the sentence it leads with."""
    by_year: dict[int, list[Run]] = {}
    for run in sorted(runs, key=lambda one: (-year_of(one), one.notebook, one.folder)):
        by_year.setdefault(year_of(run), []).append(run)
    return "".join(
        f'<h3 id="runs-{year}">{year or "–"}</h3><ul class="runs">{"".join(map(_link(up), mine))}</ul>'
        for year, mine in by_year.items()
    )


def notebook_page(run: Run) -> str:
    """Return where the page of a run's notebook stands below the site."""
    return f"runs/{run.folder}.html"


def notebook_name(name: str) -> str:
    """Return what a notebook is about, with its name behind; the name alone where it is not one of ours."""
    about = labels.wording()["notebook"].get(name)
    return f"{pair(about)} ({html.escape(name)})" if about else html.escape(name)


def _link(up: str) -> object:
    def entry(run: Run) -> str:
        special = f" <small>{html.escape(variant_of(run))}</small>" if variant_of(run) else ""
        said = f"<br><small>{pair(run.headline)}</small>" if run.headline else ""
        name = notebook_name(run.notebook)
        linked = f'<a href="{up}{local(notebook_page(run))}">{name}</a>' if run.executed else name
        return f"<li>{linked}{special}{said}</li>"

    return entry


def _documents(root: Path, area: str) -> str:
    found = sorted(
        path for kind in ("pptx", "docx", "xlsx", "pdf") for path in (root / area).glob(f"*/briefing/*.{kind}")
    )
    return "".join(
        f'<li><a href="../../../{local(path.relative_to(root).as_posix())}">{html.escape(path.name)}</a></li>'
        for path in found
    )
