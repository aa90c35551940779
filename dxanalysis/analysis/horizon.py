"""How many years ahead a question about targets reaches."""

from __future__ import annotations

import pandas as pd

LEAST = 5


def years_ahead(history: pd.DataFrame, targets: pd.DataFrame, *, until: int | None = None) -> int:
    """Return the years from the last observation to the last target, or to `until`; at least five.

    Parameters
    ----------
    history : DataFrame
        The history table; only `year` is read. It may be empty.
    targets : DataFrame
        The targets table; only `year` is read. It may be empty.
    until : int, optional
        Last year wanted, in place of the last target year.

    Returns
    -------
    int
        Years ahead of the last observed year of any area.

    Examples
    --------
    >>> import pandas as pd
    >>> history = pd.DataFrame({"year": [2020, 2021]})
    >>> years_ahead(history, pd.DataFrame({"year": [2025, 2030]})), years_ahead(history, history, until=2050)
    (9, 29)
    >>> years_ahead(history[:0], history)
    5
    """
    if not len(history):
        return LEAST
    last = int(history["year"].max())
    wanted = until if until is not None else (int(targets["year"].max()) if len(targets) else last)
    return max(LEAST, wanted - last)
