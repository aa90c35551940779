"""All targets of one area on one page: as a table, as bars to their goals, and one target in full."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...facts.records import Area, Indicator
from .. import frame, judged, labels, numbers, theme
from ..labels import word
from . import common
from .common import SLIDE, Sheet
from .matrix import HEAD, Cell, draw, natural
from .trend import trend

_ROWS = {"slide": 12, "a4": 12, "square": 20, "phone": 8}
_HEADS = ("indicator", "target", "level", "gap", "pace", "state", "outlook")
_ON_PHONE = ("indicator", "level", "gap", "state")
_LIGHT = "#F7F7F7"
_NAME = 0.28  # most of the width that the names of the indicators may take
_WORDS = 0.46  # most of the width that the words beside the bars may take
_LEAST_ROWS = 3
_MOST_TARGETS = 3  # of one series, a column each
_LEAST_TYPE = 0.85  # of the names beside it: smaller words are not written
_FULL = 1.0  # a bar as long as the target itself; longer ones are cut off there and say so
_COUNTED = ("met", "at_level", "missed", "due", "open", "cannot_tell", "ended")
Names = Callable[[str], Indicator]


def agenda(assessed: pd.DataFrame, *, area: Area, year: int, names: Names, sheet: Sheet = SLIDE) -> Figure:
    """Draw each indicator's next target: figure, signed distance, pace needed, state and outlook.

    Parameters
    ----------
    assessed : DataFrame
        Rows of ``dxanalysis.assess`` for the area and year. What has no figure, or does not fit, is counted below.
    year : int
        The year at whose end one stands.
    names : callable
        Gives the record of an indicator's id.
    """
    lang = sheet.lang
    rows = judged.in_order(_next_or_all(assessed, year))
    if f"successor_{lang}" in rows:
        heirs = dict(zip(rows["successor"], rows[f"successor_{lang}"], strict=True))
        rows = rows.assign(heir=rows["area"].map(heirs).fillna(""))
    # of the area that took this one's place every target is shown
    held = rows[(rows["state"] != "no_figure_held") | (rows["area"] != area.id)]
    shown = (held if len(held) else rows).head(_ROWS.get(sheet.size, 11))
    with theme.settings():
        note = ". ".join(filter(None, [_reserved(shown, lang), _rest(rows, shown, lang)]))
        title, subtitle = _counts_title(rows, area, year, lang), labels.label("agenda_subtitle", lang)
        page = common.open_page(sheet, title, subtitle, note=note, drawing=0.42 * len(shown))
        if rows.empty:
            return common.nothing(page, labels.label("agenda_none", lang))
        heads = [Cell(labels.label(f"agenda_{name}", lang), HEAD, weight="bold") for name in _HEADS]
        table = [heads, *[_row(row, names(str(row["indicator"])), lang) for row in _records(shown)]]
        kept = [at for at, name in enumerate(_HEADS) if any(row[at].text for row in table[1:])
                and (sheet.size != "phone" or name in _ON_PHONE)]
        table = [[row[at] for at in kept] for row in table]
        draw(page.axes(), page, table, natural(page, table, _NAME))
    return page.figure


def scorecard(assessed: pd.DataFrame, *, area: Area, year: int, names: Names, sheet: Sheet = SLIDE) -> Figure:
    """Draw the distance to each goal as a bar: to the left what is missing, to the right what is in surplus.

    A bar is as long as its distance is in shares of the target, so that a percentage, a rank and a sum of money stand
    on one scale; the words beside it give the distance in its own unit. Where no target has a figure, the documents
    that ask for figures are listed instead.

    Parameters
    ----------
    assessed, year, names
        As in :func:`agenda`.
    """
    lang = sheet.lang
    rows = _next_or_all(assessed, year)
    shares = pd.Series([judged.share_of_way(row) for row in _records(rows)], index=rows.index, dtype=float)
    known = rows[shares.notna()].assign(_share=shares[shares.notna()]).sort_values("_share", ignore_index=True)
    shown = known.head(_ROWS.get(sheet.size, 14))
    with theme.settings():
        if shown.empty:
            return _by_document(rows, area, year, sheet)
        more = len(known) - len(shown)
        rest = labels.label("agenda_rest", lang, count=str(more)) if more else ""
        note = ". ".join(filter(None, [_reserved(shown, lang), rest]))
        title = _scorecard_title(known, rows, names, area, year, lang)
        subtitle = labels.label("scorecard_subtitle", lang)
        page = common.open_page(sheet, title, subtitle, note=note, drawing=0.42 * len(shown))
        _bars(page, shown, names, lang)
    return page.figure


def instead(
    sheet: Sheet,
    missing: str,
    *,
    indicator: Indicator,
    area: Area,
    assessed: pd.DataFrame | None,
    history: pd.DataFrame | None = None,
    targets: pd.DataFrame | None = None,
) -> Figure:
    """Draw the next best picture where a chart lacks what it needs.

    That is the judgement of the targets; without one the figures there are and their targets; without any figure a
    page that says what is missing.
    """
    assessed = common.targets_told(assessed, sheet.lang)
    if not _tells(assessed) and any(table is not None and len(table) for table in (history, targets)):
        history = pd.DataFrame({"year": [], "value": []}) if history is None else history
        drawn = trend(history, targets, indicator=indicator, area=area, sheet=sheet, note=missing)
        frame.stand_in(drawn, f"figures of {indicator.id}")
        return drawn
    with theme.settings():
        title = common.judgement_title(assessed, indicator, area, sheet.lang)
        seen = judged.in_view(assessed, common.stand_of(assessed), _MOST_TARGETS) if len(assessed) else assessed
        note = _judged_note(assessed, seen, sheet.lang)
        page = common.open_page(sheet, title, missing, table=history, note=note, drawing=4.0)
        frame.stand_in(page.figure, title)
        if _tells(assessed):
            _judgement(page, seen, indicator, sheet.lang)
            return page.figure
        return common.nothing(page, missing)


def _tells(assessed: pd.DataFrame) -> bool:
    """Tell whether there is a target or a figure to write of."""
    return any(judged.has(row, name) for row in _records(assessed.filter(["figure", "target"])) for name in row)


def _judged_note(assessed: pd.DataFrame, seen: pd.DataFrame, lang: str) -> str:
    """Say below the table what is reserved about its figures, and how many targets more there are."""
    more = len(assessed) - len(seen)
    left_out = labels.label("targets_rest", lang, count=labels.counted("target", more, lang)) if more else ""
    return ". ".join(filter(None, [common.caveat_note(None, lang, seen), left_out]))


def _judgement(page: frame.Frame, assessed: pd.DataFrame, indicator: Indicator, lang: str) -> None:
    """Write everything that can be said of a series' targets, a column each."""
    rows = _records(assessed)
    table = [
        (labels.label("agenda_target", lang), [judged.goal(row, indicator, lang) for row in rows]),
        (labels.label("agenda_level", lang), [judged.level(row, indicator, lang) for row in rows]),
        (labels.label("agenda_gap", lang), [judged.distance(row, indicator, lang) for row in rows]),
        (labels.label("agenda_state", lang), [judged.state(row, lang) for row in rows]),
        (labels.label("agenda_outlook", lang), [judged.outlook(row, lang) for row in rows]),
        (labels.label("basis", lang), [_rests_on(row, lang) for row in rows]),
        (labels.label("agenda_pace", lang), [judged.required(row, indicator, lang) for row in rows]),
        (labels.label("document", lang), [judged.document(row, lang) for row in rows]),
        (labels.label("definition_word", lang), [_named("definition", row, lang) for row in rows]),
        (
            labels.label("comparable_figures", lang),
            [str(int(row["n"])) if judged.has(row, "n") else "" for row in rows],
        ),
        (labels.label("known_on", lang), [_day(row, lang) for row in rows]),
        (labels.label("successor", lang), [str(row.get("heir") or "") for row in rows]),
    ]
    kept = [(head, texts) for head, texts in table if any(texts)]
    cells = [
        [
            Cell(head, weight="bold"),
            *[_judged_cell(head, text, row, lang) for text, row in zip(texts, rows, strict=True)],
        ]
        for head, texts in kept
    ]
    draw(page.axes(), page, cells, [0.7, *[1.0] * len(rows)], tallest=0.5)


def _judged_cell(head: str, text: str, row: judged.Row, lang: str) -> Cell:
    if head == labels.label("agenda_state", lang):
        return state_cell(str(row["state"]), text)
    return Cell(text, _LIGHT)


def _rests_on(row: judged.Row, lang: str) -> str:
    said = judged.precedent(row, lang) or judged.basis(row, lang)
    return "; ".join(filter(None, [said, judged.cautious(row, lang)]))


def _named(section: str, row: judged.Row, lang: str) -> str:
    return str(row.get(f"{section}_{lang}") or "") or word(section, str(row.get(section) or ""), lang)


def _day(row: judged.Row, lang: str) -> str:
    day = str(row.get("known_on") or "")
    return numbers.date(day, lang) if day[:4].isdigit() else ""


def state_cell(state: str, word: str) -> Cell:
    """Return the cell of a state: its symbol, its word, its colour."""
    symbol, fill, ink = theme.STATES[state]
    return Cell(f"{symbol} {word}", fill, ink)


def _next_or_all(assessed: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the next target of each indicator; of fewer than three indicators every target, so that more is seen."""
    rows = judged.one_each(assessed, year)
    return rows if len(rows) >= _LEAST_ROWS else assessed.reset_index(drop=True)


def _records(table: pd.DataFrame) -> list[dict]:
    return table.to_dict("records")


def _counts_title(rows: pd.DataFrame, area: Area, year: int, lang: str) -> str:
    """Say how many of the indicators with a target have a figure, and how many stand in each state."""
    asked = rows[rows["state"] != "no_target_held"]
    counts = pd.Series([judged.state_said(row) for row in _records(asked)], dtype=object).value_counts()
    said = "; ".join(f"{counts[state]} {word('state', state, lang)}" for state in _COUNTED if counts.get(state, 0))
    count, given = asked["indicator"].nunique(), {"area": labels.in_language(area, "name", lang), "year": str(year)}
    if asked.empty:
        told = {row["indicator"] for row in _records(rows) if judged.has(row, "figure")}
        return labels.label("agenda_title_bare", lang, **given, shown=labels.counted("indicator", len(told), lang))
    if not said:
        return labels.label("asked_title", lang, **given, asked=labels.counted("indicator", count, lang))
    held = asked.loc[asked["state"] != "no_figure_held", "indicator"].nunique()
    return labels.label("agenda_title", lang, **given, held=str(held), count=str(count), said=said)


def _reserved(shown: pd.DataFrame, lang: str) -> str:
    """Explain the stars: what is reserved about figures of the page, and of how many."""
    codes = [code for row in _records(shown) if judged.has(row, "figure") for code in judged.caveat_codes(row)]
    said = [f"{word('caveat', code, lang)} ({codes.count(code)})" for code in dict.fromkeys(codes)]
    return f"* {'; '.join(said)}" if said else ""


def _rest(rows: pd.DataFrame, shown: pd.DataFrame, lang: str) -> str:
    """Count what is not on the page: without a figure, or without room."""
    silent = int((rows["state"] == "no_figure_held").sum() - (shown["state"] == "no_figure_held").sum())
    silent = silent if (shown["state"] != "no_figure_held").any() else 0
    more = len(rows) - len(shown) - silent
    said = [labels.label("agenda_silent", lang, count=str(silent))] if silent else []
    return ". ".join([*said, *([labels.label("agenda_rest", lang, count=str(more))] if more > 0 else [])])


def _row(row: judged.Row, indicator: Indicator, lang: str) -> list[Cell]:
    heir = f" – {row['heir']}" if row.get("heir") else ""
    name = Cell(labels.upper_first(labels.in_language(indicator, "short", lang)) + heir)
    parts = [part(row, indicator, lang) for part in (judged.goal, judged.level, judged.distance, judged.required)]
    state = str(row["state"])
    return [
        name,
        *[Cell(text, _LIGHT) for text in parts],
        state_cell(state, word("state_short", judged.state_said(row), lang)),
        Cell(judged.outlook(row, lang), _LIGHT),
    ]


# ---------------------------------------------------------------- bars to the goals
def _scorecard_title(known: pd.DataFrame, rows: pd.DataFrame, names: Names, area: Area, year: int, lang: str) -> str:
    """Say of how many targets the distance is known, and which lies farthest behind."""
    worst = _records(known)[0]
    place, indicator = labels.in_language(area, "name", lang), names(str(worst["indicator"]))
    reached = int((known["missing"].astype(float) <= 0).sum())
    given = {
        "area": place,
        "year": str(year),
        "reached": str(reached),
        "known": str(len(known)),
        "count": str(len(rows)),
    }
    if float(worst["missing"]) <= 0:
        return labels.label("scorecard_title_all", lang, **given)
    what = labels.lower_first(labels.in_language(indicator, "short", lang))
    return labels.label("scorecard_title", lang, **given, worst=what, far=judged.distance(worst, indicator, lang))


def _bars(page: frame.Frame, rows: pd.DataFrame, names: Names, lang: str) -> None:
    """Draw the bars around the line of the goals, names on the left and words on the right."""
    records = _records(rows)
    subjects = [names(str(row["indicator"])) for row in records]
    wide, tall = page.box[2] * page.size.width, page.box[3] * page.size.height
    points = min(page.font * 0.85, tall / (len(records) + 1) * 72 / 2.4)
    shown = [labels.upper_first(labels.in_language(one, "short", lang)) for one in subjects]
    side = min(0.27 * wide, max(frame.text_width(page.figure, text, points) for text in shown) + 0.1)
    shown = ["\n".join(frame.wrap(page.figure, text, side - 0.08, points, lines=2)) for text in shown]
    words = [_bar_words(row, one, lang) for row, one in zip(records, subjects, strict=True)]
    widest = max(frame.text_width(page.figure, line, points) for text in words for line in text)
    room = min(_WORDS * wide, widest + 0.16)
    small = points * min(1.0, (room - 0.16) / widest)
    if small < _LEAST_TYPE * points:  # the distance alone, on two lines, rather than letters nobody reads
        small = points * 0.9
        words = [frame.wrap(page.figure, text[0], room - 0.16, small, lines=2) for text in words]
    axes = page.grid(1, 1, side=side, head=1.6, foot=0.2)[0]
    low, high = min(-0.15, *rows["_share"].clip(lower=-_FULL)), max(0.15, *rows["_share"].clip(upper=_FULL))
    box = axes.get_position()
    axes.set_position((box.x0, box.y0, box.width - room / page.size.width, box.height))
    axes.set(xlim=(low * 1.05, high * 1.05), ylim=(max(len(records), 5) - 0.4, -0.6), xticks=[])
    axes.set_yticks(range(len(records)), shown, size=points, color=theme.INK)
    for name in ("left", "bottom"):
        axes.spines[name].set_visible(False)
    _goal_line(axes, page, lang)
    for at, (row, text) in enumerate(zip(records, words, strict=True)):
        _bar(axes, at, row, text, small)


def _goal_line(axes: Axes, page: frame.Frame, lang: str) -> None:
    axes.axvline(0, color=theme.INK, lw=1.4, zorder=4)
    look = {"va": "bottom", "size": page.font * 0.8, "color": theme.MUTED, "textcoords": "offset points"}
    for x, align, key in ((-0.02, "right", "short_of_goal"), (0.02, "left", "beyond_goal")):
        axes.annotate(labels.label(key, lang), (x, 1), (0, 4), xycoords=("data", "axes fraction"), ha=align, **look)


def _bar_words(row: judged.Row, indicator: Indicator, lang: str) -> list[str]:
    figures = f"{judged.level(row, indicator, lang)} → {judged.goal(row, indicator, lang)}"
    return [judged.distance(row, indicator, lang), figures]


def _bar(axes: Axes, at: int, row: judged.Row, text: list[str], points: float) -> None:
    share = float(row["_share"])
    length = max(-_FULL, min(_FULL, share))
    _, fill, _ = theme.STATES[str(row["state"])]
    colour = theme.REQUIRED if share >= 0 else theme.TARGET
    axes.barh(at, length, color=colour, height=0.6, zorder=2, hatch="" if share >= 0 else "//", edgecolor=fill, lw=0)
    if abs(share) > _FULL:
        axes.plot(length, at, "<" if share < 0 else ">", color=theme.INK, ms=points * 0.6, zorder=5, clip_on=False)
    axes.annotate("\n".join(text), (1, at), (6, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                  size=points * 0.92, va="center", linespacing=1.15)


def _by_document(rows: pd.DataFrame, area: Area, year: int, sheet: Sheet) -> Figure:
    """List the documents whose targets have no figure yet: what is asked, by whom, by when."""
    lang = sheet.lang
    page = common.open_page(sheet, _counts_title(rows, area, year, lang), labels.label("asked_subtitle", lang))
    asked = rows[rows["document"].fillna("").astype(str) != ""]
    if asked.empty:
        return common.nothing(page, labels.label("agenda_none", lang))
    head = [Cell(labels.label(key, lang), HEAD, weight="bold") for key in ("document", "targets_count", "target_years")]
    table = [head]
    for _, mine in asked.groupby("document", sort=False):
        years = sorted({int(one) for one in mine["target_year"].dropna()})
        told = (str(len(mine)), ", ".join(map(str, years)))
        table.append([Cell(judged.document(mine.iloc[0].to_dict(), lang)), *[Cell(one, _LIGHT) for one in told]])
    draw(page.axes(), page, _fitting(table, sheet.size), [3.0, 1.0, 2.0])
    return page.figure


def _fitting(table: Sequence[Sequence[Cell]], size: str) -> list[Sequence[Cell]]:
    return list(table[: _ROWS.get(size, 14) + 1])
