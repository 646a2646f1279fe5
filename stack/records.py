"""What a start wrote down about its processes, and clearing it away: by the next start, or by the guardian."""

import json
import os
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from stack.proc import Identity, boot_id, carrying, end, in_session, is_alive

FILE = "processes.json"
SCRATCH = "phantompay-"  # temporary folders of ours begin so; no other folder is ever removed


@dataclass
class Record:
    """The processes of one start. `token` is in the environment of all of them and of their children."""

    token: str
    processes: dict[str, Identity] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)

    def write(self, run_dir: Path) -> None:
        known = {name: [who.pid, who.started] for name, who in self.processes.items()}
        content = {"boot": boot_id(), "token": self.token, "processes": known, "folders": self.folders}
        write_private(run_dir / FILE, json.dumps(content, indent=1))


def write_private(path: Path, text: str) -> None:
    """Replace a file at once by one that only its owner reads."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


def read(run_dir: Path) -> Record | None:
    """What an earlier start left; None when there is nothing, or it is of another boot, or cut off."""
    try:
        content = json.loads((run_dir / FILE).read_text())
        if content["boot"] != boot_id():
            return None
        processes = {name: Identity(*pair) for name, pair in content["processes"].items()}
        return Record(content["token"], processes, content["folders"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def members(record: Record) -> list[Identity]:
    """Every living process of that start: the recorded ones, their sessions, and whoever carries the token.

    The recorded ones count too, because Redis and PostgreSQL overwrite the place where the environment is read.
    """
    found = set(carrying(record.token))
    for who in record.processes.values():
        if is_alive(who):
            found.update([who, *in_session(who)])
    return [who for who in found if who.pid != os.getpid()]


def clear(record: Record, seconds: float = 5.0) -> int:
    """Kill what is left of that start and remove its folders. Returns how many processes there were."""
    seen: set[Identity] = set()
    deadline = time.monotonic() + seconds
    # More than once: a process may have forked while the others were being ended.
    while (left := members(record)) and time.monotonic() < deadline:
        seen.update(left)
        end(left, deadline - time.monotonic())
    for folder in record.folders:
        path = Path(folder)
        if path.parent == Path(tempfile.gettempdir()) and path.name.startswith(SCRATCH):
            shutil.rmtree(path, ignore_errors=True)
    return len(seen)
