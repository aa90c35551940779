"""The commands that write what an official hands in: dx report, dx briefing."""

from __future__ import annotations

import argparse
import datetime as dt
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from . import site
from .common import OUTPUTS, listed, years_of

if TYPE_CHECKING:
    import pandas as pd

    from dxanalysis.delivery.dossier import Dossier
    from dxanalysis.facts import Area
    from dxanalysis.facts.records import Document

AS_OF = "latest, year-end, or a date: only what was published by then"
MAIN = "digital_economy_share"  # what a deck is about where the area has it


def add_report(commands: Any) -> None:
    """Describe `dx report` and `dx briefing`."""
    report = commands.add_parser(
        "report",
        help="the report on a document's targets, with its appendix, as Word and PDF",
        description="Write a report in the form of Nghị định 30/2020/NĐ-CP on the targets of a document, a pillar or a "
        "list of indicators, with every target in the appendix; with --form, the form to collect what is missing.",
    )
    what = report.add_mutually_exclusive_group()
    what.add_argument("--document", help="number, id or title: 09-NQ/TU; without it every target of the area")
    what.add_argument("--pillar", help="digital_government, digital_economy, digital_society or data")
    what.add_argument("--indicators", help="ids or titles, with commas")
    report.add_argument("--area", "--areas", dest="areas", default="quang-ninh", help="names or ids, with commas")
    report.add_argument("--year", type=int, required=True, help="the report stands at the end of this year")
    report.add_argument("--as-of", default="latest", help=AS_OF)
    report.add_argument("--lang", default="vi", help="vi, en or both: vi,en")
    report.add_argument("--template", type=Path, help="a .docx or .dotx whose page and styles are kept")
    report.add_argument("--issuer", default="", help="the body that reports, as its name stands in the head")
    report.add_argument("--form", action="store_true", help="write the collection form (.xlsx), too")
    report.add_argument("--data", metavar="DIR", help="use this data package together with the shipped one")
    report.add_argument("--out", type=Path, default=OUTPUTS, help="folder (default: outputs)")
    report.set_defaults(command=report_command)
    briefing = commands.add_parser("briefing", help="deck, note and workbook of an area and year")
    briefing.add_argument("--areas", default="quang-ninh", help="ids or names, with commas between them")
    briefing.add_argument("--year", "--years", dest="years", required=True, help="2025, 2023-2025 or 2022,2025")
    briefing.add_argument("--indicator", default=MAIN, help="what the deck and the note are about")
    briefing.add_argument("--as-of", default="latest", help=AS_OF)
    briefing.add_argument("--lang", default="vi,en", help="languages of the files: vi, en or both")
    briefing.add_argument("--template", type=Path, help="a .pptx or .potx whose master every slide keeps")
    briefing.add_argument("--data", metavar="DIR", help="use this data package together with the shipped one")
    briefing.add_argument("--out", type=Path, default=OUTPUTS, help="folder of the results (default: outputs)")
    briefing.set_defaults(command=briefing_command, document=None, pillar=None, indicators=None)


def report_command(options: argparse.Namespace) -> int:
    """Write the report, and on request the form, for each area."""
    from dxanalysis.delivery import pack, sayings

    for area in standing(options, options.year):
        dossier, languages = gathered(area, options.year, options), listed(options.lang, "--lang")
        made = pack.write_report(
            options.out / area.id / str(options.year) / "report", dossier, repeats(options, area.id, options.year),
            languages=languages, template=options.template, issuer=options.issuer, form=options.form,
        )
        print(*made, sep="\n")
        for lang in languages:
            print(*sayings.to_check(dossier, lang), sep="\n", file=sys.stderr)
    return 0


def repeats(options: argparse.Namespace, area: str, year: int) -> str:
    """Return the command that writes the files of one area and year again, in the one form that is recorded."""
    if options.command is briefing_command:
        words = ["dx", "briefing", "--areas", area, "--year", str(year), "--lang", options.lang]
        words += ["--indicator", options.indicator] if options.indicator != MAIN else []
    else:
        words = ["dx", "report"]
        for name in ("document", "pillar", "indicators", "issuer"):
            words += [f"--{name}", str(getattr(options, name))] if getattr(options, name) else []
        words += ["--area", area, "--year", str(year), "--lang", options.lang, *(["--form"] if options.form else [])]
    return shlex.join([*words, *(["--as-of", options.as_of] if options.as_of != "latest" else [])])


def read_command(command: str) -> argparse.Namespace:
    """Return the options of a recorded `dx report` or `dx briefing`, which must be in the form this project writes.

    Raises
    ------
    ValueError
        For any other command: nothing a stranger wrote is carried out.

    >>> read_command("dx briefing --areas quang-ninh --year 2025 --lang vi").areas
    'quang-ninh'
    >>> read_command("dx briefing --areas quang-ninh --year 2025 --lang vi --out x")
    Traceback (most recent call last):
        ...
    ValueError: The command in the file, 'dx briefing --areas quang-ninh --year 2025 --lang vi --out x', is not one \
that dx report or dx briefing records.
    """
    from dxanalysis import facts
    from dxanalysis.briefing import numbers

    parser = _Strict()
    add_report(parser.add_subparsers(parser_class=_Strict, required=True))
    try:
        options = parser.parse_args(shlex.split(command)[1:])
        area, year = facts.find_area(options.areas).id, int(getattr(options, "years", None) or options.year)
        same = repeats(options, area, year) == command and set(options.lang.split(",")) <= set(numbers.LANGUAGES)
    except ValueError:
        same = False
    if not same:
        raise ValueError(
            f"The command in the file, {command[:120]!r}, is not one that dx report or dx briefing records."
        )
    return options


class _Strict(argparse.ArgumentParser):
    """Reads words without leaving the program where they are wrong."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def gathered(area: Area, year: int, options: argparse.Namespace) -> Dossier:
    """Judge what the options choose and gather it for the files.

    Raises
    ------
    ValueError
        Where the choice holds no target: the message says what there is.
    """
    from dxanalysis import assessing, facts
    from dxanalysis.delivery.dossier import PILLARS, build
    from dxanalysis.facts.catalogue import find_document

    day = facts.as_of_date(options.as_of, year)
    about: dict[str, Any] = {"as_of": "" if day is None else day.isoformat(), "chosen": "all"}
    if options.document:
        document = find_document(options.document)
        judged, holder = of_document(document, area, year, about["as_of"])
        about |= {"chosen": "document", "holder": holder}
    else:
        names = [facts.find_indicator(one).id for one in listed(options.indicators, "--indicators")] \
            if options.indicators else None
        judged = assessing.assess(area.id, year, names, as_of=options.as_of)
        about |= {"chosen": "indicators"} if names else {}
    if options.pillar:
        wanted = pillar_of(options.pillar, PILLARS)
        judged = judged[[facts.find_indicator(one).pillar == wanted for one in judged["indicator"]]]
        about |= {"chosen": "pillar"}
    judged = judged[judged["area"] == area.id]  # what took the place of an area that is no more has a report of its own
    if not len(judged):
        raise ValueError(f"{area.name_en} has neither a target nor a figure in this choice. See: dx data list")
    return build(judged, area, year, **about)


def standing(options: argparse.Namespace, year: int) -> list[Area]:
    """Return the areas asked for, each followed by the one that took its place by then, where anything of it is held.

    A document's targets are those of the area asked for alone.
    """
    from dxanalysis import assessing, facts

    if year > (now := dt.date.today().year):
        raise ValueError(f"The year {year} has not come: a report is of a year that has. Give {now} or an earlier one.")
    found = []
    for area in [facts.find_area(name) for name in listed(options.areas, "--areas")]:
        offered = [] if options.document else assessing.assess(area.id, year, as_of=options.as_of)["area"].unique()
        found += [area, *(facts.find_area(str(one)) for one in offered)]
    return list(dict.fromkeys(found))


def pillar_of(name: str, pillars: tuple[str, ...]) -> str:
    """Return the pillar a name means.

    >>> pillar_of("economy", ("digital_government", "digital_economy"))
    'digital_economy'
    """
    from dxanalysis.briefing import labels
    from dxanalysis.facts.names import fold, match

    rooms = labels.wording()["room"]
    names = {fold(one): pillar for pillar in pillars for one in (pillar, *rooms.get(pillar, {}).values())}
    names |= {fold(pillar.removeprefix("digital_")): pillar for pillar in pillars}
    return match(name, names, "pillar", f"{', '.join(pillars)}")


def of_document(document: Document, area: Area, year: int, day: str) -> tuple[pd.DataFrame, Area]:
    """Judge every target of a document by an area's figures, and name the area whose targets they are.

    Where the document sets none for the area itself, those of the area it belongs to are held against its figures.
    A page that prints a target otherwise than every other page sets none.
    """
    from dxanalysis import analysis, assessing, facts

    table = facts.open_package().tables["targets"]
    mine = table[table["document"] == document.id]
    holder = area
    while holder.parent and not (mine["area"] == holder.id).any():
        holder = facts.find_area(holder.parent)
    rows = []
    for indicator in dict.fromkeys(mine.loc[mine["area"] == holder.id, "indicator"]):
        targets = facts.load_targets(indicator, holder.id, day or None, which="all")
        targets = targets[targets["document_id"] == document.id]
        sound = targets["conflict"] == ""
        targets = targets[sound | ~targets["year"].isin(targets.loc[sound, "year"])].reset_index(drop=True)
        if len(targets):
            subject = facts.find_indicator(indicator)
            rows += assessing.judge_targets(targets, subject, area.id, year, "preferred", day or None)
    if not rows:
        places = ", ".join(dict.fromkeys(mine["area"])) or "no area (none of its targets is held)"
        raise ValueError(
            f"{document.number or document.title_en} sets no target for {area.name_en} that was known by then. It sets "
            f"targets for: {places}. Name one of these, or leave out --document for every target of {area.name_en}."
        )
    return analysis.assessment_of(rows).assign(successor_vi="", successor_en=""), holder


def briefing_command(options: argparse.Namespace) -> int:
    """Write deck, note and workbook for each area and year."""
    from dxanalysis import facts
    from dxanalysis.delivery import pack

    indicator = facts.find_indicator(options.indicator).id
    for year in years_of(options.years):
        for area in standing(options, year):
            made = pack.write_briefing(
                options.out, gathered(area, year, options), repeats(options, area.id, year),
                languages=listed(options.lang, "--lang"), template=options.template, indicator=indicator,
            )
            print(*made, sep="\n")
    site.write_index(options.out)  # which links them
    return 0
