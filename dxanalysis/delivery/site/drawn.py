"""Data of the interactive chart of a series: figures by definition and release, targets, forecasts, and its words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from ...briefing import judged, labels, numbers, theme
from ...briefing.page import PROVISIONAL
from ...briefing.quotes import Measure, printed
from ...facts.records import Source
from ..listing import variant_of, year_of
from .gather import Known, Line, Release, Series, Topic, number_in, rows_of
from .markup import named, publisher_texts, source_texts, word

_LEVELS = ((95, 0.025, 0.975), (80, 0.1, 0.9))
_WORDS = (
    "observed", "break_short", "path_to_target", "median", "provisional", "none", "forecast_other", "chart_name",
    "for_target", "definition", "release", "forecast", "published", "source", "no_figure",
)

Texts = dict[str, str]


def series_of(topic: Topic, root: Path, known: Known) -> Series:
    """Return the series from the catalogue, or from what the runs left where the catalogue lacks it."""
    found = known.series(topic.indicator, topic.area)
    return found or _from_runs(topic, root)


def payload(topic: Topic, series: Series, root: Path, known: Known) -> dict[str, Any]:
    """Return everything the chart draws, as plain data with every text in both languages."""
    measure = Measure.of(series.indicator)
    return {
        "name": {lang: f"{topic.names[lang]}, {topic.area_names[lang]}" for lang in numbers.LANGUAGES},
        "unit": _unit(measure), "rank": measure.unit == "rank", "file": f"{topic.area}.{topic.indicator}",
        "lines": [_line(line, measure, known) for line in series.lines],
        "targets": [_target(row, measure) for row in series.targets.to_dict("records") if pd.notna(row["value"])],
        "forecasts": forecasts(topic, root, measure),
        "words": _words(), "colours": _colours(),
    }


def forecasts(topic: Topic, root: Path, measure: Measure) -> list[dict[str, Any]]:
    """Return the forecasts that runs left, the newest first, the usual run before special ones."""
    runs = [run for run in topic.runs if run.notebook == "20_forecast"]
    found = []
    for run in sorted(runs, key=lambda one: (-year_of(one), variant_of(one))):
        rows = [
            row for row in rows_of(root / run.folder / "forecast.csv") if number_in(row.get("value", "")) is not None
        ]
        if rows:
            stands = SimpleNamespace(year=year_of(run), variant=variant_of(run))
            found.append(_forecast(rows, run.folder, stands, measure))
    return found


def in_both(function: Callable[..., str], *arguments: Any) -> Texts:
    """Return what a function of a language gives in each language."""
    return {lang: function(*arguments, lang) for lang in numbers.LANGUAGES}


def value_texts(value: float, measure: Measure) -> Texts:
    """Return a value as sentences print it, in both languages."""
    return {lang: printed("value", value, lang, measure) for lang in numbers.LANGUAGES}


def date_texts(day: str) -> Texts:
    """Return a day of publication as each language writes it; what is no day stays as it is."""
    return in_both(numbers.date, day) if day[:4].isdigit() else dict.fromkeys(numbers.LANGUAGES, day)


def target_texts(row: dict[str, Any], measure: Measure) -> Texts:
    """Return a target with its comparator, in both languages."""
    kind = f"value:{labels.comparator(str(row.get('comparator') or ''))}"
    return {lang: printed(kind, float(row["value"]), lang, measure) for lang in numbers.LANGUAGES}


def _unit(measure: Measure) -> Texts:
    return {"vi": measure.vi or measure.unit, "en": measure.en or measure.unit}


def _line(line: Line, measure: Measure, known: Known) -> dict[str, Any]:
    about = line.definition
    return {
        "id": about.id, "name": {"vi": about.name_vi or about.id, "en": about.name_en or about.id},
        "releases": [_release(one, measure, known) for one in line.releases],
    }


def _release(release: Release, measure: Measure, known: Known) -> dict[str, Any]:
    rows = release.history[release.history["value"].notna()].to_dict("records")
    return {
        "day": release.day, "name": date_texts(release.day), "points": [_point(row, measure, known) for row in rows],
        "path": [[int(row["year"]), float(row["value"])] for row in release.path.to_dict("records")],
    }


def _point(row: dict[str, Any], measure: Measure, known: Known) -> dict[str, Any]:
    source = known.source(str(row.get("source") or ""))
    status = str(row.get("status") or "")
    point = {
        "y": int(row["year"]), "v": float(row["value"]), "t": value_texts(float(row["value"]), measure),
        "s": named("status", status), "open": status in PROVISIONAL, "day": date_texts(str(row.get("vintage") or "")),
        **_said_by(source, str(row.get("source") or "")),
    }
    reason = str(row.get("break_before") or "")
    return point | ({"gap": _reason(row, reason)} if reason else {})


def _said_by(source: Source, id: str) -> dict[str, Texts]:
    if source is None:
        return {"src": dict.fromkeys(numbers.LANGUAGES, id)}
    return {"pub": publisher_texts(source), "src": source_texts(source)}


def _reason(row: dict[str, Any], reason: str) -> Texts:
    return {
        "vi": word("break", "vi", reason=row.get("break_before_vi") or reason),
        "en": word("break", "en", reason=reason),
    }


def _target(row: dict[str, Any], measure: Measure) -> dict[str, Any]:
    by = {lang: judged.document(row, lang) for lang in numbers.LANGUAGES}
    return {"y": int(row["year"]), "v": float(row["value"]), "t": target_texts(row, measure), "doc": by}


def _forecast(rows: list[dict[str, str]], run: str, stands: Any, measure: Measure) -> dict[str, Any]:
    by_year: dict[int, dict[float, float]] = {}
    for row in rows:
        by_year.setdefault(int(float(row["year"])), {})[round(float(row["quantile"]), 4)] = float(row["value"])
    years = [_ahead(year, values, measure) for year, values in sorted(by_year.items()) if 0.5 in values]
    made = {lang: word("forecast_of", lang, year=stands.year) for lang in numbers.LANGUAGES}
    special = f" ({stands.variant})" if stands.variant else ""
    return {"run": run, "line": rows[0].get("definition", ""), "years": years, "leans": _borrowed(rows[0]),
            "name": {lang: text + special for lang, text in made.items()}}


def _borrowed(row: dict[str, str]) -> Texts:
    """Say how much of a forecast is borrowed from similar series; nothing where it rests on its own past."""
    share = number_in(row.get("borrowed", "")) or 0.0
    if not 0.005 <= share <= 1:
        return dict.fromkeys(numbers.LANGUAGES, "")
    return {lang: word("borrowed", lang, share=numbers.percent(100 * share, lang, 0)) for lang in numbers.LANGUAGES}


def _ahead(year: int, values: dict[float, float], measure: Measure) -> dict[str, Any]:
    bands = {
        str(level): [values[low], values[high]] for level, low, high in _LEVELS if low in values and high in values
    }
    shown = Measure(measure.unit, measure.vi, measure.en, min(1, measure.decimals))  # a second decimal is noise
    said = {
        lang: "; ".join(_band_text(level, ends, shown, lang) for level, ends in bands.items())
        for lang in numbers.LANGUAGES
    }
    return {"y": year, "v": values[0.5], "t": value_texts(values[0.5], shown), "b": bands, "bt": said}


def _band_text(level: str, ends: list[float], measure: Measure, lang: str) -> str:
    low, high = (printed("value", value, lang, measure) for value in ends)
    return f"{word('interval', lang, level=level)}: {low} – {high}"


def _words() -> dict[str, Texts]:
    texts = {key: {lang: labels.entry("site", key)[lang] for lang in numbers.LANGUAGES} for key in _WORDS}
    return texts | {
        f"band{level}": {lang: word("interval", lang, level=level) for lang in numbers.LANGUAGES}
        for level, _, _ in _LEVELS
    }


def _colours() -> dict[str, str]:
    return {
        "ink": theme.INK, "muted": theme.MUTED, "grid": theme.GRID, "paper": theme.PAPER, "target": theme.TARGET,
        "observed": theme.OBSERVED, "path": theme.REQUIRED, "median": theme.MEDIAN,
        "band95": theme.BANDS[95], "band80": theme.BANDS[80],
    }


# ---------------------------------------------------------------- without a catalogue
def _from_runs(topic: Topic, root: Path) -> Series:
    """Arrange the histories that runs left by definition and day of publication."""
    found: dict[str, dict[str, pd.DataFrame]] = {}
    about: dict[str, Any] = {}
    for run in topic.runs:
        for definition, rows in _by_definition(rows_of(root / run.folder / "history.csv")).items():
            history = pd.DataFrame(rows)
            day = str(history["vintage"].max())
            kept = found.setdefault(definition, {})
            if len(history) >= len(kept.get(day, ())):  # the run of the latest year saw most of a release
                kept[day] = history
            about[definition] = _definition(topic.indicator, definition, rows[-1])
    lines = tuple(Line(about[one], _releases(days)) for one, days in sorted(found.items()))
    measure = next((run.about["indicator"] for run in topic.runs if "unit" in run.about.get("indicator", {})), {})
    indicator = SimpleNamespace(
        **({"unit": "", "unit_vi": "", "unit_en": "", "decimals": 2, "licence": ""} | dict(measure))
    )
    return Series(indicator, SimpleNamespace(id=topic.area), lines, _targets(topic, root))  # type: ignore[arg-type]


def _by_definition(rows: Iterable[dict[str, str]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        year, value = number_in(row.get("year", "")), number_in(row.get("value", ""))
        if year is not None and value is not None:
            kept = row | {"year": int(year), "value": value, "vintage": row.get("vintage", "")}
            found.setdefault(row.get("definition", ""), []).append(kept)
    return found


def _definition(indicator: str, id: str, row: dict[str, Any]) -> Any:
    names = {lang: row.get(f"definition_{lang}") or named("definition", id)[lang] for lang in numbers.LANGUAGES}
    told = dict.fromkeys(("agency", "method", "method_vi", "since"), "")
    return SimpleNamespace(indicator=indicator, id=id, name_vi=names["vi"], name_en=names["en"], **told)


def _releases(days: dict[str, pd.DataFrame]) -> tuple[Release, ...]:
    nothing = pd.DataFrame(columns=["year", "value"])
    return tuple(Release(day, history, nothing) for day, history in sorted(days.items()))


def _targets(topic: Topic, root: Path) -> pd.DataFrame:
    for run in sorted(topic.runs, key=lambda one: (-year_of(one), variant_of(one))):
        rows = [row for row in rows_of(root / run.folder / "targets.csv") if number_in(row.get("value", "")) is not None
                and number_in(row.get("year", "")) is not None]
        if rows:
            return pd.DataFrame([row | {"year": int(float(row["year"])), "value": float(row["value"])} for row in rows])
    return pd.DataFrame(columns=["year", "value"])
