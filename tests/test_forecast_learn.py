"""The whole of learning on a made-up collection of panels small enough for every test run."""

import json

import numpy as np
import pandas as pd
import pytest

from dxanalysis.forecasting.widths import read
from tests.benchmarks import forecast_learn as learn


def shares():
    """Four families of one panel each, six units, eleven years, from a steady rise to a wandering."""
    draw, years, frames = np.random.default_rng(7), np.arange(2010, 2021), []
    for family in range(4):
        wander = draw.normal(0, 0.4 + 0.3 * family, (6, 11)).cumsum(axis=1)
        values = 10 + 8 * family + np.arange(6)[:, None] + (1.5 - 0.5 * family) * np.arange(11) + wander
        names = {"dataset": f"f{family}", "panel": f"p{family}", "unit": np.repeat([f"u{i}" for i in range(6)], 11)}
        frames.append(pd.DataFrame(names | {"year": np.tile(years, 6), "value": values.ravel()}))
    return pd.concat(frames, ignore_index=True)


def competition():
    """One family of six unbounded series: six years to learn from and six to test."""
    values = 1000 + np.random.default_rng(8).normal(20, 30, (6, 12)).cumsum(axis=1)
    names = np.repeat([f"s{i}" for i in range(6)], 12)
    split = np.tile(["train"] * 6 + ["test"] * 6, 6)
    frame = {"unit": names, "series_id": names, "year": np.tile(np.arange(12), 6), "value": values.ravel()}
    return pd.DataFrame({"dataset": "m", "panel": "m1", **frame, "split": split})


@pytest.fixture(scope="module")
def learned():
    return learn.learn([shares(), competition()])


def summary(values):
    """Two numbers that say whether an array of letters is the same: its mean, and its mean with weights 1 to 2."""
    flat = np.asarray(values, dtype=float).ravel()
    return [float(flat.mean()), float((flat * np.linspace(1, 2, len(flat))).mean())]


#: What learning made of these panels when it was last changed on purpose (method pooled-4). Another order of sums on
#: another processor moves these numbers by a thousandth, so a hundredth is allowed.
EXPECTED = {
    "together": {
        "a": [-0.243, -0.154],
        "b": [0.342, 0.523],
        "c": [0.151, 0.235],
        "d": [0.496, 0.828],
        "g": [-0.032, -0.078],
        "trust": [-0.79, -1.549],
        "size": [0.261, 0.438],
        "spikes": [0.233, 0.387],
        "shape": [0.055, 0.136],
        "caution": [3.318, 5.789],
    },
    "alone": {
        "a": [-0.525, -0.672],
        "b": [0.595, 0.851],
        "c": [0.123, 0.176],
        "d": [0.669, 1.281],
        "g": [-0.072, -0.137],
        "trust": [-0.485, -1.107],
        "size": [0.255, 0.362],
        "spikes": [0.29, 0.455],
        "shape": [0.148, 0.215],
        "caution": [3.451, 5.973],
    },
    "memory": {"speed": [0.0178, 0.0213], "level": [-0.0525, -0.045]},
    "shocks": (0.244, 0.55),
}


@pytest.mark.parametrize("name", ["together", "alone"])
def test_learning_makes_of_a_small_collection_what_it_made_before(learned, name):
    raw = json.loads(learned)
    found = {letter: summary(values) for letter, values in raw["gates"][name].items()}
    found |= {part: summary(raw["errors"][name][part]) for part in ("size", "spikes", "shape", "caution")}
    assert found == {part: pytest.approx(value, abs=0.01, rel=0.01) for part, value in EXPECTED[name].items()}


def test_memory_and_shocks_of_the_small_collection_are_what_they_were(learned):
    raw = json.loads(learned)
    assert {name: summary(values) for name, values in raw["memory"].items()} == {
        name: pytest.approx(value, abs=0.003) for name, value in EXPECTED["memory"].items()
    }
    assert (raw["common"], raw["drift"]) == pytest.approx(EXPECTED["shocks"], abs=0.01)
    assert raw["without"] == []


def test_what_is_learned_can_be_read_again(learned):
    found = read(learned)
    assert found.errors_together.shape.shape == (7, 4, 3, 25)
    assert found.together.g.shape[0] == 4


def test_the_command_reads_the_panels_and_writes_the_constants(learned, tmp_path, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(learn, "one_thread", lambda: dict(learn.os.environ))
    monkeypatch.setattr(learn.pd, "read_parquet", lambda path: str(path))
    monkeypatch.setattr(learn, "learn", lambda tables, without: asked.append((tables, without)) or learned)
    learn.main(["a.parquet", "b.parquet", "--out", str(tmp_path / "made.json"), "--without", "f1", "f2"])
    assert asked == [(["a.parquet", "b.parquet"], ["f1", "f2"])]
    assert (tmp_path / "made.json").read_text(encoding="utf-8") == learned
    assert f"{len(learned):,} bytes, version {read(learned).version}" in capsys.readouterr().out


def test_where_more_threads_are_allowed_a_process_with_one_does_the_work(monkeypatch):
    calls = []
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    monkeypatch.setattr(learn.subprocess, "call", lambda command, env: calls.append((command[1:], env)) or 3)
    with pytest.raises(SystemExit, match="3"):
        learn.main(["a.parquet"])
    ((command, env),) = calls
    assert command == ["-m", "tests.benchmarks.forecast_learn", "a.parquet"]
    assert {env[f"{name}_NUM_THREADS"] for name in ("OMP", "OPENBLAS", "MKL", "BLIS")} == {"1"}


def test_families_left_out_are_not_learned_from():
    kept = learn.learn([shares()], ["f3"])
    raw = json.loads(kept)
    assert raw["without"] == ["f3"]
    fewer = json.loads(learn.learn([shares().query("dataset != 'f3'")]))
    for name in ("together", "alone"):
        assert summary(raw["errors"][name]["shape"]) == pytest.approx(summary(fewer["errors"][name]["shape"]), abs=0.01)
        assert summary(raw["gates"][name]["a"]) == pytest.approx(summary(fewer["gates"][name]["a"]), abs=0.01)
