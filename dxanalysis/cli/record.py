"""The commands about forecasts once published: dx record publish, dx record score."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from . import run

ARCHIVE = run.OUTPUTS / "track_record.parquet"


def add_record(commands: Any) -> None:
    """Describe `dx record publish` and `dx record score`."""
    record = commands.add_parser("record", help="keep published forecasts and score them as data arrive")
    record = record.add_subparsers(metavar="WHAT", required=True)
    publish = record.add_parser("publish", help="add today's forecast of a series to the archive; it is never changed")
    publish.add_argument("--horizon", type=int, help="years ahead; by default up to the last target, five at least")
    publish.set_defaults(command=publish_forecast)
    score = record.add_parser("score", help="published forecasts of a series beside what has been observed since")
    score.set_defaults(command=score_record)
    for command in (publish, score):
        command.add_argument("indicator")
        command.add_argument("area")
        command.add_argument("definition", nargs="?", default="preferred")
        command.add_argument("--archive", type=Path, default=ARCHIVE, help=f"by default {ARCHIVE}")


def publish_forecast(options: argparse.Namespace) -> int:
    """Forecast a series with all that is known today and keep the forecast."""
    from dxanalysis import api, forecasting

    history = api.history(options.indicator, options.area, options.definition)
    said = api.forecast(history, options.horizon)
    if not len(said):
        raise ValueError(f"{options.indicator} of {options.area} has no figure to forecast from. List: dx data list")
    forecasting.archive(said, options.archive)
    median = said[said["quantile"] == 0.5][["area", "origin", "year", "value"]]
    print(median.round(2).to_string(index=False))
    print(f"Kept in {options.archive}")
    return 0


def score_record(options: argparse.Namespace) -> int:
    """Print what was said, what came and how wide of the mark it was."""
    from dxanalysis import api, forecasting

    if not options.archive.is_file():
        raise ValueError(f"No archive {options.archive}. Begin one: dx record publish INDICATOR AREA")
    history = api.history(options.indicator, options.area, options.definition)
    found = forecasting.track_record(options.archive, history)
    columns = ["published", "origin", "year", "actual", "median", "error", "in80", "in95"]
    print(found[columns].round(2).to_string(index=False) if len(found) else "No forecast year has been observed yet.")
    return 0
