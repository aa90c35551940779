"""Every chart of a briefing: tables in, a matplotlib figure out, in Vietnamese or English and in three sizes.

Each function takes the fixed tables, the records of the indicator and the area and a :class:`Sheet`, and returns a
:class:`matplotlib.figure.Figure` that belongs to no pyplot state. The title states the finding, the subtitle says
what is shown in which unit by which definition, and the last line names the source and the date of the data.
"""

from __future__ import annotations

from .agenda import agenda, scorecard
from .areas import peers, pillars
from .attainment import attainment
from .common import Sheet
from .maps import tile_map
from .matrix import coverage
from .multiples import slopes, small_multiples
from .scenarios import growth_grid, scenarios, track_record
from .trend import trend
from .verdicts import releases, verdict_panel

__all__ = [
    "Sheet",
    "agenda",
    "attainment",
    "coverage",
    "growth_grid",
    "peers",
    "pillars",
    "releases",
    "scenarios",
    "scorecard",
    "slopes",
    "small_multiples",
    "tile_map",
    "track_record",
    "trend",
    "verdict_panel",
]
