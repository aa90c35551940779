"""What is done before kernels are forked: it must say nothing, change nothing and be what runs need."""

import random

import matplotlib as mpl
import numpy as np

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
