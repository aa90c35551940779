"""Results to files: figures, tables, facts, and the page that lists every run.

``open_report`` opens the report of one notebook; ``index`` writes the page over all runs of an output folder;
``briefing`` writes slides, a note and a workbook for one area and year, and ``brief`` for one run.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Report", "brief", "index", "open_report"]


def __getattr__(name: str) -> Any:
    """Import the parts when they are used: the commands that draw nothing stay fast."""
    if name in ("Report", "open_report"):
        from . import report

        return getattr(report, name)
    if name == "index":
        from .listing import write_index

        return write_index
    if name in ("brief", "write_briefing", "write_report"):
        from . import pack

        return getattr(pack, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
