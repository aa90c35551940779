"""The parsers of batch: parameters cells, values from the command line, matrices, notebooks, names of folders."""

from __future__ import annotations

import ast
import contextlib
import math
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from dxanalysis.batch import matrix, notebooks, parameters, reporting
from dxanalysis.batch.errors import BatchError
from dxanalysis.batch.parameters import Parameter

from . import samples
from .targets import Target, held, promise, text

KINDS = ("str", "int", "float", "bool", "list", "dict", "None", "tuple")
VALUES = [b"01", b"2021-2025", b"2.5", b"null", b"true", b"[1, 2]", b"{'a': 1}", b"quang-ninh", b"1e5", b"NO", b"-3..4"]


def batch_targets(folder: Path) -> list[Target]:
    """Return the targets of the room batch."""
    old = '{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": []}'
    notebooks.read_notebook("n.ipynb", old)  # loads what brings old formats up to date, once
    return [
        Target("parameters.read_parameters", _cell, [samples.CELL.encode()], (BatchError,), 25),
        Target("parameters.from_text", _typed, VALUES, (BatchError,), 8),
        Target("matrix.spread", _spread, VALUES, (BatchError,), 70),
        Target("matrix.folder_name", _folder, [*VALUES, b"../a", b"CON", b"a/b", "Huế".encode()], (BatchError,), 50),
        Target("matrix.read_matrix", partial(_matrix, folder), [samples.MATRIX.encode()], (BatchError,), 2),
        Target("notebooks.read_notebook", _notebook, [samples.NOTEBOOK.encode()], (BatchError,), 12),
        Target("notebooks.read_notebook (file)", partial(_file, folder), [samples.NOTEBOOK.encode()], (BatchError,), 2),
        Target("reporting.status", partial(_status, folder), [_manifest(folder)], (BatchError,), 1),
    ]


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same to the letter, so that True is not 1 and 1 is not 1.0."""
    return repr(one) == repr(other)


def _cell(data: bytes) -> None:
    declared = parameters.read_parameters(text(data), "n.ipynb")
    given = {name: p.default for name, p in declared.items() if not p.required}
    for name, value in given.items():
        promise(same(ast.literal_eval(repr(value)), value), f"{name} = {value!r} would not survive the notebook")


def _typed(data: bytes) -> None:
    for kinds in [*((kind,) for kind in KINDS), ("str", "int"), ("float", "None")]:
        try:
            value = parameters.from_text(Parameter("x", kinds), text(data), "n.ipynb")
        except BatchError:
            continue
        promise(same(ast.literal_eval(repr(value)), value), f"{value!r} would not survive the notebook")
        promise(not isinstance(value, float) or math.isfinite(value), "a number that is not finite")


def _spread(data: bytes) -> None:
    for kind in KINDS:
        with contextlib.suppress(BatchError):
            found = matrix.spread(Parameter("x", (kind,)), text(data), "n.ipynb")
            promise(len(found) <= 10_000, "a range of more than ten thousand runs")


def _folder(data: bytes) -> None:
    given = {"area": text(data), "year": 2025, "codes": [text(data), "1"]}
    name = matrix.folder_name("{area}/{year}/{notebook}", "10_trend", given, {"year": 2025, "codes": []})
    path = PurePosixPath(name)
    promise(not path.is_absolute() and ".." not in path.parts and len(path.parts) == 3, f"leads to {name!r}")
    promise(name.isprintable() and not set(name) & set('\\:*?"<>|'), f"a sign no folder may have in {name!r}")
    promise(all(len(part.encode()) <= 255 for part in path.parts), "a name too long for a file system")


def _matrix(folder: Path, data: bytes) -> None:
    book = notebooks.read_notebook("n.ipynb", samples.NOTEBOOK)
    for one in matrix.read_matrix(held(folder / "batch.yml", data)).values():
        promise(all(isinstance(name, str) for name in one.notebooks), "a notebook that is no name")
        matrix.check_exclusions(one, [book])
        matrix.combinations(one, book)


def _notebook(data: bytes) -> None:
    book = notebooks.read_notebook("n.ipynb", text(data))
    content = notebooks.parameterized(book, {"area": "a'b\n\"", "year": 1})
    notebooks.split_lines(notebooks.cleaned(content, {"notebook": "n"}))


def _file(folder: Path, data: bytes) -> None:
    notebooks.read_notebook(held(folder / "n.ipynb", data))


def _manifest(folder: Path) -> bytes:
    """Return the file of a manifest with one run, made in the folder `seed`."""
    from contextlib import closing

    from dxanalysis.batch.manifest import FILE_NAME, Manifest

    place = folder / "seed"
    values = {"batch": "b", "notebook": "n.ipynb", "parameters": {"a": 1}, "attempt": 1, "reason": "never run",
              "digest": "d", "parts": {}, "inputs": {"x": "y"}, "versions": {}}
    with closing(Manifest(place)) as manifest:
        manifest._db.execute("PRAGMA journal_mode = DELETE")
        number = manifest.claim("a/2025/n", values)
        manifest.finish(number, status="done", seconds=1.0)
    return (place / FILE_NAME).read_bytes()


def _status(folder: Path, data: bytes) -> None:
    place = folder / "left"
    place.mkdir(exist_ok=True)
    for leftover in place.glob("manifest.sqlite-*"):
        leftover.unlink()
    held(place / "manifest.sqlite", data)
    str(reporting.status(place))
