"""Find the processes of one batch: all carry its mark in their environment, whoever their parent is by now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

MARK = "FAULT_MARK"


def family(mark: str) -> list[psutil.Process]:
    """Every living process with the mark."""
    return [process for process in psutil.process_iter() if _carries(process, f"{MARK}={mark}".encode())]


def servers(mark: str) -> list[psutil.Process]:
    """Give the processes that warm kernels are forked from."""
    return [one for one in family(mark) if _is_fork_server(one) and not _is_fork_server(_parent(one))]


def kernels(mark: str) -> list[psutil.Process]:
    """Give the processes that run notebooks, forked or started the normal way."""
    return [one for one in family(mark) if _is_kernel(one)]


def workers(mark: str) -> list[psutil.Process]:
    """Give the worker processes of a Dask cluster."""
    return [one for one in family(mark) if "spawn_main" in command(one)]


def command(process: psutil.Process | None) -> str:
    """Give a process's command line; empty when it is gone."""
    return _asked(process, lambda one: " ".join(one.cmdline())) or ""


def told(processes: list[psutil.Process]) -> list[str]:
    """Describe processes for a message."""
    return [f"{one.pid} {command(one)[:80]}" for one in processes]


def _carries(process: psutil.Process, wanted: bytes) -> bool:
    try:
        marked = wanted in Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
        return marked and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, psutil.Error):
        return False  # gone in between


def _is_fork_server(process: psutil.Process | None) -> bool:
    return "fork_server.py" in command(process)


def _is_kernel(process: psutil.Process) -> bool:
    return "ipykernel_launcher" in command(process) or (_is_fork_server(process) and _is_fork_server(_parent(process)))


def _parent(process: psutil.Process) -> psutil.Process | None:
    return _asked(process, lambda one: one.parent())


def _asked(process: psutil.Process | None, question: Callable[[psutil.Process], Any]) -> Any:
    try:
        return None if process is None else question(process)
    except psutil.Error:
        return None
