"""The commands about what runs left: dx status, index, briefing, where."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from . import run

BRIEFED = "10_trend,20_forecast,30_attainment,40_verdicts,60_peers,70_what_it_takes,90_briefing_year"


def add_results(commands: Any) -> None:
    """Describe `dx status`, `dx index`, `dx briefing` and `dx where`."""
    status = commands.add_parser("status", help="what ran, when, and what failed")
    status.add_argument("--out", type=run.place, default=run.OUTPUTS, help="folder or URL (default: outputs)")
    status.add_argument("--export", type=Path, metavar="FILE", help=".csv, .json or .parquet")
    status.set_defaults(command=status_command)
    index = commands.add_parser("index", help="write the index page of an output folder again")
    index.add_argument("--out", type=Path, default=run.OUTPUTS)
    index.set_defaults(command=index_command)
    briefing = commands.add_parser("briefing", help="slides, note and workbook; what has not been run is run first")
    briefing.add_argument("--areas", default="quang-ninh")
    briefing.add_argument("--year", "--years", dest="years", required=True)
    briefing.add_argument("--lang", default="vi,en", help="languages of the files: vi, en or both")
    briefing.add_argument("--template", type=Path, help="a .pptx whose master the slides keep")
    briefing.add_argument("--out", type=Path, default=run.OUTPUTS)
    briefing.add_argument("--jobs", type=int)
    briefing.set_defaults(command=briefing_command)
    where = commands.add_parser("where", help="what a chart, slide, note or workbook was made from")
    where.add_argument("file", type=Path)
    where.set_defaults(command=where_command)


def briefing_command(options: argparse.Namespace) -> int:
    """Run what is missing or out of date, then write slides, note and workbook for each area and year."""
    from dxanalysis import delivery, facts

    areas = [facts.find_area(name).id for name in options.areas.split(",")]
    words = ["run", "--areas", ",".join(areas), "--years", options.years, "--notebooks", BRIEFED]
    words += ["--out", str(options.out)]
    code = run.run_command(_parsed([*words, *(["--jobs", str(options.jobs)] if options.jobs else [])]))
    if code:
        return code
    for area in areas:
        for year in run.spelled_out(options.years):
            made = delivery.briefing(
                options.out, area, int(year), languages=options.lang.split(","), template=options.template
            )
            print(*made, sep="\n")
    run.write_index(options.out)  # which links them
    return 0


def _parsed(words: list[str]) -> argparse.Namespace:
    """Read the words of a `dx run`."""
    parser = argparse.ArgumentParser()
    run.add_run(parser.add_subparsers())
    return parser.parse_args(words)


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
