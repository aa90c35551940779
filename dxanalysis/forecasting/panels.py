"""Put a history and its peers into one panel, and turn known revisions into error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dxanalysis.forecasting.histories import Panel, read_history
from dxanalysis.forecasting.scales import Scale


def with_peers(history: pd.DataFrame, peers: pd.DataFrame | None, scale: Scale, across: bool = False) -> Panel:
    """Return the panel of a history and its peers; areas of the history are left out of the peers.

    Parameters
    ----------
    history, peers : history tables.
    scale : bounds.
    across : allow peers measured under another definition (an explicit choice, never a silent one).

    Raises
    ------
    ValueError
        When peers are measured under another definition and `across` does not allow it.

    Examples
    --------
    >>> from dxanalysis.forecasting.scales import read_bounds
    >>> own = pd.DataFrame({"area": "a", "definition": "gso", "year": [2024], "value": [7.1]})
    >>> with_peers(own, own.assign(area="b", definition="mic"), read_bounds((0, 100)))
    Traceback (most recent call last):
        ...
    ValueError: Peers are measured as 'mic', the history as 'gso'. Give peers alike, or across_definitions=True.
    """
    if peers is None or not len(peers):
        return read_history(history, scale)
    if "area" not in peers.columns:
        raise ValueError("The peers' history has no column 'area'. Name the area of every row.")
    read_history(peers, scale, "peers' history")
    own = history if "area" in history.columns else history.assign(area="series")
    theirs, ours = _definition(peers), _definition(own)
    if theirs != ours and theirs and ours:
        if not across:
            cure = "Give peers alike, or across_definitions=True."
            raise ValueError(f"Peers are measured as {theirs!r}, the history as {ours!r}. {cure}")
        peers = peers.assign(definition=ours)
    others = peers[~peers["area"].isin(own["area"].unique())]
    both = pd.concat([own, others], ignore_index=True) if len(own) else others
    return read_history(both, scale, "history with its peers")


def _definition(table: pd.DataFrame) -> str:
    """Return the one definition of a table ("" where it has none)."""
    named = table["definition"].dropna().unique() if "definition" in table.columns else []
    return str(named[0]) if len(named) else ""


def revision_error(revisions: float | Sequence[float] | np.ndarray | pd.Series | None) -> float:
    """Return the standard deviation, in points, that revisions still to come add to a figure.

    Parameters
    ----------
    revisions : None, one number (the standard deviation of a revision in points), or past revisions (later minus
        first published value), of which the root mean square is taken.

    Raises
    ------
    ValueError
        When a revision is not a finite number.

    Examples
    --------
    >>> round(revision_error([0.3, -0.4]), 4)
    0.3536
    >>> revision_error(None)
    0.0
    """
    if revisions is None:
        return 0.0
    past = np.atleast_1d(np.asarray(revisions, dtype=float))
    if past.size == 0:
        return 0.0
    if not np.isfinite(past).all():
        raise ValueError(f"Revisions hold {past[~np.isfinite(past)][0]}. Give past revisions in points, all finite.")
    return float(np.sqrt(np.mean(past**2)))
