"""Break batches in every way, many times, and count: ``python -m tests.faults.campaign --seed 1 --tries 8``.

Prints the table *fault, tries, survived, lost* and writes it, with every seed, to ``benchmarks/results/faults.json``.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import random
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from . import checks
from .faults import FAULTS, Fault
from .places import can, stage
from .scene import Scene, wait_for

RESULTS = Path(__file__).resolve().parents[1] / "benchmarks" / "results" / "faults.json"
LATEST = 3.0  # seconds after the plan; an undisturbed batch of warm kernels takes about as long
COLD_LATEST = 9.0


def main() -> int:
    """Carry out a campaign."""
    options = _options()
    chosen = [fault for fault in FAULTS if not options.only or any(word in fault.name for word in options.only)]
    began, rows = time.time(), []
    with ProcessPoolExecutor(options.parallel, multiprocessing.get_context("spawn")) as pool:
        begun = [(fault, [pool.submit(attempt, fault.name, f"{options.seed}:{n}") for n in range(options.tries)])
                 for fault in chosen if not can(fault)]  # fmt: skip
        for fault, attempts in begun:
            rows.append(_row(fault, [one.result() for one in attempts]))
            print(_line(rows[-1]), flush=True)
            for lost in rows[-1]["lost"]:
                print(f"    seed {lost['seed']}: {lost['found']}", flush=True)
    for fault in chosen:
        if can(fault):
            print(f"{fault.name:<40} not tried: {can(fault)}")
    total = sum(row["tries"] for row in rows)
    lost = sum(len(row["lost"]) for row in rows)
    print(f"{total} faults, {total - lost} survived, {lost} lost, {(time.time() - began) / 60:.0f} min")
    if options.write:
        about = {"seed": options.seed, "python": platform.python_version(), "minutes": (time.time() - began) / 60}
        RESULTS.write_text(json.dumps({**about, "total": total, "lost": lost, "faults": rows}, indent=1) + "\n")
    return 1 if lost else 0


def attempt(name: str, seed: str) -> dict[str, Any]:
    """Break one batch; a fault that came too late is tried again at an earlier moment, and not counted."""
    fault = next(fault for fault in FAULTS if fault.name == name)
    for late in range(12):
        chance = random.Random(f"{fault.name} {seed} {late}")
        found = _attempted(fault, chance, _latest(fault) / (1 + late / 2))
        if found is not None:
            return {"seed": f"{seed} {late}", "found": found}
    return {"seed": seed, "found": ["the fault never came in time"]}


def _attempted(fault: Fault, chance: random.Random, latest: float) -> list[str] | None:
    with ExitStack() as stack:
        scene = stack.enter_context(stage(fault))
        begun = scene.start(**fault.settings)
        wait_for(lambda: begun.over, chance.uniform(0, latest))
        try:
            if not fault.inject(scene, begun, chance):
                return None
        except AssertionError as error:
            return [str(error)]
        return list(_seen(fault, scene, begun))
    return None


def _seen(fault: Fault, scene: Scene, begun: Any) -> Iterable[str]:
    yield from checks.after_fault(scene, begun, set(fault.codes))
    fault.mend(scene)
    done, faults = checks.manifest(scene)
    yield from faults
    again = scene.start()
    yield from checks.after_rerun(scene, done, again)
    yield from checks.up_to_date(scene)


def _latest(fault: Fault) -> float:
    return COLD_LATEST if fault.options.get("kernel") == "cold" or fault.needs in ("dask", "s3") else LATEST


def _row(fault: Fault, attempts: list[dict[str, Any]]) -> dict[str, Any]:
    lost = [one for one in attempts if one["found"]]
    seeds = [one["seed"] for one in attempts]
    survived = len(attempts) - len(lost)
    return {"fault": fault.name, "tries": len(attempts), "survived": survived, "seeds": seeds, "lost": lost}


def _line(row: dict[str, Any]) -> str:
    return f"{row['fault']:<40} {row['tries']:>4} tries {row['survived']:>4} survived {len(row['lost']):>3} lost"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--tries", type=int, default=8, help="how often each fault is injected")
    parser.add_argument("--parallel", type=int, default=2, help="batches broken at the same time")
    parser.add_argument("--only", nargs="*", help="only faults whose name holds one of these words")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    return options


if __name__ == "__main__":
    raise SystemExit(main())
