"""Look up what the package knows: indicators, areas, definitions, sources and documents, by id or by name."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import fields as record_fields
from functools import lru_cache
from typing import TypeVar

import pandas as pd

from dxanalysis.facts.names import UnknownName, citation, fold, match, unfolded
from dxanalysis.facts.package import Package, annual, figures, open_package
from dxanalysis.facts.records import Area, Definition, Document, Indicator, Source

OBSERVATION = [
    *("indicator", "definition", "area", "period", "value", "unit", "status", "vintage", "source"),
    *("qualifier", "vintage_basis", "conflict", "break_before", "fact", "caveats", "note"),
]
AsOf = str | int | dt.date | None
Record = TypeVar("Record", Area, Definition, Document, Indicator, Source)


def catalog() -> pd.DataFrame:
    """Return one row per indicator: names, unit, pillar, definitions, areas and years with annual figures.

    Returns
    -------
    DataFrame
        Columns ``indicator, title_vi, title_en, pillar, unit, direction, definitions, areas, observations,
        first_year, last_year``; ``definitions`` are joined by blanks, years are missing where no annual figure is held.

    Examples
    --------
    >>> catalog().set_index("indicator").loc["digital_economy_share", "definitions"]
    'gso mic ptit province other'
    """
    tables = open_package().tables
    listed = tables["indicators"].rename(columns={"id": "indicator"}).set_index("indicator")
    used = tables["observations"]
    years = annual(used[(used["conflict"] == "") & (used["status"] != "projection")]).groupby("indicator")["year"]
    ordered = tables["definitions"].sort_values(["indicator", "order"]).groupby("indicator")["id"]
    table = listed[["title_vi", "title_en", "pillar", "unit", "direction"]].assign(
        definitions=ordered.agg(" ".join),
        areas=used.groupby("indicator")["area"].nunique(),
        observations=used.groupby("indicator").size(),
        first_year=years.min(),
        last_year=years.max(),
    )
    counts = dict.fromkeys(("areas", "observations", "first_year", "last_year"), "Int64")
    table = table.astype(counts).fillna({"definitions": "", "areas": 0, "observations": 0})
    return table.reset_index()


def find_indicator(text: str) -> Indicator:
    """Return the indicator that an id or a title (either language, accents optional) names.

    Raises
    ------
    UnknownName
        With the nearest ids, where nothing agrees.

    Examples
    --------
    >>> find_indicator("ty trong kinh te so").id
    'digital_economy_share'
    >>> find_indicator("digital_economy_shar")
    Traceback (most recent call last):
    dxanalysis.facts.names.UnknownName: Unknown indicator 'digital_economy_shar'. Did you mean \
'digital_economy_share'? List them: dx data list
    """
    return _record(Indicator, open_package(), "indicators", _matched(_a_name(text, "indicator"), "indicator", "area"))


def find_area(text: str) -> Area:
    """Return the area that an id or a name names; "Bắc Ninh" is the old province, "Bắc Ninh 2025" the new one.

    A bare code is refused: 15, 24, 44, 52, 80, 82 and 91 mean different provinces in the lists of 63 and 34. With its
    list a code is clear: ``vn63:24`` or ``vn34:24``. Countries of the reference panels are ``iso:THA`` and so on.

    Examples
    --------
    >>> find_area("Tỉnh Quảng Ninh").id, find_area("vn63:24").id, find_area("vn34:24").id
    ('quang-ninh', 'bac-giang', 'bac-ninh-2025')
    >>> find_area("24")
    Traceback (most recent call last):
    dxanalysis.facts.names.UnknownName: Area code '24' stands without its code list. Write 'vn63:24' or 'vn34:24'.
    """
    package, text = open_package(), _a_name(text, "area")
    if re.fullmatch(r"[0-9]{1,2}", text.strip()):
        raise UnknownName(
            f"Area code {text!r} stands without its code list. Write 'vn63:{text.strip()}' or 'vn34:{text.strip()}'."
        )
    if abroad := re.fullmatch(r"iso:([A-Z]{3})", text.strip()):
        return _country(abroad[1])
    if coded := re.fullmatch(r"(vn63|vn34):([0-9]{2})", text.strip()):
        areas = package.tables["areas"]
        found = areas.loc[areas[f"code_{coded[1]}"] == coded[2], "id"]
        if found.empty:
            raise UnknownName(f"The code list {coded[1]} has no area {coded[2]!r}. List them: dx data list --areas")
        return _record(Area, package, "areas", found.iloc[0])
    return _record(Area, package, "areas", _matched(text, "area", "indicator"))


_NAMED = {  # kind -> table, the columns that name its rows, the command that lists them
    "indicator": ("indicators", ("id", "title_vi", "title_en", "short_vi", "short_en"), "dx data list"),
    "area": ("areas", ("id", "name_vi", "name_en", "aliases"), "dx data list --areas"),
}


def _a_name(given: object, kind: str) -> str:
    """Return what may be a name; a year and what is no text are refused as standing in its place.

    >>> _a_name(2025, "area")
    Traceback (most recent call last):
    dxanalysis.facts.names.UnknownName: 2025 is a year and stands where an area belongs. Give its id or name. List \
them: dx data list --areas
    """
    year = re.fullmatch(r"(19|20)[0-9]{2}", str(given).strip())
    if isinstance(given, str) and not year:
        return given
    what = "a year" if year else "nothing" if given is None else f"of the type {type(given).__name__}"
    cure = f"Give its id or name. List them: {_NAMED[kind][2]}"
    raise UnknownName(f"{given!r} is {what} and stands where an {kind} belongs. {cure}")


def _matched(text: str, kind: str, other: str) -> str:
    """Return the id of what a text names; what names the other kind is refused as standing in its place.

    >>> _matched("Quảng Ninh", "indicator", "area")
    Traceback (most recent call last):
    dxanalysis.facts.names.UnknownName: 'Quảng Ninh' is an area and stands where an indicator belongs: the arguments \
are swapped. Exchange the two.
    """
    table, columns, command = _NAMED[kind]
    names = _names(open_package(), table, columns)
    if fold(text) not in names and fold(text) in _names(open_package(), *_NAMED[other][:2]):
        raise UnknownName(
            f"{text!r} is an {other} and stands where an {kind} belongs: the arguments are swapped. Exchange the two."
        )
    return match(text, names, kind, command)


def _country(code: str) -> Area:
    """Return a country of the reference panels, by its ISO 3166 alpha-3 code; its name is held in English only."""
    from dxanalysis.facts.reference import country_name  # read only when a country is asked for

    name = country_name(code)
    if name is None:
        raise UnknownName(f"No reference panel holds the country {code!r}. Codes are ISO 3166 alpha-3, as in iso:THA.")
    return Area(f"iso:{code}", name, name, "", "nation", "", "", "", "", "", "reference panels (data/reference)")


def definition(indicator: str, id: str) -> Definition:
    """Return who measures `indicator` and how, under the definition `id`.

    Examples
    --------
    >>> definition("digital_economy_share", "gso").name_en
    'General Statistics Office'
    """
    known = definitions(indicator)
    if id not in known:
        raise UnknownName(f"Indicator {indicator!r} has no definition {id!r}. Definitions: {known[:10]}")
    return _definition(open_package(), indicator, id)


@lru_cache(maxsize=1024)
def _definition(package: Package, indicator: str, id: str) -> Definition:
    table = package.tables["definitions"]
    return _as(Definition, table[(table["indicator"] == indicator) & (table["id"] == id)].iloc[0])


def definitions(indicator: str) -> list[str]:
    """Return the definitions of `indicator` in the catalogue's order of preference.

    >>> definitions("digital_economy_share")
    ['gso', 'mic', 'ptit', 'province', 'other']
    """
    return list(_definitions(open_package(), indicator))


@lru_cache(maxsize=1024)
def _definitions(package: Package, indicator: str) -> tuple[str, ...]:
    table = package.tables["definitions"]
    return tuple(table[table["indicator"] == indicator].sort_values("order")["id"])


def source(id: str) -> Source:
    """Return the page that the source id names.

    >>> source("founding-article").published
    '2023-10-02'
    """
    return _exact(Source, "sources", "source", id)


def document(id: str) -> Document:
    """Return the legal or party document that the id names.

    >>> document("nq-09-nq-tu-quang-ninh-2022").number
    '09-NQ/TU'
    """
    return _exact(Document, "documents", "document", id)


def find_document(text: str) -> Document:
    """Return the document that a number, a part of one, its kind with a number, an id or words of its title name.

    Raises
    ------
    UnknownName
        Where no document agrees, or several do: the message names them.

    >>> find_document("09-NQ/TU").id, find_document("Quyết định 411").id, find_document("resolution 9").id
    ('nq-09-nq-tu-quang-ninh-2022', 'qd-411-qd-ttg-2022', 'nq-09-nq-tu-quang-ninh-2022')
    >>> find_document("52")
    Traceback (most recent call last):
    dxanalysis.facts.names.UnknownName: Several documents are meant by '52': 52-NQ/TW (id nq-52-nq-tw-2019), \
52-NQ/TU (id nq-52-nq-tu-bac-ninh). Name one of them by its id.
    """
    package = open_package()
    names = _names(package, "documents", ("id", "number", "title_vi", "title_en"))
    found = [names[fold(text)]] if fold(text) in names and not unfolded(text) else _cited(text, package)
    if len(found) > 1:
        table = package.tables["documents"].set_index("id")
        shown = ", ".join(f"{table.loc[one, 'number'] or table.loc[one, 'title_vi']} (id {one})" for one in found[:6])
        more = f" and {len(found) - 6} more" if len(found) > 6 else ""
        raise UnknownName(f"Several documents are meant by {text!r}: {shown}{more}. Name one of them by its id.")
    id = found[0] if found else match(text, names, "document", "data/documents.csv")
    return _record(Document, package, "documents", id)


def _cited(text: str, package: Package) -> list[str]:
    """Return the documents whose number, else number and day, else all that names them, hold every word asked."""
    asked = citation(text)
    if not asked or unfolded(text):
        return []
    rows = package.tables["documents"].to_dict("records")
    every = ("number", "date", "id", "title_vi", "title_en", "issuer_vi", "issuer_en")
    for names in (every[:1], every[:2], every):
        if found := [row["id"] for row in rows if asked <= citation(" ".join(row[name] for name in names))]:
            return found
    return []


def method_editions() -> pd.DataFrame:
    """Return, for each published method of judging progress, the edition followed and the newest one seen.

    Returns
    -------
    DataFrame
        ``method, edition, seen`` (primary, second_hand, code), ``newest, newest_url, checked`` (ISO date), ``formula``
        (same, changed, unknown: the text of the newest was not seen), ``note_vi, note``.

    Examples
    --------
    >>> method_editions().set_index("method").loc["sdsn_trend", ["edition", "newest", "formula"]].tolist()
    ['SDG Index 2018', 'Sustainable Development Report 2025', 'unknown']
    """
    return open_package().tables["methods"].copy()


def _exact(kind: type[Record], name: str, word: str, id: str) -> Record:
    package = open_package()
    return _record(kind, package, name, match(id, _names(package, name, ("id",)), word, f"data/{name}.csv"))


@lru_cache(maxsize=32)
def _names(package: Package, table: str, columns: tuple[str, ...]) -> dict[str, str]:
    """Return folded name to id; ids first, so that a title never hides an id."""
    names: dict[str, str] = {}
    rows = package.tables[table]
    for column in columns:
        for id, cell in zip(rows["id"], rows[column], strict=True):
            for name in cell.split(";") if column == "aliases" else [cell]:
                if fold(name):  # a blank name would be found by whatever folds to nothing
                    names.setdefault(fold(name), id)
    return names


@lru_cache(maxsize=4096)
def _record(kind: type[Record], package: Package, name: str, id: str) -> Record:
    table = package.tables[name]
    return _as(kind, table[table["id"] == id].iloc[0])


def _as(kind: type[Record], row: pd.Series) -> Record:
    values = {field.name: _plain(row[field.name]) for field in record_fields(kind)}
    return kind(**values)


def _plain(value: object) -> object:
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


def as_of_date(as_of: AsOf, year: int | None = None) -> dt.date | None:
    """Return the day up to which publications count; ``None`` means the newest of everything.

    Parameters
    ----------
    as_of
        ``None`` or ``"latest"``; a year (its 31 December); a date or ISO date; ``"year-end"``: 31 December of `year`.
    year
        The year in which the analysis stands; needed for ``"year-end"`` only.

    Examples
    --------
    >>> as_of_date("latest"), as_of_date(2023), as_of_date("2025-01-31"), as_of_date("year-end", 2022)
    (None, datetime.date(2023, 12, 31), datetime.date(2025, 1, 31), datetime.date(2022, 12, 31))
    >>> as_of_date("31/01/2025")
    Traceback (most recent call last):
    ValueError: Cannot read as_of '31/01/2025'. Write 'latest', 'year-end', a year (2023) or a date (2023-12-31).
    """
    if as_of is None or as_of == "latest":
        return None
    if isinstance(as_of, dt.date):
        return dt.date(as_of.year, as_of.month, as_of.day)
    if as_of == "year-end":
        if year is None:
            raise ValueError("as_of 'year-end' needs the year in which the analysis stands. Give it, or a date.")
        return dt.date(int(year), 12, 31)
    text = str(as_of).strip()
    if re.fullmatch(r"[0-9]{4}", text):
        return dt.date(int(text), 12, 31)
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        cure = "Write 'latest', 'year-end', a year (2023) or a date (2023-12-31)."
        raise ValueError(f"Cannot read as_of {as_of!r}. {cure}") from None


def observations(
    indicator: str | None = None,
    area: str | None = None,
    definition: str | None = None,
    as_of: AsOf = None,
    *,
    conflicts: bool = True,
) -> pd.DataFrame:
    """Return single figures with everything known about them, all periods and releases, conflicting reports marked.

    Parameters
    ----------
    indicator, area
        Id or name; ``None``: all.
    definition
        Definition id; ``None``: all (side by side, never to be joined).
    as_of
        Only what had been published by then; see :func:`as_of_date`.
    conflicts
        Whether to keep reports marked as conflicting (column ``conflict`` says why).

    Returns
    -------
    DataFrame
        The observation columns, in the order of ``data/observations.csv``.
    """
    place = None if area is None else find_area(area).id
    table = open_package().tables["observations"] if indicator is None else figures(find_indicator(indicator).id)
    table = table if place is None else table[table["area"] == place]
    table = table[OBSERVATION]
    if definition is not None:
        table = table[table["definition"] == definition]
    if not conflicts:
        table = table[table["conflict"] == ""]
    day = as_of_date(as_of)
    return (table if day is None else table[table["vintage"] <= day.isoformat()]).reset_index(drop=True)
