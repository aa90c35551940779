"""What is done before kernels are forked: it must say nothing, change nothing and be what runs need."""

import os
import random
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest

from dxanalysis import batch
from dxanalysis.batch import fork_client
from dxanalysis.batch.manifest import read_manifest
from dxanalysis.cli import warm
from dxanalysis.facts import package


def test_it_is_silent_and_leaves_no_mark(capsys):
    settings, dice = dict(mpl.rcParams), (random.getstate(), np.random.get_state()[1].tolist())
    warm.fill()
    assert capsys.readouterr() == ("", "")
    assert dict(mpl.rcParams) == settings
    assert (random.getstate(), np.random.get_state()[1].tolist()) == dice


def test_the_data_package_is_open_afterwards():
    warm.fill()
    before = package._open.cache_info()
    package.open_package()
    assert package._open.cache_info().misses == before.misses


@pytest.mark.notebook
@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
def test_a_fork_server_may_do_it():
    """It may print nothing, start no thread, ask for no shell: else each kernel does it again, and nobody notices."""
    server = fork_client.ForkServer(["pandas", "matplotlib.figure", "dxanalysis.cli.warm:fill"], dict(os.environ))
    try:
        server.wait_ready()
        assert (server.notes, server.skip) == ([], [])
    finally:
        server.close()


@pytest.mark.parametrize("code", [
    "import dxanalysis.batch.engine", "from dxanalysis.cli import site\nsite.write_site({!r})",
])
def test_a_grammar_that_nobody_uses_is_not_loaded(tmp_path, code):
    code = f"{code.format(str(tmp_path))}\nimport sys\nprint('nbformat' in sys.modules, 'lark' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "True False\n", "it takes longer than all else that is imported"


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
def test_a_run_from_filled_caches_leaves_the_bytes_of_a_normal_one(root, tmp_path):
    made = {}
    for kernel in ("cold", "warm"):
        plan = batch.plan(root / "notebooks" / "30_attainment.ipynb", {"area": ["viet-nam"]}, out=tmp_path / kernel)
        result = batch.run(plan, kernel=kernel, warm=["dxanalysis.cli.warm:fill"], progress=False)
        assert result.exit_code == 0, str(result)
        (row,) = read_manifest(tmp_path / kernel)
        made[row["kernel"]] = row["outputs"]
    assert len(made["warm"]) > 20
    assert {name for name in made["cold"] if made["cold"][name] != made["warm"].get(name)} == set()
