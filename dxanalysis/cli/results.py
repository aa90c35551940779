"""The commands about what runs left: dx status, index, where."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from . import run


def add_results(commands: Any) -> None:
    """Describe `dx status`, `dx index` and `dx where`."""
    status = commands.add_parser("status", help="what ran, when, and what failed")
    status.add_argument("--out", type=run.place, default=run.OUTPUTS, help="folder or URL (default: outputs)")
    status.add_argument("--export", type=Path, metavar="FILE", help=".csv, .json or .parquet")
    status.set_defaults(command=status_command)
    index = commands.add_parser("index", help="write the index page of an output folder again")
    index.add_argument("--out", type=Path, default=run.OUTPUTS)
    index.set_defaults(command=index_command)
    where = commands.add_parser("where", help="what a chart, slide, note or workbook was made from")
    where.add_argument("file", type=Path)
    where.set_defaults(command=where_command)


def status_command(options: argparse.Namespace) -> int:
    """Print one line per run of an output folder."""
    from dxanalysis import batch

    if options.export:
        print(batch.export_manifest(batch.status(options.out).out, options.export))
    else:
        print(batch.status(options.out))
    return 0


def index_command(options: argparse.Namespace) -> int:
    """Write the index page again."""
    run.write_index(options.out)
    print(f"Open {options.out / 'index.html'}")
    return 0


def where_command(options: argparse.Namespace) -> int:
    """Print the provenance that a file carries: data digest, parameters and the command that makes it again."""
    from dxanalysis.delivery import origin

    for name, value in origin.read(options.file).items():
        print(f"{name}: {value if isinstance(value, str) and value.isprintable() else json.dumps(value)}")
    return 0
