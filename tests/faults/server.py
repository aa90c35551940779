"""A real S3-compatible server in a process of its own, and a plug between it and the batch that can be pulled."""

from __future__ import annotations

import functools
import multiprocessing.util
import signal
import socket
import subprocess
import sys
import threading
import uuid
from typing import Any

from tests.waiting import free_port

from .scene import ROOT, wait_for

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
HOST = "127.0.0.1"


class Plug:
    """Pass connections on to the server while it is plugged in."""

    def __init__(self, target: int) -> None:
        self.port, self.target = free_port(), target
        self.plug_in()

    def plug_in(self) -> None:
        """Listen, and wait until it does."""
        command = [sys.executable, "-m", "tests.faults.server", str(self.port), str(self.target)]
        self.process = subprocess.Popen(command, cwd=ROOT)
        wait_for(lambda: answers(self.port), 60)

    def pull(self) -> None:
        """End all connections and refuse new ones."""
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        """Let connections stand without an answer, as a cut cable does."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Answer again."""
        self.process.send_signal(signal.SIGCONT)


@functools.cache
def server() -> int:
    """Start the server once, and give its port."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", HOST, "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    multiprocessing.util.Finalize(None, _end, (process,), exitpriority=1)  # also in a worker of a pool
    if not wait_for(lambda: answers(port), 120):
        raise RuntimeError("the S3 server did not start")
    return port


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def new_bucket() -> str:
    """Make an empty bucket and give its URL."""
    name = f"b{uuid.uuid4().hex[:12]}"
    store().mkdir(name)
    return f"s3://{name}/results"


def store() -> Any:
    """Give the server's file system, past the plug."""
    import s3fs

    address = f"http://{HOST}:{server()}"
    return s3fs.S3FileSystem(key="test", secret="test", endpoint_url=address, skip_instance_cache=True)  # noqa: S106


def answers(port: int) -> bool:
    """Whether somebody listens on a port."""
    try:
        socket.create_connection((HOST, port), 5).close()
    except OSError:
        return False
    return True


def pass_on(port: int, target: int) -> None:
    """Be the plug: copy bytes both ways until killed."""
    with socket.create_server((HOST, port)) as listener:
        while True:
            one, _ = listener.accept()
            other = socket.create_connection((HOST, target))
            for source, sink in ((one, other), (other, one)):
                threading.Thread(target=_copy, args=(source, sink), daemon=True).start()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    try:
        while part := source.recv(65536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        sink.close()  # one side has gone: so does the other
    finally:
        source.close()


if __name__ == "__main__":
    pass_on(int(sys.argv[1]), int(sys.argv[2]))
