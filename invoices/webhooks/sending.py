"""One HTTP POST to somebody's system: to the address that was checked, within a time, without redirects or proxies."""

import http.client
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from invoices.webhooks.addresses import NotAllowed, NotResolved, Target, address_for

# Read so that the receiver sees its answer taken; thrown away.
MOST_READ = 4096


class SendError(Exception):
    """Nothing was answered. `problem` says in a word why, without names or addresses."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True)
class Answer:
    code: int
    took_ms: int


def post(target: Target, *, body: bytes, headers: dict[str, str], seconds: float) -> Answer:
    """Send `body`; what is answered within `seconds` in all, redirects as they are. Raises SendError.

    The name was resolved once, for the check; the connection goes to that address, so that a name that changes its
    mind leads nowhere else. Certificate and Host are those of the name.
    """
    began = monotonic()
    try:
        address = address_for(target)
    except NotAllowed:
        raise SendError("address_refused") from None
    except NotResolved:
        raise SendError("not_resolved") from None
    try:
        code = _exchange(target, address, body, headers, seconds - (monotonic() - began))
    except ssl.SSLCertVerificationError:
        raise SendError("certificate") from None
    except TimeoutError:
        raise SendError("timeout") from None
    except ssl.SSLError:
        raise SendError("tls") from None
    except (OSError, http.client.HTTPException, ValueError):
        late = monotonic() - began >= seconds
        raise SendError("timeout" if late else "connection") from None
    return Answer(code=code, took_ms=round(1000 * (monotonic() - began)))


def _exchange(target: Target, address: str, body: bytes, headers: dict[str, str], seconds: float) -> int:
    if seconds <= 0:
        raise TimeoutError
    wire = socket.create_connection((address, target.port), timeout=seconds)
    if target.tls:
        context = ssl.create_default_context()
        wire = context.wrap_socket(wire, server_hostname=target.host, do_handshake_on_connect=False)
    # Every read has a timeout of its own; somebody who sends a byte now and then would hold us for ever.
    alarm = threading.Timer(seconds, _cut, args=[wire])
    alarm.daemon = True
    alarm.start()
    connection = http.client.HTTPConnection(target.host, target.port, timeout=seconds)
    connection.sock = wire
    try:
        if isinstance(wire, ssl.SSLSocket):
            wire.do_handshake()
        connection.request("POST", target.path, body, {"Host": target.host_header, **headers})
        answer = connection.getresponse()
        answer.read(MOST_READ)
        return answer.status
    finally:
        alarm.cancel()
        connection.close()
        wire.close()


def _cut(wire: socket.socket) -> None:
    """Below TLS, which would wait for the other side."""
    with suppress(OSError):
        socket.socket.shutdown(wire, socket.SHUT_RDWR)
