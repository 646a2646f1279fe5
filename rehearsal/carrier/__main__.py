"""`python -m rehearsal.carrier`: the pretended telephone network as a process of its own."""

import argparse
import asyncio
import logging
import os
import signal
from pathlib import Path

from aiohttp import web

from rehearsal.customers import person_for

from .app import create_app
from .config import CarrierConfig


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m rehearsal.carrier", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--account-sid", required=True)
    parser.add_argument("--models-url", required=True, help="the models server, ending in /v1")
    parser.add_argument("--people", type=Path, help="who answers which number, like demo/people.json")
    parser.add_argument("--calls-per-second", type=float, default=5.0)
    given = parser.parse_args()
    token = os.environ.get("TWILIO_AUTH_TOKEN")
    if not token:
        parser.error("TWILIO_AUTH_TOKEN is not set")
    if given.calls_per_second <= 0:
        parser.error("--calls-per-second must be above 0")
    config = CarrierConfig(
        account_sid=given.account_sid,
        auth_token=token,
        models_url=given.models_url,
        people_file=given.people,
        calls_per_second=given.calls_per_second,
    )
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    asyncio.run(serve(config, given.host, given.port))


async def serve(config: CarrierConfig, host: str, port: int) -> None:
    """Until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(create_app(config, person_for), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        logging.getLogger("carrier").info("listening on %s:%s", host, port)
        await stop.wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    main()
