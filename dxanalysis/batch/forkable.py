"""Tell whether a kernel can be forked; knows nothing of Jupyter's libraries, so that a zygote can start before them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

OPT_OUT = "BATCH_WARM_KERNELS"
TESTED = range(7, 8)  # major versions of ipykernel whose insides the fork knows


def can_fork(argv: Sequence[str], options: Mapping[str, Any]) -> str:
    """Return why a kernel must start the normal way, or nothing when it can be forked.

    Parameters
    ----------
    argv : sequence of str
        Command of the kernel.
    options : mapping
        What else the caller wants of the process.

    Examples
    --------
    >>> can_fork(["R", "--slave"], {})
    'the kernel is not ipykernel of this interpreter'
    """
    if sys.platform != "linux" or sys.implementation.name != "cpython":
        return "forked kernels need Linux and CPython"
    if os.environ.get(OPT_OUT, "1").lower() in ("0", "no", "off", "false"):
        return f"{OPT_OUT} switches them off"
    if int(version("ipykernel").partition(".")[0]) not in TESTED:
        return f"ipykernel {version('ipykernel')} is not a tested version"
    if list(argv[1:3]) != ["-m", "ipykernel_launcher"] or not _same_interpreter(argv[0]):
        return "the kernel is not ipykernel of this interpreter"
    strange = [name for name, value in options.items() if name not in ("env", "cwd") and value]
    return f"the caller asks for {strange[0]}" if strange else ""


def _same_interpreter(command: str) -> bool:
    if command in ("python", "python3", f"python3.{sys.version_info[1]}"):
        return True  # jupyter_client puts this interpreter there
    found = shutil.which(command) or command
    return os.path.abspath(found) == os.path.abspath(sys.executable)
