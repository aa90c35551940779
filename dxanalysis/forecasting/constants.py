"""The learned constants: where they stand, what they are, and their version."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np


@dataclass(frozen=True)
class Gate:
    """Letters of the expert scores (see `weights`): arrays over experts, `g` (feature, expert), `trust` (3,)."""

    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    d: np.ndarray
    g: np.ndarray
    trust: np.ndarray


@dataclass(frozen=True)
class Errors:
    """Size and shape of forecast errors (see `errors`).

    Attributes
    ----------
    size : array (term,), regression of the log error size
    points, years, spikes : nodes of series length, years ahead and spikiness (`errors.spikiness`)
    levels : array (level,), probabilities
    shape : array (point node, year node, spike node, level), quantiles of the error divided by its size
    caution : array (2,), factors of the shape inside the 80 % interval and at the ends of the 95 % one, with which
        families not learned from are covered as promised
    """

    size: np.ndarray
    points: np.ndarray
    years: np.ndarray
    spikes: np.ndarray
    levels: np.ndarray
    shape: np.ndarray
    caution: np.ndarray


@dataclass(frozen=True)
class Constants:
    """Everything learned: for panels (`together`) and for series without peers (`alone`).

    `memory` belongs to `library`, `common` and `drift` to `paths`; `without` names families left out of learning.
    """

    together: Gate
    alone: Gate
    errors_together: Errors
    errors_alone: Errors
    memory: dict[str, list[float]]
    common: float
    drift: float
    without: tuple[str, ...]
    version: str


@functools.cache
def shipped() -> Constants:
    """Return the constants shipped with the package (learned by `python -m tests.benchmarks.forecast_learn`).

    Examples
    --------
    >>> len(shipped().version)
    8
    """
    return read(resources.files("dxanalysis.forecasting").joinpath("constants.json").read_text(encoding="utf-8"))


def read(text: str) -> Constants:
    """Return the constants of a JSON text; its version is the start of the text's SHA-256."""
    raw = json.loads(text)
    gates = {name: Gate(**{k: np.array(v) for k, v in raw["gates"][name].items()}) for name in ("together", "alone")}
    errors = {
        name: Errors(**{k: np.array(v) for k, v in raw["errors"][name].items()}) for name in ("together", "alone")
    }
    return Constants(
        gates["together"],
        gates["alone"],
        errors["together"],
        errors["alone"],
        raw["memory"],
        float(raw["common"]),
        float(raw["drift"]),
        tuple(raw["without"]),
        hashlib.sha256(text.encode()).hexdigest()[:8],
    )


def write(
    gates: dict[str, Gate],
    errors: dict[str, Errors],
    memory: dict[str, list[float]],
    shocks: tuple[float, float],
    without: Sequence[str],
) -> str:
    """Return the JSON text of learned constants, rounded so that machines agree."""

    def plain(record: Gate | Errors, digits: int) -> dict[str, list]:
        return {k: np.round(v, digits).tolist() for k, v in vars(record).items()}

    raw = {
        "about": "Learned by python -m tests.benchmarks.forecast_learn from published panels of shares and from the "
        "yearly series of the M1 and tourism competitions; no observation is in here. Letters: weights.py, errors.py.",
        "gates": {name: plain(gate, 3) for name, gate in gates.items()},
        "errors": {name: plain(error, 3) for name, error in errors.items()},
        "memory": {name: np.round(values, 4).tolist() for name, values in memory.items()},
        "common": round(shocks[0], 3),
        "drift": round(shocks[1], 3),
        "without": list(without),
    }
    return json.dumps(raw, indent=None, separators=(",", ":")).replace('},"', '},\n"').replace('],"', '],\n"') + "\n"
