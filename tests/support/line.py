"""A line between a browser and the application that a test can cut, and a measurement can slow down."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
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
        self.carried = 0  # bytes from the application to the browser
        self.delay = 0.0  # seconds that an answer is under way
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
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()
            threading.Thread(target=self._bring_back, args=(far, near), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        self._drop(one)
        self._drop(other)

    def _bring_back(self, far: socket.socket, near: socket.socket) -> None:
        """Carry what the application answers, each piece as late as the line is slow."""
        under_way: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        threading.Thread(target=self._arrive, args=(under_way, near, far), daemon=True).start()
        with contextlib.suppress(OSError):
            while data := far.recv(65536):
                self.carried += len(data)
                under_way.put((time.monotonic() + self.delay, data))
        under_way.put((time.monotonic() + self.delay, b""))

    def _arrive(
        self, under_way: queue.SimpleQueue[tuple[float, bytes]], near: socket.socket, far: socket.socket
    ) -> None:
        with contextlib.suppress(OSError):
            while True:
                due, data = under_way.get()
                time.sleep(max(0.0, due - time.monotonic()))
                if not data:
                    break
                near.sendall(data)
        self._drop(near)
        self._drop(far)

    def _drop(self, end: socket.socket) -> None:
        self._open.discard(end)
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
