"""What every test shares: the project's root and the facts that live beside the project."""

from pathlib import Path

import pytest

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
