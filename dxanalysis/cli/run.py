"""The command that does the main job: dx run."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from dxanalysis import atomic

from . import site
from .common import BY_HAND, LOCK, NOTEBOOKS, OUTPUTS, ROOT, TEMPLATE, data_files, listed, place, uses_dx

ANSWER = ".answer.json"  # in the output folder: the last command that left nothing to do
UNSTEADY = ("manifest.sqlite-", ANSWER)
# Which option of `dx run` gives which parameter of the notebooks.
PARAMETERS = {
    "areas": "area",
    "years": "year",
    "indicators": "indicator",
    "definitions": "definition",
    "as_of": "as_of",
    "lang": "lang",
}


def add_run(commands: Any) -> None:
    """Describe `dx run`."""
    run = commands.add_parser(
        "run", help="run notebooks for areas and years", description="Run notebooks for areas and years, in parallel. "
        "Without areas, years and notebooks: the matrices of notebooks/batch.yml. What is up to date is not run again."
    )
    run.add_argument(
        "files", nargs="*", metavar="NOTEBOOK.ipynb", help="any notebooks by their paths, with or without area and year"
    )
    what = run.add_argument_group("what to run (lists with commas)")
    what.add_argument("--areas", help="names or ids: quang-ninh, 'Quảng Ninh', viet-nam")
    what.add_argument("--years", help="2025, 2021-2025 or 2021,2025; the analysis stands at the end of the year")
    what.add_argument("--notebooks", help="such as 30_attainment; all but the two to work with by hand if left out")
    what.add_argument("--indicators", help="such as digital_economy_share")
    what.add_argument("--definitions", help="such as gso, mic or preferred")
    what.add_argument("--as-of", help="latest, year-end, a year or a date: only what had been published by then")
    what.add_argument("--lang", help="language of the executed notebook: vi, en (exports always have both)")
    what.add_argument(
        "-p", dest="extra", metavar="NAME=VALUE", action="append", default=[],
        help="any other parameter; given twice: two runs, or two items of a list",
    )
    what.add_argument("--data", metavar="DIR", help="use this data package together with the shipped one")
    what.add_argument("--matrix", type=Path, metavar="FILE", help="a YAML file in place of notebooks/batch.yml")
    how = run.add_argument_group("how")
    how.add_argument(
        "--out", type=place, default=OUTPUTS, help="folder, or URL as s3://bucket/folder (default: outputs)"
    )
    how.add_argument("--jobs", type=int, help="runs at a time (default: the cores of this machine)")
    how.add_argument("--dry-run", action="store_true", help="print every run with its reason; run nothing")
    how.add_argument("--force", action="store_true", help="run what is up to date, too")
    how.add_argument("--only-failed", action="store_true", help="run only what failed the last time")
    how.add_argument("--resume", action="store_true", help="finish the last batch; leave what failed")
    how.add_argument("--fail-fast", action="store_true", help="start nothing more after the first failure")
    how.add_argument("--timeout", type=float, metavar="SECONDS", help="longest time of one run")
    how.add_argument("--cell-timeout", type=float, metavar="SECONDS", help="longest time of one cell")
    how.add_argument("--memory", type=float, metavar="MB", help="most memory of one run")
    how.add_argument(
        "--retries", type=int, default=2, help="tries more after a dead kernel, a lost worker, full storage"
    )
    how.add_argument("--scheduler", default="", metavar="ADDRESS", help="a Dask scheduler, such as tcp://host:8786")
    how.add_argument("--local-cluster", type=int, default=0, metavar="N", help="N Dask workers on this machine")
    run.set_defaults(command=run_command)


def run_command(options: argparse.Namespace) -> int:
    """Plan the runs, do those that are due, write the index page and say where to look."""
    if said := answered_before(options):
        print(said)
        return 0
    from dxanalysis import batch

    refuse_foreign(options.out)
    asked = [measured(matrix, named=bool(options.notebooks or matrix.name)) for matrix in matrices(options)]
    planned = partial(batch.plan, asked, out=options.out, template=template, inputs=data_files, locks=[LOCK])
    plan = planned(force=options.force, only_failed=options.only_failed, resume=options.resume)
    if options.dry_run:
        print(plan)
        return 0
    result = batch.run(
        plan, jobs=options.jobs, fail_fast=options.fail_fast, timeout=options.timeout,
        cell_timeout=options.cell_timeout, memory_mb=options.memory, retries=options.retries,
        scheduler=options.scheduler, local_cluster=options.local_cluster,
        warm=["dxanalysis.cli.warm:fill"] if any(uses_dx(run.notebook) for run in plan.due) else [],
    )
    print(result)
    if isinstance(options.out, Path):  # a page of links is for a folder that a browser can open
        good = site.write_index(options.out)
        print(f"Open {options.out / 'index.html'}")
        if good and not (left := planned()).due:
            remember_answer(options, left)
    return result.exit_code


def template(_: str, parameters: Mapping[str, Any]) -> str:
    """Give the folder of a run: by area and year where the notebook has them, else by the notebook's name."""
    return TEMPLATE if parameters.keys() >= {"area", "year"} else "{notebook}"


def refuse_foreign(out: Path | str) -> None:
    """Raise when the output folder holds somebody's own pages: ours would replace them."""
    from dxanalysis.delivery import listing
    from dxanalysis.delivery.site import gather

    if isinstance(out, Path):  # no page is written under a URL
        listing.refuse_foreign(out)
        gather.refuse_foreign(out)


def matrices(options: argparse.Namespace) -> list[Any]:
    """Give the matrices that the options ask for, or those of the matrix file."""
    from dxanalysis.batch import BatchError, Matrix, read_matrix

    given: dict[str, Any] = {
        name: listed(text, f"--{option.replace('_', '-')}")
        for option, name in PARAMETERS.items()
        if (text := getattr(options, option)) is not None
    }
    given |= named_values(options.extra)
    if options.files:
        if options.notebooks or options.matrix:
            raise BatchError("Name notebooks by their paths, or with --notebooks or --matrix: one of these.")
        return [of_file(file, given) for file in options.files]
    if not (given or options.notebooks) or options.matrix:
        return [with_ids(matrix, given) for matrix in read_matrix(options.matrix or NOTEBOOKS / "batch.yml").values()]
    given.setdefault("area", ["quang-ninh"])
    return [with_ids(Matrix(notebooks(options.notebooks)), given)]


def named_values(texts: Iterable[str]) -> dict[str, Any]:
    """Read NAME=VALUE several times; the values stay text until the notebook's parameters cell gives them a type."""
    from dxanalysis.batch import BatchError

    given: dict[str, list[str]] = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark or not name.isidentifier():
            raise BatchError(f"-p takes NAME=VALUE, received {text!r}. Example: -p definition=gso")
        given.setdefault(name, []).append(value)
    # A list in brackets is a value of its own, not the one item of a list.
    return {name: v[0] if len(v) == 1 and v[0][:1] in ("[", "{") else v for name, v in given.items()}


def of_file(file: str, given: Mapping[str, Any]) -> Any:
    """Give the matrix of one notebook named by its path; one without a parameters cell gets papermill's own types."""
    from dxanalysis.batch import Matrix
    from dxanalysis.batch.notebooks import read_notebook

    notebook = read_notebook(file)
    if not notebook.has_cell:
        given = {name: [as_papermill(value) for value in several(values)] for name, values in given.items()}
    matrix = Matrix((file,), given)
    return with_ids(matrix, {}) if uses_dx(notebook) else matrix


def as_papermill(text: str) -> Any:
    """Read a value as papermill's own command line does.

    >>> [as_papermill(text) for text in ("01", "2.5", "True", "None", "Huế")]
    [1, 2.5, True, None, 'Huế']
    """
    import math

    if text in ("True", "False", "None"):
        return {"True": True, "False": False, "None": None}[text]
    for kind in (int, float):
        try:
            return kind(text) if math.isfinite(float(text)) else text
        except ValueError:
            continue
    return text


def several(value: str | Iterable[str]) -> list[str]:
    """Give one value or several as a list."""
    return [value] if isinstance(value, str) else list(value)


def notebooks(names: str | None) -> tuple[str, ...]:
    """Give the files of the named notebooks; every numbered one where no name is given."""
    if not names:
        return tuple(str(path) for path in sorted(NOTEBOOKS.glob("[0-9]*_*.ipynb")) if path.stem not in BY_HAND)
    return tuple(str(notebook_file(name)) for name in listed(names, "--notebooks"))


def notebook_file(name: str) -> Path:
    """Find one notebook by its name, the start of its name, or its path."""
    from dxanalysis.batch import BatchError

    found = sorted(NOTEBOOKS.glob(f"{Path(name).stem}*.ipynb"))
    exact = [path for path in found if path.stem == Path(name).stem]
    if Path(name).suffix == ".ipynb" and Path(name).exists():
        return Path(name)
    if len(exact or found) == 1:
        return (exact or found)[0]
    known = ", ".join(path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb")))
    raise BatchError(f"Unknown notebook {name!r}. Notebooks: {known}")


def with_ids(matrix: Any, given: Mapping[str, list[str]]) -> Any:
    """Add the given parameters to a matrix and write areas and indicators as their ids."""
    from dataclasses import replace

    return replace(
        matrix,
        parameters=ids({**matrix.parameters, **given}),
        runs=tuple(ids(row) for row in matrix.runs),
        per_notebook={name: ids(row) for name, row in matrix.per_notebook.items()},
        exclude=tuple(ids(row) for row in matrix.exclude),
    )


def ids(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write the areas and indicators of one combination as their ids, however they were typed."""
    from dxanalysis import facts

    finders = {"area": facts.find_area, "indicator": facts.find_indicator}
    for day in several(row.get("as_of", [])):
        facts.as_of_date(day, 2000)  # refuses what is no day before anything starts
    return {name: _id(value, finders[name]) if name in finders else value for name, value in row.items()}


def _id(value: Any, find: Callable[[str], Any]) -> Any:
    """Write a name as its id, and a list of names (or of such lists) as a list: a single combination takes no list."""
    return find(value.strip()).id if isinstance(value, str) else [_id(one, find) for one in value]


def measured(matrix: Any, named: bool) -> Any:
    """Leave out the runs under a definition that their indicator does not have, and say so.

    Parameters
    ----------
    matrix : Matrix
        What is asked for.
    named : bool
        Whether the notebooks were named, here or in a matrix file; then nothing is left out.

    Raises
    ------
    UnknownName
        Before any run starts, when a named notebook would run under such a definition, or every notebook would.
    """
    from dataclasses import replace

    from dxanalysis import facts
    from dxanalysis.batch.matrix import combinations
    from dxanalysis.batch.notebooks import read_notebook

    kept, without = 0, {}
    for notebook in map(read_notebook, matrix.notebooks):
        if not uses_dx(notebook):
            kept += 1
            continue
        for run in combinations(matrix, notebook):
            indicator, definition = run.get("indicator", ""), run.get("definition", "preferred")
            known = facts.definitions(indicator)
            if not known or definition in ("preferred", *known):  # what no table knows, the notebook itself may know
                kept += 1
            else:
                without[notebook.name, indicator, definition] = known
    for (notebook, indicator, definition), known in without.items():
        said = f"{notebook} reads {indicator}, which has no definition {definition!r}. Definitions: {known[:10]}"
        if named or not kept:
            raise facts.UnknownName(said)
        print(f"Left out: {said}")
    rules = [dict(zip(("notebook", "indicator", "definition"), rule, strict=True)) for rule in without]
    return replace(matrix, exclude=(*matrix.exclude, *rules))


def answered_before(options: argparse.Namespace) -> str:
    """Return the answer to the same command where all it rests on looks as it did: no package is loaded for that.

    As for `make`, a file is the same while its size and times are.
    """
    import json

    if not isinstance(options.out, Path) or options.force or options.dry_run:
        return ""
    try:
        held = json.loads((options.out / ANSWER).read_text(encoding="utf-8"))
        same = held["asked"] == _asked(options) and held["state"] == _state(options.out, held["looked_at"])
        return str(held["said"]) if same else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def remember_answer(options: argparse.Namespace, plan: Any) -> None:
    """Keep the answer to a command of which nothing is left to do, and what it rests on."""
    import json
    import sysconfig

    looked_at = [*plan.looked_at, str(LOCK), sysconfig.get_path("purelib")]
    said = f"{len(plan.runs)} up to date\nOpen {options.out / 'index.html'}"
    held = {"asked": _asked(options), "said": said, "looked_at": looked_at, "state": _state(options.out, looked_at)}
    with atomic.writing(options.out / ANSWER) as aside:
        aside.write_text(json.dumps(held), encoding="utf-8")


def _asked(options: argparse.Namespace) -> str:
    around = (os.getcwd(), sys.version, os.environ.get("DX_DATA"), os.environ.get("PYTHONPATH"))
    return repr((sorted((name, str(value)) for name, value in vars(options).items() if name != "command"), around))


def _state(out: Path, looked_at: Iterable[str]) -> str:
    """Digest names, sizes and times of files, of the package, its data, and of all in an output folder."""
    from hashlib import sha256

    found = []
    added = filter(None, os.environ.get("DX_DATA", "").split(os.pathsep))
    for top in (out, ROOT / "dxanalysis", ROOT / "data", NOTEBOOKS, *added):
        for folder, folders, names in os.walk(top):
            folders[:] = sorted(name for name in folders if name not in ("__pycache__", "_logs", ".staging"))
            found += [os.path.join(folder, name) for name in sorted(names) if not name.startswith(UNSTEADY)]
    seen = (f"{path}|{_looks(path)}" for path in (*found, *looked_at))
    return sha256("\n".join(seen).encode("utf-8", "surrogateescape")).hexdigest()


def _looks(path: str) -> tuple[int, ...]:
    try:
        found = os.stat(path)
    except OSError:
        return ()  # it was looked for, and not found
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns
