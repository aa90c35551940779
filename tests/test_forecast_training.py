import json
import subprocess
import sys
from importlib import resources

import numpy as np
import pandas as pd
import pytest

from dxanalysis.forecasting.scales import read_bounds
from tests.benchmarks import forecast_learn as learn
from tests.benchmarks import forecast_training as training


def panel(units=8, years=14):
    draw = np.random.default_rng(0)
    values = 5 + np.arange(units)[:, None] + 2.0 * np.arange(years) + draw.normal(0, 0.5, (units, years))
    names = np.repeat([f"u{i}" for i in range(units)], years)
    frame = {"unit": names, "year": np.tile(np.arange(2000, 2000 + years), units), "value": values.ravel()}
    return pd.DataFrame({"dataset": "family", "panel": "p", **frame}).assign(series_id=lambda t: t["unit"])


def test_tasks_hold_history_up_to_the_origin_and_what_came_after():
    first = next(training.tasks(panel()))
    table = panel().pivot(index="unit", columns="year", values="value").to_numpy()
    np.testing.assert_allclose(first.history[:, -11:], table[:, :11])  # the last origin has three later years
    np.testing.assert_allclose(first.actual[:, :3], table[:, 11:])
    assert np.isnan(first.actual[:, 3:]).all()


def test_a_competition_is_one_task_of_training_and_test_parts():
    split = panel().assign(split=np.where(panel()["year"] < 2010, "train", "test"))
    (task,) = training.tasks(split)
    assert task.scale.kind == "plain"
    assert np.isfinite(task.actual).sum(axis=1).tolist() == [4] * 8


def test_a_series_that_hardly_begins_does_not_count():
    late = panel().assign(value=0.3)
    assert list(training.tasks(late)) == []


def test_an_unknown_family_cannot_be_left_out():
    with pytest.raises(ValueError, match=r"Unknown family 'x'\. Families: family"):
        learn.learn([panel()], ["x"])


def numbers_in(value):
    """Give every number of a JSON value, in order."""
    if isinstance(value, dict | list):
        return [one for part in (value.values() if isinstance(value, dict) else value) for one in numbers_in(part)]
    return [float(value)] if isinstance(value, int | float) else []


@pytest.mark.slow
def test_the_shipped_constants_are_what_learning_makes(shared, tmp_path):
    pytest.importorskip("pyarrow")
    files = [shared / "forecast" / name for name in ("share_panels_dev.parquet", "competitions_dev.parquet")]
    if not all(file.is_file() for file in files):
        pytest.skip("the development panels are not in ../shared/forecast")
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.forecast_learn",
        *map(str, files),
        "--out",
        str(tmp_path / "made.json"),
    ]
    subprocess.run(command, check=True)
    made = (tmp_path / "made.json").read_text(encoding="utf-8")
    shipped = resources.files("dxanalysis.forecasting").joinpath("constants.json").read_text(encoding="utf-8")
    if made != shipped:  # on another processor numpy's libraries add in another order: then the last digits may move
        assert numbers_in(json.loads(made)) == pytest.approx(numbers_in(json.loads(shipped)), rel=0.02, abs=0.005)


def test_the_kept_history_is_the_last_forty_years_on_the_right():
    assert training._right(np.arange(50.0)).tolist() == list(range(10, 50))
    short = training._right(np.array([1.0, 2.0]))
    assert short[-2:].tolist() == [1, 2]
    assert np.isnan(short[:-2]).all()
    assert len(short) == 40


def test_a_run_begins_after_the_last_gap_and_with_the_first_percent():
    row = np.array([3.0, np.nan, 0.5, 1.0, 0.9, 4.0, 5.0])
    assert training._run(row, 5).tolist() == [1.0, 0.9, 4.0]
    assert training._run(row, 4).tolist() == [1.0, 0.9]
    assert training._run(row, 2).tolist() == []
    assert training._run(np.array([2.0, 3.0]), 1).tolist() == [2.0, 3.0]


@pytest.mark.parametrize(
    ("seen", "later", "counts"),
    [
        ([2.0, 3, 4, 5], [6.0, 7, 8], True),
        ([3.0, 4, 5], [6.0, 7, 8], False),  # three points
        ([2.0, 3, 4, 5], [6.0, 7, np.nan], False),  # two later years
        ([2.0, 3, 4, 0.5], [1.0, 1, 1], True),
        ([2.0, 3, 4, 0.4], [1.0, 1, 1], False),  # hardly anything is left
        ([2.0, 3, 3, 3], [4.0, 4, 4], False),  # one change of three
        ([2.0, 3, 4, 4, 4, 5], [6.0, 6, 6], True),  # three changes
        ([2.0, 3, 4, 4, 4, 4], [6.0, 6, 6], False),
        ([1.0, 2, 3, 4] + [5.0] * 9, [6.0, 6, 6], False),  # long ago
        ([1.0] + [2.0] * 8 + [3.0, 4], [5.0, 5, 5], False),  # the first of three changes is just too long ago
        ([1.0, 1] + [2.0] * 7 + [3.0, 4], [5.0, 5, 5], True),
    ],
)
def test_a_series_counts_that_has_four_points_moves_and_three_later_years(seen, later, counts):
    assert training._counts(np.array(seen + later), len(seen) - 1) is counts


def test_every_origin_of_a_short_panel_and_every_second_of_a_long_one_is_a_task():
    def lengths(years):
        return [int(np.isfinite(task.history[0]).sum()) for task in training.tasks(panel(years=years))]

    assert lengths(12) == [9, 8, 7, 6, 5]
    assert lengths(13) == [10, 8, 6]
    assert lengths(30) == [27, 25, 23, 21, 19, 17, 15, 13, 11, 9]  # ten at most


def test_a_task_has_five_series_with_their_usual_change_and_no_series_twice():
    assert len(list(training.tasks(panel(units=5, years=8)))) == 1
    assert list(training.tasks(panel(units=4, years=8))) == []
    twins = panel(units=5, years=8)
    twins.loc[twins["unit"] == "u1", "value"] = twins.loc[twins["unit"] == "u0", "value"].to_numpy()
    assert list(training.tasks(twins)) == []
    (task,) = training.tasks(panel(units=5, years=8))
    np.testing.assert_allclose(task.usual, np.abs(np.diff(task.history[:, -5:], axis=1)).mean(axis=1))
    assert (task.family, task.panel, task.scale.kind, task.actual.shape) == ("family", "p", "logit", (5, 10))


def test_a_missing_year_is_a_gap_of_the_panel():
    holed = panel(units=6, years=10)
    tasks = list(training.tasks(holed[holed["year"] != 2001]))
    assert np.isfinite(tasks[0].history[0]).sum() == 5  # 2002 to 2006
    assert len(tasks) == 2


def test_a_competition_keeps_series_of_four_training_years():
    split = panel(years=8).assign(split=np.where(panel(years=8)["year"] < 2004, "train", "test"))
    split = split[(split["unit"] != "u0") | (split["year"] > 2000)]
    (task,) = training.tasks(split)
    assert len(task.history) == 7
    u1 = split[split["unit"] == "u1"]["value"].to_numpy()
    np.testing.assert_allclose(task.history[0, -4:], u1[:4])
    np.testing.assert_allclose(task.actual[0, :4], u1[4:])
    assert task.usual[0] == pytest.approx(np.abs(np.diff(u1[:4])).mean())


def task(history, usual=1.0, bounds=(0, 100)):
    """A task whose histories are these rows, each followed by its last value."""
    rows = np.array([training._right(np.array(row, dtype=float)) for row in history])
    usual = np.full(len(rows), usual) if np.isscalar(usual) else np.array(usual)
    return training.Task("f", "p", read_bounds(bounds), rows, np.repeat(rows[:, -1:], 10, axis=1), usual)


def cell(found, length, together=True):
    memory = {"speed": [0.0] * 7, "level": [0.0] * 3}
    return training._cell(found, length, together, memory, np.random.default_rng(0))


RISING = [[10 + i, 11 + i, 13 + i, 14 + i] for i in range(6)]


def test_a_cell_cuts_its_histories_to_one_length():
    found = cell(task(RISING), 3)
    np.testing.assert_allclose(found.prepared.points, np.array(RISING)[:, -3:])
    assert found.moves.shape == (6, 16, 10)
    assert found.rows.tolist() == list(range(6))
    assert cell(task(RISING), 6) is None  # nobody is that long
    assert cell(task(RISING), 25).prepared.points.shape == (6, 25)  # at the greatest length all are kept


def test_a_cell_needs_five_series_and_three_that_move():
    assert cell(task(RISING[:4]), 3) is None
    assert cell(task(RISING[:5]), 3) is not None
    assert cell(task(RISING, [1.0, 1, 0.04, 0.04, 0.04, 0.04]), 3) is None
    assert cell(task(RISING, [1.0, 1, 0.05, 0.04, 0.04, 0.04]), 3).rows.tolist() == [0, 1, 2]
    assert cell(task(RISING, 1e-6, None), 3) is not None  # unbounded series are measured by themselves
    assert cell(task(RISING, 1e-10, None), 3) is None


def test_at_most_18_series_of_shares_are_learned_from_and_eight_times_as_many_of_others():
    many = [[10 + i / 10, 11 + i / 10, 13 + i / 10, 14 + i / 10] for i in range(150)]
    found = cell(task(many), 3)
    assert (len(found.rows), len(set(found.rows)), len(found.prepared.level)) == (18, 18, 150)
    assert (np.diff(found.rows) > 0).all()
    assert len(cell(task(many[:18]), 3).rows) == 18
    assert len(cell(task(many, bounds=None), 3).rows) == 144


def test_alone_only_the_series_learned_from_are_prepared():
    found = cell(task(RISING, [1.0, 0.01, 1, 1, 0.01, 1]), 3, together=False)
    np.testing.assert_allclose(found.prepared.points[:, -1], [14, 16, 17, 19])
    assert found.rows.tolist() == [0, 1, 2, 3]
    assert found.usual.tolist() == [1, 1, 1, 1]
    assert found.moves.shape[1] == 12


def test_every_task_is_cut_to_seven_lengths():
    memory = {"speed": [0.0] * 7, "level": [0.0] * 3}
    rows = [[10 + i + t + (t % 3) for t in range(12)] for i in range(5)]
    found = training.cells([task(rows), task(RISING)], True, memory)
    assert [one.length for one in found] == [1, 2, 3, 4, 6, 10, 25, 1, 2, 3, 4, 25]
