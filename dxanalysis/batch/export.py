"""Hand the manifest on: as CSV, JSON or Parquet, or as an RO-Crate that says who made which file from what."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from .errors import BatchError, MissingExtra
from .manifest import JSON_COLUMNS, Manifest, read_manifest

CRATE = "ro-crate-metadata.json"
FORMATS = (".csv", ".json", ".parquet", CRATE)


def export_manifest(out: str | Path, target: str | Path) -> Path:
    """Write every attempt of every run of an output folder to a file.

    Parameters
    ----------
    out : path
        Output folder.
    target : path
        Ends in ``.csv``, ``.json`` or ``.parquet``; or is called ``ro-crate-metadata.json``, which holds the newest
        successful run of each output as an RO-Crate 1.1 (Process Run Crate: one ``CreateAction`` per run).

    Raises
    ------
    BatchError
        For an output folder without runs and for another ending.
    MissingExtra
        For Parquet without pyarrow.
    """
    target = Path(target)
    if not read_manifest(out):
        raise BatchError(f"There are no runs in {out}. Run something first.")
    if target.name == CRATE:
        target.write_text(json.dumps(crate(read_manifest(out)), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return target
    with closing(Manifest(out)) as manifest:
        rows = manifest.attempts()
    writers = {".csv": _csv, ".json": _json, ".parquet": _parquet}
    if target.suffix not in writers:
        raise BatchError(f"Unknown format {target.name!r}. Write to a file ending in {', '.join(FORMATS)}.")
    writers[target.suffix](rows, target)
    return target


def crate(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the RO-Crate of the successful runs among `rows`.

    https://w3id.org/ro/crate/1.1 with the profile https://w3id.org/ro/wfrun/process/0.1: each run is a
    ``CreateAction`` whose instrument is the notebook, whose objects are parameters and input files, and whose results
    are the files it left.
    """
    done = [row for row in rows if row["status"] == "done"]
    entities: dict[str, dict[str, Any]] = {}
    for row in done:
        for entity in _run_entities(row):
            entities.setdefault(entity["@id"], entity)
    files = [{"@id": name} for name, entity in entities.items() if entity["@type"] == "File" and "sha256" in entity]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": "Executed notebooks",
        "description": "Results of a batch, with the notebooks, parameters and inputs they were made from.",
        "datePublished": max((row["started"] for row in done), default=""),
        "license": "See the files themselves.",
        "conformsTo": {"@id": "https://w3id.org/ro/wfrun/process/0.1"},
        "hasPart": files,
        "mentions": [{"@id": _action_id(row)} for row in done],
    }
    about = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
    }
    return {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": [about, root, *entities.values()]}


def _run_entities(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    action = _action_id(row)
    notebook = {
        "@id": f"#notebook-{row['notebook']}",
        "@type": "SoftwareApplication",
        "name": Path(row["notebook"]).stem,
    }
    parameters = [
        {"@id": f"{action}-{name}", "@type": "PropertyValue", "name": name, "value": _plain(value)}
        for name, value in row["parameters"].items()
    ]
    inputs = [
        {"@id": f"#input-{name}-{digest[:12]}", "@type": "CreativeWork", "name": name, "identifier": f"sha256:{digest}"}
        for name, digest in row["inputs"].items()
    ]
    outputs = [
        {"@id": f"{row['output']}/{name}", "@type": "File", "sha256": digest} for name, digest in row["outputs"].items()
    ]
    act = {
        "@id": action,
        "@type": "CreateAction",
        "name": f"Run of {row['output']}",
        "startTime": row["started"],
        "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
        "instrument": {"@id": notebook["@id"]},
        "object": [{"@id": entity["@id"]} for entity in (*parameters, *inputs)],
        "result": [{"@id": entity["@id"]} for entity in outputs],
    }
    return [notebook, *parameters, *inputs, *outputs, act]


def _action_id(row: Mapping[str, Any]) -> str:
    return f"#run-{row['id']}"


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) else json.dumps(value, ensure_ascii=False)


def _flat(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            name: json.dumps(v, ensure_ascii=False, sort_keys=True) if name in JSON_COLUMNS else v
            for name, v in row.items()
        }
        for row in rows
    ]


def _csv(rows: Sequence[Mapping[str, Any]], target: Path) -> None:
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(_flat(rows))


def _json(rows: Sequence[Mapping[str, Any]], target: Path) -> None:
    target.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _parquet(rows: Sequence[Mapping[str, Any]], target: Path) -> None:
    import pandas as pd

    try:
        pd.DataFrame(_flat(rows)).to_parquet(target, index=False)
    except ImportError as error:
        raise MissingExtra("Parquet needs pyarrow. Install dxanalysis[parquet].") from error
