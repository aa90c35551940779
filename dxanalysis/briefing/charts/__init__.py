"""Every chart of a briefing: tables in, a matplotlib figure out, in Vietnamese or English and in three sizes.

Each function takes the fixed tables, the records of the indicator and the area, ``lang`` and ``size``, and returns a
:class:`matplotlib.figure.Figure` that belongs to no pyplot state. The title states the finding, the subtitle says
what is shown in which unit by which definition, and the last line names the source and the date of the data.
"""

from __future__ import annotations

from .attainment import attainment
from .trend import trend
from .verdicts import releases, verdict_panel

__all__ = ["attainment", "releases", "trend", "verdict_panel"]
