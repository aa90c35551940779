"""What the runs of one area and year left, gathered for a slide deck, a note or a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from ..briefing import numbers
from .records import check_facts, check_run, inside, read_record


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
