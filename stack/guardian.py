"""Outlives a starter that was killed: `python -m stack.guardian RUN_DIR TOKEN`, standard input from the starter.

The kernel ends the starter's children with it, but not their children. Standard input ends when the starter does,
however it ends; then what is left of its processes goes too.
"""

import signal
import sys
from pathlib import Path

from stack import records


def main() -> None:
    run_dir, token = Path(sys.argv[1]), sys.argv[2]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    record = records.read(run_dir)
    if (
        record is None or record.token != token
    ):  # a later start has written its own: the token alone finds ours
        record = records.Record(token)
    records.clear(record)


if __name__ == "__main__":
    main()
