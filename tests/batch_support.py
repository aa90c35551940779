"""What the tests of the batch room share: a notebook written in a line, and the runs of a plan without noise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PARAMETERS = 'area: str = "a"\nyear: int = 2025\nlang: str = "vi"  # one of: vi, en'


def write(path: Path, *sources: str, parameters: str = PARAMETERS, batch: dict[str, Any] | None = None) -> Path:
    """Write a notebook with a parameters cell and the given code cells."""
    cells = [cell("parameters", parameters, ["parameters"])] if parameters else []
    cells += [cell(f"c{number}", source) for number, source in enumerate(sources)]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    content = {"cells": cells, "metadata": metadata | ({"batch": batch} if batch else {}), "nbformat": 4}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content | {"nbformat_minor": 5}, ensure_ascii=False), encoding="utf-8")
    return path


def cell(name: str, source: str, tags: list[str] | None = None) -> dict[str, Any]:
    """Return a code cell."""
    about = {"cell_type": "code", "execution_count": None, "id": name, "metadata": {"tags": tags or []}}
    return about | {"outputs": [], "source": source}


def outputs_of(notebook: Path) -> str:
    """Return everything the cells of an executed notebook printed or showed as text."""
    texts = []
    for one in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        for output in one.get("outputs", ()):
            text = output.get("text") or output.get("data", {}).get("text/plain") or ""
            texts.append(text if isinstance(text, str) else "".join(text))
    return "\n".join(texts)
