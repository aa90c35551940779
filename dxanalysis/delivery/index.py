"""The page over all runs of an output folder: it opens from disk, needs no network and says what failed."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..briefing import labels, numbers
from .files import write_text

_FAILED = "_failed"
_HIDDEN = re.compile(r"^[._]")


@dataclass(frozen=True)
class Run:
    """What one finished run left: where, with which parameters, what it found, and its files."""

    folder: str
    notebook: str
    parameters: dict[str, Any]
    about: dict[str, dict[str, str]]
    headline: dict[str, str]
    charts: dict[str, dict[str, Any]]
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
    """
    root = Path(outputs)
    runs, unreadable = _runs(root)
    page = _page(runs, [*_failures(root), *unreadable])
    root.mkdir(parents=True, exist_ok=True)
    return write_text(root / "index.html", page)


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
    about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    facts_file = folder / "facts.json"
    facts = json.loads(facts_file.read_text(encoding="utf-8")) if facts_file.exists() else {}
    notebooks = sorted(one.name for one in folder.glob("*.ipynb"))
    area = about.get("about", {}).get("area", {})
    return Run(
        folder.relative_to(root).as_posix(), str(about["notebook"]), dict(about["parameters"]), about.get("about", {}),
        facts.get("headline") or {}, dict(about.get("charts", {})), list(about.get("tables", [])),
        notebooks[0] if notebooks else "", str(about.get("command", "")),
        str(area.get("id") or about["parameters"].get("area", "")),
    )  # fmt: skip


def _order(run: Run) -> tuple[Any, ...]:
    name = run.about.get("area", {}).get("vi", run.group)
    return (numbers.vi_key(name), -int(run.parameters.get("year") or 0), run.notebook, run.folder)


def _failures(root: Path) -> list[Failure]:
    return [
        Failure(path.parent.relative_to(root / _FAILED).as_posix(), path.relative_to(root).as_posix(), last_error(path))
        for path in sorted((root / _FAILED).rglob("*.ipynb"))
    ]


def last_error(notebook: Path) -> str:
    """Return the last error an executed notebook shows, as one line."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8")).get("cells", [])
    except (ValueError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    errors = [
        f"{output.get('ename', '')}: {output.get('evalue', '')}"
        for cell in cells for output in cell.get("outputs", []) if output.get("output_type") == "error"
    ]  # fmt: skip
    return errors[-1].strip().splitlines()[-1][:400] if errors else ""


# ---------------------------------------------------------------- the page
def _page(runs: list[Run], failures: list[Failure]) -> str:
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.group, []).append(run)
    body = "".join(_area(found) for found in groups.values()) or f"<p>{_both('index_empty')}</p>"
    return _TEMPLATE.format(
        title=_plain("index_title"), heading=_both("index_title"), lead=_both("index_lead", count=str(len(runs))),
        switch=_plain("index_language"), search=_both("index_search"), skip=_both("index_skip"),
        failures=_failed_part(failures), body=body, style=_STYLE, script=_SCRIPT, none=_both("index_none_found"),
    )  # fmt: skip


def _both(key: str, **values: str) -> str:
    """Return a text in both languages, of which the page shows one."""
    return "".join(
        f'<span lang="{lang}">{html.escape(labels.label(key, lang, **values))}</span>' for lang in numbers.LANGUAGES
    )


def _plain(key: str) -> str:
    return html.escape(labels.label(key, "vi"))


def _names(names: dict[str, str], fallback: str) -> str:
    return "".join(f'<span lang="{lang}">{html.escape(names.get(lang, fallback))}</span>' for lang in numbers.LANGUAGES)


def _link(folder: str, name: str, text: str) -> str:
    """Return a link to a file of a run; characters a URL cannot hold are written as %XX."""
    return f'<a href="{html.escape(quote(f"{folder}/{name}"), quote=True)}">{text}</a>'


def _area(runs: list[Run]) -> str:
    first = runs[0]
    name = _names(first.about.get("area", {}), first.group)
    cards = "".join(_card(run) for run in runs)
    return f'<section id="{html.escape(quote(first.group), quote=True)}"><h2>{name}</h2><div class="cards">{cards}</div></section>'


def _card(run: Run) -> str:
    year = html.escape(str(run.parameters.get("year", "")))
    extra = _extra(run)
    headline = _names(run.headline, "") or _both("index_no_sentence")
    words = html.escape(" ".join([run.folder, *run.headline.values(), *(v for r in run.about.values() for v in r.values())]).lower())
    return (
        f'<article data-words="{words}"><h3>{year} · {html.escape(run.notebook)}{extra}</h3>{_thumbnail(run)}'
        f'<p class="verdict">{headline}</p><p class="indicator">{_names(run.about.get("indicator", {}), "")}</p>'
        f"<ul>{_links(run)}</ul></article>"
    )


def _extra(run: Run) -> str:
    """Return the parameters that tell this run from the usual one: its folder's name carries them."""
    suffix = run.folder.rsplit("/", 1)[-1].partition("--")[2]
    return f" <small>{html.escape(suffix.replace('--', ', '))}</small>" if suffix else ""


def _thumbnail(run: Run) -> str:
    """Show the first chart: the small picture made for this page, as a file of the run."""
    for name, chart in run.charts.items():
        shown = []
        for lang in numbers.LANGUAGES:
            about = chart.get(lang, {})
            alt = html.escape(str(about.get("alt", name)), quote=True)
            source = html.escape(quote(f"{run.folder}/{about.get('thumbnail', f'{name}.{lang}.png')}"), quote=True)
            shown.append(f'<img loading="lazy" lang="{lang}" alt="{alt}" src="{source}" width="480" height="270">')
        return "".join(shown)
    return ""


def _links(run: Run) -> str:
    found = [_item(_link(run.folder, run.executed, _both("index_notebook")))] if run.executed else []
    for name, chart in run.charts.items():
        for lang in numbers.LANGUAGES:
            names = chart.get(lang, {}).get("files", [])
            formats = " ".join(_link(run.folder, one, html.escape(one.rsplit(".", 1)[-1].upper())) for one in names)
            found.append(f'<li lang="{lang}">{html.escape(name)}: {formats}</li>')
    tables = " ".join(_link(run.folder, f"{name}.csv", html.escape(name)) for name in run.tables)
    found.append(_item(f"{_both('index_tables')}: {tables}") if tables else "")
    found.append(_item(f"{_link(run.folder, 'facts.json', _both('index_facts'))} · {_link(run.folder, 'run.json', _both('index_origin'))}"))
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


_STYLE = """
:root{--ink:#1a1a1a;--muted:#595959;--line:#d9d9d9;--link:#004b87}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 "DejaVu Sans",system-ui,sans-serif;color:var(--ink);background:#fff}
header,main{max-width:76rem;margin:0 auto;padding:1rem 1.25rem}
h1{font-size:1.6rem;margin:.2rem 0}h2{font-size:1.25rem;border-bottom:2px solid var(--ink);margin-top:2rem}
h3{font-size:1rem;margin:0 0 .5rem}
a{color:var(--link)}a:focus-visible,button:focus-visible,input:focus-visible{outline:3px solid #d55e00;outline-offset:2px}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:1rem;background:#fff;padding:.5rem}
.bar{display:flex;gap:1rem;flex-wrap:wrap;align-items:end}
button,input{font:inherit;padding:.4rem .8rem;border:1px solid var(--muted);border-radius:4px;background:#fff;color:var(--ink)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(20rem,1fr));gap:1rem}
article{border:1px solid var(--line);border-radius:6px;padding:.9rem}
article img{width:100%;height:auto;border:1px solid var(--line)}
.verdict{font-weight:600;margin:.6rem 0 .2rem}.indicator{color:var(--muted);margin:0}
article ul{margin:.6rem 0 0;padding-left:1.1rem;font-size:.88rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;border-bottom:1px solid var(--line);padding:.4rem;vertical-align:top;overflow-wrap:anywhere}
.failed h2{color:#a33b00}[hidden]{display:none!important}
html[lang=vi] body [lang=en],html[lang=en] body [lang=vi]{display:none}
html[lang] body .keep[lang]{display:inline-block}
@media print{.bar,.skip{display:none}article{break-inside:avoid}}
"""

_SCRIPT = """
const root=document.documentElement,button=document.getElementById('language'),box=document.getElementById('find');
function show(lang){root.lang=lang;button.textContent=lang==='vi'?'English':'Tiếng Việt';button.lang=lang==='vi'?'en':'vi';
document.title=lang==='vi'?document.body.dataset.vi:document.body.dataset.en;}
const asked=new URLSearchParams(location.search).get('lang');
show(asked==='en'||asked==='vi'?asked:'vi');
button.addEventListener('click',()=>show(root.lang==='vi'?'en':'vi'));
function fold(text){return text.toLowerCase().replaceAll('đ','d').normalize('NFD').replace(/[\\u0300-\\u036f]/g,'');}
box.addEventListener('input',()=>{const words=fold(box.value).split(/\\s+/).filter(Boolean);let any=false;
for(const card of document.querySelectorAll('article')){const text=fold(card.dataset.words);
card.hidden=!words.every(word=>text.includes(word));any=any||!card.hidden;}
for(const part of document.querySelectorAll('main section:not(.failed)'))part.hidden=!part.querySelector('article:not([hidden])');
document.getElementById('none').hidden=any;});
"""

_TEMPLATE = """<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' data: file:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body data-vi="{title}" data-en="Progress towards digital transformation targets">
<a class="skip" href="#runs">{skip}</a>
<header>
<h1>{heading}</h1>
<p>{lead}</p>
<div class="bar"><button type="button" id="language" class="keep" lang="en">{switch}</button>
<div><label for="find">{search}</label> <input id="find" type="search" autocomplete="off"></div></div>
</header>
<main id="runs">
{failures}
{body}
<p id="none" role="status" hidden>{none}</p>
</main>
<script>{script}</script>
</body>
</html>
"""
