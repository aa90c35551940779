"""A papermill engine that starts kernels the careful way and leaves the writing of files to the runner."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.manager import AsyncKernelManager

from .notebooks import UNUSED, as_if_missing
from .processes import PROVISIONER, RUN_DIR, WATCHER, Guard, Watched, end_group, end_marked, socket_folder

NAME = "batch"
SHUTDOWN_WITHIN = 10  # seconds for a kernel's own exit functions
LOOK_AGAIN = 0.005  # seconds until a starting kernel is looked at once more
OUTPUT_MB = 64  # of printed and shown output per run; all of it is held in memory and written into the notebook
OUTPUT_WITHIN = 60  # seconds for the output of a cell that has ended to be heard; nbclient's 4 are too few for 50 MB
IN_MEMORY_HISTORY = "--HistoryManager.hist_file=:memory:"

with as_if_missing(*UNUSED):  # nbclient, too, comes with all that nbformat checks
    from nbclient.exceptions import CellExecutionError, DeadKernelError
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import Engine, papermill_engines


@dataclass
class Session:
    """One notebook to be executed, and what becomes of it.

    Attributes
    ----------
    folder : str
        Where the kernel runs.
    environment : dict
        All environment variables of the kernel.
    watched : Watched
        The kernel's process under its limits.
    warm : bool
        Whether the kernel may be forked.
    preload : tuple of str
        Modules a warm kernel has imported beforehand.
    cell_timeout, timeout, start_timeout : float or None
        Seconds for one cell, for the run from its kernel's start, and for that start.
    content : NotebookNode
        The notebook as far as it has been executed.
    kernel : str
        What ran it: ``warm``, ``cold``, or nothing yet.
    started : bool
        Whether the kernel got as far as the first cell.
    opened : str
        What the run has opened, as :mod:`.opened` writes it down; nothing where the kernel is not Python's.
    """

    folder: str
    environment: dict[str, str]
    watched: Watched
    warm: bool
    preload: tuple[str, ...]
    cell_timeout: float | None
    timeout: float | None
    start_timeout: float
    content: Any = None
    kernel: str = ""
    started: bool = False
    opened: str = ""


def register() -> str:
    """Make the engine known to papermill under its name, and return that name."""
    papermill_engines.register(NAME, BatchEngine)
    return NAME


class BatchEngine(Engine):
    """Execute a notebook for the runner; what it needs comes in the option ``session``."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *, session: Session, **_: Any) -> Any:
        """Run all cells in a kernel whose folder is the notebook's own."""
        session.content = nb_man.nb
        with socket_folder() as folder:
            manager = kernel_manager(kernel_name, folder, session)
            client = BatchClient(
                nb_man,
                km=manager,
                timeout=session.cell_timeout,
                startup_timeout=session.start_timeout,
                iopub_timeout=OUTPUT_WITHIN,
                extra_arguments=[] if manager.ipykernel else [IN_MEMORY_HISTORY],
            )
            client.session, client.record = session, folder / "opened"
            asyncio.run(client.run_all())
            if client.record.exists():
                session.opened = client.record.read_text(encoding="ascii")
        return nb_man.nb


class BatchClient(PapermillNotebookClient):
    """Start, watch and end the kernel without idle waiting; cells run as nbclient runs them."""

    session: Session
    record: Path
    healthy = False
    guard: Guard | None = None
    said = 0  # characters of output so far

    def process_message(self, message: Any, *where: Any) -> Any:
        """Take an output of a cell; too much of it ends the run before it fills this process's memory."""
        content = message["content"]
        self.said += len(content.get("text", "")) + sum(map(len, _texts(content.get("data", {}))))
        if self.said > OUTPUT_MB * 1e6:
            self.session.watched.end("output")
            return None
        return super().process_message(message, *where)

    async def run_all(self) -> None:
        """Run all cells; the kernel is gone afterwards, whatever happens."""
        watched = self.session.watched
        self.reset_execution_trackers()
        WATCHER.add(watched)
        try:
            async with self.async_setup_kernel(cwd=self.session.folder, env=self.session.environment, cleanup_kc=True):
                self.session.started = True
                try:
                    await self._run_cells()
                    self.set_widgets_metadata()
                    self.healthy = True
                finally:
                    watched.measure()
        finally:
            WATCHER.remove(watched)
            watched.pid = 0

    async def _run_cells(self) -> None:
        """Run one cell after another until one fails, and tell papermill of each; as its own client does."""
        for index, cell in enumerate(self.nb.cells):
            try:
                self.nb_man.cell_start(cell, index)
                await self.async_execute_cell(cell, index)
            except CellExecutionError as error:
                self.nb_man.cell_exception(self.nb.cells[index], cell_index=index, exception=error)
                return
            finally:
                self.nb_man.cell_complete(self.nb.cells[index], cell_index=index)

    async def async_start_new_kernel(self, **kwargs: Any) -> None:
        """Start the kernel and remember its process at once, so that it can be ended while it starts."""
        await super().async_start_new_kernel(**kwargs)
        provisioner, watched = self.km.provisioner, self.session.watched
        self.session.kernel = getattr(provisioner, "way", "cold")
        watched.deadline = time.monotonic() + (self.session.timeout or float("inf"))
        watched.pid = provisioner.pid or 0
        if self.session.kernel == "cold":
            self.guard = Guard(watched.pid)

    async def async_start_new_kernel_client(self) -> Any:
        """Connect to the kernel and wait until it answers and its output is heard."""
        self.kc = self.km.client()
        deadline = time.monotonic() + self.startup_timeout
        try:
            await self._listening(deadline)
            self.kc.start_channels(stdin=False, hb=False)
            self.nb.metadata["language_info"] = await self._ready(deadline)
            if self.nb.metadata["language_info"].get("name") == "python":
                self.kc.execute(_recording(self.record), silent=True)  # done before the first cell, and not waited for
        except BaseException:
            await self._async_cleanup_kernel()
            raise
        self.kc.allow_stdin = False
        return self.kc

    async def _listening(self, deadline: float) -> None:
        """Wait until the kernel's sockets are there: one that is looked for too early is tried again 0.1 s later."""
        if self.km.transport == "ipc":
            ports = (self.km.shell_port, self.km.iopub_port, self.km.control_port)
            while not all(os.path.exists(f"{self.km.ip}-{port}") for port in ports):
                if time.monotonic() > deadline or not await self.km.is_alive():
                    return  # which is noticed, and told, where the kernel is asked
                await asyncio.sleep(LOOK_AGAIN)

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
                    self.kc.shutdown()  # over the connection that is there; the manager would make one of its own
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
        """Clear up after a kernel that ended: what it left running, and what the fork server's accounts say of it."""
        watched, process = self.session.watched, getattr(provisioner, "process", None)
        if self.guard is not None or not self.healthy:
            end_marked(self.session.environment[RUN_DIR])  # a fork server that lives does this itself
        if self.guard is not None:
            end_group(provisioner.pid)
            self.guard.release()
            self.guard = None
        watched.cpu_seconds = max(watched.cpu_seconds, getattr(process, "cpu_seconds", 0.0))
        watched.peak_mb = max(watched.peak_mb, getattr(process, "peak_mb", 0.0))


def _recording(target: Path) -> str:
    """Write the code that lets a kernel note what it opens, and leaves no name behind."""
    source = Path(__file__).with_name("opened.py").read_text(encoding="utf-8")
    return f"(lambda space: (exec({source!r}, space), space['begin']({str(target)!r})))({{'__name__': 'opened'}})"


def _texts(data: dict[str, Any]) -> Iterator[str]:
    return (value for value in data.values() if isinstance(value, str))


async def _gone(manager: AsyncKernelManager, within: float) -> None:
    """Wait for the kernel's process to end, without looking for it ten times a second."""
    process = manager.provisioner.process
    if process is not None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(process.wait, within)


def kernel_manager(kernel_name: str, folder: Path, session: Session) -> AsyncKernelManager:
    """Return a manager whose connection file and sockets lie in `folder`, not in the user's home.

    Unix sockets, where there are any, because two kernels started at once can be given the same TCP port.
    """
    manager = AsyncKernelManager(kernel_name=kernel_name, connection_file=str(folder / "kernel.json"))
    if sys.platform != "win32":
        manager.transport, manager.ip = "ipc", str(folder / "s")
    if session.warm and manager.kernel_spec is not None:
        config = {"provisioner_name": PROVISIONER, "config": {"preload": list(session.preload)}}
        manager.kernel_spec.metadata = {**manager.kernel_spec.metadata, "kernel_provisioner": config}
    return manager
