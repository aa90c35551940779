"""The site of an output folder: pages that open from disk or through `dx serve`, and need no network."""

from __future__ import annotations

from .build import Built, write_site
from .gather import NOTHING, Known, Line, Release, Series

__all__ = ["NOTHING", "Built", "Known", "Line", "Release", "Series", "write_site"]
