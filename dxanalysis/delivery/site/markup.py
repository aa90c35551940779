"""The frame of every page: text in two languages, links that cannot run anything, navigation, and the page's policy."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any
from urllib.parse import quote

from ...briefing import labels, numbers, theme, words
from ...facts.records import Source

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: file:",
        "base-uri 'none'",
        "form-action 'none'",
    )
)
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M2 13 6 8l3 3 5-8' "
    "fill='none' stroke='%230072B2' stroke-width='2.5'/%3E%3C/svg%3E"
)
_WEB = re.compile(r"https?://[^\s]+", re.I)
ASSETS = ("site.css", "site.js", "figure.js", "chart.js")
MENU = tuple((key, f"{name}.html") for key, name in (
    ("home", "index"), ("story", "story"), ("method", "method"), ("data", "data"), ("failures", "failures")
))


def asset(name: str) -> str:
    """Return a part of the site that is kept as a file of its own kind."""
    return resources.files(__package__).joinpath("..", "assets", "site", name).read_text(encoding="utf-8")


def word(key: str, lang: str, **values: Any) -> str:
    """Return a text of the site in one language, not escaped."""
    return labels.fill(labels.entry("site", key)[lang], {name: str(value) for name, value in values.items()})


def both(key: str, **values: Any) -> str:
    """Return a text of the site in both languages, of which the page shows one; escaped."""
    return pair({lang: word(key, lang, **values) for lang in numbers.LANGUAGES})


def pair(texts: Mapping[str, str], fallback: str = "") -> str:
    """Return a text in both languages as markup; one that is the same in both is written once.

    >>> pair({"vi": "<b>", "en": "<b>"}), pair({"vi": "có", "en": "yes"})
    ('&lt;b&gt;', '<span class="vi" lang="vi">có</span><span class="en" lang="en">yes</span>')
    """
    found = {lang: html.escape(str(texts.get(lang) or fallback)) for lang in numbers.LANGUAGES}
    if len(set(found.values())) == 1:
        return found["vi"]
    return "".join(f'<span class="{lang}" lang="{lang}">{text}</span>' for lang, text in found.items())


def named(section: str, key: str) -> dict[str, str]:
    """Return the name of a code (a status, a step, a method) in both languages."""
    return {lang: labels.name(section, key, lang) for lang in numbers.LANGUAGES}


def spoken(name: str, **texts: str) -> str:
    """Return attributes that give an element its text (`text`) or its label (`label`) in the language shown.

    >>> spoken("text", vi="Tất cả", en="All")
    ' data-text-vi="Tất cả" data-text-en="All"'
    """
    return "".join(f' data-{name}-{lang}="{html.escape(text)}"' for lang, text in texts.items())


def label(key: str, **values: Any) -> str:
    """Return the attributes that label an element in the language shown, Vietnamese until a script changes it."""
    texts = {lang: word(key, lang, **values) for lang in numbers.LANGUAGES}
    return f' aria-label="{html.escape(texts["vi"])}"{spoken("label", **texts)}'


def local(path: str, anchor: str = "") -> str:
    """Return a link to a file of ours, safe inside an attribute: what a URL cannot hold is written as %XX.

    >>> local("runs/a b=1.html", "y2025"), local("javascript:alert(1)")
    ('runs/a%20b%3D1.html#y2025', 'javascript%3Aalert%281%29')
    """
    return quote(path) + (f"#{quote(anchor)}" if anchor else "")


def publisher_texts(source: Source) -> dict[str, str]:
    """Return the publisher of a source, as readers of each language name it."""
    return {lang: labels.publisher(source.publisher, lang) for lang in numbers.LANGUAGES}


def source_texts(source: Source) -> dict[str, str]:
    """Return publisher and title of a source for each language."""
    return {lang: f"{name}: {source.title}" if source.title else name for lang, name in publisher_texts(source).items()}


def web(address: str, texts: str | Mapping[str, str]) -> str:
    """Return a link to a page of the web, or the text alone where the address is none (such as ``javascript:``).

    The text is one for all readers, or one for each language.

    >>> web("https://a.vn/?q=1&r=2", "<A>")
    '<a href="https://a.vn/?q=1&amp;r=2" rel="noopener noreferrer">&lt;A&gt;</a>'
    >>> web("javascript:alert(1)", "A"), web(" data:text/html,x", "A")
    ('A', 'A')
    """
    shown = html.escape(texts) if isinstance(texts, str) else pair(texts)
    if not _WEB.fullmatch(address):
        return shown
    return f'<a href="{html.escape(address)}" rel="noopener noreferrer">{shown}</a>'


def state_mark(state: str, more: str = "") -> str:
    """Return the state of a target as symbol and word; the colour only helps."""
    symbol = theme.STATES[state][0]
    said = {lang: words.word("state", state, lang) for lang in numbers.LANGUAGES}
    return f'<span class="step {state}"><span aria-hidden="true">{symbol}</span> {pair(said)}{more}</span>'


def step_mark(step: str) -> str:
    """Return a step of the methods' common scale as symbol and word; anything else counts as not available."""
    code = step if step in theme.STEPS else "not_available"
    symbol = theme.STEPS[code][0]
    return f'<span class="step {code}"><span aria-hidden="true">{symbol}</span> {pair(named("step", code))}</span>'


def table(head: Iterable[str], rows: Iterable[Iterable[str]], *, caption: str, name: str = "") -> str:
    """Return a table of cells that are markup already; the first cell of a row heads it.

    It stands in a region that scrolls by keyboard, too, where it is wider than the page.
    """
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>' for first, *rest in rows
    )
    mark = f' id="{name}"' if name else ""
    return (
        f'<div class="scroll" tabindex="0" role="group"{label(caption)}><table{mark}><caption class="hidden">'
        f"{both(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def section(key: str, content: str, *, anchor: str = "", **values: Any) -> str:
    """Return a part of a page under its heading, with an anchor for deep links."""
    place = anchor or key
    return f'<section id="{place}"><h2>{both(key, **values)}</h2>{content}</section>'


def data_block(name: str, content: Any) -> str:
    """Return data for a script: JSON in which no text can end the element.

    >>> data_block("d", {"a": "</script>"})
    '<script type="application/json" id="d">{"a":"\\\\u003c/script>"}</script>'
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    text = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return f'<script type="application/json" id="{name}">{text}</script>'


def page(
    title: Mapping[str, str], content: str, *, depth: int = 0, here: str = "", trail: Iterable[tuple[str, str]] = (),
    scripts: Iterable[str] = (), foot: str = "",
) -> str:
    """Return a whole page.

    Parameters
    ----------
    title : names by language
    content : markup of the main part, its first heading included
    depth : folders between the page and the start page
    here : key of the menu entry that is this page
    trail : links (address, markup) from the start page to the page above this one
    scripts : assets besides ``site.js``
    foot : markup of the last line
    """
    up = "../" * depth
    titles = {lang: f"{title.get(lang, '')} · dxanalysis" for lang in numbers.LANGUAGES}
    loaded = "".join(f'<script src="{up}{name}" defer></script>' for name in ("site.js", *scripts))
    return f"""<!doctype html>
<html lang="vi"{spoken("text", **titles)}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="description" content="{html.escape(titles["vi"])}">
<title>{html.escape(titles["vi"])}</title>
<link rel="icon" href="{_ICON}">
<link rel="stylesheet" href="{up}site.css">
{loaded}
</head>
<body>
<a class="skip" href="#main">{both("skip")}</a>
<header><div class="wide">
<nav{label("menu")}><ul>{_menu(up, here)}</ul></nav>
<button type="button" id="language"{label("same_page")} hidden>English</button>
</div></header>
<main id="main" class="wide" tabindex="-1">
{_trail(up, list(trail))}{content}
</main>
{f'<footer class="wide"><p>{foot}</p></footer>' if foot else ""}
</body>
</html>
"""


def _menu(up: str, here: str) -> str:
    return "".join(
        f'<li><a href="{up}{address}"{" aria-current=page" if key == here else ""}>{both(key)}</a></li>'
        for key, address in MENU
    )


def _trail(up: str, steps: list[tuple[str, str]]) -> str:
    if not steps:
        return ""
    start = f'<li><a href="{up}index.html">{both("home")}</a></li>'
    items = "".join(f'<li><a href="{address}">{text}</a></li>' for address, text in steps)
    return f'<nav class="trail"{label("path")}><ol>{start}{items}</ol></nav>'


def of_texts(*texts: str) -> str:
    """Return a digest of texts, with which a page is known to be up to date."""
    held = hashlib.sha256()
    for text in texts:
        held.update(text.encode("utf-8", "surrogatepass"))
        held.update(b"\0")
    return held.hexdigest()
