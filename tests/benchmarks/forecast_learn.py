"""Learn the constants from published panels: python -m tests.benchmarks.forecast_learn PANELS.parquet …

The result is written to dxanalysis/forecasting/constants.json (or to --out). With --without FAMILY … families are left
out: constants for scoring those honestly. Same data, same result: sums are taken by one thread, since several add the
same numbers in another order, and the last digits decide which error is a quantile.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dxanalysis.forecasting import constants
from tests.benchmarks import forecast_training as training
from tests.benchmarks.forecast_learn_errors import (
    FOLDS,
    Residuals,
    join,
    learn_errors,
    learn_memory,
    learn_shocks,
    residuals,
)
from tests.benchmarks.forecast_learn_weights import gather, learn_gate
from tests.benchmarks.forecast_training import Cell

#: What the package ships.
CONSTANTS = Path(__file__).resolve().parents[2] / "dxanalysis" / "forecasting" / "constants.json"


def learn(tables: list[pd.DataFrame], without: Sequence[str] = ()) -> str:
    """Return the JSON text of the constants learned from tables of panels, some families left out if named.

    Parameters
    ----------
    tables : DataFrames dataset, panel, unit, series_id, year, value, and split for competitions.
    without : families (`dataset`) to leave out.

    Raises
    ------
    ValueError
        When a family to leave out is not there.
    """
    families = sorted({str(name) for table in tables for name in table["dataset"].unique()})
    unknown = [name for name in without if name not in families]
    if unknown:
        raise ValueError(f"Unknown family {unknown[0]!r}. Families: {', '.join(families[:15])}.")
    found = [task for table in tables for task in training.tasks(table[~table["dataset"].isin(list(without))])]
    memory = learn_memory(found)
    gates, shapes, shocks = {}, {}, (0.0, 0.0)
    for name, together in (("together", True), ("alone", False)):
        cells = training.cells(found, together, memory)
        gates[name] = learn_gate(gather(cells))
        honest = honest_residuals(cells)
        shapes[name] = learn_errors(honest)
        shocks = learn_shocks(honest, shapes[name]) if together else shocks
    return constants.write(gates, shapes, memory, shocks, without)


def honest_residuals(cells: list[Cell]) -> Residuals:
    """Return errors made on families that the weights behind them have not seen (families in `FOLDS` groups)."""
    families = sorted({cell.family for cell in cells})
    rows, parts = gather(cells), []
    for fold in range(min(FOLDS, len(families))):
        held = families[fold::FOLDS]
        gate = learn_gate(rows.where(~np.isin(rows.family, held)))
        parts.append(residuals([cell for cell in cells if cell.family in held], gate))
    return join(parts)


def one_thread() -> dict[str, str]:
    """Return an environment in which the libraries under numpy use one thread."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
    return {**os.environ, **dict.fromkeys(names, "1")}


def main(arguments: list[str] | None = None) -> None:
    """Learn and write; in a process of its own where the environment allows more than one thread."""
    if one_thread() != dict(os.environ):
        command = [
            sys.executable,
            "-m",
            "tests.benchmarks.forecast_learn",
            *(sys.argv[1:] if arguments is None else arguments),
        ]
        raise SystemExit(subprocess.call(command, env=one_thread()))
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="+", type=Path, help="parquet files of panels")
    parser.add_argument("--without", nargs="*", default=[], help="families to leave out")
    parser.add_argument("--out", type=Path, default=CONSTANTS)
    given = parser.parse_args(arguments)
    text = learn([pd.read_parquet(path) for path in given.data], given.without)
    given.out.write_text(text, encoding="utf-8")
    print(f"{given.out}: {len(text):,} bytes, version {constants.read(text).version}")


if __name__ == "__main__":
    main()
