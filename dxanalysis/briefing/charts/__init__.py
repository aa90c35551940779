"""Every chart of a briefing: tables in, a matplotlib figure out, in Vietnamese or English and in three sizes.

Each function takes the fixed tables, the records of the indicator and the area, ``lang`` and ``size``, and returns a
:class:`matplotlib.figure.Figure` that belongs to no pyplot state. The title states the finding, the subtitle says
what is shown in which unit by which definition, and the last line names the source and the date of the data.
"""

from __future__ import annotations

from .agenda import agenda
from .attainment import attainment
from .coverage import coverage
from .definitions import definitions
from .geography import geographic_map
from .growth import required_growth
from .maps import tile_map
from .multiples import small_multiples
from .parts import pillars, waterfall
from .peers import peers
from .record import track_record
from .scenarios import growth_grid, scenarios
from .slopes import slopes
from .trend import trend
from .verdicts import releases, verdict_panel

__all__ = [
    "agenda",
    "attainment",
    "coverage",
    "definitions",
    "geographic_map",
    "growth_grid",
    "peers",
    "pillars",
    "releases",
    "required_growth",
    "scenarios",
    "slopes",
    "small_multiples",
    "tile_map",
    "track_record",
    "trend",
    "verdict_panel",
    "waterfall",
]  # fmt: skip
