"""The commands about the site: dx site writes it, dx serve shows it to this machine."""

from __future__ import annotations

import argparse
import os
from functools import cache
from pathlib import Path
from typing import Any

from .common import OUTPUTS


def add_site(commands: Any) -> None:
    """Describe `dx site` and `dx serve`."""
    site = commands.add_parser("site", help="write the site of an output folder: outputs/site/index.html")
    site.add_argument("--out", type=Path, default=OUTPUTS, help="folder of the results (default: outputs)")
    site.set_defaults(command=site_command)
    serve = commands.add_parser(
        "serve", help="show the site in a browser", description="Bring the site up to date and show it to this machine "
        "only. Ctrl-C ends it."
    )
    serve.add_argument("--out", type=Path, default=OUTPUTS, help="folder of the results (default: outputs)")
    serve.add_argument("--port", type=int, default=0, help="default: a free one")
    serve.add_argument("--host", default="127.0.0.1", help="127.0.0.1 (default), ::1 or localhost: this machine only")
    serve.set_defaults(command=serve_command)


def site_command(options: argparse.Namespace) -> int:
    """Write the pages that are out of date and say where to look."""
    built = write_site(existing(options.out))
    print(f"{built.pages} pages, {built.written} written. Open {built.start}")
    return 0


def serve_command(options: argparse.Namespace) -> int:
    """Write what is out of date, then serve the output folder until Ctrl-C."""
    from . import serving

    write_site(existing(options.out))
    with serving.Server(options.out, host=options.host, port=options.port) as server:
        try:
            print(f"Open {server.address} (Ctrl-C ends it)", flush=True)
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


def existing(out: Path) -> Path:
    """Give an output folder back, or say that there is none."""
    if not out.is_dir():
        raise FileNotFoundError(f"There is no folder {out}. Make results first: dx run.")
    return out


def write_site(out: Path) -> Any:
    """Write the site of an output folder, with the catalogue at hand."""
    from dxanalysis.batch.notebooks import GRAMMARS, as_if_missing

    with as_if_missing(*GRAMMARS):  # nbconvert comes with all that nbformat checks
        from dxanalysis.delivery.site.build import write_site as write

    return write(out, known())


def write_index(out: Path) -> bool:
    """Write the pages over all runs of an output folder: the site, as far as it changed, and the plain list.

    Returns whether the site could be written.
    """
    from dxanalysis.delivery import listing

    try:
        write_site(out)
        return True
    except Exception as error:  # a stranger's file in one folder must not stop the plain list, nor any later run
        if os.environ.get("DX_TRACEBACK"):
            raise
        print(f"The site was not written: {type(error).__name__}: {error}")
        return False
    finally:
        listing.write_index(out)


def known() -> Any:
    """Give the catalogue as the site sees it."""
    from dxanalysis import facts
    from dxanalysis.delivery.site.gather import Known

    return Known(facts.digest(), series, names, source, story, rungs, editions)


def rungs() -> dict[tuple[str, str, str], tuple[str, str, int]]:
    """Give the rung of the ladder of evidence of every series, the next one and what it takes."""
    from dxanalysis import facts

    steps = ["grade", "next_grade", "needed"]
    held = facts.evidence().set_index(["indicator", "area", "definition"])[steps]
    return dict(zip(held.index, held.itertuples(index=False, name=None), strict=True))


def editions() -> list[dict[str, str]]:
    """Give the edition of each published method that is followed, and the newest one seen."""
    from dxanalysis.facts.catalogue import method_editions

    return method_editions().to_dict("records")


def story() -> dict[str, Any]:
    """Give the story of the founding article by language; nothing where the data do not hold its facts."""
    from dxanalysis import facts
    from dxanalysis.briefing import numbers
    from dxanalysis.delivery import exhibits as told

    held = len(facts.open_package().tables["facts"])
    return {lang: told.page(lang) for lang in numbers.LANGUAGES} if held else {}


def names(kind: str, id: str) -> dict[str, str] | None:
    """Give id and names of an area or an indicator, None where it is unknown.

    >>> names("area", "Quảng Ninh")
    {'id': 'quang-ninh', 'vi': 'Quảng Ninh', 'en': 'Quảng Ninh', 'level': 'province'}
    >>> names("indicator", "no_such_thing")
    """
    from dxanalysis import facts

    find, stem = (facts.find_area, "name") if kind == "area" else (facts.find_indicator, "title")
    try:
        found = find(id)
    except facts.UnknownName:
        return None
    level = {"level": found.level} if kind == "area" else {}
    return {"id": found.id, **{lang: getattr(found, f"{stem}_{lang}") for lang in ("vi", "en")}, **level}


def source(id: str) -> Any:
    """Give the record of a page on which figures were read, None where it is unknown."""
    from dxanalysis import facts

    table = facts.open_package().tables["sources"]
    return facts.source(id) if id and (table["id"] == id).any() else None


def series(indicator: str, area: str) -> Any:
    """Give every definition and release of a series with the path to its targets; None where the catalogue lacks it."""
    from dxanalysis import facts

    return _series(indicator, area, facts.digest())


@cache  # a series is asked for by its own page and by the page on data
def _series(indicator: str, area: str, _digest: str) -> Any:
    from dxanalysis import facts
    from dxanalysis.delivery.site.gather import Line, Series

    try:
        subject, place = facts.find_indicator(indicator), facts.find_area(area)
    except facts.UnknownName:
        return None
    targets = facts.load_targets(subject.id, place.id)
    lines = [
        Line(facts.definition(subject.id, id), releases(subject.id, place.id, id, targets))
        for id, _ in facts.load_each_definition(subject.id, place.id)
    ]
    return Series(subject, place, tuple(lines), targets)


def releases(indicator: str, area: str, definition: str, targets: Any) -> tuple[Any, ...]:
    """Give a series as it stood after each of its days of publication."""
    from dxanalysis import analysis, facts
    from dxanalysis.delivery.site.gather import Release

    stood = facts.load_releases(indicator, area, definition)
    return tuple(Release(day, history, analysis.target_path(history, targets)) for day, history in stood.items())
