"""Start kernels warm: a jupyter_client provisioner that forks them from a process which has imported everything.

Used through a kernelspec (``python -m dxanalysis.batch.kernels install``) it serves papermill, nbclient, nbconvert and
JupyterLab unchanged. Wherever it cannot serve - another system, another interpreter, a kernel of another kind, anything
doubtful, or the variable ``BATCH_WARM_KERNELS=0`` - the kernel starts the normal way.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import shutil
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from .fork_client import ForkedKernel, ForkError, can_fork, server_for
from .processes import PROVISIONER, new_folder

LOOK_AGAIN = 0.005  # seconds between two looks at a kernel that starts or ends
PRELOAD = (
    "numpy",
    "pandas",
    "matplotlib.pyplot",
    "seaborn",
    "statsmodels.api",
    "statsmodels.formula.api",
    "scipy.stats",
    "scipy.optimize",
)


class WarmProvisioner(LocalProvisioner):
    """Fork the kernel from a fork server where that is safe, and start it normally elsewhere."""

    way = "cold"
    preload: tuple[str, ...] = PRELOAD
    why_cold = ""

    def __init__(self, **options: Any) -> None:
        self.preload = tuple(options.pop("preload", None) or PRELOAD)
        super().__init__(**options)

    async def pre_launch(self, **options: Any) -> dict[str, Any]:
        """Move the kernel's sockets to Unix sockets, where two kernels cannot race for a port."""
        manager = self.parent
        self.why_cold = can_fork(self.kernel_spec.argv, {})
        if not self.why_cold and manager is not None and manager.transport == "tcp" and not manager.shell_port:
            manager.transport = "ipc"
            manager.ip = f"{_socket_folder()}/{uuid.uuid4().hex[:8]}"
            manager.cache_ports = False
        return await super().pre_launch(**options)

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:
        """Fork, or start normally and remember why."""
        self.why_cold = can_fork(cmd, options)
        if not self.why_cold:
            try:
                return await _in_a_thread(lambda: self._forked(cmd, options))
            except ForkError as error:
                self.why_cold = str(error)
        self.log.info("This kernel starts the normal way: %s", self.why_cold)
        return await super().launch_kernel(cmd, **options)

    async def shutdown_requested(self, restart: bool = False) -> None:  # noqa: FBT002 - the interface's
        """Wait for the kernel's own end; the manager would look for it only every tenth of a second."""
        end = time.monotonic() + 5
        while isinstance(self.process, ForkedKernel) and self.process.poll() is None and time.monotonic() < end:
            await asyncio.sleep(LOOK_AGAIN)

    def _forked(self, cmd: list[str], options: Mapping[str, Any]) -> KernelConnectionInfo:
        environment = {**(options.get("env") or os.environ), "JPY_PARENT_PID": str(os.getpid())}
        argv = list(cmd[3:])
        if not any(word.startswith("--HistoryManager.hist_file") for word in argv):
            argv.append("--HistoryManager.hist_file=:memory:")  # or parallel kernels lock each other out
        folder = str(options.get("cwd") or os.getcwd())
        try:
            self.process = server_for(self.preload, environment).fork(argv, environment, folder)
        except ForkError:  # perhaps out of date: a new one has the user's newest code
            self.process = server_for(self.preload, environment).fork(argv, environment, folder)
        self.pid = self.pgid = self.process.pid
        self.cwd = options.get("cwd") or os.getcwd()
        self.way = "warm"
        return self.connection_info


async def _in_a_thread(action: Callable[[], KernelConnectionInfo]) -> KernelConnectionInfo:
    """Do something that takes long, in a thread of its own, and look for its end.

    Not with the loop's executor: in a process that was forked while the loop was there (the workers of a
    ProcessPoolExecutor), the loop believes in threads that only the other process has, and would wait for ever.
    """
    said: list[KernelConnectionInfo] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            said.append(action())
        except BaseException as error:  # raised again in the caller's own thread
            failed.append(error)

    thread = threading.Thread(target=work, name="kernel-fork", daemon=True)
    thread.start()
    while thread.is_alive():
        await asyncio.sleep(LOOK_AGAIN)
    if failed:
        raise failed[0]
    return said[0]


def install(folder: str | Path | None = None, name: str = "python3-warm", preload: Sequence[str] = PRELOAD) -> Path:
    """Write the kernelspec of warm kernels.

    Parameters
    ----------
    folder : path, optional
        Folder of kernelspecs; ``share/jupyter/kernels`` of this environment when not given, never the user's home.
    name : str
        Name for ``papermill -k`` and in notebooks.
    preload : sequence of str
        Modules to import beforehand.

    Returns
    -------
    Path
        The file ``kernel.json``.
    """
    folder = Path(folder or Path(sys.prefix, "share", "jupyter", "kernels")) / name
    provisioner = {"provisioner_name": PROVISIONER, "config": {"preload": list(preload)}}
    spec = get_kernel_dict()  # all that ipykernel declares of its own kernelspec
    spec["argv"][0] = sys.executable
    spec["display_name"] = "Python 3 (warm start)"
    spec["metadata"]["kernel_provisioner"] = provisioner
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "kernel.json"
    path.write_text(json.dumps(spec, indent=1) + "\n", encoding="utf-8")
    return path


_SOCKETS: list[str] = []
_LOCK = threading.Lock()


def _socket_folder() -> str:
    """A private folder with a short path, for the sockets of this process's kernels."""
    with _LOCK:
        if not _SOCKETS or not os.path.isdir(_SOCKETS[0]):
            _SOCKETS[:] = [str(new_folder())]
            atexit.register(shutil.rmtree, _SOCKETS[0], True)
    return _SOCKETS[0]


if __name__ == "__main__":
    if sys.argv[1:2] != ["install"]:
        sys.exit("usage: python -m dxanalysis.batch.kernels install")
    print(install())
