"""What every test shares: the project's root and the facts that live beside the project."""

import signal
from pathlib import Path

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell starts its background jobs so, and children inherit it:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the Ctrl-C that tests send would be waited for in vain

# Programs and helpers hold neither tests nor examples: they are not imported to look for some (statsmodels, a browser).
collect_ignore_glob = ["benchmarks/*.py", "fuzz/targets_*.py", "*_support.py", "notebook_sweep.py", "consistency.py"]
ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of independent oracles and raw facts beside the project, or skip."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared with the independent oracles is not beside this checkout")
    return SHARED
