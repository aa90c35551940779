"""Break batches in every way, many times, and count: ``python -m tests.faults.campaign --seed 1 --tries 8``.

Prints the table *fault, tries, survived, lost* and writes it, with every seed, to ``benchmarks/results/faults.json``.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import multiprocessing
import os
import platform
import random
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import checks, server
from .faults import FAULTS, Fault
from .scene import Scene, small_disk, wait_for

RESULTS = Path(__file__).resolve().parents[1] / "benchmarks" / "results" / "faults.json"
NEEDED = {"s3": ("moto", "s3fs", "flask"), "dask": ("distributed",)}
SLOWER = 3.0  # how much longer a batch takes with normal kernels, Dask workers or a server


def main() -> int:
    """Carry out a campaign."""
    options = _options()
    chosen = [fault for fault in FAULTS if not options.only or any(word in fault.name for word in options.only)]
    for fault in chosen:
        if can(fault):
            print(f"{fault.name:<40} not tried: {can(fault)}")
    chosen = [fault for fault in chosen if not can(fault)]
    rows = {fault.name: {"tries": 0, "survived": 0, "seeds": [], "lost": []} for fault in chosen}
    with ProcessPoolExecutor(options.parallel, multiprocessing.get_context("spawn")) as pool:
        begun = {
            pool.submit(attempt, fault.name, f"{options.seed}:{n}"): fault.name
            for n in range(options.tries)
            for fault in chosen
        }
        for done in as_completed(begun):
            _count(rows[begun[done]], begun[done], done.result())
            if options.write:
                _write(options.write, options.seed, rows)
    for name, row in rows.items():
        print(f"{name:<40} {row['tries']:>4} tries {row['survived']:>4} survived {len(row['lost']):>3} lost")
    lost = sum(len(row["lost"]) for row in rows.values())
    print(f"{sum(row['tries'] for row in rows.values())} faults, {lost} lost")
    return 1 if lost else 0


def _count(row: dict[str, Any], name: str, outcome: dict[str, Any]) -> None:
    """Count one attempt, and tell a loss at once."""
    row["tries"] += 1
    row["survived"] += not outcome["found"]
    row["seeds"].append(outcome["seed"])
    if outcome["found"]:
        row["lost"].append(outcome)
        print(f"LOST {name}, seed {outcome['seed']}: {outcome['found']}", flush=True)


def _write(path: Path, seed: int, rows: dict[str, Any]) -> None:
    """Write what is known so far, so that a campaign can be ended at any time."""
    about = {"seed": seed, "python": platform.python_version()}
    total = {name: sum(row[name] for row in rows.values()) for name in ("tries", "survived")}
    path.write_text(json.dumps({**about, **total, "faults": rows}, indent=1) + "\n", encoding="utf-8")


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
    with stage(fault) as scene:
        begun = scene.start(**fault.settings)
        wait_for(lambda: begun.over, chance.uniform(0, latest))
        try:
            if not fault.inject(scene, begun, chance):
                return None
        except AssertionError as error:
            return [str(error)]
        return list(_seen(fault, scene, begun))


def _seen(fault: Fault, scene: Scene, begun: Any) -> Iterable[str]:
    yield from checks.after_fault(scene, begun, set(fault.codes))
    fault.mend(scene)
    done, faults = checks.manifest(scene)
    yield from faults
    again = scene.start()
    yield from checks.after_rerun(scene, done, again)
    yield from checks.up_to_date(scene)


def _latest(fault: Fault) -> float:
    """The latest moment for a fault, in seconds after the plan: as long as an undisturbed batch takes here and now."""
    slower = fault.options.get("kernel") == "cold" or fault.needs in ("dask", "s3")
    return checks.undisturbed().seconds * (SLOWER if slower else 1.0)


def can(fault: Fault) -> str:
    """Say why a fault cannot be played here, or nothing."""
    if sys.platform != "linux":
        return "looks for orphans in /proc: Linux only"
    if fault.needs == "root" and os.geteuid() != 0:
        return "needs root to mount a small disk"
    missing = [one for one in NEEDED.get(fault.needs, ()) if importlib.util.find_spec(one) is None]
    return f"needs {missing[0]}: python3 dx.py test --all installs it" if missing else ""


@contextmanager
def stage(fault: Fault) -> Iterator[Scene]:
    """Set the stage for a fault: a folder, a small disk, or a bucket of a server that can be unplugged."""
    if fault.needs == "s3":
        yield from _with_bucket(fault)
        return
    with Scene(fault.options, capless=fault.needs == "root", fresh=fault.fresh) as scene:
        if fault.needs == "root":
            small_disk(scene)
        yield scene


def _with_bucket(fault: Fault) -> Iterator[Scene]:
    plug = server.Plug(server.server())
    address = {"FSSPEC_S3_ENDPOINT_URL": f"http://{server.HOST}:{plug.port}"}
    try:
        with Scene(fault.options, server.new_bucket(), {**server.KEYS, **address}) as scene:
            scene.plug = plug
            yield scene
    finally:
        plug.pull()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--tries", type=int, default=8, help="how often each fault is injected")
    parser.add_argument("--parallel", type=int, default=2, help="batches broken at the same time")
    parser.add_argument("--only", nargs="*", help="only faults whose name holds one of these words")
    parser.add_argument("--write", type=Path, nargs="?", const=RESULTS, help=f"write the counts ({RESULTS.name})")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    return options


if __name__ == "__main__":
    raise SystemExit(main())
