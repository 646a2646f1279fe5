"""`python3 -m stack run | rehearse | test | install | doctor`: what the Makefile calls."""

import argparse
import signal
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 (an older interpreter gets one line, not a traceback from an import)
    sys.exit(
        f"PhantomPay needs Python 3.11; this is {sys.version.split()[0]}. Try: make PYTHON=python3.11 run"
    )

from stack import doctor, run, testing
from stack.leash import end_with_parent

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    own, passed_on = _split(sys.argv[1:])
    options = _options(own)
    if options.with_parent:  # `make` killed from outside tells its children nothing
        end_with_parent(signal.SIGTERM)
    run_dir = options.run_dir.resolve()
    match options.command:
        case "run":
            return run.run(ROOT, run_dir)
        case "rehearse":
            return run.rehearse(ROOT, run_dir, passed_on)
        case "test":
            return testing.test(ROOT, quick=options.quick, arguments=passed_on)
        case "install":
            return testing.setup(ROOT)
        case _:
            return doctor.report(ROOT)


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """What is ours, and what after `--` goes on."""
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at + 1 :]


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="stack",
        description="Starts PhantomPay's processes.",
        epilog="What follows `--` goes to pytest, or to manage.py rehearse.",
    )
    parser.add_argument("command", choices=["run", "rehearse", "test", "install", "doctor"])
    parser.add_argument(
        "--run-dir", type=Path, default=ROOT / ".run", help="logs, state, the SQLite database"
    )
    parser.add_argument("--quick", action="store_true", help="test: leave out stack, fault and browser tests")
    parser.add_argument("--with-parent", action="store_true", help="stop when the parent process ends")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
