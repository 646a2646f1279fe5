"""Is a server ready? No probe raises or takes long."""

import http.client
import json
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

SECONDS = 1.0
Probe = Callable[[], bool]


def http_ok(url: str, seconds: float = SECONDS) -> bool:
    """Whether GET answers 200. Not through urllib: a proxy from the environment has no business with loopback."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=seconds)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def not_ready(base_url: str) -> str:
    """Which parts `/readyz` misses, as a sentence; empty when it misses none."""
    parts = urlsplit(base_url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=15)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        if response.status == 200:
            return ""
        missing = [name for name, there in json.loads(response.read()).items() if there is not True]
        return f"/readyz still misses {', '.join(missing)}"
    except (OSError, http.client.HTTPException, ValueError, AttributeError):
        return "/readyz does not answer"
    finally:
        connection.close()


def redis_answers(port: int) -> bool:
    return _exchange(port, b"PING\r\n").startswith(b"+PONG")


def port_answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=SECONDS).close()
    except OSError:
        return False
    return True


def _exchange(port: int, request: bytes) -> bytes:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
            connection.sendall(request)
            return connection.recv(64)
    except OSError:
        return b""
