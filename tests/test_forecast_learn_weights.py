"""The descent goes down the loss that is written here a second time, in plain sums."""

import numpy as np
import pandas as pd
import pytest

from dxanalysis.forecasting import pooled, weights
from dxanalysis.forecasting.constants import Gate
from dxanalysis.forecasting.scales import read_bounds
from tests.benchmarks import forecast_learn_weights as learn_weights
from tests.benchmarks import forecast_training as training
from tests.benchmarks.forecast_learn_weights import Rows

EXPERTS = len(pooled.TOGETHER)


def rows(count=6, seed=0):
    """Two panels, shares and unbounded, with a gap; the second panel is one in which naive is hard to beat."""
    draw = np.random.default_rng(seed)
    group = np.repeat([0, 1], count // 2)
    actual = draw.uniform(20, 60, (count, 6))
    actual[0, 4:] = np.nan
    plain = group == 1
    return Rows(
        family=np.array(["f"] * count), group=group, naive=np.where(group == 0, 3.0, 0.6) + np.arange(count) / 10,
        weight=np.where(group == 0, 0.3, 0.7), plain=plain, level=np.where(plain, 10.0, -0.4),
        unit=np.where(plain, 4.0, 1.0),
        span=np.array([1, 3, 8, 2, 6, 30]), moves=draw.normal(0, 0.5, (count, EXPERTS, 6)),
        features=draw.normal(0, 1, (count, 4)), near=draw.normal(0, 0.3, (count, EXPERTS)),
        far=draw.normal(0, 0.3, (count, EXPERTS)), actual=actual, usual=draw.uniform(1, 3, count),
    )  # fmt: skip


def gate(seed=1):
    draw = np.random.default_rng(seed)
    letters = {name: draw.normal(0, 0.3, EXPERTS) for name in "abcd"}
    return Gate(**letters, g=draw.normal(0, 0.3, (4, EXPERTS)), trust=np.array([0.2, 0.3, -0.2, -1.0]))


def loss(found, letters):
    """Relative error of every panel, ten times the square of what it lacks to 0.98 of naive's, and the ridges."""
    score, _, _ = weights.scores(found.span, found.features, found.near, found.far, found.plain, letters, 6)
    move = np.einsum("rhe,reh->rh", weights.softmax(score), found.moves)
    working = (found.level[:, None] + move) * found.unit[:, None]
    value = np.where(found.plain[:, None], working, 100 / (1 + np.exp(-working)))
    error = np.nanmean(np.abs(value - found.actual), axis=1) / found.usual
    total = 0.0
    for group in (0, 1):
        mine = found.group == group
        ratio = error[mine].sum() / found.naive[mine].sum()
        share = found.weight[mine][0] * found.naive[mine].sum() / found.weight.sum()
        total += share * (ratio + 10 * max(ratio - 0.98, 0) ** 2)
    total += 4e-4 * (letters.a**2).sum() + 8e-4 * sum((x**2).sum() for x in (letters.b, letters.c, letters.g))
    start = np.where(np.array(pooled.TOGETHER) == "steady_trend", 8.0, 0.0)
    return total + 2e-2 * ((letters.d - start) ** 2).sum() + 0.02 * (letters.trust[3] + 2.5) ** 2


@pytest.mark.parametrize("letter", ["a", "b", "c", "d", "g", "trust"])
def test_the_gradient_is_the_slope_of_the_loss(letter):
    found, letters, tiny = rows(), gate(), 1e-6
    slope = learn_weights._gradient(found, letters, found.weight.sum())[letter]
    value = getattr(letters, letter)
    for at in np.ndindex(value.shape):
        push = np.zeros_like(value)
        push[at] = tiny
        up, down = (Gate(**{**vars(letters), letter: value + sign * push}) for sign in (1, -1))
        numeric = (loss(found, up) - loss(found, down)) / (2 * tiny)
        assert slope[at] == pytest.approx(numeric, rel=1e-4, abs=1e-7)


def test_a_panel_worse_than_naive_counts_by_ten_times_the_square_of_what_it_lacks():
    found = rows()
    assert (learn_weights._harm(found, found.naive * 1.98) > 1).all()
    np.testing.assert_allclose(learn_weights._harm(found, found.naive * 1.98), 1 + 2 * 10 * 1.0)
    np.testing.assert_allclose(learn_weights._harm(found, found.naive * 0.98), 1, atol=1e-9)


def test_the_first_step_of_the_descent_is_one_step_against_the_sign_of_the_slope(monkeypatch):
    monkeypatch.setattr(learn_weights, "ROUNDS", 1)
    found = rows()
    zero = np.zeros(EXPERTS)
    start = Gate(zero, zero, zero, np.where(np.array(pooled.TOGETHER) == "steady_trend", 8.0, 0.0),
                 np.zeros((4, EXPERTS)), np.array([np.log(4.0), 0.3, -0.2, -2.5]))  # fmt: skip
    slope = learn_weights._gradient(found, start, found.weight.sum())
    learned = learn_weights.learn_gate(found)
    for name, value in vars(start).items():
        clear = np.abs(slope[name]) > 1e-5
        expected = value - 0.08 * (1 - 0.9) * np.sign(slope[name])
        np.testing.assert_allclose(getattr(learned, name)[clear], expected[clear], atol=1e-4)


def test_the_descent_keeps_a_tenth_of_each_new_slope_and_a_hundredth_of_its_square(monkeypatch):
    """One letter, known slopes 1, 2, 4: Adam by hand."""
    slopes = iter([1.0, 2.0, 4.0])
    letters = {"a": 1, "b": 0, "c": 0, "d": 0, "g": 0, "trust": 0}

    def known(found, letters_now, total):
        slope = next(slopes)
        return {name: slope * part + np.zeros_like(getattr(letters_now, name)) for name, part in letters.items()}

    monkeypatch.setattr(learn_weights, "ROUNDS", 3)
    monkeypatch.setattr(learn_weights, "_gradient", known)
    moves = [
        1.0,
        (0.9 * 0.1 * 1 + 0.1 * 2) / (1 - 0.9**2) / np.sqrt((0.99 * 0.01 + 0.01 * 4) / (1 - 0.99**2)),
        (0.81 * 0.1 + 0.09 * 2 + 0.1 * 4) / (1 - 0.9**3)
        / np.sqrt((0.99**2 * 0.01 + 0.99 * 0.01 * 4 + 0.01 * 16) / (1 - 0.99**3)),
    ]  # fmt: skip
    expected = -sum(0.08 * (1 - 0.9 * turn / 3) * move for turn, move in zip((1, 2, 3), moves, strict=True))
    np.testing.assert_allclose(learn_weights.learn_gate(rows()).a, expected, rtol=1e-6)


def test_many_rounds_bring_the_loss_down():
    found = rows()
    zero = np.zeros(EXPERTS)
    start = Gate(
        zero, zero, zero, learn_weights._blend(EXPERTS), np.zeros((4, EXPERTS)), np.array([1.4, 0.3, -0.2, -2.5])
    )
    assert loss(found, learn_weights.learn_gate(found)) < 0.8 * loss(found, start)


def test_every_panel_counts_by_naives_error_and_a_family_of_four_panels_like_two():
    table = pd.DataFrame({"panel": ["a", "a", "b", "c", "d", "e", "e"], "family": list("ffffggg")})
    group = table["panel"].factorize()[0]
    found = learn_weights._fair_weights(
        table["panel"].to_numpy(), group, np.array(["f"] * 5 + ["g"] * 2), np.array([1.0, 3.0, 0.1, 2.0, 2.0, 1.0, 1.0])
    )
    # a: two rows, mean 2; b: one row, held at 0.5; c, d: one row, mean 2; family f has 4 panels; e: alone, two rows
    raw = np.array([1 / 8, 1 / 8, 1 / 1, 1 / 4, 1 / 4, 1 / 2, 1 / 2])
    np.testing.assert_allclose(found, raw / raw.sum())


def test_what_is_gathered_measures_naive_by_what_came_in_usual_changes():
    values = np.array([[10.0 + i, 11 + i, 13 + i] for i in range(5)])
    history = np.array([training._right(row) for row in values])
    actual = np.full((5, 10), np.nan)
    actual[:, :2] = values[:, -1:] + [1.0, 3.0]
    task = training.Task("f", "p", read_bounds((0, 100)), history, actual, np.full(5, 4.0))
    memory = {"speed": [0.0] * 7, "level": [0.0] * 3}
    cell = training._cell(task, 3, True, memory, np.random.default_rng(0))
    found = learn_weights.gather([cell])
    np.testing.assert_allclose(found.naive, 2 / 4)
    np.testing.assert_allclose(found.weight, 1 / 5)
    assert found.near.shape == found.far.shape == (5, EXPERTS)
    assert found.moves.shape == (5, EXPERTS, 6)
    assert not found.plain.any()
