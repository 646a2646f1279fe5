"""Becomes another program that the kernel ends with its parent: `leash.py PARENT SIGNAL USER PROGRAM ARGUMENT...`.

Run as a program of its own, because code between fork and exec in a process with threads may deadlock. The kernel's
promise is tied to the parent's *thread*: whoever starts a leash does so from a thread that lives as long as the stack.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(number: int) -> None:
    """Ask the kernel to send this process `number` when the thread that started it ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)


def become_user(name: str) -> None:
    account = pwd.getpwnam(name)
    os.initgroups(name, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    os.environ["HOME"] = account.pw_dir


def main() -> None:
    parent, number, user, *command = sys.argv[1:]
    if user:
        become_user(user)  # first, since a change of user takes the promise away
    end_with_parent(int(number))
    if os.getppid() != int(parent):  # it ended before the promise was made
        sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 (no shell is the point)
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
