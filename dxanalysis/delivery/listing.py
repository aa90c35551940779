"""The page over all runs of an output folder: it opens from disk, needs no network and says what failed."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import string
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..briefing import labels, numbers
from .files import encodable, write_text
from .records import check_facts, check_run, read_record

_FAILED = "_failed"
_MOST_CARDS = 60  # with pictures and file lists; beyond that the page would weigh more than 300 kB
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
    notebooks = sorted(one.name for one in folder.glob("*.ipynb"))
    area = about.get("about", {}).get("area", {})
    return Run(
        folder.relative_to(root).as_posix(), str(about["notebook"]), dict(about["parameters"]), about.get("about", {}),
        facts.get("headline") or {}, list(about.get("charts", [])), list(about.get("tables", [])),
        notebooks[0] if notebooks else "", str(about.get("command", "")),
        str(area.get("id") or about["parameters"].get("area", "")),
    )  # fmt: skip


def _order(run: Run) -> tuple[Any, ...]:
    name, year = str(run.about.get("area", {}).get("vi", run.group)), str(run.parameters.get("year", ""))
    return (
        numbers.vi_key(name),
        -int(year) if re.fullmatch(r"\d{1,4}", year, re.ASCII) else 0,
        run.notebook,
        run.folder,
    )


def _failures(root: Path) -> list[Failure]:
    return [
        Failure(path.parent.relative_to(root / _FAILED).as_posix(), path.relative_to(root).as_posix(), last_error(path))
        for path in sorted((root / _FAILED).rglob("*.ipynb"))
    ]


def last_error(notebook: Path) -> str:
    """Return the last error an executed notebook shows, as one line."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8")).get("cells", [])
        errors = [
            f"{output.get('ename', '')}: {output.get('evalue', '')}"
            for cell in cells for output in cell.get("outputs", []) if output.get("output_type") == "error"
        ]  # fmt: skip
    except (ValueError, OSError, AttributeError, TypeError, RecursionError) as error:  # no notebook, or cut off
        return " ".join(f"{type(error).__name__}: {error}".split())[:400]
    return errors[-1].strip().splitlines()[-1][:400] if errors else ""


# ---------------------------------------------------------------- the page
def _page(root: Path, runs: list[Run], failures: list[Failure]) -> str:
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.group, []).append(run)
    body = (
        "".join(_area(root, found, len(runs) <= _MOST_CARDS) for found in groups.values())
        or f"<p>{_both('index_empty')}</p>"
    )
    return _asset("index.html").substitute(
        title=_plain("index_title", "vi"), title_en=_plain("index_title", "en"), heading=_both("index_title"),
        lead=_both("index_lead", count=str(len(runs))), switch=_plain("index_language", "vi"),
        site=_site_link(root), search=_both("index_search"), skip=_both("index_skip"),
        failures=_failed_part(failures), body=body,
        style=_asset("index.css").template, script=_asset("index.js").template, none=_both("index_none_found"),
        policy=policy(),
    )  # fmt: skip


def policy() -> str:
    """Return what the page may run and how it may look: its own script and style by their digests, nothing else."""
    digests = {name: base64.b64encode(hashlib.sha256(_asset(name).template.encode()).digest()).decode()
               for name in ("index.js", "index.css")}  # fmt: skip
    return f"default-src 'none'; script-src 'sha256-{digests['index.js']}'; style-src 'sha256-{digests['index.css']}'"


def _site_link(root: Path) -> str:
    """Link the site, where one was built beside the page."""
    built = (root / "site" / "index.html").is_file()
    return f'<p><a href="site/index.html">{_both("index_site")}</a></p>' if built else ""


def _asset(name: str) -> string.Template:
    """Read a part of the page that is kept as a file of its own kind."""
    return string.Template(resources.files(__package__).joinpath("assets", name).read_text(encoding="utf-8"))


def _both(key: str, **values: str) -> str:
    """Return a text in both languages, of which the page shows one."""
    return "".join(
        f'<span lang="{lang}">{html.escape(labels.label(key, lang, **values))}</span>' for lang in numbers.LANGUAGES
    )


def _plain(key: str, lang: str) -> str:
    return html.escape(labels.label(key, lang))


def _names(names: dict[str, str], fallback: str) -> str:
    return "".join(
        f'<span lang="{lang}">{html.escape(str(names.get(lang, fallback)))}</span>' for lang in numbers.LANGUAGES
    )


def _link(folder: str, name: str, text: str) -> str:
    """Return a link to a file of a run; characters a URL cannot hold are written as %XX."""
    return f'<a href="{html.escape(quote(f"{folder}/{name}"), quote=True)}">{text}</a>'


def _area(root: Path, runs: list[Run], full: bool) -> str:
    first = runs[0]
    name = _names(first.about.get("area", {}), first.group)
    cards = "".join((_card if full else _line)(run) for run in runs)
    anchor = html.escape(quote(first.group), quote=True)
    return f'<section id="{anchor}"><h2>{name}</h2>{_documents(root, first)}<div class="cards">{cards}</div></section>'


def _documents(root: Path, run: Run) -> str:
    """Link the slides, notes and workbooks made for the area, where there are any."""
    folder = run.folder.split("/")[0]
    found = sorted(
        path for kind in ("pptx", "docx", "pdf", "xlsx") for path in (root / folder).glob(f"*/briefing/*.{kind}")
    )
    links = " ".join(_link(one.parent.relative_to(root).as_posix(), one.name, html.escape(one.name)) for one in found)
    return f"<p>{_both('index_documents')}: {links}</p>" if found else ""


def _card(run: Run) -> str:
    return (
        f"{_opening(run)}{_thumbnail(run)}{_sentence(run)}"
        f'<p class="indicator">{_names(run.about.get("indicator", {}), "")}</p><ul>{_links(run)}</ul></article>'
    )


def _line(run: Run) -> str:
    """Return a card without picture and file list, for a page of very many runs."""
    files = _link(run.folder, run.executed or "facts.json", _both("index_notebook"))
    return f"{_opening(run)}{_sentence(run)}<ul><li>{files}</li></ul></article>"


def _opening(run: Run) -> str:
    about = [str(names.get(key, "")) for names in run.about.values() for key in ("vi", "en")]
    words = html.escape(" ".join(dict.fromkeys([run.folder, *about])).lower(), quote=True)
    year = html.escape(str(run.parameters.get("year", "")))
    return f'<article data-words="{words}"><h3>{year} · {html.escape(run.notebook)}{_extra(run)}</h3>'


def _sentence(run: Run) -> str:
    return f'<p class="verdict">{_names(run.headline, "") or _both("index_no_sentence")}</p>'


def _extra(run: Run) -> str:
    """Return the parameters that tell this run from the usual one: its folder's name carries them."""
    suffix = run.folder.rsplit("/", 1)[-1].partition("--")[2]
    return f" <small>{html.escape(suffix.replace('--', ', '))}</small>" if suffix else ""


def _thumbnail(run: Run) -> str:
    """Show the first chart: the small picture made for this page, as a file of the run."""
    for chart in run.charts:
        name, shown = str(chart.get("name", "")), []
        for lang in numbers.LANGUAGES:
            about = chart.get(lang, {})
            alt = html.escape(str(about.get("alt", name)), quote=True)
            source = html.escape(quote(f"{run.folder}/{about.get('thumbnail', f'{name}.{lang}.png')}"), quote=True)
            shown.append(f'<img loading="lazy" lang="{lang}" alt="{alt}" src="{source}" width="480" height="270">')
        return "".join(shown)
    return ""


def _links(run: Run) -> str:
    found = [_item(_link(run.folder, run.executed, _both("index_notebook")))] if run.executed else []
    for chart in run.charts:
        name = str(chart.get("name", ""))
        for lang in numbers.LANGUAGES:
            names = chart.get(lang, {}).get("files", [])
            formats = " ".join(_link(run.folder, one, html.escape(one.rsplit(".", 1)[-1].upper())) for one in names)
            found.append(f'<li lang="{lang}">{html.escape(name)}: {formats}</li>')
    tables = " ".join(_link(run.folder, f"{name}.csv", html.escape(name)) for name in run.tables)
    found.append(_item(f"{_both('index_tables')}: {tables}") if tables else "")
    numbers_used = _link(run.folder, "facts.json", _both("index_facts"))
    found.append(_item(f"{numbers_used} · {_link(run.folder, 'run.json', _both('index_origin'))}"))
    return "".join(found)


def _item(content: str) -> str:
    return f"<li>{content}</li>"


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
