"""The same data give the same numbers, whatever the threads of the linear algebra, however the areas are shared out."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

PROGRAM = """
import json, sys
from types import SimpleNamespace
import numpy as np, pandas as pd
from dxanalysis import analysis, forecasting
from dxanalysis.analysis import sensitivity

mine, workers = int(sys.argv[1]), int(sys.argv[2])
rng, years = np.random.default_rng(1), np.arange(2016, 2025)
share = SimpleNamespace(direction=1, lower=0.0, upper=100.0)
values = np.clip(rng.uniform(2, 60, (12, 1)) + rng.normal(1, 1.5, (12, 9)).cumsum(axis=1), 0.1, 99.9)
areas = np.array([f"area-{row:02d}" for row in range(12)])
panel = pd.DataFrame({"area": np.repeat(areas, 9), "year": np.tile(years, 12), "value": values.ravel()})
path = analysis.verdicts.typical_path(panel)
goal = pd.DataFrame({"year": [2030], "value": [80.0]})
found = {}
for row in range(mine, 12, workers):
    own = panel[panel["area"] == areas[row]]
    told = analysis.judge(own, goal, share, peers=path)
    firm = sensitivity.specifications(own, goal, share, peers=path)
    ahead = forecasting.forecast(own, 3, bounds=(0, 100), peers=panel)
    paths = forecasting.forecast_paths(own, 3, bounds=(0, 100), n_paths=50, peers=panel)
    found[areas[row]] = [*told["value"].fillna(-9).tolist(), *told["projected"].fillna(-9).tolist(),
                         float((firm["step"] == "on_track").mean()), *ahead["value"].tolist(), *paths["value"].tolist()]
print(json.dumps(found))
"""


def start(mine, workers, threads, **kernels):
    limits = {f"{name}_NUM_THREADS": str(threads) for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")} | kernels
    command = [sys.executable, "-c", PROGRAM, str(mine), str(workers)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **limits})


@pytest.mark.slow
def test_verdicts_ranks_and_forecasts_do_not_depend_on_threads_or_workers():
    running = {(workers, mine): start(mine, workers, workers) for workers in (1, 2, 4) for mine in range(workers)}
    results = {key: json.loads(process.communicate()[0]) for key, process in running.items()}
    alone = results[1, 0]
    assert len(alone) == 12
    for workers in (2, 4):
        together = {name: row for mine in range(workers) for name, row in results[workers, mine].items()}
        assert together.keys() == alone.keys()
        for name, row in alone.items():
            np.testing.assert_allclose(together[name], row, rtol=1e-9, atol=1e-9, err_msg=f"{name}, {workers} workers")


@pytest.mark.slow
def test_another_processor_changes_no_more_than_the_last_digits():
    # The names are OpenBLAS's for processors of 2008 and 2013; where it does not know them it takes its own choice.
    running = [start(0, 1, 1, OPENBLAS_CORETYPE=name) for name in ("Nehalem", "Haswell")]
    old, new = (json.loads(process.communicate()[0]) for process in running)
    assert old.keys() == new.keys()
    for name, row in old.items():
        np.testing.assert_allclose(row, new[name], rtol=1e-9, atol=1e-9, err_msg=name)
