"""A papermill engine that starts kernels the careful way and leaves the writing of files to the runner."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.utils import run_sync
from jupyter_core.utils import _loop
from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines

from .execute import OUTPUT_MB
from .kernels import PROVISIONER
from .processes import RUN_DIR, end_marked
from .sockets import socket_folder
from .watch import WATCHER, Guard, end_group

NAME = "batch"
SHUTDOWN_WITHIN = 10  # seconds for a kernel's own exit functions
LOOK_AGAIN = 0.005  # seconds until a starting kernel is looked at once more
IN_MEMORY_HISTORY = "--HistoryManager.hist_file=:memory:"


def register() -> str:
    """Make the engine known to papermill under its name, and return that name."""
    papermill_engines.register(NAME, BatchEngine)
    return NAME


class BatchEngine(Engine):
    """Execute a notebook for the runner; what it needs comes in the option ``batch``."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *, batch: dict[str, Any], **_: Any) -> Any:
        """Run all cells in a kernel whose folder is the notebook's own."""
        job = batch["job"]
        batch["holder"]["content"] = nb_man.nb
        with _own_loop(), socket_folder() as folder:
            manager = kernel_manager(kernel_name, folder, warm=job.kernel == "warm", preload=job.preload)
            client = BatchClient(
                nb_man,
                km=manager,
                timeout=job.cell_timeout,
                startup_timeout=job.start_timeout,
                raise_on_iopub_timeout=True,
                extra_arguments=[] if manager.ipykernel else [IN_MEMORY_HISTORY],
            )
            client.batch = batch
            client.execute(cwd=batch["folder"], env=batch["environment"], cleanup_kc=True)
        return nb_man.nb


@contextlib.contextmanager
def _own_loop() -> Iterator[None]:
    """Give this thread an event loop for one run, and close it; what runs on it ends with the run."""
    loop = asyncio.new_event_loop()
    before = _loop.set(loop)
    try:
        yield
    finally:
        _loop.reset(before)
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


class BatchClient(PapermillNotebookClient):
    """Start, watch and end the kernel without idle waiting; cells run as nbclient runs them."""

    batch: dict[str, Any]
    healthy = False
    guard: Guard | None = None
    said = 0  # characters of output so far

    def process_message(self, message: Any, *where: Any) -> Any:
        """Take an output of a cell; too much of it ends the run before it fills this process's memory."""
        content = message["content"]
        self.said += len(content.get("text", "")) + sum(map(len, _texts(content.get("data", {}))))
        if self.said > OUTPUT_MB * 1e6:
            self.batch["watched"].end("output")
            return None
        return super().process_message(message, *where)

    def execute(self, **kwargs: Any) -> Any:
        """Run all cells; the kernel is gone afterwards, whatever happens."""
        watched = self.batch["watched"]
        self.reset_execution_trackers()
        WATCHER.add(watched)
        try:
            with self.setup_kernel(**kwargs):
                self.batch["holder"]["started"] = True
                try:
                    self.papermill_execute_cells()
                    self.set_widgets_metadata()
                    self.healthy = True
                finally:
                    watched.measure()
        finally:
            WATCHER.remove(watched)
            watched.pid = 0
        return self.nb

    async def async_start_new_kernel(self, **kwargs: Any) -> None:
        """Start the kernel and remember its process at once, so that it can be ended while it starts."""
        await super().async_start_new_kernel(**kwargs)
        provisioner = self.km.provisioner
        self.batch["used"]["kernel"] = getattr(provisioner, "way", "cold")
        watched = self.batch["watched"]
        watched.deadline = time.monotonic() + (self.batch["job"].timeout or float("inf"))
        watched.pid = provisioner.pid or 0
        if self.batch["used"]["kernel"] == "cold":
            self.guard = Guard(watched.pid)

    start_new_kernel = run_sync(async_start_new_kernel)

    async def async_start_new_kernel_client(self) -> Any:
        """Connect to the kernel and wait until it answers and its output is heard."""
        self.kc = self.km.client()
        deadline = time.monotonic() + self.startup_timeout
        try:
            await self._listening(deadline)
            self.kc.start_channels(stdin=False, hb=False)
            self.nb.metadata["language_info"] = await self._ready(deadline)
        except BaseException:
            await self._async_cleanup_kernel()
            raise
        self.kc.allow_stdin = False
        return self.kc

    start_new_kernel_client = run_sync(async_start_new_kernel_client)

    async def _listening(self, deadline: float) -> None:
        """Wait until the kernel's sockets are there: one that is looked for too early is tried again 0.1 s later."""
        if self.km.transport == "ipc":
            ports = (self.km.shell_port, self.km.iopub_port, self.km.control_port)
            while not all(os.path.exists(f"{self.km.ip}-{port}") for port in ports):
                if time.monotonic() > deadline or not await self.km.is_alive():
                    return  # which is noticed, and told, where the kernel is asked
                await asyncio.sleep(LOOK_AGAIN)
            self.km._close_control_socket()  # the manager looked too early; it connects again when it has to speak

    async def _ready(self, deadline: float) -> Any:
        """Return the kernel's language; asked again while its answer or its first output message are missing.

        Messages left over belong to other questions than a cell's, and are passed over when the cell runs.
        """
        while time.monotonic() < deadline:
            self.kc.kernel_info()
            try:
                reply = await self.kc.shell_channel.get_msg(timeout=1)
                await self.kc.iopub_channel.get_msg(timeout=0.2)
            except Empty:
                if not await self.kc.is_alive():
                    raise DeadKernelError("the kernel died while it started") from None
                continue
            if reply["msg_type"] == "kernel_info_reply":
                return reply["content"]["language_info"]
        raise TimeoutError(f"the kernel did not answer within {self.startup_timeout} s")

    async def _async_cleanup_kernel(self) -> None:
        """Ask a healthy kernel to end and wait for just that; end any other at once, with what it started."""
        manager = self.km
        try:
            if await manager.is_alive():
                if self.healthy:
                    await manager.request_shutdown()
                    await _gone(manager, SHUTDOWN_WITHIN)
                if await manager.is_alive():
                    await manager.provisioner.kill()
                    await _gone(manager, SHUTDOWN_WITHIN)
        finally:
            self._account(manager.provisioner)
            if self.kc is not None:
                self.kc.stop_channels()
            await manager.cleanup_resources()
            self.kc = None

    def _account(self, provisioner: Any) -> None:
        """Clear up after a kernel that ended: what it left running, and what the zygote's accounts say of it."""
        watched, process = self.batch["watched"], getattr(provisioner, "process", None)
        if self.guard is not None or not self.healthy:
            end_marked(self.batch["environment"][RUN_DIR])  # a zygote that lives does this itself
        if self.guard is not None:
            end_group(provisioner.pid)
            self.guard.release()
            self.guard = None
        watched.cpu_seconds = max(watched.cpu_seconds, getattr(process, "cpu_seconds", 0.0))
        watched.peak_mb = max(watched.peak_mb, getattr(process, "peak_mb", 0.0))

    _cleanup_kernel = run_sync(_async_cleanup_kernel)


def _texts(data: dict[str, Any]) -> Iterator[str]:
    return (value for value in data.values() if isinstance(value, str))


async def _gone(manager: AsyncKernelManager, within: float) -> None:
    """Wait for the kernel's process to end, without looking for it ten times a second."""
    process = manager.provisioner.process
    if process is not None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(process.wait, within)


def kernel_manager(kernel_name: str, folder: Path, *, warm: bool, preload: tuple[str, ...]) -> AsyncKernelManager:
    """Return a manager whose connection file and sockets lie in `folder`, not in the user's home.

    Unix sockets, where there are any, because two kernels started at once can be given the same TCP port.
    """
    manager = AsyncKernelManager(kernel_name=kernel_name, connection_file=str(folder / "kernel.json"))
    if sys.platform != "win32":
        manager.transport, manager.ip = "ipc", str(folder / "s")
    if warm and manager.kernel_spec is not None:
        config = {"provisioner_name": PROVISIONER, "config": {"preload": list(preload)}}
        manager.kernel_spec.metadata = {**manager.kernel_spec.metadata, "kernel_provisioner": config}
    return manager
