"""Write ``outputs/site/``: every page from what the runs left, only what changed, the same bytes for the same input."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from importlib import metadata as packages
from pathlib import Path
from typing import Any

import dxanalysis

from ...briefing import labels, numbers
from ..files import encodable, write_json, write_text
from ..listing import Failure, Run, pair, variant_of, year_of
from . import markup
from .drawn import series_of
from .gather import BUILT, NOTHING, SITE, Gathered, Known, gather, refuse_foreign
from .markup import both, local
from .pages import data_page, failed_page, failures_page, findings_of, method_page, series_page
from .start import area_page, notebook_page, start_page, story_page

_TEMPLATES = ("notebook/index.html.j2", "notebook/conf.json", *markup.ASSETS)
_READ = {".json", ".csv", ".ipynb", ".pptx", ".docx", ".xlsx", ".pdf"}


@dataclass(frozen=True)
class Built:
    """The start page, how many pages there are, and how many of them had to be written."""

    start: Path
    pages: int
    written: int


def write_site(outputs: str | Path, known: Known = NOTHING) -> Built:
    """Write the site of an output folder; where nothing changed since the last time, nothing is written.

    Parameters
    ----------
    outputs : folder of the runs
    known : the catalogue; without it the site tells what the runs left

    Raises
    ------
    ValueError
        Where the folder `site` is not ours (see `refuse_foreign`).
    """
    site = Path(outputs) / SITE
    refuse_foreign(Path(outputs))
    before = _read_built(site)
    state = _state(Path(outputs), known)
    if before.get("state") == state and all((site / name).is_file() for name in before["pages"]):
        return Built(site / "index.html", len(before["pages"]), 0)
    if not before:  # the folder is ours from here on, also where this build is interrupted
        write_json(site / BUILT, {"state": "", "pages": {}})
    found = gather(outputs, known)
    pages = _Pages(site, before.get("pages", {}))
    _write_pages(pages, found, known)
    pages.drop_stale()
    write_json(site / BUILT, {"state": state, "pages": pages.kept})
    return Built(site / "index.html", len(pages.kept), pages.written)


class _Pages:
    """The pages of one build: writes what differs, and at the end removes what the last build left and this did not."""

    def __init__(self, site: Path, before: dict[str, str]) -> None:
        self._site, self._before = site, before
        self.kept: dict[str, str] = {}
        self.written = 0

    def put(self, name: str, text: str, key: str = "") -> None:
        """Write a page unless the file already holds this text."""
        self.kept[name] = key
        text, path = encodable(text), self._site / name
        if path.parent.resolve() != (self._site.resolve() / name).parent:
            raise ValueError(f"{path.parent} leads out of the site by a link. Remove the link.")
        if not (path.is_file() and path.read_bytes() == text.encode("utf-8")):
            write_text(path, text)
            self.written += 1

    def current(self, name: str, key: str) -> bool:
        """Tell whether the last build made this page from the same input; then it is kept."""
        good = self._before.get(name) == key and (self._site / name).is_file()
        if good:
            self.kept[name] = key
        return good

    def drop_stale(self) -> None:
        """Remove pages of the last build that are no longer made, and nothing else."""
        root = self._site.resolve()
        for name in set(self._before) - set(self.kept):
            path = self._site / name
            if path.suffix == ".html" and path.resolve().is_relative_to(root):
                path.unlink(missing_ok=True)


def _write_pages(pages: _Pages, found: Gathered, known: Known) -> None:
    foot = _foot(found, known)
    for name in markup.ASSETS:
        pages.put(name, markup.asset(name))
    pages.put("index.html", start_page(found, foot))
    for area, topics in found.areas().items():
        pages.put(f"areas/{area}/index.html", area_page(found, area, topics, foot))
    every = []
    for topic in found.topics:
        pages.put(topic.page, series_page(topic, found.root, known, foot))
        every.append((local(topic.page), series_of(topic, found.root, known)))
    pages.put("story.html", story_page(known.story(), found, known, foot))
    pages.put("method.html", method_page(found, known, foot))
    pages.put("data.html", data_page(every, known, _moved(found, known), foot))
    pages.put("failures.html", failures_page(found.failures, foot))
    _write_notebooks(pages, found)


def _write_notebooks(pages: _Pages, found: Gathered) -> None:
    template = _template()
    for run in found.runs:
        if run.executed:
            _write_notebook(pages, found.root / run.folder / run.executed, notebook_page(run), template, run)
    for failure in found.failures:
        if failure.executed:
            _write_notebook(pages, found.root / failure.executed, failed_page(failure), template, failure)


def _write_notebook(pages: _Pages, path: Path, name: str, template: str, about: Run | Failure) -> None:
    key = markup.of_texts(template, path.read_text(encoding="utf-8", errors="replace"), repr(about))
    if pages.current(name, key):
        return
    from .markup import notebook_markup

    depth = name.count("/")
    folder = path.parent.relative_to(pages._site.parent).as_posix()
    files = f"{'../' * (depth + 1)}{local(folder)}/"
    drawn = {} if isinstance(about, Failure) else _drawn(about)
    body = notebook_markup(path, files, drawn)
    pages.put(name, _notebook_frame(about, body, files, path.name, findings_of(path.parent)), key)


def _notebook_frame(about: Run | Failure, body: str, files: str, name: str, findings: list[dict[str, str]]) -> str:
    depth = files.count("../") - 1
    note = f'<p class="none">{both("notebook_note")}</p>'
    if isinstance(about, Failure):
        title = dict.fromkeys(numbers.LANGUAGES, about.folder)
        head = f'<h1>{html.escape(about.folder)}</h1><p class="warn">{html.escape(about.error)}</p>'
        trail = [("../" * depth + "failures.html", both("failures"))]
    else:
        names = labels.wording()["notebook"].get(about.notebook, {})
        title = {
            lang: " · ".join(filter(None, [names.get(lang, about.notebook), *_where(about, lang)]))
            for lang in numbers.LANGUAGES
        }
        said = f'<p class="lead">{pair(about.headline)}</p>' if about.headline else ""
        head = f"<h1>{pair(title)}</h1>{said}{_result(about, files, findings)}"
        note = f"{_repeat(about)}{note}"
        trail = [("../" * depth + f"areas/{about.group}/index.html", pair(about.about.get("area", {}), about.group))]
    linked = ", ".join(f'<a href="{files}{local(one)}">{html.escape(one)}</a>' for one in _files(about, name))
    below = f"<p>{both('run_files')}: {linked}</p>"
    opened = " open" if isinstance(about, Failure) else ""  # of a failure the notebook is what one came for
    how = f'<details class="how"{opened}><summary>{both("notebook_how")}</summary>'
    content = f'{head}{below}{how}{note}<div class="notebook" lang="en">{body}</div></details>'
    return markup.page(title, content, depth=depth, trail=trail)


def _result(run: Run, files: str, findings: list[dict[str, str]]) -> str:
    """Return what a reader came for, before the notebook: the findings, and each picture in the language shown."""
    said = "".join(f"<li>{pair(one)}</li>" for one in findings if one.get("vi") != run.headline.get("vi"))
    pictures = "".join(
        f'<a class="{lang}" href="{files}{local(name)}"><img loading="lazy" '
        f'alt="{html.escape(str(chart[lang].get("alt", "")))}" src="{files}{local(name)}"></a>'
        for chart in run.charts
        if not chart.get("silent")
        for lang in numbers.LANGUAGES
        for name in [one for one in chart.get(lang, {}).get("files", []) if one.endswith(".png")][:1]
    )
    listed = f'<ul class="findings">{said}</ul>' if said else ""
    return f'{listed}<div class="pictures">{pictures}</div>' if pictures else listed


def _drawn(run: Run) -> dict[str, str]:
    """Return the PNG of each chart by the words that say what it shows."""
    made = [chart[lang] for chart in run.charts for lang in numbers.LANGUAGES if lang in chart]
    return {str(one.get("alt", "")): name for one in made for name in one.get("files", []) if name.endswith(".png")}


def _files(about: Run | Failure, name: str) -> list[str]:
    tables = [] if isinstance(about, Failure) else [*(f"{one}.csv" for one in about.tables), "facts.json", "run.json"]
    return [name, *tables]


def _where(run: Run, lang: str) -> list[str]:
    year = str(year_of(run) or "")
    return [str(run.about.get("area", {}).get(lang, run.group)), year, variant_of(run)]


def _repeat(run: Run) -> str:
    return f"<p>{both('repeat')}: <code>{html.escape(run.command)}</code></p>" if run.command else ""


def _foot(found: Gathered, known: Known) -> str:
    digest = known.digest or next(iter(sorted(_digests(found))), "")
    return both("made", digest=digest[:12] or labels.label("index_origin", "vi"), version=dxanalysis.__version__)


def _moved(found: Gathered, known: Known) -> bool:
    return bool(known.digest and _digests(found) - {known.digest})


def _digests(found: Gathered) -> set[str]:
    """Return the digests of the data that the runs noted."""
    noted = (json.loads((found.root / run.folder / "run.json").read_text(encoding="utf-8")) for run in found.runs)
    return {str(run["data_digest"]) for run in noted if run.get("data_digest")}


def _state(outputs: Path, known: Known) -> str:
    """Return a digest of everything a site is made from: names, sizes and times of the files, data, templates."""
    seen = []
    for path in sorted(outputs.rglob("*")):
        parts = path.relative_to(outputs).parts
        if path.suffix in _READ and path.is_file() and not parts[0].startswith(".") and parts[0] != SITE:
            about = path.stat()
            seen.append(f"{'/'.join(parts)}|{about.st_size}|{about.st_mtime_ns}")
    return markup.of_texts(_template(), known.digest, *seen)


def _template() -> str:
    """Return a digest of our templates, words and versions: a page made by others is made again."""
    words = json.dumps(labels.wording(), sort_keys=True, ensure_ascii=False)
    code = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.py"))]
    return markup.of_texts(
        dxanalysis.__version__, packages.version("nbconvert"), words, *map(markup.asset, _TEMPLATES), *code
    )


def _read_built(site: Path) -> dict[str, Any]:
    """Return what the last build noted; a note that cannot be read is as good as none."""
    try:
        noted = json.loads((site / BUILT).read_text(encoding="utf-8"))
        good = isinstance(noted, dict) and isinstance(noted.get("pages"), dict)
    except (OSError, ValueError):
        return {}
    return noted if good and all(isinstance(key, str) for key in noted["pages"].values()) else {}
