"""Run the code of the notebooks for every area and indicator that has a target or an observation.

    python -m tests.notebook_sweep --jobs 4              # everything: about four hours of one core
    python -m tests.notebook_sweep --share 0.1 --jobs 2  # every tenth question, spread over all of them
    python -m tests.notebook_sweep --minutes 20          # as many as that time allows, in the same shuffled order

The cells run in this process, warnings are errors, every chart is drawn (small, in one language), and the report is
saved, so that each sentence is checked against its table. Faults are printed as they come; the exit code is 1 if any.
"""

from __future__ import annotations

import argparse
import inspect
import io
import os
import random
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from dxanalysis import facts
from dxanalysis.briefing import frame, theme
from dxanalysis.briefing.charts import Sheet
from dxanalysis.delivery.report import RUN_DIR, Report

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
SMALL = 30  # dots per inch: every mark and letter is laid out, few pixels are filled
AFTER_ALL = 2025
OF_THE_AREA = {"00_overview", "90_briefing_year"}  # what they show does not hang on the indicator


@dataclass(frozen=True, order=True)
class Question:
    """The parameters of one run."""

    area: str
    indicator: str
    year: int
    as_of: str = "latest"
    definition: str = "preferred"
    lang: str = "vi"


def questions() -> list[Question]:
    """Give every area and indicator of the data at its first year, its last year and the years around its targets."""
    tables = facts.open_package().tables
    seen = tables["observations"][["area", "indicator", "period"]].assign(year=lambda t: t["period"].str[:4])
    aimed = tables["targets"][["area", "indicator", "year"]]
    asked: list[Question] = []
    for (area, indicator), rows in pd.concat([seen, aimed]).groupby(["area", "indicator"], sort=True):
        years = {int(year) for year in rows["year"].dropna()}
        wanted = {min(years), max(years), min(max(years), AFTER_ALL), AFTER_ALL}
        for at, year in enumerate(sorted(wanted)):
            asked.append(Question(area, indicator, year, ("latest", "year-end")[at % 2], lang=("vi", "en")[at % 2]))
    return asked


def share_of(asked: Sequence[Question], share: float) -> list[Question]:
    """Give every n-th question, so that the sample is spread over all areas and the same every time."""
    return list(asked[:: max(1, round(1 / share))])


def run_cells(notebook: Path, question: Question) -> dict[str, Any]:
    """Run the cells of a notebook with the question as its parameters; give the names they leave."""
    names: dict[str, Any] = {}
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        exec(compile(cell.source, f"{notebook.name}[{cell.id}]", "exec"), names)  # noqa: S102
        if "parameters" in cell.metadata.get("tags", []):
            names |= vars(question)
    return names


def draw(
    report: Report, name: str, function: Callable[..., Any], *, size: str = "slide",
    sources: pd.DataFrame | None = None, **inputs: Any,
) -> None:
    """Stand in for `Report.chart`: draw one small picture in the report's language, keep nothing."""
    history = inputs.get("history", report._tables.get("history"))
    drawn = history if sources is None else sources
    if "history" not in inspect.signature(function).parameters:
        inputs.pop("history", None)
    given = report._context(function, inputs) | inputs
    sheet = Sheet(lang=report.lang, size=size, sources=tuple(report._sources(drawn)), as_of=report._stands_at(history),
                  code="code")
    with theme.settings():
        figure = function(**given, sheet=sheet)
        figure.savefig(io.BytesIO(), dpi=SMALL)
    pictures, same = vars(report).setdefault("_drawn", {}), figure.get_gid() or name
    if not frame.is_silent(figure) and same not in [one.get_gid() for one in pictures.values()]:
        pictures[name] = figure


def faults_of(notebook: Path, question: Question) -> list[str]:
    """Run one notebook for one question; give what went wrong, in at most one line with its place."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), mock.patch.object(Report, "chart", draw):
        warnings.simplefilter("error")
        try:
            with mock.patch.dict(os.environ, {RUN_DIR: folder}):
                names = run_cells(notebook, question)
        except Exception as error:  # whatever a cell raises is what we look for
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(place.filename).name}:{place.lineno}"
            return [f"{notebook.stem} {vars(question)}: {type(error).__name__}: {error} ({where})"]
        found = [*silence(names), *empty_pictures(vars(names["report"]).get("_drawn", {}), names["report"])]
        return [f"{notebook.stem} {vars(question)}: {said}" for said in found]


def silence(names: dict[str, Any]) -> list[str]:
    """Say where a run ended without a sentence, or with a sentence that lost a number on its way."""
    texts = [one.text(lang) for one in names["report"]._findings for lang in ("vi", "en")]
    lost = [text for text in texts if not text.strip() or any(mark in text for mark in ("nan", "None", "{", "inf "))]
    return [f"a broken sentence: {text!r}" for text in lost] + ([] if texts else ["no sentence at all"])


def marks(figure: Figure) -> int:
    """Count what a picture shows: points and ends of lines, bars and cells, areas."""
    count = 0
    for axes in figure.axes:
        count += sum(int(np.isfinite(np.asarray(line.get_ydata(), float)).sum()) for line in axes.lines)
        count += len(axes.patches) + len(axes.collections)
    return count


def words_of(figure: Figure) -> tuple[str, ...]:
    """Return all words inside the axes of a picture."""
    return tuple(text.get_text() for axes in figure.axes for text in [*axes.texts, *axes.get_yticklabels()])


def empty_pictures(drawn: dict[str, Figure], report: Report) -> list[str]:
    """Say which pictures have no mark or a single one, which two are the same, and which leave out the own figures."""
    found = [f"picture {name}: {marks(one)} marks" for name, one in drawn.items() if marks(one) < 2]
    seen: dict[tuple[str, ...], str] = {}
    for name, one in drawn.items():
        words = words_of(one)
        if any(words) and words in seen:
            found.append(f"pictures {seen[words]} and {name} are the same")
        seen.setdefault(words, name)
    history = report._tables.get("history", pd.DataFrame())
    if "assessment" in report._tables and history.empty and report._tables["assessment"]["figure"].notna().any():
        found.append("a figure is judged that the history does not show")
    return found


def tasks_of(asked: Sequence[Question], paths: Sequence[Path]) -> list[tuple[Path, Question]]:
    """Give each notebook its questions: those that do not ask for the indicator get each area and year once."""
    whole = {path: {} for path in paths}
    for one in asked:
        for path in paths:
            key = (one.area, one.year, one.as_of) if path.stem in OF_THE_AREA else one
            whole[path].setdefault(key, one)
    tasks = sorted((path, one) for path, kept in whole.items() for one in kept.values())
    random.Random(0).shuffle(tasks)  # a sweep that is ended early has seen a bit of everything
    return tasks


def answer(task: tuple[Path, Question]) -> list[str]:
    """Do one run in a worker."""
    return faults_of(*task)


def main(words: Sequence[str] | None = None) -> int:
    """Run the sweep and return 1 where anything went wrong."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--share", type=float, default=1.0, help="part of the questions, 1 for all")
    options.add_argument("--notebooks", default="", help="names or their beginnings, separated by commas")
    options.add_argument("--areas", default="", help="ids, separated by commas")
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--minutes", type=float, default=float("inf"), help="longest time")
    given = options.parse_args(words)
    wanted = [name for name in given.notebooks.split(",") if name]
    paths = [p for p in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")) if not wanted or p.stem.startswith(tuple(wanted))]
    asked = [one for one in questions() if not given.areas or one.area in given.areas.split(",")]
    tasks = tasks_of(share_of(asked, given.share), paths)
    done, bad = sweep(tasks, given.jobs, time.monotonic() + 60 * given.minutes)
    print(f"{done} of {len(tasks)} runs, {bad} with faults")
    return int(bad > 0)


def sweep(tasks: Sequence[tuple[Path, Question]], jobs: int, end: float) -> tuple[int, int]:
    """Do the runs until the end of the time; print faults as they come; give how many ran and how many had faults."""
    done = bad = 0
    with ProcessPoolExecutor(jobs) as pool:
        for faults in pool.map(answer, tasks, chunksize=5):
            done, bad = done + 1, bad + bool(faults)
            print("\n".join(faults), end="\n" if faults else "", flush=True)
            if done % 100 == 0:
                print(f"{done} of {len(tasks)} runs, {bad} with faults", file=sys.stderr, flush=True)
            if time.monotonic() > end:
                pool.shutdown(wait=False, cancel_futures=True)
                break
    return done, bad


if __name__ == "__main__":
    raise SystemExit(main())
