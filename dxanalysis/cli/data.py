"""The commands about data: dx data list, needs, show, check, export, import, template."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .common import listed

if TYPE_CHECKING:
    import pandas as pd

PREVIEW_ROWS = 12
PATIENCE = 2.0  # seconds after which an import says that it is still at work
ANSWERS = {
    "sheet": "sheet of a workbook, or table of a data package", "decimal": "decimal sign of printed numbers: , or .",
    "language": "language of a PX file", "indicator": "id or title", "area": "name, id or ISO code",
    "period": "the period of a file that names none, or the one wanted", "unit": "unit of the figures: %%, Nghìn người",
    "boundaries": "before-2025 or since-2025: what a name shared by provinces means", "code_list": "vn63 or vn34",
}


def add_data(commands: Any) -> None:
    """Describe `dx data` and everything below it."""
    data = commands.add_parser("data", help="list, show, check, export and import data")
    data.add_argument("--data", metavar="DIR", help="use this package together with the shipped one (or set DX_DATA)")
    data = data.add_subparsers(metavar="WHAT", required=True)
    listed = data.add_parser("list", help="what is held for each indicator and area, and what it allows to be said")
    listed.add_argument("--areas", metavar="ID,…", help="series of these areas; without it one row per indicator")
    listed.set_defaults(command=list_data)
    asked = data.add_parser("needs", help="the figures to ask for: which, for which target, of which office")
    asked.add_argument("--areas", metavar="ID,…", required=True, help="ids or names, with commas between them")
    asked.add_argument("--as-of", help="only what had been published by that day")
    asked.add_argument("--lang", choices=["vi", "en"], default="vi", help="language of the texts (default: vi)")
    asked.add_argument("--to", type=Path, metavar="FILE", help="write the request with all its columns (.csv, .xlsx)")
    asked.set_defaults(command=list_needs)
    show = data.add_parser("show", help="every release of one series")
    show.add_argument("indicator", help="id or name from `dx data list`")
    show.add_argument("area", help="id or name from `dx data list`")
    show.add_argument("definition", nargs="?", default="preferred", help="who measured (default: preferred)")
    show.set_defaults(command=show_data)
    check = data.add_parser("check", help="all faults of the data at once")
    check.add_argument("folder", nargs="?", type=Path, help="folder of data (default: data)")
    check.set_defaults(command=check_data)
    article = data.add_parser("article", help="each number of the founding article: then, latest held, target")
    article.add_argument("--lang", choices=["vi", "en"], default="vi", help="language of the texts (default: vi)")
    article.set_defaults(command=tell_article)
    add_export(data)
    add_import(data)


def add_export(data: Any) -> None:
    """Describe `dx data export` and `dx data template`."""
    export = data.add_parser("export", help="write figures as .csv, .xlsx, .parquet or .sdmx.csv")
    export.add_argument("file", type=Path, help="where to write")
    export.add_argument("--indicator", help="id or name from `dx data list`")
    export.add_argument("--area", help="id or name from `dx data list`")
    export.add_argument("--definition", help="who measured")
    export.add_argument("--as-of", help="only what was published by this day, such as 2024-12-31")
    export.set_defaults(command=export_data)
    template = data.add_parser("template", help="write a workbook to fill in, with lists to choose from")
    template.add_argument("file", type=Path, help="the workbook to write (.xlsx)")
    template.add_argument("--lang", choices=["vi", "en"], default="vi", help="language of the texts (default: vi)")
    template.set_defaults(command=write_template)


def add_import(data: Any) -> None:
    """Describe `dx data import`."""
    load = data.add_parser(
        "import", help="read a file of yours", description="Show what a file (CSV, XLSX, XLS, PX, JSON-stat, SDMX) "
        "holds; with --to, write it as a package beside the others."
    )
    load.add_argument("file", help="XLSX, CSV, PX, SDMX or JSON-stat")
    load.add_argument("--to", type=Path, metavar="DIR", help="folder of the new package; without it nothing is written")
    load.add_argument("--definition", action="append", metavar="ID", help="id, or agency=…; repeat for each NAME=VALUE")
    load.add_argument("--source", action="append", metavar="ID", help="id, or publisher=…; repeat for each NAME=VALUE")
    load.add_argument("--vintage", help="day of publication (2025-01-06)")
    load.add_argument("--status", help="status of figures that carry none")
    for name, help in ANSWERS.items():
        load.add_argument(f"--{name.replace('_', '-')}", dest=name, help=help)
    load.add_argument("--scale", type=float, help="what values are multiplied by: 100 for parts of one, 1 keeps them")
    load.add_argument("--through", type=int, metavar="YEAR", help="leave out figures after this year")
    load.add_argument(
        "--where", action="append", metavar="DIMENSION=CATEGORY", default=[], help="* takes all categories"
    )
    load.set_defaults(command=import_data)


def tell_article(options: argparse.Namespace) -> int:
    """Print what became of each number of the founding article."""
    import pandas as pd

    from dxanalysis.delivery import exhibits

    print(exhibits.start_sentence("quang-ninh", options.lang), exhibits.teams_sentence(options.lang), sep="\n")
    columns = ["fact", "text", "then", "latest", "target"]
    print(pd.DataFrame(exhibits.told(options.lang))[columns].to_string(index=False))
    return 0


def list_data(options: argparse.Namespace) -> int:
    """Print the catalogue, or what is held for some areas; indicators of which only targets are held come apart."""
    import pandas as pd

    from dxanalysis import facts
    from dxanalysis.facts.catalogue import catalog

    if options.areas:
        held = pd.concat([facts.evidence(area) for area in listed(options.areas, "--areas")], ignore_index=True)
        columns = ["indicator", "area", "definition", "figures", "years", "grade", "next_grade", "needed", "targets"]
        print_apart(held[columns], held["figures"] > 0)
    else:
        table = catalog()
        print_apart(table, table["observations"] > 0)
    return 0


def print_apart(table: pd.DataFrame, has_figures: pd.Series) -> None:
    """Print the rows with figures, then those of which only a target is held."""
    print(table[has_figures].to_string(index=False))
    only = table[~has_figures]
    if len(only):
        print(f"\nTargets only, no annual figure held ({len(only)}):\n{only.to_string(index=False)}")


def list_needs(options: argparse.Namespace) -> int:
    """Print the figures to ask for, or write them with all their columns."""
    import pandas as pd

    from dxanalysis import facts
    from dxanalysis.facts import exporting

    areas = listed(options.areas, "--areas")
    asked = pd.concat([facts.needs(area, options.as_of) for area in areas], ignore_index=True)
    if options.to:
        print(f"{len(asked)} requests in {exporting.write(asked, options.to)}")
        return 0
    names = [f"title_{options.lang}", "target_year", "target", "years_held", "years_wanted", f"office_{options.lang}"]
    print(asked[["area", *names]].to_string(index=False))
    return 0


def show_data(options: argparse.Namespace) -> int:
    """Print every release of one series."""
    from dxanalysis.facts.coverage import load_intervals
    from dxanalysis.facts.releases import revisions

    table = revisions(options.indicator, options.area, options.definition)
    print(table.to_string(index=False) if len(table) else "No annual figure of this series is held.")
    spans = load_intervals(options.indicator, options.area)
    if len(spans):
        print(f"\nKnown only to lie between two bounds:\n{spans.drop(columns=['note']).to_string(index=False)}")
    print_mergers(options)
    return 0


def print_mergers(options: argparse.Namespace) -> None:
    """Say what became of a province in the merger of 2025, and offer what can be recomputed for a joined one."""
    from dxanalysis import facts
    from dxanalysis.facts.mergers import load_reconstruction, merger_table

    place, table = facts.find_area(options.area).id, merger_table()
    for row in table[table["predecessor"] == place].itertuples():
        print(f"\n{row.predecessor_en} ended on the day before {row.since}; its successor is {row.successor}.")
    members = table[table["successor"] == place]
    if len(members):
        made = load_reconstruction(options.indicator, options.area, options.definition)
        text = made.to_string(index=False) if len(made) else "nothing: no old province has a figure."
        print(
            f"\nBefore {members['since'].iloc[0]}, recomputed by us from {', '.join(members['predecessor'])}:\n{text}"
        )


def check_data(options: argparse.Namespace) -> int:
    """Print every fault of the package, and of the figures against each other; exit code 1 where there is a new one."""
    from dxanalysis.facts import checks, linter

    problems = checks.check(options.folder)
    for problem in problems:
        print(problem)
    suspicions = linter.check_folders([options.folder] if options.folder else None) if not problems else None
    known = suspicions[suspicions["known"]] if suspicions is not None else ()
    new = suspicions[~suspicions["known"]] if suspicions is not None else ()
    if len(new):
        print(new.drop(columns="known").to_string(index=False))
    if len(known):
        print(f"{len(known)} known faults are kept on purpose, marked in the data")
    print(f"{len(problems) + len(new)} problems" if len(problems) + len(new) else "no problems")
    return 1 if len(problems) + len(new) else 0


def export_data(options: argparse.Namespace) -> int:
    """Write the figures that the options choose."""
    from dxanalysis import facts
    from dxanalysis.facts import exporting

    table = facts.observations(options.indicator, options.area, options.definition, options.as_of)
    print(f"{len(table)} figures in {exporting.write(table, options.file)}")
    return 0


def write_template(options: argparse.Namespace) -> int:
    """Write the workbook to fill in."""
    from dxanalysis.facts.understand import template

    print(f"Fill in {template.write(options.file, lang=options.lang)}, then: dx data import {options.file} --to DIR")
    return 0


def import_data(options: argparse.Namespace) -> int:
    """Show what was understood of a file; write the package where a folder is named.

    The exit code is 1 where a figure is at fault; a package is written only when no question is open.
    """
    try:
        with telling(f"reading {options.file}"):
            preview = understand(options)
    except KeyboardInterrupt:
        print(f"dx: stopped while reading {options.file}; nothing was written.", file=sys.stderr)
        return 130
    if options.to is None:
        return show_preview(preview)
    return write_preview(preview, options)


def show_preview(preview: Any) -> int:
    """Print what was understood, the first figures, what is open and what is wrong."""
    from dxanalysis.facts.understand.measuring import describe

    print("\n".join(preview.understood))
    columns = ["indicator", "area", "period", "value", "unit", "status"]
    print(preview.table[columns].head(PREVIEW_ROWS).to_string(index=False))
    print(f"{len(preview.table)} figures")
    print("\n".join(describe(preview.questions)))
    for problem in preview.problems:
        print(problem)
    return 1 if preview.problems else 0


def write_preview(preview: Any, options: argparse.Namespace) -> int:
    """Write the package, whole or not at all, and say which of the two after Ctrl-C."""
    from dxanalysis.facts.understand import packing

    try:
        with telling(f"writing {len(preview.table):,} figures to {options.to}"):
            folder = packing.write_package(
                preview, options.to, definition=record(options.definition), source=record(options.source),
                vintage=options.vintage, status=options.status,
            )
    except KeyboardInterrupt:
        kept = "the package is whole" if options.to.exists() else "nothing was written"
        print(f"dx: stopped while writing; {kept}.", file=sys.stderr)
        return 130
    print("\n".join(preview.understood))
    print(f"Written to {folder}. Use it with: DX_DATA={folder} dx run …  or  dx run --data {folder} …")
    return 0


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Say what goes on, again and again, once it has taken longer than two seconds."""
    done, began = threading.Event(), time.monotonic()

    def tell() -> None:
        while not done.wait(PATIENCE):
            print(f"dx: {what} … {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()


def understand(options: argparse.Namespace) -> Any:
    """Read a file, with the answers that the options give."""
    from dataclasses import replace

    from dxanalysis.facts.understand import door

    answers = {name: getattr(options, name) for name in (*ANSWERS, "scale") if getattr(options, name) is not None}
    defined = record(options.definition)
    answers |= {"definition": defined} if isinstance(defined, str) else {}
    preview = door.understand(options.file, where=pairs(options.where), **answers)
    if options.through is None:
        return preview
    late = preview.table["period"].str[:4].astype("int64") > options.through
    note = (f"{int(late.sum())} figures after {options.through} left out.",) if late.any() else ()
    return replace(preview, table=preview.table[~late].reset_index(drop=True), understood=(*preview.understood, *note))


def record(words: Sequence[str] | None) -> str | Mapping[str, str] | None:
    """Give an id, or the record that NAME=VALUE words describe."""
    if not words:
        return None
    return words[0] if len(words) == 1 and "=" not in words[0] else pairs(words)


def pairs(words: Sequence[str]) -> dict[str, str]:
    """Split NAME=VALUE words.

    >>> pairs(["publisher=Cục Thống kê", "grade=official"])
    {'publisher': 'Cục Thống kê', 'grade': 'official'}
    """
    return {name: value for name, _, value in (word.partition("=") for word in words)}
