"""Results to files: figures, tables, facts, and the page that lists every run.

``open_report`` opens the report of one notebook; ``index`` writes the page over all runs of an output folder. Decks,
notes, workbooks and reports are written by :mod:`dxanalysis.delivery.pack`.
"""

from __future__ import annotations

from typing import Any

__all__ = ["index", "open_report"]


def __getattr__(name: str) -> Any:
    """Import the parts when they are used: the commands that draw nothing stay fast."""
    if name == "open_report":
        from .report import open_report

        return open_report
    if name == "index":
        from .listing import write_index

        return write_index
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
