"""Tables in, tables out: growth, pace, published verdict methods, shares, peers, scores and scenarios.

Pure pandas and numpy: no files, no pictures, no language. A status or a reason is a short code; `briefing` finds the
words.
"""

from .growth import allows, change, evidence_grade
from .pace import required_pace, target_path

__all__ = ["allows", "change", "evidence_grade", "required_pace", "target_path"]
