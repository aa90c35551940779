"""The frame of every page and executed notebooks as pages: two languages, nothing that could run or ask a network."""

from __future__ import annotations

import functools
import hashlib
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import bleach
import nbformat
import pygments
from bleach.html5lib_shim import Filter
from nbconvert import HTMLExporter
from nbconvert.exporters.templateexporter import TemplateExporter
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from ...briefing import labels, numbers, theme
from ...facts.records import Source
from ..listing import pair

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
_MOST_LISTED = 4  # rows of a table that a narrow page shows before it is asked for all; site.css counts them, too
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


def step_mark(step: str) -> str:
    """Return a step of the methods' common scale as symbol and word; anything else counts as not available."""
    code = step if step in theme.STEPS else "not_available"
    symbol = theme.STEPS[code][0]
    return f'<span class="step {code}"><span aria-hidden="true">{symbol}</span> {pair(named("step", code))}</span>'


def table(head: Iterable[str], rows: Iterable[Iterable[str]], *, caption: str, name: str = "") -> str:
    """Return a table of cells that are markup already; the first cell of a row heads it.

    It stands in a region that scrolls by keyboard, too, where it is wider than the page. On a narrow page a script
    makes it a list of its first rows and offers the rest.
    """
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    lines = [
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>' for first, *rest in rows
    ]
    mark = f' id="{name}"' if name else ""
    return (
        f'<div class="scroll" tabindex="0" role="group"{label(caption)}><table{mark}><caption class="hidden">'
        f"{both(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
        f"{rest_of(len(lines))}</div>"
    )


def rest_of(count: int) -> str:
    """Return the button that brings the rest of a table's rows to a narrow page; nothing where there is none."""
    every = both("all_rows", count=str(count))
    return f'<button type="button" class="rest" hidden>{every}</button>' if count > _MOST_LISTED else ""


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


_TAGS = frozenset((
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "del", "details", "div", "dl", "dt",
    "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd",
    "li", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strong", "sub", "summary", "sup",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var",
))
_ATTRIBUTES = {
    "*": ["lang", "dir", "class", "title"],
    "a": ["href"],
    "img": ["src", "alt", "width", "height"],
    "td": ["colspan", "rowspan"],
    "th": ["colspan", "rowspan", "scope"],
    "ol": ["start"],
    "details": ["open"],
}
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
_CLASS = re.compile(
    r"(?:dataframe|findings|files|highlight|hl-\w+|[a-z][a-z0-9]?)"
)  # ours, and those of the highlighter
_HEADINGS = {f"h{level}": f"h{level + 1}" for level in range(1, 6)}
_SHOWN_FIRST = ["text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/latex", "text/plain"]


def notebook_markup(path: Path, files: str, pictures: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the cells of an executed notebook as markup for the main part of a page.

    Scripts, styles, frames, forms and event handlers are taken out; links lead to web pages or to files beside the
    notebook; pictures are those the notebook holds itself. Headings go one level down, below that of the page.

    Parameters
    ----------
    path : the notebook
    files : address of the notebook's folder as seen from the page, with a slash at the end
    pictures : file beside the notebook by what a picture says it shows; it stands in place of the copy in the notebook
    """
    try:
        cells = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        exporter = _exporter()
        exporter.register_filter("safe", lambda markup: _cleaned(markup, _beside(path.parent, files), pictures))
        # The parent's way: HTMLExporter would parse the whole page once more, only to find pictures without alt text.
        return TemplateExporter.from_notebook_node(exporter, cells)[0]
    except Exception as error:  # what a broken notebook raises depends on where it is broken; the page names it
        said = " ".join(f"{type(error).__name__}: {error}".split())[:400]
        return f'<p class="warn">{both("unreadable", error=said)}</p>'


@functools.cache
def _exporter() -> HTMLExporter:
    """Return nbconvert's exporter with our template; making one takes a tenth of a second."""
    ours = resources.files(__package__).joinpath("..", "assets", "site")
    exporter = HTMLExporter(
        template_name="notebook", extra_template_basedirs=[str(ours)],
        exclude_anchor_links=True, mathjax_url="", require_js_url="", mermaid_js_url="", jquery_url="",
    )
    exporter.register_filter("words", both)
    exporter.register_filter("label", label)
    exporter.register_filter("plain", _plain)
    exporter.register_filter("code", _code)
    exporter.display_data_priority = _SHOWN_FIRST  # scripts and widgets are not among them
    return exporter


def _plain(text: str | list[str]) -> str:
    """Return a text without the colour codes of a terminal, escaped."""
    whole = text if isinstance(text, str) else "".join(text)
    return html.escape(re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]", "", whole))


def _code(source: str) -> str:
    """Return code with its colours; nbconvert's way would write the language a notebook names into the page."""
    return pygments.highlight(source, PythonLexer(), HtmlFormatter())


def _beside(folder: Path, files: str) -> Callable[[str], str]:
    """Return what turns a link of a notebook into one of the page: empty where it leads nowhere we let it."""

    def address(link: str) -> str:
        parts = urlsplit(link)
        if parts.scheme in ("http", "https") and parts.netloc:
            return link
        name = unquote(parts.path)
        plain = not parts.scheme and not parts.netloc and name and "/" not in name and "\\" not in name
        return files + quote(name) if plain and (folder / name).is_file() else ""

    return address


def _cleaned(markup: str, address: Callable[[str], str], pictures: Mapping[str, str]) -> str:
    """Return markup of a stranger with what is allowed left in."""
    cleaner = bleach.Cleaner(
        tags=_TAGS, attributes=_ATTRIBUTES, protocols=["http", "https", "data"], strip=True,
        filters=[functools.partial(_Links, address=address, pictures=pictures)],
    )
    text = cleaner.clean(re.sub(r"(?is)<(script|style|template|noscript)\b.*?(</\1\s*>|\Z)", "", markup))
    region = f'<div class="scroll" tabindex="0" role="group"{label("output")}><table'
    return text.replace("<table", region).replace("</table>", "</table></div>")


class _Links(Filter):  # type: ignore[misc]
    """Sends links where they may lead, keeps pictures that are held in the notebook, and lowers headings."""

    def __init__(self, source: Any, address: Callable[[str], str], pictures: Mapping[str, str]) -> None:
        super().__init__(source)
        self._address, self._pictures = address, pictures

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for token in super().__iter__():
            name = token.get("name")
            if name in _HEADINGS and token["type"] in ("StartTag", "EndTag"):
                token["name"] = _HEADINGS[name]
            if token["type"] in ("StartTag", "EmptyTag"):
                self._attributes(name, token["data"])
                if name == "img" and (None, "src") not in token["data"]:
                    continue
            yield token

    def _attributes(self, name: str, held: dict[tuple[None, str], str]) -> None:
        kept = [one for one in held.get((None, "class"), "").split() if _CLASS.fullmatch(one)]
        held.pop((None, "class"), None)
        if kept:
            held[None, "class"] = " ".join(kept)
        if name == "a":
            target = self._address(held.pop((None, "href"), ""))
            if target:
                held |= {(None, "href"): target, (None, "rel"): "noopener noreferrer"}
        if name == "img":
            if not _PICTURE.fullmatch(held.get((None, "src"), "")):
                held.pop((None, "src"), None)
            held.setdefault((None, "alt"), "")
            beside = self._address(self._pictures.get(held[None, "alt"], ""))
            if beside and (None, "src") in held:
                held |= {(None, "src"): beside, (None, "loading"): "lazy"}
