"""Load the reference panels: yearly figures of countries, as peers of national series and as reference classes."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import pandas as pd

from dxanalysis.facts.schema import SHIPPED, read_descriptor

REFERENCE = SHIPPED / "reference"
VIET_NAM = "VNM"
SOURCE = "reference-gapminder-2026"  # the record of data/sources.csv that cites the panels
# Members of ASEAN until 2025, the neighbours a national figure is usually set beside.
ASEAN = ("BRN", "KHM", "IDN", "LAO", "MYS", "MMR", "PHL", "SGP", "THA")
COLUMNS = ["indicator", "class", "area", "area_name", "year", "value"]


def load_reference(indicator: str | None = None) -> pd.DataFrame:
    """Return yearly figures of the member states of the United Nations, from ``data/reference`` (CC BY 4.0).

    The 0.7 MB are read at the first call only. Panels of ``reference_panels`` marked ``modelled`` are smooth by
    construction.

    Parameters
    ----------
    indicator
        A panel, or a series of ours it stands for, as ``indicator:definition``; ``None``: all.

    Returns
    -------
    DataFrame
        ``indicator, class, area`` (ISO 3166 alpha-3), ``area_name, year, value`` and ``family`` (panels that count as
        one in a reference class: those of one producer; technologies each apart), sorted by indicator, area and year.

    Raises
    ------
    ValueError
        For an unknown panel.

    Examples
    --------
    >>> panel = load_reference("internet_users_share:itu")
    >>> panel.query("area == 'VNM' and year == 2024")["value"].tolist()
    [84.15]
    >>> load_reference("gdp")
    Traceback (most recent call last):
    ValueError: Unknown reference panel 'gdp'. Panels: ['agriculture_percent_of_gdp', ...
    """
    table, panels = _read(), reference_panels()
    if indicator is not None:
        known = panels.loc[(panels["id"] == indicator) | (panels["stands_for"] == indicator), "id"]
        if known.empty:
            raise ValueError(f"Unknown reference panel {indicator!r}. Panels: {panels['id'].tolist()}")
        table = table[table["indicator"].isin(known)]
    return table.reset_index(drop=True)


@lru_cache(maxsize=1)
def reference_panels() -> pd.DataFrame:
    """Return what each reference panel measures.

    Returns
    -------
    DataFrame
        ``id, class, title_vi, title_en, unit, modelled, origin, stands_for``.

    Examples
    --------
    >>> reference_panels().set_index("id").loc["internet_users", "stands_for"]
    'internet_users_share:itu'
    """
    return pd.read_csv(REFERENCE / "indicators.csv", dtype="str", keep_default_na=False)


def countries(indicator: str, definition: str, day: dt.date | None, through: int | None) -> pd.DataFrame:
    """Return the panel that continues a national series of ours in other countries; empty where there is none.

    The panel has one vintage: asked for as of an earlier day, it was not known yet.

    Returns
    -------
    DataFrame
        ``indicator, definition, area`` (``iso:`` and the code), ``year, value, vintage``.
    """
    series = f"{indicator}:{definition}"
    published = str(read_descriptor(REFERENCE)["created"])[:10]
    columns = ["indicator", "definition", "area", "year", "value", "vintage"]
    if series not in set(reference_panels()["stands_for"]) or (day is not None and day.isoformat() < published):
        return pd.DataFrame(columns=columns)
    table = load_reference(series)
    table = table[(table["area"] != VIET_NAM) & (table["year"] <= (through or 9999))]
    named = table.assign(indicator=indicator, definition=definition, area="iso:" + table["area"], vintage=published)
    return named[columns].reset_index(drop=True)


def country_name(code: str) -> str | None:
    """Return the English name of a country of the panels; ``None`` for another code.

    >>> country_name("THA"), country_name("XXX")
    ('Thailand', None)
    """
    return _country_names().get(code)


@lru_cache(maxsize=1)
def _country_names() -> dict[str, str]:
    table = _read().drop_duplicates("area")
    return dict(zip(table["area"], table["area_name"], strict=True))


@lru_cache(maxsize=1)
def _read() -> pd.DataFrame:
    types = dict.fromkeys(COLUMNS, "category") | {"year": "int64", "value": "float64"}
    table = pd.read_csv(REFERENCE / "panels.csv.gz", dtype=types)
    texts = [column for column in COLUMNS if types[column] == "category"]
    return table.assign(family=table["indicator"].map(_families())).astype(dict.fromkeys([*texts, "family"], "str"))


def _families() -> dict[str, str]:
    """Return the family of each panel: one producer's panels move alike and count once, technologies each apart."""
    panels = reference_panels()
    alone = panels["class"].str.startswith("diffusion")
    return dict(zip(panels["id"], panels["origin"].str.split(",").str[0].mask(alone, panels["id"]), strict=True))
