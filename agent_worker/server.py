"""The worker: registers with LiveKit by name, keeps warm job processes, and goes down without dropping a call."""

import asyncio
import logging
import signal
from contextlib import suppress

from django.conf import settings
from livekit.agents import AgentServer

from agent_worker.job import call_ended, prewarm, run_call

logger = logging.getLogger(__name__)

IDLE_PROCESSES = 2
# One every ten seconds: without end, in effect.
RETRIES = 1_000_000
# A stop waits this long for live calls; the next stop signal, or the end of it, ends them.
DRAIN_SECONDS = 120
# What a job may take to write down its end; then to close.
END_SECONDS = 15
CLOSE_SECONDS = 20


def server_build() -> AgentServer:
    server = AgentServer(
        ws_url=settings.LIVEKIT_URL,
        api_key=settings.LIVEKIT_API_KEY,
        api_secret=settings.LIVEKIT_API_SECRET,
        host=settings.AGENT_HTTP_HOST,
        port=settings.AGENT_HTTP_PORT,
        setup_fnc=prewarm,
        # The default measures the whole machine, and refuses calls on a small one.
        load_fnc=_load,
        load_threshold=0.99,
        num_idle_processes=IDLE_PROCESSES,
        # LiveKit may be away for long; a worker that gives up would have to be started again by hand.
        max_retry=RETRIES,
        initialize_process_timeout=30,
        drain_timeout=DRAIN_SECONDS,
        session_end_timeout=END_SECONDS,
        shutdown_process_timeout=CLOSE_SECONDS,
        # Imported once, before job processes are forked: they share the memory and start at once.
        preload_modules=["agent_worker.job", "livekit.plugins.openai"],
    )
    # Only what is dispatched by name comes here.
    server.rtc_session(run_call, agent_name=settings.AGENT_NAME, on_session_end=call_ended)
    return server


def _load(server: AgentServer) -> float:
    """Full at twice the calls that it is meant to hold: the job of a call that has ended takes seconds to leave, while
    its line is given to the next. How many calls there are is for calls/pace.py to say."""
    return float(len(server.active_jobs) / (2 * settings.AGENT_MAX_JOBS))


async def serve(server: AgentServer) -> None:
    """Run until SIGTERM or SIGINT, then let live calls end, bounded; a second signal does not wait for them."""
    stop, hurry = asyncio.Event(), asyncio.Event()

    def on_signal() -> None:
        (hurry if stop.is_set() else stop).set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    running = asyncio.create_task(server.run(devmode=False))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if running.done():
        # It ends by itself only when it can't go on.
        running.result()
        return
    await _drain(server, hurry)
    await server.aclose()
    with suppress(asyncio.CancelledError):
        await running


async def _drain(server: AgentServer, hurry: asyncio.Event) -> None:
    draining = asyncio.create_task(server.drain())
    hurrying = asyncio.create_task(hurry.wait())
    await asyncio.wait({draining, hurrying}, return_when=asyncio.FIRST_COMPLETED)
    hurrying.cancel()
    draining.cancel()
    with suppress(asyncio.CancelledError, TimeoutError):
        await draining
