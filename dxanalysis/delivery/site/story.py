"""The story page: from the resolution to what became of it, each fact of the founding article with an anchor."""

from __future__ import annotations

from dxanalysis import facts
from dxanalysis.facts.story import ARTICLE

from ...briefing import numbers
from .. import story
from .markup import both, label, page, pair, section, source_texts, table, web, word

_COLUMNS = ("story_fact", "story_text", "story_then", "story_latest", "story_target", "story_source")


def story_page(foot: str) -> str:
    """Return the page; a fact is one row, which the address ``story.html#S08`` opens, and links its source."""
    published = facts.source(ARTICLE).published
    title = {lang: word("story", lang) for lang in numbers.LANGUAGES}
    lead = {lang: word("story_lead", lang, date=numbers.date(published, lang)) for lang in numbers.LANGUAGES}
    start = {lang: story.start_sentence("quang-ninh", lang) for lang in numbers.LANGUAGES}
    teams = {lang: story.teams_sentence(lang) for lang in numbers.LANGUAGES}
    parts = [
        f'<h1>{both("story")}</h1><p class="lead">{pair(lead)}</p>',
        section("story_pillars", f"<p>{pair(start)}</p>{_bars()}"),
        section("story_coverage", f"<p>{pair(teams)}</p>"),
        section("story_table", table([both(one) for one in _COLUMNS], _rows(), caption="story_table")),
    ]
    return page(title, "".join(parts), here="story", foot=foot)


def _rows() -> list[list[str]]:
    each = {lang: story.told(lang) for lang in numbers.LANGUAGES}
    rows = []
    for vi, en in zip(each["vi"], each["en"], strict=True):
        parts = ("text", "then", "latest", "target")
        cells = [pair({"vi": getattr(vi, part), "en": getattr(en, part)}) for part in parts]
        source = facts.source(vi.source)
        rows.append([f'<span id="{vi.fact}">{vi.fact}</span>', *cells, web(source.url, source_texts(source))])
    return rows


def _bars() -> str:
    """Return the three pillars as bars that need no script: a meter each, its number beside it."""
    names = {lang: story.start_bars("quang-ninh", lang) for lang in numbers.LANGUAGES}
    lines = []
    for at, value in enumerate(names["vi"]):
        texts = {lang: str(names[lang].index[at]) for lang in numbers.LANGUAGES}
        shown = {lang: numbers.percent(value, lang, 0) for lang in numbers.LANGUAGES}
        meter = f'<meter min="0" max="100" value="{value:g}"{label("story_pillars")}></meter>'
        lines.append(f"<li>{pair(texts)} {meter} {pair(shown)}</li>")
    return f'<ul class="bars">{"".join(lines)}</ul>'
