"""The command that compares two output folders: dx diff."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import Any


def add_diff(commands: Any) -> None:
    """Describe `dx diff`."""
    diff = commands.add_parser(
        "diff", help="what moved between two output folders, and what moved it",
        description="Compare verdicts and numbers of two output folders and say how much is due to new data, revision, "
        "target, method and code; writes a table, a text and a slide.",
    )  # fmt: skip
    diff.add_argument("before", type=Path, metavar="OUT_A")
    diff.add_argument("after", type=Path, metavar="OUT_B")
    diff.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: OUT_B/changes)")
    diff.add_argument("--lang", default="vi,en", help="languages of the files: vi, en or both; the first is printed")
    diff.set_defaults(command=diff_command)


def diff_command(options: argparse.Namespace) -> int:
    """Compare two folders, write table, text and slide, and print the text."""
    from dxanalysis import analysis, facts
    from dxanalysis.briefing import numbers
    from dxanalysis.delivery import changes

    languages = [numbers.language(one) for one in options.lang.split(",")]
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
