from importlib import resources

import numpy as np
import pandas as pd
import pytest

from dxanalysis.forecast import learn, training


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


@pytest.mark.slow
def test_the_shipped_constants_are_byte_for_byte_what_learning_makes(shared):
    pytest.importorskip("pyarrow")
    folder = shared / "forecast"
    names = ("share_panels_dev.parquet", "competitions_dev.parquet")
    if not all((folder / name).is_file() for name in names):
        pytest.skip("the development panels are not in ../shared/forecast")
    made = learn.learn([pd.read_parquet(folder / name) for name in names])
    assert made == resources.files("dxanalysis.forecast").joinpath("constants.json").read_text(encoding="utf-8")
