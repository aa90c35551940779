"""The explorer: controls, a quick picture, sentences, verdicts and sources; what is chosen lives in the controls.

It reads no data itself: `Choices` says what can be chosen and `look` answers a question with tables.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import ipywidgets as widgets
import numpy as np
import pandas as pd

from ..facts.records import Area, Indicator, Source
from . import labels, numbers, theme
from .charts.scales import sketch
from .quotes import Finding

WORDS = {
    "vi": {
        "area": "Địa phương", "indicator": "Chỉ tiêu", "definition": "Cách đo", "as_of": "Số liệu đến ngày",
        "own": "Thử mục tiêu khác", "target_year": "Năm mục tiêu", "target": "Mục tiêu",
        "growth": "Tăng trưởng {whole}",
        "lang": "Ngôn ngữ", "sources": "Nguồn số liệu", "verdicts": "Kết luận theo từng phương pháp", "none": "chưa có",
        "takes": "Nếu {whole} tăng {growth} mỗi năm thì phần được đo phải tăng {needed} mỗi năm để đạt mục tiêu.",
        "dots": "Bên phải: mỗi chấm là một trong hai mươi khả năng như nhau; chấm đặc là đạt.",
        "help": "Cách đọc và cách dùng",
        "help_text": (
            "Chọn địa phương, chỉ tiêu và cách đo; hình và nhận xét đổi theo ngay.",
            "Thanh “Số liệu đến ngày” đưa về những gì đã công bố đến ngày đó; điểm dịch chuyển là điểm đã điều chỉnh.",
            "Đánh dấu “Thử mục tiêu khác” để thay mục tiêu của văn bản bằng mục tiêu của bạn: một câu hỏi để thử.",
            "Bên trái: số liệu (chấm rỗng có thể còn được điều chỉnh), dải các khả năng, mục tiêu hình thoi.",
            "Kết luận chỉ đáng tin khi còn đúng ở cả những lựa chọn không như ý.",
        ),
    },
    "en": {
        "area": "Area", "indicator": "Indicator", "definition": "Definition", "as_of": "Data up to",
        "own": "Try another target", "target_year": "Target year", "target": "Target", "growth": "{whole} growth",
        "lang": "Language", "sources": "Sources of the figures", "verdicts": "Verdict of each method", "none": "none",
        "takes": "If {whole} grows by {growth} a year, what is measured must grow by {needed} a year to reach it.",
        "dots": "Right: each dot is one of twenty equally likely outcomes; a filled dot meets the target.",
        "help": "How to read and use this page",
        "help_text": (
            "Choose an area, an indicator and a definition; picture and sentences follow at once.",
            "The slider of days goes back to what had been published by then: points that move were revised.",
            "Tick the box to try a target of your own in place of those in the documents.",
            "Left: the figures (hollow ones may be revised), possible futures as bands, targets as diamonds.",
            "A finding counts when it survives the settings you did not like.",
        ),
    },
}
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
    """The answer to a question: tables, the target whose chances are shown, sentences and sources."""

    indicator: Indicator
    area: Area
    history: pd.DataFrame
    targets: pd.DataFrame
    fan: pd.DataFrame
    panel: pd.DataFrame
    goal: pd.Series | None
    chances: np.ndarray
    findings: list[Finding]
    sources: list[Any]
    needed: float | None


@dataclass(frozen=True)
class Choices:
    """What can be chosen, as pairs of a name and an id; days are ISO dates."""

    areas: Callable[[str], list[tuple[str, str]]]
    indicators: Callable[[str, str], list[tuple[str, str]]]
    definitions: Callable[[str, str, str], list[tuple[str, str]]]
    days: Callable[[str, str, str], list[str]]


class Explorer:
    """The controls and what they show; displayed by being the last line of a cell."""

    def __init__(self, start: Question, choices: Choices, look: Callable[[Question], View], *, lang: str) -> None:
        numbers.language(lang)
        self._choices, self._look, self._through = choices, look, start.through
        self._start_day = start.as_of
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
        view = self._look(question)
        said = [one.text(lang) for one in view.findings]
        self.words.value = _sentences(said, view, question, lang)
        pictured = (replace(question, growth=0.0), lang)
        if pictured == self._pictured:  # growth moves a sentence, not the picture
            return
        png = sketch(view.history, view.targets, view.fan, view.chances, view.goal, indicator=view.indicator, lang=lang)
        self.picture.value = _figure(png, said[0] if said else "")
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
                _offer(controls["area"], self._choices.areas(lang), wanted.area)
                _offer(controls["indicator"], self._choices.indicators(controls["area"].value, lang), wanted.indicator)
            if name != "definition":
                held = self._choices.definitions(controls["indicator"].value, controls["area"].value, lang)
                _offer(controls["definition"], held or [(WORDS[lang]["none"], "preferred")], wanted.definition)
            days = self._choices.days(*(controls[one].value for one in ("indicator", "area", "definition")))
            days = sorted({*days, *filter(None, [self._start_day])}) or [""]
            keep = wanted.as_of if wanted.as_of in days else days[-1]
            # One message: a browser that gets two leaves the handle at the first day.
            with controls["as_of"].hold_sync():
                controls["as_of"].options = [
                    (numbers.date(day, lang) if day else WORDS[lang]["none"], day) for day in days
                ]
                controls["as_of"].value = keep
            whole = "GDP" if controls["area"].value == "viet-nam" else "GRDP"
            for one, control in controls.items():
                control.description = str(WORDS[lang][one]).format(whole=whole)


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


def _figure(png: bytes, alt: str) -> str:
    data, words = base64.b64encode(png).decode("ascii"), html.escape(alt, quote=True)
    return f'<figure style="margin:0"><img alt="{words}" src="data:image/png;base64,{data}" style="max-width:100%">' \
           "</figure>"


def _sentences(said: list[str], view: View, question: Question, lang: str) -> str:
    lines = [*said, *_takes(view, question, lang)]
    if len(view.chances):
        lines.append(WORDS[lang]["dots"])
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return f'<ul class="findings" lang="{lang}">{items}</ul>'


def _takes(view: View, question: Question, lang: str) -> list[str]:
    if view.needed is None:
        return []
    whole = "GDP" if view.area.level == "nation" else "GRDP"
    growth, needed = (numbers.percent(value, lang, 1) for value in (question.growth, 100 * view.needed))
    return [WORDS[lang]["takes"].format(whole=whole, growth=growth, needed=needed)]


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
    title = html.escape(WORDS[lang]["verdicts"])
    table = f'<table lang="{lang}"><tr><td></td>{head}</tr>{body}</table>'
    return f"<details open><summary>{title}</summary>{table}</details>"


def _step(rows: pd.DataFrame, lang: str) -> str:
    step = str(rows["step"].iloc[0]) if len(rows) else "not_available"
    symbol, fill, ink = theme.STEPS[step]
    word = html.escape(labels.name("step", step, lang))
    return f'<td style="background:{fill};color:{ink};padding:2px 8px">{symbol} {word}</td>'


def _help(lang: str) -> str:
    items = "".join(f"<li>{html.escape(line)}</li>" for line in WORDS[lang]["help_text"])
    return f'<details lang="{lang}"><summary>{html.escape(WORDS[lang]["help"])}</summary><ul>{items}</ul></details>'


def _sources(sources: list[Any], lang: str) -> str:
    items = "".join(f"<li>{_link(one)}</li>" for one in sources)
    title = f"{html.escape(WORDS[lang]['sources'])} ({len(sources)})"
    return f"<details><summary>{title}</summary><ul>{items}</ul></details>"


def _link(source: Source) -> str:
    text = html.escape(f"{source.publisher}: {source.title} ({source.published})")
    if not source.url.startswith(("https://", "http://")):
        return text
    return f'<a href="{html.escape(source.url, quote=True)}" target="_blank" rel="noopener noreferrer">{text}</a>'
