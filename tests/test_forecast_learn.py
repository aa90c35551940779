"""Learning on a made-up collection of panels small enough for every test run, and its parts on known errors."""

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


def test_two_runs_learn_the_same_and_what_is_learned_can_be_read_again(learned):
    assert learn.learn([shares(), competition()]) == learned
    found = read(learned)
    assert found.together.shape.shape == found.alone.shape.shape == (7, 4, 3, 25)
    assert found.without == ()
    for errors in (found.together, found.alone):
        assert (np.diff(errors.shape, axis=-1) >= 0).all()
        assert (errors.shape[..., 12] == 0).all()  # the middle stays where the experts put it


def test_families_left_out_are_not_learned_from():
    raw = json.loads(learn.learn([shares()], ["f3"]))
    fewer = json.loads(learn.learn([shares().query("dataset != 'f3'")]))
    assert raw.pop("without") == ["f3"]
    assert fewer.pop("without") == []
    assert raw == fewer


def test_an_unknown_family_is_refused():
    with pytest.raises(ValueError, match="Unknown family 'f9'"):
        learn.learn([shares()], ["f9"])


def test_the_size_is_found_where_errors_have_the_size_their_own_change_says():
    draw = np.random.default_rng(0)
    own = draw.normal(0, 1, 4000)
    terms = np.stack([np.ones((4000, 10)), draw.normal(size=(4000, 10))], axis=2)
    error = np.exp(own)[:, None] * np.exp(0.5 - 0.3 * terms[:, :, 1]) * draw.laplace(size=(4000, 10))
    found = learn._learn_size(own, terms, error, np.full(4000, 1 / 4000))
    np.testing.assert_allclose(found, [0.5, -0.3], atol=0.03)


def test_weighted_quantiles_are_those_of_the_repeated_values():
    values, weight = np.array([3.0, 1.0, 2.0, np.nan]), np.array([1.0, 2.0, 1.0, 5.0])
    found = learn._weighted_quantiles(values, weight)
    assert found[learn.LEVELS == 0.5] == pytest.approx(5 / 3)  # half-weights at 1/4, 5/8, 7/8
    assert (found[0], found[-1]) == (1.0, 3.0)


def test_a_drift_is_found_in_errors_that_grow_together():
    draw = np.random.default_rng(1)
    years = np.arange(1, 7)
    paths = draw.normal(size=(20000, 6)).cumsum(axis=1) + 0.5 * years * draw.normal(size=(20000, 1))
    assert learn._drift(paths / np.sqrt(years + (0.5 * years) ** 2)) == pytest.approx(0.5, abs=0.05)


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
