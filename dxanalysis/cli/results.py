"""The commands that tell results: dx assess (one judgement per target), status, index, where, diff, record."""

from __future__ import annotations

import argparse
import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import site
from .common import OUTPUTS, listed, place, years_of

if TYPE_CHECKING:
    import pandas as pd


def add_assess(commands: Any) -> None:
    """Describe `dx assess`."""
    assess = commands.add_parser(
        "assess", help="judge every target: state, distance, outlook, methods",
        description="Judge every target of areas at the end of years: what is held, what is missing, how likely.",
    )
    assess.add_argument("--areas", required=True, metavar="ID,…", help="ids or names")
    assess.add_argument("--years", required=True, metavar="YEARS", help="2025, 2023-2025 or 2022,2025")
    assess.add_argument("--indicators", metavar="ID,…", help="without it: all that have a target for the area")
    assess.add_argument("--as-of", default="latest", help="latest, year-end, a year or a date (2023-12-31)")
    assess.add_argument("--lang", choices=["vi", "en"], default="vi", help="language of the texts (default: vi)")
    assess.add_argument("--json", action="store_true", help="print every column of the record as JSON")
    assess.add_argument("--out", type=Path, metavar="CSV", help="write every column of the record")
    assess.set_defaults(command=print_assessment)


def print_assessment(options: argparse.Namespace) -> int:
    """Print the judgement of every target asked for, and write it where a file is named."""
    from dxanalysis import analysis
    from dxanalysis.assessing import assess
    from dxanalysis.delivery.files import plain, write_csv

    indicators = None if options.indicators is None else listed(options.indicators, "--indicators")
    table = assess(listed(options.areas, "--areas"), years_of(options.years), indicators, as_of=options.as_of)
    if options.out is not None:
        write_csv(options.out, analysis.flat(table))
    if options.json:
        print(json.dumps(plain(table.to_dict("records")), ensure_ascii=False, indent=2))
        return 0
    for (area, year), part in table.groupby(["area", "year"], sort=False):
        _print_part(str(area), int(year), part, options.lang)
    if options.out is not None:
        print(f"{len(table)} rows written to {options.out}")
    return 0


def _print_part(area: str, year: int, part: pd.DataFrame, lang: str) -> None:
    """Print the targets with a figure as a table, and name those without one."""
    import pandas as pd

    from dxanalysis import facts
    from dxanalysis.briefing import judged, target_sentences

    place = facts.find_area(area)
    for finding in target_sentences.agenda(part, area=place, year=year, catalogue=facts, day=part["as_of"].iloc[0]):
        if not finding.key.startswith("target_line"):
            print(finding.text(lang))
    told = part[part["figure"].notna()].reset_index(drop=True)
    if len(told):
        shown = judged.as_table(told, facts, lang)
        with pd.option_context("display.max_colwidth", 60, "display.width", 250):
            print(shown.to_string(index=False, justify="left"))
    silent = part[part["state"] == "no_figure_held"]
    if len(silent):
        names = dict.fromkeys(getattr(facts.find_indicator(one), f"short_{lang}") for one in silent["indicator"])
        print(judged.without_figure(list(names), lang))
    print()


ARCHIVE = OUTPUTS / "track_record.parquet"  # forecasts as they were published


def add_results(commands: Any) -> None:
    """Describe `dx status`, `dx index` and `dx where`."""
    status = commands.add_parser("status", help="what ran, when, and what failed")
    status.add_argument("--out", type=place, default=OUTPUTS, help="folder or URL (default: outputs)")
    status.add_argument("--export", type=Path, metavar="FILE", help=".csv, .json or .parquet")
    status.set_defaults(command=status_command)
    index = commands.add_parser("index", help="write the index page of an output folder again")
    index.add_argument("--out", type=Path, default=OUTPUTS, help="folder of the results (default: outputs)")
    index.set_defaults(command=index_command)
    where = commands.add_parser("where", help="what a chart, slide, note or workbook was made from")
    where.add_argument("file", type=Path, help="PNG, SVG, PDF, PPTX, DOCX or XLSX")
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
    site.write_index(site.existing(options.out))
    print(f"Open {options.out / 'index.html'}")
    return 0


def where_command(options: argparse.Namespace) -> int:
    """Print the provenance that a file carries: data digest, parameters and the command that makes it again."""
    from dxanalysis.delivery import origin

    for name, value in origin.read(options.file).items():
        print(f"{name}: {value if isinstance(value, str) and value.isprintable() else json.dumps(value)}")
    return 0


def add_diff(commands: Any) -> None:
    """Describe `dx diff`."""
    diff = commands.add_parser(
        "diff", help="what moved between two output folders, and what moved it",
        description="Compare verdicts and numbers of two output folders and say how much is due to new data, revision, "
        "target, method and code; writes a table, a text and a slide.",
    )
    diff.add_argument("before", type=Path, metavar="OUT_A", help="folder of earlier results")
    diff.add_argument("after", type=Path, metavar="OUT_B", help="folder of later results")
    diff.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: OUT_B/changes)")
    diff.add_argument("--lang", default="vi,en", help="languages of the files: vi, en or both; the first is printed")
    diff.set_defaults(command=diff_command)


def diff_command(options: argparse.Namespace) -> int:
    """Compare two folders, write table, text and slide, and print the text."""
    from dxanalysis import analysis, facts
    from dxanalysis.briefing import numbers
    from dxanalysis.delivery import changes

    languages = [numbers.language(one) for one in listed(options.lang, "--lang")]
    matched, alone = changes.pairs(options.before, options.after)
    if not matched:
        raise ValueError(
            f"{options.before} and {options.after} hold no analysis of the same area, year and indicator: "
            f"{'; '.join(alone[:10])}."
        )
    found = []
    for before, after in matched:
        area, _, indicator, _ = after.key
        subject = facts.find_indicator(indicator)
        moved = analysis.changes(before.tables, after.tables, subject)
        found.append(changes.Change(before, after, moved, subject, facts.find_area(area)))
    command = shlex.join(["dx", "diff", str(options.before), str(options.after)])
    made = changes.write_changes(options.out or options.after / "changes", found, command, languages)
    print(changes.text_of(found, languages[0]))
    print(*(f"Not compared: {one}" for one in alone), *made, sep="\n")
    return 0


def add_record(commands: Any) -> None:
    """Describe `dx record publish` and `dx record score`."""
    record = commands.add_parser("record", help="keep published forecasts and score them as data arrive")
    record = record.add_subparsers(metavar="WHAT", required=True)
    publish = record.add_parser("publish", help="add today's forecast of a series to the archive; it is never changed")
    publish.add_argument("--horizon", type=int, help="years ahead; by default up to the last target, five at least")
    publish.set_defaults(command=publish_forecast)
    score = record.add_parser("score", help="published forecasts of a series beside what has been observed since")
    score.set_defaults(command=score_record)
    for command in (publish, score):
        command.add_argument("indicator", help="id or name from `dx data list`")
        command.add_argument("area", help="id or name from `dx data list`")
        command.add_argument("definition", nargs="?", default="preferred", help="who measured (default: preferred)")
        command.add_argument("--archive", type=Path, default=ARCHIVE, help=f"by default {ARCHIVE}")


def publish_forecast(options: argparse.Namespace) -> int:
    """Forecast a series with all that is known today and keep the forecast."""
    from dxanalysis import analysis, facts, forecasting
    from dxanalysis.forecasting.scoring import archive

    subject = facts.find_indicator(options.indicator)
    history = facts.load_history(subject.id, options.area, options.definition)
    ahead = options.horizon or analysis.years_ahead(history, facts.load_targets(subject.id, options.area))
    said = forecasting.forecast(history, ahead, bounds=subject.bounds, peers=facts.load_peers(history))
    if not len(said):
        raise ValueError(f"{options.indicator} of {options.area} has no figure to forecast from. List: dx data list")
    archive(said, options.archive)
    median = said[said["quantile"] == 0.5][["area", "origin", "year", "value"]]
    print(median.round(2).to_string(index=False))
    print(f"Kept in {options.archive}")
    return 0


def score_record(options: argparse.Namespace) -> int:
    """Print what was said, what came and how wide of the mark it was."""
    from dxanalysis import facts
    from dxanalysis.forecasting.scoring import track_record

    if not options.archive.is_file():
        raise ValueError(f"No archive {options.archive}. Begin one: dx record publish INDICATOR AREA")
    history = facts.load_history(options.indicator, options.area, options.definition)
    found = track_record(options.archive, history)
    columns = ["published", "origin", "year", "actual", "median", "error", "in80", "in95"]
    print(found[columns].round(2).to_string(index=False) if len(found) else "No forecast year has been observed yet.")
    return 0
