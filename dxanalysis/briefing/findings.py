"""Sentences in Vietnamese and English, made from result tables and no stronger than the evidence.

Every function takes tables of the fixed shapes (history, change, forecast, releases, the judgements of `assess`) and
the records of the indicator and the area, and returns a list of :class:`Finding`. It works for no point, one point, no
target and a broken series, and says so in words. Before a list is returned each number of each sentence has been
traced back to its cell (:func:`dxanalysis.briefing.quotes.check`).

=========================  ===================================================================
what is known              ``nothing``, ``level``, ``trend``, ``definitions``, ``limits``, ``headline``
what is judged             ``summary``, ``judgement``, ``agenda``, all read from the record
what comes and came        ``forecast``, ``releases``
=========================  ===================================================================
"""

from __future__ import annotations

from .forecasts import forecast, releases
from .page import grade_of, sentences
from .quotes import Finding, Quoted, UnquotedNumber, check, check_all
from .statements import definitions, headline, level, limits, nothing, trend
from .target_sentences import agenda, judgement, summary

__all__ = [
    "Finding",
    "Quoted",
    "UnquotedNumber",
    "agenda",
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
    "releases",
    "sentences",
    "summary",
    "trend",
]
