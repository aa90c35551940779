"""The page over all runs of an output folder: it opens from disk, needs no network and says what failed."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..briefing import labels, numbers, theme
from ..briefing.labels import word
from .files import encodable, write_text
from .records import ANSWERS, check_facts, check_run, last_error, read_record

_FAILED = "_failed"
_OPEN = 24  # runs on the page with which the newest year of each area stands open; the search opens what it finds
MOST_ANSWERS = 6  # areas with picture and details on a page; the others say one line
_FEW = 3  # targets of one state that stand open on the page
_OURS = (b'name="generator" content="dxanalysis"', b'<main id="runs">')  # now, and in pages of older versions
_HIDDEN = re.compile(r"^[._]")


@dataclass(frozen=True)
class Run:
    """What one finished run left: where, with which parameters, what it found, and its files."""

    folder: str
    notebook: str
    parameters: dict[str, Any]
    about: dict[str, dict[str, str]]
    headline: dict[str, str]
    charts: list[dict[str, Any]]
    tables: list[str]
    executed: str
    command: str
    group: str = field(default="")
    judged: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Failure:
    """A run that failed: where its notebook is kept and its last line of error."""

    folder: str
    executed: str
    error: str


def write_index(outputs: str | Path) -> Path:
    """Write ``outputs/index.html`` from what the runs left in their folders and return its path.

    A folder whose ``run.json`` cannot be read is listed with the failures, not left out in silence.

    Raises
    ------
    ValueError
        Where another ``index.html`` stands there (see `refuse_foreign`).
    """
    root = Path(outputs)
    refuse_foreign(root)
    page = _page(root, *found_in(root))
    root.mkdir(parents=True, exist_ok=True)
    return write_text(root / "index.html", encodable(page))


def refuse_foreign(root: Path) -> None:
    """Raise where an output folder holds somebody's own page, which the list of runs would replace.

    Raises
    ------
    ValueError
        For an ``index.html`` that is a link, or that does not name this project as its maker.
    """
    path = root / "index.html"
    if not path.is_symlink() and not path.exists():
        return
    if path.is_symlink() or not path.is_file() or not any(mark in path.read_bytes() for mark in _OURS):
        raise ValueError(f"{root} holds an index.html that no run has made; it would be replaced. Name another --out.")


def found_in(root: Path) -> tuple[list[Run], list[Failure]]:
    """Return the runs of an output folder that ended well, and those that failed or cannot be read."""
    runs, unreadable = _runs(root)
    return runs, [*_failures(root), *unreadable]


def _runs(root: Path) -> tuple[list[Run], list[Failure]]:
    runs, unreadable = [], []
    for path in sorted(root.rglob("run.json")):
        folder = path.parent.relative_to(root)
        if any(_HIDDEN.match(part) for part in folder.parts):
            continue
        try:
            runs.append(_run(root, path.parent))
        except (ValueError, KeyError, OSError, TypeError, AttributeError) as error:
            unreadable.append(Failure(folder.as_posix(), "", f"run.json: {type(error).__name__}: {error}"))
    return sorted(runs, key=_order), unreadable


def _run(root: Path, folder: Path) -> Run:
    about = read_record(folder / "run.json", check_run)
    facts_file = folder / "facts.json"
    facts = read_record(facts_file, check_facts) if facts_file.exists() else {}
    notebooks = sorted(one.name for one in folder.glob("*.ipynb") if one.is_file())
    area = about.get("about", {}).get("area", {})
    return Run(
        folder.relative_to(root).as_posix(), str(about["notebook"]), dict(about["parameters"]), about.get("about", {}),
        facts.get("headline") or {}, list(about.get("charts", [])), list(about.get("tables", [])),
        notebooks[0] if notebooks else "", str(about.get("command", "")),
        str(area.get("id") or about["parameters"].get("area", "")), list(facts.get("judged", [])),
        [one for one in facts.get("findings", []) if isinstance(one, dict) and {"vi", "en"} <= set(one)],
    )


def _order(run: Run) -> tuple[Any, ...]:
    name = str(run.about.get("area", {}).get("vi", run.group))
    return (numbers.vi_key(name), -year_of(run), run.notebook, run.folder)


def _failures(root: Path) -> list[Failure]:
    return [
        Failure(path.parent.relative_to(root / _FAILED).as_posix(), path.relative_to(root).as_posix(), last_error(path))
        for path in sorted((root / _FAILED).rglob("*.ipynb")) if path.is_file()
    ]


# ---------------------------------------------------------------- the page
def _page(root: Path, runs: list[Run], failures: list[Failure]) -> str:
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.group, []).append(run)
    areas = sorted(groups.values(), key=lambda mine: not answered(newest_answers(mine)[0]))  # names stay in order
    few = len(runs) <= _OPEN
    site = f'<p><a href="site/index.html">{_both("index_site")}</a></p>' if (root / "site/index.html").is_file() else ""
    body = "".join(_area(root, mine, few=few, full=at < MOST_ANSWERS) for at, mine in enumerate(areas))
    body = body or f"<p>{_both('index_empty')}</p>"
    body = re.sub(r' class="(vi|en)" lang=', " lang=", body)  # the site's; this page may be of hundreds of runs
    return _asset("index.html").substitute(
        title=_plain("index_title", "vi"), title_en=_plain("index_title", "en"), heading=_both("index_title"),
        lead=_both("index_lead", count=str(len(runs)), areas=str(len(groups))), switch=_plain("index_language", "vi"),
        site=site, search=_both("index_search"), skip=_both("index_skip"),
        failures=_failed_part(failures), body=body,
        style=_asset("index.css").template, script=_asset("index.js").template, none=_both("index_none_found"),
        policy=policy(),
    )


def policy() -> str:
    """Return what the page may run and how it may look: its own script and style by their digests, nothing else."""
    digests = {name: base64.b64encode(hashlib.sha256(_asset(name).template.encode()).digest()).decode()
               for name in ("index.js", "index.css")}
    return f"default-src 'none'; script-src 'sha256-{digests['index.js']}'; style-src 'sha256-{digests['index.css']}'"


def _asset(name: str) -> string.Template:
    """Read a part of the page that is kept as a file of its own kind."""
    return string.Template(resources.files(__package__).joinpath("assets", name).read_text(encoding="utf-8"))


def _both(key: str, **values: str) -> str:
    """Return a text in both languages, of which the page shows one."""
    return pair({lang: labels.label(key, lang, **values) for lang in numbers.LANGUAGES})


def _plain(key: str, lang: str) -> str:
    return html.escape(labels.label(key, lang))


def pair(texts: Mapping[str, str], fallback: str = "") -> str:
    """Return a text in both languages as markup; one that is the same in both is written once.

    >>> pair({"vi": "<b>", "en": "<b>"}), pair({"vi": "có", "en": "yes"})
    ('&lt;b&gt;', '<span class="vi" lang="vi">có</span><span class="en" lang="en">yes</span>')
    """
    found = {lang: html.escape(str(texts.get(lang) or fallback)) for lang in numbers.LANGUAGES}
    if len(set(found.values())) == 1:
        return found["vi"]
    return "".join(f'<span class="{lang}" lang="{lang}">{text}</span>' for lang, text in found.items())


def state_mark(state: str, more: str = "") -> str:
    """Return the state of a target as symbol and word; the colour only helps."""
    symbol = theme.STATES[state][0]
    said = {lang: word("state", state, lang) for lang in numbers.LANGUAGES}
    return f'<span class="step {state}"><span aria-hidden="true">{symbol}</span> {pair(said)}{more}</span>'


def _link(folder: str, name: str, text: str, lang: str = "") -> str:
    """Return a link to a file of a run, shown in one language or both; what a URL cannot hold is written as %XX."""
    shown = f' class="{lang}" lang="{lang}"' if lang else ""
    return f'<a{shown} href="{html.escape(quote(f"{folder}/{name}"), quote=True)}">{text}</a>'


def newest_answers(runs: list[Run]) -> tuple[Run | None, list[dict[str, Any]]]:
    """Return the run that answers for an area, and its judgements of every indicator in the newest year.

    The run on attainment speaks of one indicator in full; the yearly briefing knows the next target of each. Of
    several, the newest year counts, and the usual run before one with special parameters.
    """
    usual = [run for run in runs if "--" not in run.folder.rsplit("/", 1)[-1]] or runs
    by_year = sorted(usual, key=lambda run: (-year_of(run), run.notebook))
    speaker = next((run for run in by_year if run.notebook == ANSWERS and run.judged), None)
    speaker = speaker or next((run for run in by_year if run.judged and run.about.get("indicator")), None)
    every = next((run.judged for run in by_year if run.judged and not run.about.get("indicator")), [])
    if not every:
        seen: dict[tuple[str, Any], dict[str, Any]] = {}
        for run in by_year:
            for row in run.judged:
                seen.setdefault((row["indicator"], row.get("target_year")), row)
        every = list(seen.values())
    return speaker or next(iter(by_year), None), every


def year_of(run: Run) -> int:
    """Return the year at whose end a run stands; 0 where it names none."""
    text = str(run.parameters.get("year", ""))
    return int(text) if re.fullmatch(r"\d{1,4}", text, re.ASCII) else 0


def next_of(run: Run) -> dict[str, Any] | None:
    """Return the judgement a run leads with: of the next target from its year on, else of the last one."""
    rows = [row for row in run.judged if isinstance(row.get("target_year"), int)]
    ahead = sorted((row for row in rows if row["target_year"] >= year_of(run)), key=lambda row: row["target_year"])
    return ahead[0] if ahead else rows[-1] if rows else run.judged[0] if run.judged else None


def told_apart(runs: list[Run]) -> dict[str, dict[str, str]]:
    """Return the sentence each run is listed with, by folder: its headline, else its first that no run before it said.

    Several notebooks lead with the same judgement; four cards with one sentence tell nothing of what is behind them.
    """
    seen: set[tuple[int, str]] = set()
    told = {}
    for run in runs:
        options = [one for one in (run.headline, *run.findings) if one]
        new = next((one for one in options if (year_of(run), one.get("vi", "")) not in seen), {})
        seen.add((year_of(run), new.get("vi", "")))
        told[run.folder] = new
    return told


def _area(root: Path, runs: list[Run], *, few: bool, full: bool) -> str:
    """Return an area: the answer, the targets by state, then its runs year by year, the newest open among few."""
    first = runs[0]
    by_year: dict[int, list[Run]] = {}
    for run in runs:
        by_year.setdefault(year_of(run), []).append(run)
    years = "".join(_year(year, mine, opened=few and at == 0) for at, (year, mine) in enumerate(by_year.items()))
    anchor = html.escape(quote(first.group), quote=True)
    documents = " ".join(
        _link(one.parent.relative_to(root).as_posix(), one.name, html.escape(one.name))
        for one in documents_of(root, first.folder.split("/")[0])
    )
    links = f"<p>{_both('index_documents')}: {documents}</p>" if documents else ""
    name = pair(first.about.get("area", {}), first.group)
    return f'<section id="{anchor}"><h2>{name}</h2>{answer(*newest_answers(runs), full=full)}{links}{years}</section>'


def answer(speaker: Run | None, every: list[dict[str, Any]], up: str = "", *, full: bool = True) -> str:
    """Return the answer of an area: picture, level, distance, outlook with its basis, what it takes; targets by state.

    Parameters
    ----------
    speaker, every : as :func:`newest_answers` gives them
    up : address of the output folder as seen from the page
    full : whether there is room for the picture and the lists; without a figure of the area they say nothing
    """
    row, parts = answered(speaker) if full else None, ""
    if speaker and row:
        said = (("agenda_level", "level"), ("agenda_target", "goal"), ("agenda_gap", "distance"),
                ("agenda_outlook", "outlook"), ("basis", "basis"), ("agenda_pace", "required"))
        lines = (f"<div><dt>{_both(key)}</dt><dd>{pair(row[name])}</dd></div>" for key, name in said
                 if row.get(name, {}).get("vi"))
        parts = f"{thumbnail(speaker, up)}<dl>{''.join(lines)}</dl>"
    return f'<div class="answer"><p class="lead">{lead(speaker)}</p>{parts}{_states(every, opened=full)}</div>'


def answered(speaker: Run | None) -> dict[str, Any] | None:
    """Return the judgement a run leads with where it rests on a figure."""
    row = next_of(speaker) if speaker else None
    return row if row and row["state"] not in labels.WITHOUT_FIGURE else None


def lead(speaker: Run | None) -> str:
    """Return what a run says first, in one line: its judgement, else its headline."""
    row = next_of(speaker) if speaker else None
    return answer_line(speaker, row) if speaker and row else pair(speaker.headline) if speaker else ""


def answer_line(run: Run, row: Mapping[str, Any]) -> str:
    """Return a judgement in one line: what is measured, at the end of which year, and the answer."""
    year = f" <small>({_both('index_at_end', year=str(year_of(run)))})</small>" if year_of(run) else ""
    return f"{pair(row.get('name', {}), str(row['indicator']))}{year}: <b>{pair(row.get('answer', {}))}</b>"


def _states(rows: list[dict[str, Any]], *, opened: bool) -> str:
    """Return the targets grouped by state; those without a figure in one folded line with what is asked for."""
    groups = {state: [row for row in rows if row["state"] == state] for state in labels.STATES}
    shown = [
        _state(f"{state_mark(state)} {len(found)}", found, "answer", opened=opened and len(found) <= _FEW)
        for state, found in groups.items() if found and state not in labels.WITHOUT_FIGURE
    ]
    if silent := groups["no_figure_held"]:
        shown.append(_state(_both("index_silent", count=str(len(silent))), silent, "goal", opened=False))
    return f'<div class="states">{"".join(shown)}</div>' if shown else ""


def _state(head: str, rows: list[dict[str, Any]], told: str, *, opened: bool) -> str:
    """Return targets of one state: each with its answer, or with its goal and the office or document that asks."""
    items = ""
    for row in rows:
        who = pair(row.get("asked_by", {})) if told == "goal" else ""
        asks = f" <small>{who}</small>" if who else ""
        items += f"<li>{pair(row.get('name', {}), row['indicator'])}: {pair(row.get(told, {}))}{asks}</li>"
    return f"<details{' open' if opened else ''}><summary>{head}</summary><ul>{items}</ul></details>"


def documents_of(root: Path, folder: str) -> list[Path]:
    """Return the slides, notes and workbooks made for an area."""
    return sorted(path for kind in ("pptx", "docx", "pdf", "xlsx") for path in (root / folder).glob(f"*/*/*.{kind}")
                  if path.parent.name == "briefing")


def _year(year: int, runs: list[Run], *, opened: bool) -> str:
    """Return the runs of one year as cards."""
    told = told_apart(runs)
    cards = "".join(_card(run, told[run.folder]) for run in runs)
    heading = _both("index_year", year=str(year or "–"), count=str(len(runs)))
    return (
        f'<details class="year"{" open" if opened else ""}><summary><h3>{heading}</h3></summary>'
        f'<div class="cards">{cards}</div></details>'
    )


def _card(run: Run, told: dict[str, str]) -> str:
    """Return one run: its picture, what the notebook asks, its finding, and links."""
    about = [str(names.get(key, "")) for names in run.about.values() for key in ("vi", "en")]
    words = html.escape(" ".join(dict.fromkeys([run.folder, *about])).lower(), quote=True)
    asks = labels.wording()["notebook"].get(run.notebook, {})
    title = pair(asks, run.notebook)
    said = pair(told) if told else "" if run.headline else _both("index_no_sentence")
    files = f'<details><summary>{_both("index_files")}</summary>{_links(run)}</details>'
    special = f" <small>{html.escape(variant_of(run))}</small>" if variant_of(run) else ""
    return (
        f'<article data-words="{words}">{thumbnail(run)}<h4>{title}{special}</h4>'
        f'<p class="verdict">{said}</p>{files}</article>'
    )


def variant_of(run: Run) -> str:
    """Return the parameters that tell a run from the usual one: its folder's name carries them."""
    return run.folder.rsplit("/", 1)[-1].partition("--")[2].replace("--", ", ")


def thumbnail(run: Run, up: str = "") -> str:
    """Show the first chart with something to show, drawn small for pages, in the language shown."""
    drawn = [chart for chart in run.charts if all(chart.get(lang, {}).get("thumbnail") for lang in numbers.LANGUAGES)]
    for chart in sorted(drawn, key=lambda one: bool(one.get("silent")))[:1]:
        names = {lang: quote(f"{run.folder}/{chart[lang]['thumbnail']}") for lang in numbers.LANGUAGES}
        return "".join(
            f'<img class="{lang}" lang="{lang}" loading="lazy" alt="" src="{html.escape(up + name, quote=True)}">'
            for lang, name in names.items()
        )
    return ""


def _links(run: Run) -> str:
    """Link the notebook, the picture files of the language shown, the tables and where the numbers are from."""
    found = [_link(run.folder, run.executed, _both("index_notebook"))] if run.executed else []
    for chart in run.charts:
        for lang in numbers.LANGUAGES:
            names = [one for one in chart.get(lang, {}).get("files", []) if one.endswith((".png", ".svg"))]
            found += [_link(run.folder, one, html.escape(one.rsplit(".", 1)[-1].upper()), lang) for one in names]
    found.append(_link(run.folder, "facts.json", _both("index_facts")))
    return " ".join(found)


def _failed_part(failures: list[Failure]) -> str:
    if not failures:
        return ""
    rows = "".join(
        f"<tr><td>{_link('.', one.executed, html.escape(one.folder)) if one.executed else html.escape(one.folder)}</td>"
        f"<td>{html.escape(one.error)}</td></tr>"
        for one in failures
    )
    return (
        f'<section class="failed"><h2>{_both("index_failed", count=str(len(failures)))}</h2><table><thead><tr>'
        f'<th scope="col">{_both("index_run")}</th><th scope="col">{_both("index_error")}</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></section>"
    )
