"""``python -m rehearsal.models --host 127.0.0.1 --port N``"""

from __future__ import annotations

import argparse
import logging

from aiohttp import web

from .server import make_app


def main() -> None:
    """Serves until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.models", description="The pretended OpenAI.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ears", type=int, default=2, help="listening processes (default 2)")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    web.run_app(make_app(options.ears), host=options.host, port=options.port, handle_signals=True)


if __name__ == "__main__":
    main()
