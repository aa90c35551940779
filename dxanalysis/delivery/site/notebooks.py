"""Executed notebooks as pages: nbconvert with our template, and nothing in them that could run or ask a network."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Callable, Iterator, Mapping
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

from .markup import both, label

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
