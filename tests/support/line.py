"""A line between a browser and the application that a test can cut."""

from __future__ import annotations

import contextlib
import socket
import threading
from urllib.parse import urlsplit


class Line:
    """Carry every connection to ``url`` until it is cut; what is on the line then is lost."""

    def __init__(self, url: str) -> None:
        """Listen on a port of our own."""
        address = urlsplit(url)
        self._target = (str(address.hostname), int(address.port or 0))
        self._up = True
        self._open: set[socket.socket] = set()
        self._gate = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._gate.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        """Break the line: what is open ends, what comes is turned away."""
        self._up = False
        for end in tuple(self._open):
            self._drop(end)

    def mend(self) -> None:
        """Carry again."""
        self._up = True

    def close(self) -> None:
        """End for good."""
        self.cut()
        self._drop(self._gate)

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._gate.accept()
            except OSError:
                return
            if not self._up:
                near.close()
                continue
            far = socket.create_connection(self._target)
            self._open |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        self._drop(one)
        self._drop(other)

    def _drop(self, end: socket.socket) -> None:
        self._open.discard(end)
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
