import asyncio
import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Runs the voice agent: waits to be dispatched to calls, and talks. Stops on SIGTERM or Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        missing = [
            name
            for name in ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
            if not getattr(settings, name)
        ]
        if missing:
            raise CommandError(f"Set {', '.join(missing)}.")
        # Weights of detectors that are not used here would cost each worker 130 MB. Read when livekit is imported.
        os.environ.setdefault("LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE", "0")
        from agent_worker.privacy import keep_quiet
        from agent_worker.server import serve, server_build

        keep_quiet(in_job=False)
        asyncio.run(serve(server_build()))
