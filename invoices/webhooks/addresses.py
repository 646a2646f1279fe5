"""Which addresses a webhook may be sent to: public ones. Staff choose the URL; it must not lead into our own network.

WEBHOOK_ALLOWED_HOSTS names exceptions: host names, which then may resolve to anything and use http and any port, and
networks such as 10.1.0.0/16, whose addresses are then as good as public ones.
"""

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
PORTS = (443, 8443)
LONGEST_URL = 500
# What Python's `is_global` may call public and is not, or leads elsewhere: NAT64 (RFC 6052, 8215), 6to4, Teredo, IPv4
# inside IPv6 (RFC 4291), discard-only, documentation, segment routing (RFC 9637, 9602), 6to4 relays, AS112, benchmarks.
NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/23",
        "::/96",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "100::/64",
        "3fff::/20",
        "5f00::/16",
        "192.88.99.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.175.48.0/24",
        "198.18.0.0/15",
    )
)
# The only global unicast addresses that IANA has given out.
GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")


class NotAllowed(Exception):
    """Nothing may be sent there."""


class NotResolved(Exception):
    """The name has no address at the moment."""


@dataclass(frozen=True)
class Target:
    """Where a URL leads. `host` is without the brackets of IPv6; `path` has the query."""

    tls: bool
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


def url_check(url: str) -> Target:
    """What the URL names. Raises ValidationError for one that is never sent to, whatever its name resolves to."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValidationError("Enter a URL.") from None
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise ValidationError(f"Enter a URL of at most {LONGEST_URL} plain characters.")
    if parts.scheme not in ("https", "http") or not host:
        raise ValidationError("Enter a URL that begins with https://.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValidationError("Leave out user names, passwords and what follows a “#”.")
    tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = Target(tls=tls, host=host, port=port or (443 if tls else 80), path=path)
    literal = _literal(host)
    if host_excepted(host) or (literal is not None and _in(literal, networks_excepted())):
        return target
    if not tls:
        raise ValidationError("Only https is sent to.")
    if target.port not in PORTS:
        raise ValidationError(f"Only these ports are sent to: {', '.join(map(str, PORTS))}.")
    if literal is not None and not address_allowed(literal):
        raise ValidationError("Only public addresses are sent to.")
    return target


def address_allowed(address: Address) -> bool:
    """Whether it is a public unicast address, or in a network that the setting names."""
    if _in(address, networks_excepted()):
        return True
    if isinstance(address, ipaddress.IPv6Address) and (address not in GLOBAL_IPV6 or address.scope_id):
        return False
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved or address.is_unspecified)
        and not _in(address, NEVER)
    )


def address_for(target: Target) -> str:
    """The one address that is connected to. The name is resolved here and nowhere else.

    Raises NotResolved, and NotAllowed where any of its addresses is one that nothing may be sent to: a name with both
    is not to be trusted.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotResolved from None
    addresses = [ipaddress.ip_address(str(each[4][0]).split("%")[0]) for each in found]
    if not addresses:
        raise NotResolved
    if not host_excepted(target.host) and not all(address_allowed(each) for each in addresses):
        raise NotAllowed
    return str(addresses[0])


def host_excepted(host: str) -> bool:
    return host.lower().rstrip(".") in {name.lower() for name in settings.WEBHOOK_ALLOWED_HOSTS}


def networks_excepted() -> list[Network]:
    """The exceptions that are addresses or networks."""
    found: list[Network] = []
    for text in settings.WEBHOOK_ALLOWED_HOSTS:
        try:
            found.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            continue
    return found


def _literal(host: str) -> Address | None:
    """The address that the host is written as; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
