"""The ways to run one notebook many times, each to be started in a process of its own.

``python -m tests.benchmarks.batch_ways WAY NOTEBOOK OUT RUNS``
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
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


def papermill_cli(notebook: Path, out: Path, runs: int) -> None:
    """papermill CLI: one command after another."""
    for number in range(runs):
        given = [word for name, value in parameters(number).items() for word in ("-p", name, str(value))]
        command = [sys.executable, "-m", "papermill", "--no-progress-bar", "--log-level", "ERROR", "-k", "python3"]
        target = str(out / f"{number}.ipynb")
        with run_folder(out, number):
            subprocess.run([*command, str(notebook), target, *given], check=True, stderr=subprocess.DEVNULL)


def papermill_api(notebook: Path, out: Path, runs: int, first: int = 0, step: int = 1) -> None:
    """papermill in Python: one after another in one process."""
    import papermill

    for number in range(first, runs, step):
        with run_folder(out, number):
            target = str(out / f"{number}.ipynb")
            papermill.execute_notebook(
                str(notebook), target, parameters(number), progress_bar=False, kernel_name="python3"
            )


def papermill_two(notebook: Path, out: Path, runs: int) -> None:
    """papermill in Python: two processes."""
    code = "import sys; from pathlib import Path; from tests.benchmarks.batch_ways import papermill_api as run;"
    code += f"run(Path({str(notebook)!r}), Path({str(out)!r}), {runs}, int(sys.argv[1]), 2)"
    halves = [subprocess.Popen([sys.executable, "-c", code, str(half)], stderr=subprocess.DEVNULL) for half in (0, 1)]
    codes = [half.wait() for half in halves]
    if any(codes):
        raise SystemExit("papermill failed")


def runner(notebook: Path, out: Path, runs: int, kernel: str = "warm") -> None:
    """our runner: warm kernels, 2 workers."""
    from dxanalysis import batch

    plan = batch.plan(
        notebook, [parameters(number) for number in range(runs)], out=out, template="{area}/{year}/{notebook}"
    )
    warm = ["dxanalysis.cli.warm:fill"] if notebook.parent.name == "notebooks" else []  # as `dx run` does
    kernel = kernel if runs >= 3 or kernel != "warm" else "auto"  # too few to be worth a fork server
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


def runner_cold(notebook: Path, out: Path, runs: int) -> None:
    """our runner: normal kernels, 2 workers."""
    runner(notebook, out, runs, "cold")


def ploomber(notebook: Path, out: Path, runs: int) -> None:
    """ploomber-engine: in one process, one run after another, nothing kept apart."""
    from ploomber_engine import execute_notebook

    for number in range(runs):
        with run_folder(out, number):
            target = str(out / f"{number}.ipynb")
            execute_notebook(
                str(notebook), target, parameters=parameters(number), progress_bar=False, cwd=notebook.parent
            )


def script(notebook: Path, out: Path, runs: int) -> None:
    """the same code as a script: one process, nothing displayed."""
    cells = sources(notebook)
    for number in range(runs):
        with run_folder(out, number):
            run_cells(cells, parameters(number), show=False)


def script_forked(notebook: Path, out: Path, runs: int) -> None:
    """the same code as a script: forked on both cores, displayed inline."""
    cells = sources(notebook)
    first_imports(cells)
    running: set[int] = set()
    for number in range(runs):
        if len(running) == 2:
            running.remove(waited())
        pid = os.fork()
        if pid == 0:
            with run_folder(out, number):
                run_cells(cells, parameters(number), show=True)
            os._exit(0)
        running.add(pid)
    while running:
        running.remove(waited())


WAYS: dict[str, Callable[[Path, Path, int], None]] = {
    "papermill-cli": papermill_cli,
    "papermill-api": papermill_api,
    "papermill-2": papermill_two,
    "ploomber-engine": ploomber,
    "runner": runner,
    "runner-cold": runner_cold,
    "script": script,
    "script-forked": script_forked,
}


def sources(notebook: Path) -> list[tuple[str, bool]]:
    """Return the code cells, and which of them is the parameters cell."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    return [("".join(cell["source"]), "parameters" in cell["metadata"].get("tags", [])) for cell in code]


def first_imports(cells: list[tuple[str, bool]]) -> None:
    """Do the imports of all cells once, before the forks."""
    names: dict[str, Any] = {}
    os.environ.setdefault("MPLBACKEND", "agg")
    for source, _ in cells:
        imports = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
        exec(compile(ast.Module(imports, []), "imports", "exec"), names)  # noqa: S102  (our own notebooks)


def run_cells(cells: list[tuple[str, bool]], given: dict[str, Any], *, show: bool) -> None:
    """Run the cells; `show` makes of the last value and of the open figures what a notebook makes of them."""
    os.environ.setdefault("MPLBACKEND", "agg")
    names: dict[str, Any] = {"__name__": "__main__"}
    for source, is_parameters in cells:
        tree = ast.parse(source)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), names)  # noqa: S102
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None  # noqa: S307
        if is_parameters:
            names.update(given)
        if show:
            displayed(value)
        elif "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")


def displayed(value: Any) -> None:
    """Make text, HTML and pictures as the notebook does for display."""
    from IPython.core.formatters import DisplayFormatter
    from IPython.core.pylabtools import print_figure

    if value is not None:
        DisplayFormatter().format(value)
    if "matplotlib.pyplot" in sys.modules:
        plt = sys.modules["matplotlib.pyplot"]
        for number in plt.get_fignums():
            print_figure(plt.figure(number), base64=True)
        plt.close("all")


@contextmanager
def run_folder(out: Path, number: int) -> Iterator[None]:
    """Give a run the folder in which it may leave files, under the variable the runner uses."""
    folder = out / f"run-{number}"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["NOTEBOOK_RUN_DIR"] = str(folder)
    yield


def waited() -> int:
    """Wait for one forked run, and stop when it failed."""
    pid, status = os.wait()
    if status:
        raise SystemExit("a forked run failed")
    return pid


if __name__ == "__main__":
    way, notebook, out, runs = sys.argv[1:5]
    Path(out).mkdir(parents=True, exist_ok=True)
    # As many BLAS threads as two workers on two cores should have, for every way.
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    (where if way == "where" else WAYS[way])(Path(notebook), Path(out), int(runs))
