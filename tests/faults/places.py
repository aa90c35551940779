"""Where a fault is played: on a folder, on a small disk, against a server that can be unplugged."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from . import server
from .faults import Fault
from .scene import Scene, small_disk

NEEDED = {"s3": ("moto", "s3fs", "flask"), "dask": ("distributed",)}


def can(fault: Fault) -> str:
    """Say why a fault cannot be played here, or nothing."""
    if sys.platform != "linux":
        return "looks for orphans in /proc: Linux only"
    if fault.needs == "root" and os.geteuid() != 0:
        return "needs root to mount a small disk"
    for module in NEEDED.get(fault.needs, ()):
        if importlib.util.find_spec(module) is None:
            return f"needs {module}: python3 dx.py test --all installs it"
    return ""


@contextmanager
def stage(fault: Fault) -> Iterator[Scene]:
    """Set the stage for a fault."""
    if fault.needs == "s3":
        yield from _with_bucket(fault)
        return
    forked, root = fault.needs != "dask", fault.needs == "root"
    with Scene(fault.options, capless=root, forked=forked, fresh=fault.fresh) as scene:
        if root:
            small_disk(scene)
        yield scene


def _with_bucket(fault: Fault) -> Iterator[Scene]:
    plug = server.Plug(server.server())
    address = {"FSSPEC_S3_ENDPOINT_URL": f"http://{server.HOST}:{plug.port}"}
    try:
        with Scene(fault.options, server.new_bucket(), {**server.KEYS, **address}, forked=False) as scene:
            scene.plug = plug
            yield scene
    finally:
        plug.pull()
