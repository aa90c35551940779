"""Talk over a socket in JSON messages, each led by its length; standard library only, as the zygote needs it."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from typing import Any


def send(connection: socket.socket, message: Mapping[str, Any]) -> None:
    """Send one message.

    Raises
    ------
    OSError
        When the other side has gone.
    """
    data = json.dumps(message).encode()
    connection.sendall(struct.pack("!I", len(data)) + data)


def receive(connection: socket.socket) -> dict[str, Any]:
    """Wait for one message, as long as the socket's own time allows.

    Raises
    ------
    ConnectionResetError
        When the other side closed the connection before the message was complete.
    """
    size = struct.unpack("!I", _exactly(connection, 4))[0]
    return json.loads(_exactly(connection, size))


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise ConnectionResetError("it has closed the connection")
        data += part
    return data
