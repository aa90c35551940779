"""What must be true after a fault, and after the batch was run once more. Each check gives the faults it finds."""

from __future__ import annotations

import functools
import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from dxanalysis import batch
from dxanalysis.batch.manifest import FILE_NAME, Manifest

from . import processes
from .scene import RUNS, YEARS, Batch, Scene, wait_for

CLOSED = {"done", "failed", "interrupted", "lost"}
Tree = dict[str, str]
PATIENCE = 60  # seconds for the last process to go, on a loaded machine


@dataclass(frozen=True)
class Undisturbed:
    """What a batch that nobody disturbs leaves, file by file, and how long it takes from its plan to its end."""

    files: Tree
    seconds: float


@functools.cache
def undisturbed() -> Undisturbed:
    """Run a batch that nobody disturbs, once per process."""
    with Scene({"kernel": "warm", "preload": ["json"]}) as scene:
        begun, planned = scene.start(), time.monotonic()
        if begun.finish() != 0:
            raise RuntimeError(f"the undisturbed batch failed: {begun.errors()}")
        return Undisturbed(tree(scene), time.monotonic() - planned)


def tree(scene: Scene) -> Tree:
    """Digest of every file below the folders of runs."""
    if "://" in scene.out:
        return _objects(scene.out)
    files = (path for run in RUNS for path in (Path(scene.out) / run).rglob("*") if path.is_file())
    return {path.relative_to(scene.out).as_posix(): _digest(path.read_bytes()) for path in files}


def after_fault(scene: Scene, begun: Batch, codes: set[int | None]) -> Iterator[str]:
    """Look at what the disturbed batch has left."""
    code = begun.finish()
    if code is None:
        yield "the runner hangs"
        return
    if code not in codes:
        yield f"the runner ended with {code}, not one of {sorted(codes, key=str)}: {begun.errors()[-600:]}"
    if "Traceback" in begun.errors():
        yield f"a user would see a traceback: {begun.errors()[-1500:]}"
    yield from orphans(scene)
    yield from half_results(scene)


def orphans(scene: Scene) -> Iterator[str]:
    """Nothing that the batch started may live on."""
    if not wait_for(lambda: not processes.family(scene.mark), PATIENCE):
        yield f"orphans: {processes.told(processes.family(scene.mark))}"


def half_results(scene: Scene) -> Iterator[str]:
    """A run that stands under its final name stands there whole, with the bytes of an undisturbed one."""
    found, right = tree(scene), undisturbed().files
    for run in RUNS:
        mine = {name: digest for name, digest in found.items() if name.startswith(f"{run}/")}
        begun_at_all = f"{run}/{run.split('/')[0]}.ipynb" in mine if "://" in scene.out else mine
        if begun_at_all and mine != {name: digest for name, digest in right.items() if name.startswith(f"{run}/")}:
            yield f"{run} stands under its final name with other content: {sorted(mine)}"


def manifest(scene: Scene) -> tuple[set[str], list[str]]:
    """The runs that the manifest calls done, and what is wrong with it."""
    folder = local_folder(scene)
    if not (folder / FILE_NAME).exists():
        return set(), []
    with closing(sqlite3.connect(folder / FILE_NAME)) as database:
        told = database.execute("PRAGMA integrity_check").fetchone()[0]
    faults = [] if told == "ok" else [f"integrity_check says {told}"]
    with Manifest(folder) as rows:
        latest = rows.latest()  # a dead runner's claims are seen as lost here
    faults += [f"{name} is still {row['status']}" for name, row in latest.items() if row["status"] not in CLOSED]
    return {name for name, row in latest.items() if row["status"] == "done"}, faults


def after_rerun(scene: Scene, done: set[str], again: Batch) -> Iterator[str]:
    """Look whether the second batch did exactly what was missing, and left what an undisturbed one leaves."""
    code = again.finish()
    if code != 0:
        yield f"the next run ended with {code}: {again.errors()[-1500:]}"
        return
    planned = set(again.told("planned"))
    if planned != set(RUNS) - done:
        yield f"the next run did {sorted(planned)}, and {sorted(set(RUNS) - done)} were missing"
    if tree(scene) != undisturbed().files:
        different = {name for name, _ in tree(scene).items() ^ undisturbed().files.items()}
        yield f"the result differs from an undisturbed batch in {sorted(different)}"
    finished, faults = manifest(scene)
    yield from faults
    if finished != set(RUNS):
        yield f"the manifest misses {sorted(set(RUNS) - finished)}"
    yield from orphans(scene)
    yield from leftovers(scene)


def leftovers(scene: Scene) -> Iterator[str]:
    """No staging folder, no failed notebook of a run that is done, nothing strange beside the results, no sockets."""
    folder = local_folder(scene)
    staged = [path.name for path in (folder / ".staging").glob("*")]
    if staged:
        yield f"staging folders are left: {staged}"
    allowed = {"first", "second", ".staging", "_failed", "_logs", *(FILE_NAME + end for end in ("", "-wal", "-shm"))}
    strange = {path.name for path in folder.iterdir()} - allowed - {".pushed"}
    failed = [path.as_posix() for path in (folder / "_failed").rglob("*") if path.is_file()]
    if strange or failed:
        yield f"left beside the results: {sorted(strange)} {failed}"
    temporary = [name for name in os.listdir(scene.temporary) if name != folder.name and name != "dask-scratch-space"]
    if temporary:
        yield f"left in the temporary folder: {temporary}"


def local_folder(scene: Scene) -> Path:
    """The folder with the manifest: the output folder, or for a URL the folder that mirrors it."""
    if "://" not in scene.out:
        return Path(scene.out)
    return next(scene.temporary.glob("batch-*"), scene.temporary / "none")


def up_to_date(scene: Scene) -> Iterator[str]:
    """A third look finds nothing to do."""
    if "://" in scene.out:
        return
    plan = batch.plan(scene.notebooks, {"year": YEARS}, out=scene.out, template="{notebook}/{year}")
    if plan.due:
        yield f"a third run would do {[(run.output, run.reason) for run in plan.due]}"


def _objects(url: str) -> Tree:
    from .server import store as open_store

    store, path = open_store(), url.partition("://")[2]
    start = len(path.rstrip("/")) + 1
    names = [name for name in store.find(path) if name[start:].startswith(("first/", "second/"))]
    return {name[start:]: _digest(store.cat_file(name)) for name in names}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
