"""The explorer: controls, pictures, sentences, verdicts and sources of one question; what is chosen lives in them.

What a slider does not change is kept at hand, so that the pictures follow it.
"""

from __future__ import annotations

import base64
import datetime as dt
import html
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import ipywidgets as widgets
import pandas as pd
from matplotlib.figure import Figure

from dxanalysis import analysis, assessing, facts, forecasting
from dxanalysis.analysis.shares import required_growth
from dxanalysis.briefing import charts, findings, labels, numbers, theme
from dxanalysis.briefing.quotes import Finding
from dxanalysis.delivery import figures
from dxanalysis.facts.names import slug
from dxanalysis.facts.records import Area, Definition, Indicator, Source

_WIDE = {"description_width": "initial"}  # as wide as the label: none is cut
_LEAST_YEAR, _LAST_YEAR, _NEXT_TARGET_YEAR = 2020, 2060, 2030


@dataclass(frozen=True)
class Question:
    """What the controls ask; `target` is None while the targets of the documents count."""

    area: str
    indicator: str
    definition: str = "preferred"
    as_of: str = ""
    through: int | None = None
    growth: float = 8.0
    target_year: int | None = None
    target: float | None = None


@dataclass(frozen=True)
class View:
    """The answer to a question: tables, the judgement of the targets, verdicts, sentences and sources."""

    indicator: Indicator
    area: Area
    history: pd.DataFrame
    targets: pd.DataFrame
    fan: pd.DataFrame
    record: pd.DataFrame
    panel: pd.DataFrame
    findings: list[Finding]
    sources: list[Source]
    needed: float | None


def explorer(
    area: str, indicator: str, *, lang: str = "vi", definition: str = "preferred", as_of: Any = "latest",
    through: int | None = None, growth: float = 8.0,
) -> Explorer:
    """Open the explorer on one area and indicator; every control starts where the arguments say."""
    day = facts.as_of_date(as_of, through)
    until = "" if day is None else day.isoformat()
    return Explorer(Question(area, indicator, definition, until, through, growth), lang)


# ---------------------------------------------------------------- what can be chosen
def areas(lang: str) -> list[tuple[str, str]]:
    """Return name and id of every area with a figure or a target, the nation first."""
    held = _pairs()["area"]
    table = facts.open_package().tables["areas"]
    table = table[table["id"].isin(held)]
    named = sorted(zip(table[f"name_{lang}"], table["id"], strict=True), key=lambda one: slug(one[0]))
    return sorted(named, key=lambda one: one[1] != "viet-nam")


def indicators(area: str, lang: str) -> list[tuple[str, str]]:
    """Return title and id of every indicator with a figure or a target for an area."""
    held = _pairs()
    ids = set(held.loc[held["area"] == area, "indicator"])
    table = facts.open_package().tables["indicators"]
    return [(getattr(row, f"title_{lang}"), row.id) for row in table.itertuples() if row.id in ids]


def definitions(indicator: str, area: str, lang: str) -> list[tuple[str, str]]:
    """Return name and id of the definitions that have a yearly figure for an area."""
    held = _definitions(indicator, area, facts.digest())
    return [(getattr(one, f"name_{lang}") or one.id, one.id) for one in held]


def days(indicator: str, area: str, definition: str) -> list[str]:
    """Return the days on which something of a series was published."""
    return list(_days(indicator, area, definition, facts.digest()))


@lru_cache(maxsize=256)
def _definitions(indicator: str, area: str, _digest: str) -> tuple[Definition, ...]:
    return tuple(facts.definition(indicator, one) for one, _ in facts.load_each_definition(indicator, area))


@lru_cache(maxsize=256)
def _days(indicator: str, area: str, definition: str, _digest: str) -> tuple[str, ...]:
    return tuple(str(day) for day in facts.releases(indicator, area, definition))


@lru_cache(maxsize=1)
def _pairs_of(_digest: str) -> pd.DataFrame:
    tables = facts.open_package().tables
    whole = [tables[name][["area", "indicator"]] for name in ("observations", "targets")]
    return pd.concat(whole).drop_duplicates()


def _pairs() -> pd.DataFrame:
    return _pairs_of(facts.digest())


# ---------------------------------------------------------------- the answer
def look(question: Question) -> View:
    """Answer a question with the tables, sentences and sources of one view.

    The growth of the whole changes one number only, so that everything else is taken from the last answers.
    """
    view = _answer(replace(question, growth=0.0), facts.digest())
    return replace(view, needed=_growth(view, question.growth))


@lru_cache(maxsize=64)
def _answer(question: Question, _digest: str) -> View:
    subject, place = facts.find_indicator(question.indicator), facts.find_area(question.area)
    history, targets = _loaded(*_key(question))
    goals = _goals(targets, question, subject)
    fan = _ahead(*_key(question), analysis.years_ahead(history, goals))
    record = _record(history, goals, subject, question)
    panel = analysis.judge(history, analysis.still_open(goals, record), subject)
    said = [
        findings.summary(record, indicator=subject, area=place),
        *findings.judgement(record, indicator=subject, area=place),
        *findings.limits(history, indicator=subject, area=place),
    ]
    sources = [facts.source(one) for one in dict.fromkeys(history["source"]) if one]
    return View(subject, place, history, goals, fan, record, panel, list(dict.fromkeys(said)), sources, None)


def _record(history: pd.DataFrame, goals: pd.DataFrame, subject: Indicator, question: Question) -> pd.DataFrame:
    """Return the judgement of the targets looked at, standing where the question stands."""
    last = int(history["year"].max()) if len(history) else 0
    day = dt.date.fromisoformat(question.as_of) + dt.timedelta(1) if question.as_of else None
    year = question.through or max(last, day.year - 1 if day else last)
    known = assessing.evidence_of(history, goals, subject, question.area, year, question.as_of or None)
    record = analysis.assess(goals, subject, known).assign(area=question.area)
    return record.assign(successor_vi="", successor_en="")


def _key(question: Question) -> tuple[Any, ...]:
    asked = (question.indicator, question.area, question.definition, question.as_of or None, question.through)
    return (*asked, facts.digest())


@lru_cache(maxsize=64)
def _loaded(
    indicator: str, area: str, definition: str, day: str | None, through: int | None, _digest: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    history = facts.load_history(indicator, area, definition, day, through=through)
    return history, facts.load_targets(indicator, area, day)


@lru_cache(maxsize=64)
def _ahead(
    indicator: str, area: str, definition: str, day: str | None, through: int | None, digest: str, ahead: int
) -> pd.DataFrame:
    history, _ = _loaded(indicator, area, definition, day, through, digest)
    peers = facts.load_peers(history, as_of=day, through=through)
    return forecasting.forecast(history, ahead, bounds=facts.find_indicator(indicator).bounds, peers=peers)


def _goals(targets: pd.DataFrame, question: Question, subject: Indicator) -> pd.DataFrame:
    """Return the targets of the documents, or the one target the researcher tries out."""
    if question.target is None:
        return targets
    own = {"indicator": question.indicator, "area": question.area, "year": question.target_year}
    own |= {"value": question.target, "comparator": "<=" if subject.direction < 0 else ">=", "unit": subject.unit}
    return pd.DataFrame([own])


def _growth(view: View, growth: float) -> float | None:
    """Return the yearly growth the part needs when the whole grows as assumed; none where it is no share."""
    asked = view.record[view.record["target"].notna() & view.record["figure"].notna()]
    ahead = asked[asked["target_year"] > asked["figure_year"]]
    if not view.indicator.share_of_en or ahead.empty:
        return None
    goal, last = ahead.iloc[0], float(view.history["value"].iloc[-1])
    years = float(goal["target_year"] - view.history["year"].iloc[-1])
    if years <= 0 or last <= 0 or last >= goal["target"]:
        return None
    return required_growth(last, float(goal["target"]), years, growth / 100)


# ---------------------------------------------------------------- the page
class Explorer:
    """The controls and what they show; displayed by being the last line of a cell."""

    def __init__(self, start: Question, lang: str) -> None:
        numbers.language(lang)
        self._through, self._start_day = start.through, start.as_of
        self._pictured: tuple[Question, str] | None = None  # what the picture on the page answers
        self.controls = _controls(lang, start)
        self._heard = {name: partial(self._hear, name) for name in self.controls}
        self.picture, self.words, self.more = widgets.HTML(), widgets.HTML(), widgets.HTML()
        for name, control in self.controls.items():
            control.observe(self._heard[name], "value")
        self._fill("area", start)
        rows = [list(self.controls)[:3], list(self.controls)[3:5], list(self.controls)[5:]]
        lines = [widgets.HBox([self.controls[name] for name in row], layout={"flex_flow": "row wrap"}) for row in rows]
        self.box = widgets.VBox([*lines, self.picture, self.words, self.more], layout={"width": "100%"})
        self.box.add_class("dx-explorer")  # the page of `dx explore` shows this and nothing else
        self.draw()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.box._repr_mimebundle_(**options)

    def question(self) -> Question:
        """Read the question off the controls."""
        at = {name: control.value for name, control in self.controls.items()}
        own = {"target_year": at["target_year"], "target": at["target"]} if at["own"] else {}
        return Question(at["area"], at["indicator"], at["definition"], at["as_of"], self._through, at["growth"], **own)

    def draw(self) -> None:
        """Answer the question of the controls."""
        lang, question = self.controls["lang"].value, self.question()
        view = look(question)
        said = [one.text(lang) for one in view.findings]
        self.words.value = _sentences(said, view, question, lang)
        pictured = (replace(question, growth=0.0), lang)
        if pictured == self._pictured:  # growth moves a sentence, not the picture
            return
        self.picture.value = _pictures(view, lang)
        self.more.value = _verdicts(view.panel, lang) + _sources(view.sources, lang) + _help(lang)
        self._suit(view)
        self._pictured = pictured

    def _suit(self, view: View) -> None:
        """Show only the controls that mean something for the series, and let them start where it stands."""
        controls, indicator = self.controls, view.indicator
        for name in ("target_year", "target"):
            controls[name].layout.display = "" if controls["own"].value else "none"
        controls["growth"].layout.display = "" if view.needed is not None else "none"
        controls["target"].step = 1.0 if indicator.unit in ("rank", "percent", "count") else 0.1
        if controls["own"].value:
            return
        known = view.targets["value"].dropna() if len(view.targets) else view.history["value"].dropna()
        years = view.targets["year"] if len(view.targets) else pd.Series(dtype=int)
        with self._deaf():
            controls["target"].value = float(known.iloc[-1]) if len(known) else 0.0
            controls["target_year"].value = int(years.iloc[-1]) if len(years) else _NEXT_TARGET_YEAR

    @contextmanager
    def _deaf(self) -> Iterator[None]:
        """Change controls without hearing it: ours only, they listen to themselves, too."""
        for name, control in self.controls.items():
            control.unobserve(self._heard[name], "value")
        try:
            yield
        finally:
            for name, control in self.controls.items():
                control.observe(self._heard[name], "value")

    def _hear(self, name: str, change: Any) -> None:
        """Fill what depends on a control, then draw once."""
        if name in ("area", "indicator"):  # another series: its own definition, its newest data, no target of a rank
            with self._deaf():
                self.controls["own"].value = False
            self._fill(name, replace(self.question(), definition="preferred", as_of=""))
        elif name in ("definition", "lang"):
            self._fill(name, self.question())
        self.draw()

    def _fill(self, name: str, wanted: Question) -> None:
        """Fill the controls below the changed one with what can be chosen now, keeping what still can be."""
        controls, lang = self.controls, self.controls["lang"].value
        with self._deaf():
            if name in ("area", "lang"):
                _offer(controls["area"], areas(lang), wanted.area)
                _offer(controls["indicator"], indicators(controls["area"].value, lang), wanted.indicator)
            if name != "definition":
                found = definitions(controls["indicator"].value, controls["area"].value, lang)
                _offer(controls["definition"], found or [(_word("none", lang), "preferred")], wanted.definition)
            held = days(*(controls[one].value for one in ("indicator", "area", "definition")))
            held = sorted({*held, *filter(None, [self._start_day])}) or [""]
            keep = wanted.as_of if wanted.as_of in held else held[-1]
            # One message: a browser that gets two leaves the handle at the first day.
            with controls["as_of"].hold_sync():
                named = [(numbers.date(day, lang) if day else _word("none", lang), day) for day in held]
                controls["as_of"].options = named
                controls["as_of"].value = keep
            whole = "GDP" if controls["area"].value == "viet-nam" else "GRDP"
            for one, control in controls.items():
                control.description = _word(one, lang, whole=whole)


def _controls(lang: str, start: Question) -> dict[str, Any]:
    """Make the controls, each with its label; the order is the order of the Tab key."""
    style = {"style": _WIDE}
    return {
        "area": widgets.Dropdown(options=[], **style),
        "indicator": widgets.Dropdown(options=[], **style),
        "definition": widgets.Dropdown(options=[], **style),
        "as_of": widgets.SelectionSlider(options=[""], continuous_update=False, layout={"width": "32em"}, **style),
        "lang": widgets.ToggleButtons(options=[("Tiếng Việt", "vi"), ("English", "en")], value=lang, **style),
        "own": widgets.Checkbox(value=False, indent=True, **style),
        "target_year": widgets.BoundedIntText(value=_NEXT_TARGET_YEAR, min=_LEAST_YEAR, max=_LAST_YEAR, **style),
        "target": widgets.FloatText(value=30.0, step=1.0, **style),
        "growth": widgets.FloatSlider(value=start.growth, min=0, max=20, step=0.5, continuous_update=False,
                                      readout_format=".1f", **style),
    }


def _offer(control: Any, options: list[tuple[str, str]], wanted: str) -> None:
    """Put options into a list and choose the one wanted, where it is offered, else the first."""
    control.options = options
    held = [id for _, id in options]
    control.value = wanted if wanted in held else held[0]


def _word(key: str, lang: str, **values: str) -> str:
    return labels.fill(labels.entry("explorer", key)[lang], values)


def _pictures(view: View, lang: str) -> str:
    """Draw the series with its targets, and beside it the chances of the targets where something else is to be seen."""
    sheet = charts.Sheet(lang, "phone", tuple(view.sources))
    given = {"indicator": view.indicator, "area": view.area, "sheet": sheet, "assessed": view.record}
    path = analysis.target_path(view.history, view.targets) if len(view.targets) else None
    drawn = [charts.trend(view.history, view.targets, path=path, forecast=view.fan, **given)]
    chances = charts.attainment(analysis.attainment_of(view.record), view.fan, view.history, **given)
    drawn += [] if chances.get_gid() else [chances]  # marked: it stands in for a picture that lacks what it needs
    return "".join(map(_figure, drawn))


def _figure(drawn: Figure) -> str:
    data = base64.b64encode(figures.encoded(figures.drawn(drawn), figures.PRINT_DPI, {})).decode("ascii")
    image = f'<img alt="{html.escape(drawn.get_label())}" src="data:image/png;base64,{data}" style="width:100%">'
    style = "display:inline-block;width:30em;max-width:min(100%,calc(100vw - 3.5em));margin:0"
    return f'<figure style="{style}">{image}</figure>'


def _sentences(said: list[str], view: View, question: Question, lang: str) -> str:
    lines = list(said)
    if view.needed is not None:
        given = {"growth": question.growth, "needed": 100 * view.needed}
        printed = {name: numbers.percent(value, lang, 1) for name, value in given.items()}
        lines.append(_word("takes", lang, whole="GDP" if view.area.level == "nation" else "GRDP", **printed))
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return f'<ul class="findings" lang="{lang}">{items}</ul>'


def _verdicts(panel: pd.DataFrame, lang: str) -> str:
    """Return methods by target years, each verdict as symbol and word."""
    years = [int(year) for year in panel["target_year"].dropna().unique()]
    if not years:
        return ""
    head = "".join(f'<th scope="col">{year}</th>' for year in years)
    body = "".join(
        f'<tr><th scope="row" style="text-align:left">{html.escape(labels.name("method", str(method), lang))}</th>'
        + "".join(_step(rows[rows["target_year"] == year], lang) for year in years) + "</tr>"
        for method, rows in panel.groupby("method", sort=False)
    )
    title = html.escape(_word("verdicts", lang))
    table = f'<table lang="{lang}"><tr><td></td>{head}</tr>{body}</table>'
    return f"<details open><summary>{title}</summary>{table}</details>"


def _step(rows: pd.DataFrame, lang: str) -> str:
    step = str(rows["step"].iloc[0]) if len(rows) else "not_available"
    symbol, fill, ink = theme.STEPS[step]
    word = html.escape(labels.name("step", step, lang))
    return f'<td style="background:{fill};color:{ink};padding:2px 8px">{symbol} {word}</td>'


def _help(lang: str) -> str:
    items = "".join(f"<li>{html.escape(line)}</li>" for line in _word("help_text", lang).splitlines())
    return f'<details lang="{lang}"><summary>{html.escape(_word("help", lang))}</summary><ul>{items}</ul></details>'


def _sources(sources: list[Any], lang: str) -> str:
    items = "".join(f"<li>{_link(one)}</li>" for one in sources)
    title = f"{html.escape(_word('sources', lang))} ({len(sources)})"
    return f"<details><summary>{title}</summary><ul>{items}</ul></details>"


def _link(source: Source) -> str:
    text = html.escape(f"{source.publisher}: {source.title} ({source.published})")
    if not source.url.startswith(("https://", "http://")):
        return text
    return f'<a href="{html.escape(source.url, quote=True)}" target="_blank" rel="noopener noreferrer">{text}</a>'
