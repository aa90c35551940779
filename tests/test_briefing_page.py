"""What the sentences of one call share: who measured, and how ranks are said."""

import pandas as pd

from dxanalysis.briefing import labels
from dxanalysis.briefing.page import definition_of
from dxanalysis.briefing.quotes import Measure, printed

HISTORY = pd.DataFrame({"year": [2024], "value": [3.0], "definition": ["mic-34"]})
RANK = Measure("rank", "thứ hạng", "rank", 0)


def test_who_measured_is_named_as_the_history_names_it():
    named = HISTORY.assign(definition_vi="Bộ Khoa học và Công nghệ", definition_en="Ministry of Science")
    assert labels.definition_name(definition_of(named), "vi") == "Bộ Khoa học và Công nghệ"
    assert labels.definition_name(definition_of(named), "en") == "Ministry of Science"


def test_without_names_the_id_is_used():
    assert definition_of(HISTORY) == "mic-34"
    assert definition_of(HISTORY[:0]) == ""


def test_a_rank_is_said_as_a_rank_and_its_change_in_places():
    assert [printed("value", 3.0, lang, RANK) for lang in ("vi", "en")] == ["hạng 3", "rank 3"]
    assert [printed("difference", -2.0, lang, RANK) for lang in ("vi", "en")] == ["2 bậc", "2 places"]
