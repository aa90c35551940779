"""A papermill engine that starts kernels the careful way and leaves the writing of files to the runner."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.utils import run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines

from .execute import socket_folder
from .kernels import PROVISIONER
from .watch import WATCHER

NAME = "batch"
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
        with socket_folder() as folder:
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
            client.execute(cwd=str(Path(job.path).resolve().parent), env=batch["environment"], cleanup_kc=True)
        return nb_man.nb


class BatchClient(PapermillNotebookClient):
    """Tell the watcher which process to look after, and the outcome which cell was running."""

    batch: dict[str, Any]

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
                    info = self.wait_for_reply(self.kc.kernel_info())
                    self.nb.metadata["language_info"] = info["content"]["language_info"]
                    self.set_widgets_metadata()
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
        self.batch["watched"].pid = provisioner.pid or 0

    start_new_kernel = run_sync(async_start_new_kernel)


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
