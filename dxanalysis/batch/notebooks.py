"""Read, parameterize and write notebooks; what depends on the clock or the machine stays out of the result."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import BatchError
from .parameters import Parameter, read_parameters
from .storage import is_url, read_text

# What the imports of papermill, nbclient and nbformat take along and no run uses, in processor seconds on the 2.0 they
# take in all, bytecode kept: 1.3 to 1.9 for the grammar with which jsonschema checks the format `iri`, 0.15 for
# pyarrow, which opens hdfs:// paths, 0.04 for another way of checking addresses.
GRAMMARS = ("rfc3987_syntax", "rfc3986_validator")
UNUSED = (*GRAMMARS, "pyarrow")
ERROR_TAG = "papermill-error-cell-tag"  # papermill's own notes on a failure; ours say more


@dataclass(frozen=True)
class Notebook:
    """Hold one notebook as it stands in its file.

    Attributes
    ----------
    path : str
        Where it was read from.
    name : str
        File name without the ending.
    text : str
        The file itself.
    cells : list of dict
        Its cells.
    declared : dict
        Its parameters.
    kernel : str
        Name of the kernel it asks for.
    settings : dict
        Its metadata under ``"batch"``: ``{"inputs": ["../data/*.csv"], "code": ["mypackage"]}``.
    digest : str
        Digest of all that decides its result: sources, kinds and tags of its cells, kernel and settings.
    has_cell : bool
        Whether it has a parameters cell; one without takes whatever it is given, as papermill has it.
    """

    path: str
    name: str
    text: str = field(repr=False)
    cells: list[dict[str, Any]] = field(repr=False)
    declared: dict[str, Parameter] = field(repr=False)
    kernel: str = "python3"
    settings: dict[str, Any] = field(default_factory=dict)
    digest: str = ""
    has_cell: bool = True

    @property
    def defaults(self) -> dict[str, Any]:
        """Values the notebook itself would use."""
        return {name: p.default for name, p in self.declared.items() if not p.required}


def home(path: str) -> Path:
    """Return the folder in which a notebook runs and from which its inputs are named: that of the real file."""
    return (Path(path).resolve() if os.path.islink(path) else Path(path)).parent


def read_notebook(path: str | Path, text: str | None = None) -> Notebook:
    """Read a notebook and what its parameters cell declares.

    Raises
    ------
    BatchError
        When the file is missing, is no notebook, or has two parameters cells.
    """
    text = _text_of(path) if text is None else text
    try:
        content = json.loads(text)
        if isinstance(content, dict) and content.get("nbformat", 4) < 4:
            text, content = _upgraded(text)
        cells = content["cells"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BatchError(f"{path} is not a notebook of format 4: {error}. Open and save it in JupyterLab.") from error
    fault = _fault(content)
    if fault:
        raise BatchError(f"{path} is not a notebook of format 4: {fault}. Open and save it in JupyterLab.")
    tagged = [cell for cell in cells if "parameters" in _tags(cell)]
    if len(tagged) > 1:
        raise BatchError(f"{path} has {len(tagged)} cells tagged 'parameters'. Keep one.")
    name = str(path).rsplit("/", 1)[-1].removesuffix(".ipynb")
    declared = read_parameters(source_of(tagged[0]), Path(path).name) if tagged else {}
    metadata = content["metadata"]
    settings = metadata.get("batch", {})
    kernel = metadata.get("kernelspec", {}).get("name", "python3")
    decisive = [[cell["cell_type"], source_of(cell), _tags(cell)] for cell in cells]
    digest = hashlib.sha256(json.dumps([decisive, kernel, settings], sort_keys=True).encode()).hexdigest()
    return Notebook(str(path), name, text, cells, declared, kernel, settings, digest, bool(tagged))


@contextmanager
def as_if_missing(*names: str) -> Iterator[None]:
    """Let modules be imported as they would be where the packages `names` are not installed."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


def _upgraded(text: str) -> tuple[str, dict[str, Any]]:
    """Bring a notebook of an older format to format 4.4: without cell ids, which would be other ones each time."""
    import warnings

    with as_if_missing(*UNUSED):
        import nbformat

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = nbformat.convert(nbformat.reads(text, as_version=nbformat.NO_CONVERT), 4)
    for cell in content["cells"]:
        cell.pop("id", None)
    content["nbformat_minor"] = 4
    return json.dumps(content, ensure_ascii=False), content


def _fault(content: Any) -> str:
    """Say what is wrong with the form of a notebook's content; nothing where Jupyter could have written it."""
    cells, metadata = content["cells"], content.setdefault("metadata", {})
    if not isinstance(cells, list) or not isinstance(metadata, dict):
        return "its cells are no list or its metadata no mapping"
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
            return f"cell {number} has no kind"
        if not _is_text(cell.get("source", "")):
            return f"the source of cell {number} is no text"
        if not isinstance(cell.setdefault("metadata", {}), dict) or not _are_texts(cell["metadata"].get("tags", [])):
            return f"the metadata of cell {number} are no mapping or its tags no list of words"
    return _fault_of_settings(metadata)


def _fault_of_settings(metadata: Mapping[str, Any]) -> str:
    kernel, settings = metadata.get("kernelspec", {}), metadata.get("batch", {})
    if not isinstance(kernel, dict) or not re.fullmatch(
        r"[\w.+ -]{1,100}", str(kernel.get("name", "python3")), re.ASCII
    ):
        return f"{str(kernel)[:60]!r} names no kernel"
    if not isinstance(settings, dict):
        return "its metadata under 'batch' are no mapping"
    wrong = [name for name in ("inputs", "code") if name in settings and not _are_texts(settings[name])]
    return f"'{wrong[0]}' in its metadata under 'batch' is no list of texts" if wrong else ""


def _is_text(source: Any) -> bool:
    return isinstance(source, str) or _are_texts(source)


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def source_of(cell: Mapping[str, Any]) -> str:
    """Return the text of a cell, which its file may hold as one text or as lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def parameterized(notebook: Notebook, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the notebook's content with a cell that sets `parameters` after the parameters cell.

    Values are written as Python literals to the letter (`repr`), so text stays text and Vietnamese stays readable.
    A parameter that equals its default is set as well: the cell shows the whole truth about the run.
    """
    content = json.loads(notebook.text)
    for cell in content["cells"]:
        cell.setdefault("metadata", {}).pop("papermill", None)
    cells = [cell for cell in content["cells"] if "injected-parameters" not in _tags(cell)]
    place = next((i + 1 for i, cell in enumerate(cells) if "parameters" in _tags(cell)), 0)
    if parameters:
        cells.insert(place, _parameters_cell(parameters, content.get("nbformat_minor", 0)))
    content["cells"] = cells
    content.setdefault("metadata", {}).pop("papermill", None)
    return content


def cleaned(content: Any, provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Return an executed notebook without times and machine paths, and with its provenance.

    Times and durations stand in the manifest; in the notebook they would make two equal runs differ.
    """
    content = json.loads(json.dumps(content))
    content["cells"] = [cell for cell in content["cells"] if ERROR_TAG not in _tags(cell)]
    for cell in content["cells"]:
        cell["metadata"].pop("papermill", None)
        cell["metadata"].pop("execution", None)
        if not cell["metadata"].get("tags", True):
            del cell["metadata"]["tags"]
        if isinstance(cell.get("outputs"), list):
            cell["outputs"] = merged_streams(cell["outputs"])
    content["metadata"]["papermill"] = {
        "input_path": provenance.get("notebook", ""),
        "parameters": provenance.get("parameters", {}),
    }
    settings = content["metadata"].get("batch", {})
    content["metadata"]["batch"] = {**settings, "provenance": dict(provenance)}
    return content


def merged_streams(outputs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join what a cell has printed between two other outputs: one piece of standard output, then one of errors.

    In how many pieces it arrives, and which of the two streams first, is decided by the clock.
    """
    merged: list[dict[str, Any]] = []
    for printed, group in itertools.groupby(outputs, key=_is_stream):
        pieces = list(group)
        if not printed:
            merged += pieces
            continue
        for name in sorted({piece["name"] for piece in pieces}, reverse=True):  # stdout, stderr
            text = "".join("".join(piece["text"]) for piece in pieces if piece["name"] == name)
            merged.append({"output_type": "stream", "name": name, "text": text})
    return merged


def _is_stream(output: Any) -> bool:
    """Return whether an output is a whole piece of a printed stream; whatever else a stranger stored stays as it is."""
    if not isinstance(output, Mapping) or output.get("output_type") != "stream":
        return False
    return isinstance(output.get("name"), str) and _is_text(output.get("text"))


def write_notebook(content: Mapping[str, Any], path: Path) -> None:
    """Write a notebook the way Jupyter does: one space of indent, keys sorted, letters readable."""
    text = json.dumps(split_lines(content), ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def split_lines(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content with sources as lists of lines, as notebooks are stored."""
    cells = [{**cell, "source": source_of(cell).splitlines(keepends=True)} for cell in content["cells"]]
    return {**content, "cells": cells}


def _parameters_cell(parameters: Mapping[str, Any], minor: int) -> dict[str, Any]:
    lines = ["# Parameters of this run", *(f"{name} = {value!r}" for name, value in parameters.items())]
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": ["injected-parameters"]},
        "outputs": [],
        "source": "\n".join(lines),
    }
    return {**cell, "id": "injected-parameters"} if minor >= 5 else cell


def _tags(cell: Mapping[str, Any]) -> list[str]:
    return cell.get("metadata", {}).get("tags", [])


def _text_of(path: str | Path) -> str:
    if is_url(path):
        return read_text(str(path))
    try:
        if Path(path).exists() and not Path(path).is_file():
            raise BatchError(f"{path} is no file (a folder, pipe or device). Name a notebook.")
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BatchError(f"{path} is no notebook: it is not text in UTF-8 ({error.reason}).") from error
    except FileNotFoundError as error:
        folder = Path(path).parent
        there = ", ".join(sorted(p.name for p in folder.glob("*.ipynb"))[:10]) or "no notebook"
        looked = f"In {folder.absolute()}: {there}" if folder.is_dir() else f"{folder} is no folder"
        raise BatchError(f"There is no notebook {path}. {looked}.") from error
