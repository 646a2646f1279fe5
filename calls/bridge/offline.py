"""WebRTC on a machine that has no network but loopback: a laptop in the air, a sealed test.

libwebrtc leaves loopback out of the networks that it gathers candidates on, so there it would have none and never
connect, even to a LiveKit server on the same machine. A machine with no network at all it treats better: it binds to
any address (BasicPortAllocatorSession::GetNetworks in p2p/client/basic_port_allocator.cc). The SDK has no setting for
this, so its library is told that there are no networks: its `getifaddrs` becomes a function that lists nothing.
"""

import ctypes
import logging
import mmap
import platform
import socket
from functools import cache

import psutil
from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection
from elftools.elf.sections import SymbolTableSection
from livekit.rtc._ffi_client import FfiClient

logger = logging.getLogger(__name__)
LIBRARY = "liblivekit_ffi"
READ_WRITE = 0x1 | 0x2  # PROT_READ | PROT_WRITE


@cache
def webrtc_prepare() -> None:
    """Call it before the first room of a process. Changes nothing where there is a network, or outside Linux."""
    if platform.system() != "Linux" or _has_network():
        return
    try:
        FfiClient.instance  # noqa: B018 (a property that loads the library)
        _list_no_networks()
        logger.warning("no network but loopback: WebRTC binds to any address")
    except (OSError, LookupError) as error:
        logger.error("no network but loopback, and WebRTC can't be prepared for it (%s)", error)


def _has_network() -> bool:
    states = psutil.net_if_stats()
    addresses = psutil.net_if_addrs()
    return any(
        state.isup
        and "loopback" not in state.flags.split(",")
        and any(address.family in (socket.AF_INET, socket.AF_INET6) for address in addresses.get(name, []))
        for name, state in states.items()
    )


def _list_no_networks() -> None:
    """`pthread_rwlockattr_init(void *)` sets the eight bytes of an attribute to zero and answers 0, which is what
    `getifaddrs(struct ifaddrs **)` does when it finds nothing; so it may stand in its place."""
    path, base = _loaded_at()
    cell = base + _slot_of("getifaddrs", path)
    libc = ctypes.CDLL(None, use_errno=True)
    page = cell - cell % mmap.PAGESIZE
    # The linker made its table read-only when it was done.
    if libc.mprotect(ctypes.c_void_p(page), mmap.PAGESIZE, READ_WRITE):
        raise OSError(ctypes.get_errno(), "mprotect")
    lists_nothing = ctypes.cast(libc.pthread_rwlockattr_init, ctypes.c_void_p).value
    ctypes.c_void_p.from_address(cell).value = lists_nothing


def _loaded_at() -> tuple[str, int]:
    """The library's file, and the address where it begins in this process."""
    with open("/proc/self/maps") as maps:
        for line in maps:
            if LIBRARY in line:
                return line.split(maxsplit=5)[5].strip(), int(line.partition("-")[0], 16)
    raise LookupError(f"{LIBRARY} is not loaded")


def _slot_of(name: str, path: str) -> int:
    """Where in the library's table of outside functions the address of `name` is kept."""
    with open(path, "rb") as file:
        elf = ELFFile(file)
        for section in elf.iter_sections():
            if not isinstance(section, RelocationSection):
                continue
            symbols = elf.get_section(section["sh_link"])
            if not isinstance(symbols, SymbolTableSection):
                continue
            for entry in section.iter_relocations():
                if entry["r_info_sym"] and symbols.get_symbol(entry["r_info_sym"]).name == name:
                    return int(entry["r_offset"])
    raise LookupError(f"{name} is not called by {path}")
