"""The ways to run one notebook many times, each to be started in a process of its own.

``python -m tests.benchmarks.batch_ways WAY NOTEBOOK OUT RUNS``
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FIRST_YEAR, YEARS = 2021, 5
AREAS = ("quang-ninh", "ha-noi", "hai-phong", "da-nang")


def parameters(number: int) -> dict[str, Any]:
    """Return area and year of a run."""
    return {"area": AREAS[number // YEARS % len(AREAS)], "year": FIRST_YEAR + number % YEARS}


def papermill_api(notebook: Path, out: Path, runs: int) -> None:
    """papermill in Python: one after another in one process."""
    import papermill

    for number in range(runs):
        with run_folder(out, number):
            target = str(out / f"{number}.ipynb")
            papermill.execute_notebook(
                str(notebook), target, parameters(number), progress_bar=False, kernel_name="python3"
            )


def runner(notebook: Path, out: Path, runs: int) -> None:
    """our runner: warm kernels, 2 workers."""
    from dxanalysis import batch

    plan = batch.plan(
        notebook, [parameters(number) for number in range(runs)], out=out, template="{area}/{year}/{notebook}"
    )
    warm = ["dxanalysis.cli.warm:fill"] if notebook.parent.name == "notebooks" else []  # as `dx run` does
    kernel = "warm" if runs >= 3 else "auto"  # too few to be worth a fork server
    result = batch.run(plan, jobs=2, kernel=kernel, warm=warm, progress=False)
    if result.exit_code or len(result.done) != runs:
        raise SystemExit(str(result))


def where(notebook: Path, out: Path, runs: int) -> None:
    """Print, as JSON, the seconds of each part of one run: of processor, but for the kernel's, which are of wall."""
    from time import perf_counter, process_time

    spent: dict[str, float] = {}

    def timed(part: str, action: Callable[[], Any]) -> Any:
        began = process_time()
        result = action()
        spent[part] = round(process_time() - began, 3)
        return result

    def watched(part: str, action: Callable[..., Any]) -> Callable[..., Any]:
        async def inner(*words: Any, **options: Any) -> Any:
            began = perf_counter()
            try:
                return await action(*words, **options)
            finally:
                spent[part] = round(spent.get(part, 0.0) + perf_counter() - began, 3)

        return inner

    batch = timed("import the runner", lambda: __import__("dxanalysis.batch", fromlist=["batch"]))
    engine = timed("import papermill", lambda: __import__("dxanalysis.batch.engine", fromlist=["engine"]))
    client = engine.BatchClient
    for part, name in (
        ("kernel: started, wall", "async_start_new_kernel"), ("kernel: answers, wall", "async_start_new_kernel_client"),
        ("kernel: cells, wall", "_run_cells"), ("kernel: ended, wall", "_async_cleanup_kernel"),
    ):
        setattr(client, name, watched(part, getattr(client, name)))
    given = [parameters(number) for number in range(runs)]
    plan = timed("plan", lambda: batch.plan(notebook, given, out=out, template="{area}/{year}/{notebook}"))
    result = timed("all of the batch", lambda: batch.run(plan, jobs=1, kernel="cold", progress=False))
    if result.exit_code:
        raise SystemExit(str(result))
    from dxanalysis.cli import run, site, warm

    timed("import the site", lambda: run.refuse_foreign(out))
    timed("write the pages", lambda: site.write_index(out))
    timed("write the pages, nothing new", lambda: site.write_index(out))
    timed("first picture, all formats", warm.fill)
    spent |= pictures()
    print(json.dumps(spent))


def pictures() -> dict[str, float]:
    """Return the seconds that one chart costs, drawn once, and in each format."""
    from time import process_time

    import dxanalysis as dx
    from dxanalysis.delivery import figures

    history, targets = (read("digital_economy_share", "viet-nam") for read in (dx.history, dx.targets))
    spent, began = {}, process_time()
    figure = dx.plot(history, targets)
    pixels = figures.drawn(figure)
    spent["picture: drawn"] = process_time() - began
    about = {kind: figures.metadata(kind, {}, "") for kind in figures.FORMATS}
    for kind in ("png", "svg", "pdf"):
        began = process_time()
        if kind == "png":
            figures.encoded(pixels, figures.PRINT_DPI, about[kind])
        else:
            figures.rendered(figure, kind, about[kind])
        spent[f"picture: {kind}"] = process_time() - began
    return {name: round(seconds, 3) for name, seconds in spent.items()}


@contextmanager
def run_folder(out: Path, number: int) -> Iterator[None]:
    """Give a run the folder in which it may leave files, under the variable the runner uses."""
    folder = out / f"run-{number}"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["NOTEBOOK_RUN_DIR"] = str(folder)
    yield


if __name__ == "__main__":
    way, notebook, out, runs = sys.argv[1:5]
    Path(out).mkdir(parents=True, exist_ok=True)
    # As many BLAS threads as two workers on two cores should have, for every way.
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    ways = {"papermill-api": papermill_api, "runner": runner, "where": where}
    ways[way](Path(notebook), Path(out), int(runs))
