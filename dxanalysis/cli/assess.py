"""The command `dx assess`: one judgement per target, as a table to read, as CSV and as JSON."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .common import listed, years_of

if TYPE_CHECKING:
    import pandas as pd

SHOWN = ("target", "state", "figure", "distance", "outlook", "methods")


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
    from dxanalysis.delivery.files import write_csv

    indicators = None if options.indicators is None else listed(options.indicators, "--indicators")
    table = assess(listed(options.areas, "--areas"), years_of(options.years), indicators, as_of=options.as_of)
    if options.out is not None:
        write_csv(options.out, analysis.flat(table))
    if options.json:
        print(json.dumps(records(table), ensure_ascii=False, indent=2))
        return 0
    for (area, year), part in table.groupby(["area", "year"], sort=False):
        _print_part(str(area), int(year), part, options.lang)
    if options.out is not None:
        print(f"{len(table)} rows written to {options.out}")
    return 0


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as plain data for JSON: missing numbers are null, tuples are lists."""
    import pandas as pd

    def plain(value: Any) -> Any:
        if isinstance(value, tuple | list):
            return [plain(one) for one in value]
        if isinstance(value, dict):
            return {name: plain(one) for name, one in value.items()}
        if pd.isna(value):
            return None
        return value.item() if hasattr(value, "item") else value

    return [{name: plain(value) for name, value in row.items()} for row in table.to_dict("records")]


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
