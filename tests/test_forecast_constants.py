import hashlib
import json
from importlib import resources

import numpy as np

from dxanalysis.forecasting import pooled
from dxanalysis.forecasting.constants import Errors, Gate, read, shipped, write


def text():
    return resources.files("dxanalysis.forecasting").joinpath("constants.json").read_text(encoding="utf-8")


def test_the_shipped_constants_are_documented_and_small():
    assert json.loads(text())["about"].startswith("Learned by python -m ")
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


def test_what_is_written_is_read_again_rounded():
    letters = {name: np.array([0.12345, -1.0]) for name in "abcd"}
    gate = Gate(**letters, g=np.array([[0.00049, 2.0]]), trust=np.array([1.0, 2, 3, 4.00051]))
    kind = Errors(*(np.array([0.98765]) for _ in range(5)), np.full((1, 1, 1, 1), -2.34567), np.array([1.0, 1.23456]))
    gates, kinds = {"together": gate, "alone": gate}, {"together": kind, "alone": kind}
    written = write(gates, kinds, {"speed": [0.123456], "level": [1.0]}, (0.16949, 0.25051), ["family"])
    found = read(written)
    assert found.together.a.tolist() == [0.123, -1.0]
    assert found.alone.g.tolist() == [[0.0, 2.0]]
    assert found.together.trust.tolist() == [1, 2, 3, 4.001]
    assert (found.errors_alone.size.tolist(), found.errors_together.shape.tolist()) == ([0.988], [[[[-2.346]]]])
    assert found.errors_together.caution.tolist() == [1.0, 1.235]
    assert found.memory == {"speed": [0.1235], "level": [1.0]}
    assert (found.common, found.drift, found.without) == (0.169, 0.251, ("family",))
    assert written.endswith("\n")
    assert found.version == hashlib.sha256(written.encode()).hexdigest()[:8]
