"""Read what runs left as a stranger may have written it: forms checked, names kept inside; gathered by notebook."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from ..briefing import numbers

ANSWERS = "30_attainment"  # the notebook that speaks for an area; its first picture is read on pages, not only known
MOST_BYTES = 50_000_000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,80}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}")


def read_record(path: Path, check: Callable[[dict[str, Any]], str]) -> dict[str, Any]:
    """Read a JSON record of a run and hold it against the form that `check` knows.

    Raises
    ------
    ValueError
        When the file is no JSON in UTF-8, larger than 50 MB, or has another form.
    """
    try:
        size = path.stat().st_size
        readable = path.is_file() and size <= MOST_BYTES  # a pipe or a device would be read for ever
        record = json.loads(path.read_text(encoding="utf-8")) if readable else None
        fault = check(record) or _control(record) if isinstance(record, dict) else f"no record ({size:,} bytes)"
    except (ValueError, RecursionError) as error:  # no text, no JSON, or a number of thousands of digits
        fault = f"no JSON ({str(error)[:80]})"
    if fault:
        raise ValueError(f"{path} was not written by a run: {fault}. Run it again: dx run --force.")
    return record


def last_error(notebook: Path) -> str:
    """Return the last error an executed notebook shows, as one line."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8")).get("cells", [])
        errors = [
            f"{output.get('ename', '')}: {output.get('evalue', '')}"
            for cell in cells for output in cell.get("outputs", []) if output.get("output_type") == "error"
        ]
    except (ValueError, OSError, AttributeError, TypeError, RecursionError) as error:  # no notebook, or cut off
        return " ".join(f"{type(error).__name__}: {error}".split())[:400]
    return errors[-1].strip().splitlines()[-1][:400] if errors else ""


def check_run(run: dict[str, Any]) -> str:
    """Say what is wrong with the form of a ``run.json``; nothing where a run could have written it.

    >>> check_run({"notebook": "10_trend", "parameters": {}}), check_run({"notebook": "10_trend"})
    ('', "'parameters' is no mapping")
    """
    if not isinstance(run.get("notebook"), str):
        return "'notebook' is no text"
    for name in ("parameters", "about"):
        if not isinstance(run.get(name, {} if name == "about" else None), dict):
            return f"'{name}' is no mapping"
    if not all(isinstance(names, dict) and (not names or _is_named(names)) for names in run.get("about", {}).values()):
        return "'about' holds something else than ids with names in both languages"
    if not _texts(run.get("tables", [])) or not all(map(_NAME.fullmatch, run.get("tables", []))):
        return "'tables' is no list of names such as 'pace'"
    charts = run.get("charts", [])
    return "" if isinstance(charts, list) and all(map(_is_chart, charts)) else "'charts' is no list of charts"


def check_facts(facts: dict[str, Any]) -> str:
    """Say what is wrong with the form of a ``facts.json``; nothing where a run could have written it.

    >>> check_facts({"findings": [{"vi": "Đạt", "en": "Met"}]}), check_facts({"findings": [1]})
    ('', "'findings' is no list of sentences in both languages")
    """
    findings, headline = facts.get("findings", []), facts.get("headline")
    if not isinstance(findings, list) or not all(map(_is_sentence, findings)):
        return "'findings' is no list of sentences in both languages"
    if headline is not None and not _is_sentence(headline):
        return "'headline' is no sentence in both languages"
    judged = facts.get("judged", [])
    good = isinstance(judged, list) and all(map(_is_judgement, judged))
    return "" if good else "'judged' is no list of judgements"


def inside(folder: Path, name: str) -> Path:
    """Return the path of a file of a run, which must stand in the run's own folder and be no link out of it.

    Raises
    ------
    ValueError
        When the name leads elsewhere: such a file would be copied into slides and pages.

    >>> inside(Path("run"), "../secret.png")
    Traceback (most recent call last):
        ...
    ValueError: run.json names the file '../secret.png', outside its folder run. Run it again: dx run --force.
    """
    path = folder / name
    plain = Path(name).name == name and "\\" not in name and "\0" not in name
    if not plain or not Path(os.path.realpath(path)).is_relative_to(folder.resolve()):
        fault = f"outside its folder {folder}"
    else:
        fault = "a folder, a pipe or a device" if path.exists() and not path.is_file() else ""
    if fault:
        raise ValueError(f"run.json names the file {name!r}, {fault}. Run it again: dx run --force.")
    return path


def _control(value: Any) -> str:
    """Say which control character, or mark that turns the reading direction, stands in a record's texts."""
    if isinstance(value, str):
        found = _CONTROL.search(value)
        return f"it holds the control character U+{ord(found.group()):04X}" if found else ""
    parts = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return next(filter(None, map(_control, parts)), "")


def _is_chart(chart: Any) -> bool:
    if not isinstance(chart, dict) or not isinstance(chart.get("name", ""), str):
        return False
    return all(_is_picture(chart.get(lang)) for lang in numbers.LANGUAGES)


def _is_picture(about: Any) -> bool:
    known = isinstance(about, dict) and _texts(about.get("files", []))
    return known and all(isinstance(about.get(name, ""), str) for name in ("alt", "thumbnail"))


def _is_sentence(finding: Any) -> bool:
    return isinstance(finding, dict) and all(isinstance(finding.get(lang), str) for lang in numbers.LANGUAGES)


def _is_named(names: dict[str, Any]) -> bool:
    plain = all(value is None or isinstance(value, (str, int, float)) for value in names.values())
    texts = all(isinstance(names.get(name), str) for name in ("id", *numbers.LANGUAGES))
    return plain and texts and names.get("decimals", 0) in range(16)


def _is_judgement(row: Any) -> bool:
    """Tell whether a judgement names an indicator and a state as codes, and says the rest in both languages."""
    if not isinstance(row, dict) or not all(_CODE.fullmatch(str(row.get(name))) for name in ("indicator", "state")):
        return False
    years = [row.get(name) for name in ("target_year", "figure_year", "year")]
    texts = [text for text in row.values() if isinstance(text, dict)]
    return all(one is None or isinstance(one, int) for one in years) and all(map(_is_sentence, texts))


def _texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


@dataclass(frozen=True)
class Picture:
    """One chart as a PNG file, what it shows in words, and the function that drew it."""

    path: Path
    alt: str
    function: str


@dataclass(frozen=True)
class Left:
    """One run's folder, read: its parameters, charts, findings and tables."""

    folder: Path
    run: dict[str, Any]
    facts: dict[str, Any]
    tables: dict[str, pd.DataFrame]

    @property
    def notebook(self) -> str:
        """Name of the notebook."""
        return str(self.run["notebook"])

    def sentences(self, lang: str) -> list[str]:
        """Return the findings in a language."""
        return [str(finding[numbers.language(lang)]) for finding in self.facts.get("findings", [])]

    def headline(self, lang: str) -> str:
        """Return the sentence that stands for the run."""
        return str((self.facts.get("headline") or {}).get(numbers.language(lang), ""))

    @property
    def indicator(self) -> Any:
        """How values are printed: unit, unit_vi, unit_en, decimals (None for a run that names none)."""
        about = self.run.get("about", {}).get("indicator", {})
        return SimpleNamespace(**about) if "unit" in about else None

    def pictures(self, lang: str) -> list[Picture]:
        """Return the PNG of each chart that has something to show, with its description in words."""
        found = []
        for chart in [one for one in self.run.get("charts", []) if not one.get("silent")]:
            about = chart[lang]
            function = str(chart.get("function") or chart.get("name", ""))
            png = [name for name in about.get("files", []) if name.endswith(".png")][:1]
            found += [Picture(inside(self.folder, name), about.get("alt", ""), function) for name in png]
        return found


def read_run(folder: str | Path) -> Left:
    """Read what a run left in its folder.

    Raises
    ------
    FileNotFoundError
        When the folder holds no ``run.json``: no run ended well there.
    """
    folder = Path(folder)
    if not (folder / "run.json").exists():
        raise FileNotFoundError(f"{folder} holds no run.json: no run ended well there. Run it first: dx run.")
    run = read_record(folder / "run.json", check_run)
    facts = read_record(folder / "facts.json", check_facts)
    tables = {name: _table(inside(folder, f"{name}.csv")) for name in run.get("tables", [])}
    return Left(folder, run, facts, tables)


def _table(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, encoding="utf-8-sig")
    except pd.errors.EmptyDataError:
        return pd.DataFrame()
    except OverflowError as error:
        raise ValueError(
            f"{path} holds a number no computer word can ({error}). Run it again: dx run --force."
        ) from None
