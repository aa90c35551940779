"""Fetch one indicator from the World Bank's API by its code; a network fault is one sentence and changes nothing."""

from __future__ import annotations

import math
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pandas as pd

from dxanalysis.facts.readers.guards import refuse
from dxanalysis.facts.readers.jsonstat import load_json
from dxanalysis.facts.readers.reading import CELL_COLUMNS, Reading, without_controls

ADDRESS = "https://api.worldbank.org/v2"
MAX_PAGES = 50
MAX_PAGE_BYTES = 20_000_000
PER_PAGE = 1000


def fetch_indicator(code: str, countries: str = "VNM", *, address: str = ADDRESS, timeout: float = 20.0) -> Reading:
    """Fetch all years of an indicator.

    Parameters
    ----------
    code : str
        World Bank code, e.g. "IT.NET.USER.ZS" (internet users, % of population).
    countries : str
        ISO codes separated by semicolons, or "all".
    address : str
        Base address of the service (http or https).
    timeout : float
        Seconds to wait for each answer.

    Raises
    ------
    ValueError
        When a code holds other than letters, digits, dots and underscores, or the address is not http(s).
    DataError
        When the service cannot be reached or does not know the code.
    """
    if not re.fullmatch(r"[A-Za-z0-9_.]{1,60}", code):
        raise ValueError(f"{code!r} is no World Bank indicator code. Example: 'IT.NET.USER.ZS'.")
    if not re.fullmatch(r"[A-Za-z0-9]{2,3}(;[A-Za-z0-9]{2,3})*", countries):
        raise ValueError(f"{countries!r} are no country codes. Example: 'VNM;THA' or 'all'.")
    if not address.startswith(("http://", "https://")):
        raise ValueError(f"The address must start with http:// or https://; received {address!r}.")
    name = f"World Bank {code}"
    pages = list(_pages(f"{address}/country/{countries}/indicator/{code}", name, timeout))
    return without_controls(_reading(pages[0][0], [row for _, rows in pages for row in rows], code, name), name)


def _pages(url: str, name: str, timeout: float) -> Iterator[tuple[dict, list]]:
    page, pages = 1, 1
    while page <= pages:
        header, rows = _page(f"{url}?format=json&per_page={PER_PAGE}&page={page}", name, timeout)
        pages = int(header.get("pages") or 1)
        if pages > MAX_PAGES:
            raise refuse(name, f"spans {pages} pages; at most {MAX_PAGES} are fetched.", "Ask for fewer countries.")
        yield header, rows
        page += 1


def _page(url: str, name: str, timeout: float) -> tuple[dict, list]:
    answer = load_json(_get(url, name, timeout), name)
    if isinstance(answer, list) and answer and isinstance(answer[0], dict) and "message" in answer[0]:
        said = answer[0]["message"]
        words = str(
            said[0].get("value", said) if isinstance(said, list) and said and isinstance(said[0], dict) else said
        )
        raise refuse(name, f"is refused by the service: {words[:120]}", "Check the indicator and country codes.")
    if not (isinstance(answer, list) and len(answer) == 2 and isinstance(answer[0], dict)):
        raise refuse(name, "is answered in an unknown form.", "Try again later, or download a CSV from the website.")
    rows = answer[1] or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise refuse(name, "is answered in an unknown form.", "Try again later, or download a CSV from the website.")
    return answer[0], rows


def _get(url: str, name: str, timeout: float) -> str:
    """Return the body of an answer; every network fault becomes one sentence."""
    cure = "Check the network connection and try again; nothing was changed."
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:  # noqa: S310 (scheme checked by the caller)
            data = response.read(MAX_PAGE_BYTES + 1)
            return _body(data, name)
    except urllib.error.HTTPError as error:
        error.close()
        raise refuse(name, f"could not be fetched: the service answered {error.code}.", cure) from None
    except (OSError, ValueError, urllib.error.URLError) as error:
        from dxanalysis.facts.records import DataError

        if isinstance(error, DataError):
            raise
        reason = getattr(error, "reason", error)
        raise refuse(name, f"could not be fetched ({str(reason)[:100]}).", cure) from None


def _body(data: bytes, name: str) -> str:
    if len(data) > MAX_PAGE_BYTES:
        raise refuse(name, "is answered with more than 20 MB.", "Ask for fewer countries.")
    return data.decode("utf-8-sig", errors="strict")


def _reading(header: dict[str, Any], rows: list[dict[str, Any]], code: str, name: str) -> Reading:
    found = [_record(row, i, name) for i, row in enumerate(rows, start=1)]
    kept = [record for record in found if not math.isnan(record["value"])]
    if not kept:
        raise refuse(name, "has no figures for these countries.", "Try 'all', or check the indicator code.")
    labels = {str(row["country"]["id"]): str(row["country"]["value"]) for row in rows}
    iso3 = {str(row.get("countryiso3code") or row["country"]["id"]): str(row["country"]["value"]) for row in rows}
    title = str(rows[0]["indicator"].get("value") or code)
    cells = pd.DataFrame(kept, columns=["area", "indicator", "period", *CELL_COLUMNS])
    return Reading(
        kind="world-bank",
        cells=cells.astype({"area": "str", "indicator": "str", "period": "str", "symbol": "str", "status": "str"}),
        dimensions=("area", "indicator", "period"),
        roles={"area": "area", "indicator": "indicator", "period": "period"},
        labels={"area": iso3 | labels, "indicator": {code: title}},
        title=title,
        unit="percent" if "(%" in title or "% of" in title else "",
        source=f"World Bank, {title} ({code})",
        updated=str(header.get("lastupdated") or ""),
        notes=(f"{len(kept)} figures of {code} fetched, {len(found) - len(kept)} empty years left out.",),
    )


def _record(row: dict[str, Any], number: int, name: str) -> dict[str, Any]:
    try:
        value = row["value"]
        if value is not None and (isinstance(value, bool) or not math.isfinite(float(value))):
            raise ValueError(f"value {value!r}")
        area = str(row.get("countryiso3code") or row["country"]["id"])
        str(row["country"]["id"]), str(row["country"]["value"]), row["indicator"].get("value")
        return {
            **{"area": area, "indicator": str(row["indicator"]["id"]), "period": str(row["date"])},
            **{"value": float("nan") if value is None else float(value), "symbol": "", "status": ""},
            **{"row": number, "column": "value"},
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"is answered in an unknown form ({type(error).__name__}: {str(error)[:60]})."
        raise refuse(name, message, "Try again later, or download a CSV from the website.", row=number) from None
