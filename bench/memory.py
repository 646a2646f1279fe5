"""How much memory a process has needed."""

from pathlib import Path


def peak_kb() -> int:
    """Peak of this process's resident memory in kB, from the kernel (VmHWM).

    getrusage's ru_maxrss begins with what the parent had when it forked, which may be more.
    """
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise RuntimeError("The kernel tells no VmHWM.")
