"""An agent that says nothing, for calls that nobody answers: comes into the room, tells that it is there, waits.

It stands where `manage.py run_agent` stands, registered with LiveKit under the same name, and costs no speech.
"""

import asyncio
import json
import os
from uuid import UUID

import django
from livekit.agents import AgentServer, JobContext, JobExecutorType

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "phantompay.settings")
django.setup()


async def be_there(ctx: JobContext) -> None:
    from agent_worker.records import Records
    from calls.conversation import agent_ready

    await ctx.connect()
    await Records(UUID(json.loads(ctx.job.metadata)["call_id"])).ask(agent_ready)


async def serve() -> None:
    from django.conf import settings

    server = AgentServer(
        job_executor_type=JobExecutorType.THREAD,
        ws_url=settings.LIVEKIT_URL,
        api_key=settings.LIVEKIT_API_KEY,
        api_secret=settings.LIVEKIT_API_SECRET,
        host=settings.AGENT_HTTP_HOST,
        port=settings.AGENT_HTTP_PORT,
        load_fnc=lambda: 0.0,
        load_threshold=0.99,
        num_idle_processes=4,
        max_retry=1_000_000,
    )
    server.rtc_session(be_there, agent_name=settings.AGENT_NAME)
    await server.run(devmode=False)


if __name__ == "__main__":
    asyncio.run(serve())
