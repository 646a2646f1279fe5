"""Free ports on loopback that two starters side by side never both pick."""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import IO

FIRST, LAST = 20_000, 29_999  # below the range from which the kernel takes ports for outgoing connections


class Ports:
    """Ports that are ours until `release`, or until this process ends: each has a lock file, since a port that is
    only tried and let go again may be somebody else's a moment later."""

    def __init__(self) -> None:
        self._locks: dict[int, IO[str]] = {}
        self._folder = Path(tempfile.gettempdir()) / f"phantompay-ports-{os.getuid()}"
        self._folder.mkdir(mode=0o700, exist_ok=True)

    def take(self) -> int:
        """A port free for both TCP and UDP."""
        for port in random.sample(range(FIRST, LAST + 1), 500):
            if self._lock(port):
                return port
        raise OSError(f"no free port between {FIRST} and {LAST}")

    def release(self) -> None:
        for file in self._locks.values():
            file.close()
        self._locks.clear()

    def _lock(self, port: int) -> bool:
        if port in self._locks:
            return False
        file = (self._folder / str(port)).open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        if not (is_free(port) and is_free(port, socket.SOCK_DGRAM)):
            file.close()
            return False
        self._locks[port] = file
        return True


def is_free(port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> bool:
    """Whether a server could listen on 127.0.0.1 there now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:  # as servers do: connections of the last one may still be closing
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
