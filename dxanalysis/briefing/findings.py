"""Sentences in Vietnamese and English, made from result tables and no stronger than the evidence.

Every function takes tables of the fixed shapes (history, change, pace, forecast, attainment, panel, agreement,
releases) and the records of the indicator and the area, and returns a list of :class:`Finding`. It works for no
point, one point, no target, a target that is past or met, and a broken series, and says so in words. Before a list is
returned each number of each sentence has been traced back to its cell (:func:`dxanalysis.briefing.quotes.check`).

=========================  ===================================================================
what is known              ``nothing``, ``level``, ``trend``, ``targets``, ``pace``, ``definitions``, ``limits``
what may be concluded      ``forecast``, ``attainment``, ``verdicts``, ``releases``, ``headline``
=========================  ===================================================================
"""

from __future__ import annotations

from .forecasts import forecast, releases
from .judgements import attainment, headline, verdicts
from .page import grade_of, sentences
from .quotes import Finding, Quoted, UnquotedNumber, check, check_all
from .statements import definitions, level, limits, nothing, pace, targets, trend
from .target_sentences import agenda, judgement, summary

__all__ = [
    "Finding",
    "Quoted",
    "UnquotedNumber",
    "agenda",
    "attainment",
    "check",
    "check_all",
    "definitions",
    "forecast",
    "grade_of",
    "headline",
    "judgement",
    "level",
    "limits",
    "nothing",
    "pace",
    "releases",
    "sentences",
    "summary",
    "targets",
    "trend",
    "verdicts",
]
