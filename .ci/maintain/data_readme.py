"""Write ``data/README.md`` from the package itself, so that the page cannot say what the data do not.

Run ``.venv/bin/python .ci/maintain/data_readme.py`` after a change of the data; a test compares.
"""

from __future__ import annotations

import pandas as pd

from dxanalysis.facts.catalogue import catalog
from dxanalysis.facts.package import annual, open_package
from dxanalysis.facts.schema import SHIPPED, schema

LENGTHS = {"1": (1, 1), "2-3": (2, 3), "4-5": (4, 5), "6-9": (6, 9), "10+": (10, 10_000)}
HEAD = """\
# The data

Written by `.ci/maintain/data_readme.py` from the tables beside it; do not edit by hand.

Every figure names who measured it and how (definition), the day it was published (vintage) and the page on which it
was read (source). Two definitions are never joined in one series. The folder is a Frictionless Data Package:
`datapackage.json` describes each table, column by column, and `dx data check` holds the tables to it.
"""
RULES = """\
## How to read them

- **Period**: a year (`2024`), half (`2024-H1`), quarter (`2024-Q1`), first months (`2024-9M`), month (`2024-06`), day
  or span of years (`2021-2025`). Only whole years enter an annual history, and of a stock (`year_end` in the
  indicators) its December figure where no annual one is held.
- **Vintage**: the day the figure was published. `vintage_basis` says how well it is known: `exact`; `month` (its last
  day); `not-later-than` (the last day it can have been; the day of reading where the page bears no date); `inferred`
  (from the release it belongs to, or from the address). It never lies before the true day, so `as_of` leaves out what
  might not have been known yet.
- **Status**: official, preliminary, estimate, self-assessed, reported (the press, status not named), derived (computed
  from printed numbers), projection (an expectation: it enters no history).
- **Conflict**: a report that is not to be used, and why. It stays in the table, no history takes it, and the column
  `conflict` of a history names it beside the value that was preferred: within one release an official page goes before
  the press and the press before a mirror; a later release goes before an earlier one.
- **Caveats**: what must be said with the value (`inferred_year`, `our_midpoint`, `compiler_unknown` and others, see
  `datapackage.json`), as codes that travel into histories and targets. What status, qualifier, span and grade of the
  source say is added when the package is read; `dx data check` finds notes whose words call for a code they lack.
- **Kinds**: `kind` of an indicator says which statements make sense (a growth rate has no pace, a rank no expected
  year); `out_of` is the number of places ranked or the maximum of an index; `evidence_class` names the class of the
  panels in `reference/` among which precedents are sought.
- **Breaks**: `breaks.csv` holds the first year that is not comparable with the years before it.
- **Areas**: one id for a boundary that did not change on 1 July 2025; a province joined on that day has its old id
  (`bac-ninh`) and a new one (`bac-ninh-2025`). A code never stands without its list: 15, 24, 44, 52, 80, 82 and 91 mean
  one province among the 63 and another among the 34.
- **Targets**: the document, the day and body that issued it, comparator, denominator (GDP or GRDP), wording in our own
  words, and the document that later set another value.
- **Founding article**: `facts.csv` lists the 41 quantitative facts of the article of 2 October 2023 and the record that
  holds each; rows elsewhere carry the number in the column `fact`.
"""
LEFT_OUT = """\
## What was left out, and why

- Figures that no page states: nothing is interpolated, and only sums or differences of printed numbers are `derived`.
- PAPI 2023 of Quảng Ninh and Bình Dương: not published.
- Second pages for a figure already held with a better or earlier page, and second lists of the same targets.
- Average growth and shares of several years stay in the table under their span and enter no annual history.
- Titles and dates that a page did not show are empty; a page without a date counts as known from the day of reading.
- Rows of Natural Earth and other map material: pictures only, not part of this package.
"""


def series_lengths() -> pd.Series:
    """Return how many series hold 1, 2-3, 4-5, 6-9 and 10 or more annual points.

    Conflicting reports and projections are not counted.

    >>> series_lengths().index.tolist()
    ['1', '2-3', '4-5', '6-9', '10+']
    """
    used = open_package().tables["observations"]
    used = annual(used[(used["conflict"] == "") & (used["status"] != "projection")])
    points = used.groupby(["indicator", "definition", "area"])["year"].nunique()
    return pd.Series({name: int(points.between(low, high).sum()) for name, (low, high) in LENGTHS.items()})


def readme() -> str:
    """Return the text of ``data/README.md``."""
    tables = open_package((SHIPPED,)).tables
    parts = [HEAD, _tables(tables), RULES, _series(), _grades(tables), _indicators(tables), _faults(tables), LEFT_OUT]
    return "\n".join(parts) + "\n" + _licence()


def _tables(tables: dict[str, pd.DataFrame]) -> str:
    rows = [(f"`{r['name']}.csv`", len(tables[r["name"]]), r["description"]) for r in schema()["resources"]]
    return "## Tables\n\n" + _markdown(("table", "rows", "what"), rows)


def _series() -> str:
    lengths = series_lengths()
    row = [("series", *lengths.tolist())]
    return "## Series by number of annual points\n\n" + _markdown(("points", *lengths.index), row)


def _grades(tables: dict[str, pd.DataFrame]) -> str:
    counts = tables["sources"]["grade"].value_counts()
    figures = tables["observations"]["source"].map(tables["sources"].set_index("id")["grade"]).value_counts()
    meaning = {"official": "page of a public body", "press": "press", "mirror": "repost, aggregator, blog or forum"}
    rows = [(grade, text, int(counts.get(grade, 0)), int(figures.get(grade, 0))) for grade, text in meaning.items()]
    return "## Sources by reliability\n\n" + _markdown(("grade", "meaning", "pages", "figures"), rows)


def _indicators(tables: dict[str, pd.DataFrame]) -> str:
    targets = tables["targets"].groupby("indicator").size()
    parts = ["## Indicators\n\nYears are those with annual figures. Licence: " + _licences(tables) + ".\n"]
    for pillar, part in catalog().groupby("pillar", sort=False):
        rows = [
            (
                f"`{r.indicator}`",
                r.title_vi,
                r.title_en,
                _years(r),
                r.areas,
                r.observations,
                targets.get(r.indicator, 0),
            )
            for r in part.itertuples()
        ]
        rows = [(*row, f"`{definitions}`") for row, definitions in zip(rows, part["definitions"], strict=True)]
        header = ("id", "tiếng Việt", "English", "years", "areas", "figures", "targets", "definitions")
        parts.append(f"### {pillar.replace('_', ' ').capitalize()}\n\n{_markdown(header, rows)}")
    return "\n".join(parts)


def _years(row: object) -> str:
    if pd.isna(row.first_year):
        return ""
    return str(row.first_year) if row.first_year == row.last_year else f"{row.first_year}-{row.last_year}"


def _licences(tables: dict[str, pd.DataFrame]) -> str:
    return "; ".join(sorted(set(tables["indicators"]["licence"])))


def _faults(tables: dict[str, pd.DataFrame]) -> str:
    table = tables["observations"][tables["observations"]["conflict"] != ""]
    rows = [
        (f"`{r.indicator}`", r.area, r.period, r.definition, f"{r.value:g}", r.conflict, f"`{r.source}`")
        for r in table.itertuples()
    ]
    header = ("indicator", "area", "period", "definition", "value", "why it is not used", "source")
    return "## Known faults, kept and marked\n\n" + _markdown(header, rows)


def _licence() -> str:
    return f"""
## Licence

Our records, paraphrases and descriptions: {schema()["licenses"][0]["name"]}. Single figures belong to nobody; each is
cited with its page. Nothing here is copied text.
"""


def _markdown(header: tuple[str, ...], rows: list[tuple]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    (SHIPPED / "README.md").write_text(readme(), encoding="utf-8", newline="\n")
