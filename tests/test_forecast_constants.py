import json
from importlib import resources

from dxanalysis.forecast import pooled
from dxanalysis.forecast.constants import read, shipped


def text():
    return resources.files("dxanalysis.forecast").joinpath("constants.json").read_text(encoding="utf-8")


def test_the_shipped_constants_are_documented_and_small():
    assert json.loads(text())["about"].startswith("Learned by python -m dxanalysis.forecast.learn")
    assert len(text()) < 60_000


def test_every_expert_has_its_letters():
    learned = shipped()
    for gate, names in ((learned.together, pooled.TOGETHER), (learned.alone, pooled.ALONE)):
        assert {len(getattr(gate, letter)) for letter in "abcd"} == {len(names)}
        assert gate.g.shape == (4, len(names))


def test_the_version_follows_the_content():
    assert read(text()).version == shipped().version
    assert read(text().replace('"common":0.', '"common":0.0')).version != shipped().version


def test_areas_share_some_but_not_all_of_their_shocks():
    assert 0 < shipped().common < 1
