"""A room joined in a network of one's own, where nothing but loopback is up: LiveKit's server and a client.

    unshare --net -- python -m tests.calls.bridge.alone <livekit-server> <folder>

Prints "joined" and ends with 0 when media flows to the server.
"""

import asyncio
import socket
import subprocess
import sys
import time
from pathlib import Path

from livekit import api, rtc

from calls.bridge.offline import webrtc_prepare
from stack.livekit import write_config

PORTS = (7999, 7998)  # nobody else is in this network
KEYS = {"LIVEKIT_API_KEY": "alone", "LIVEKIT_API_SECRET": "a secret of this test's network only"}


async def join() -> None:
    grants = api.VideoGrants(room_join=True, room="alone")
    token = api.AccessToken(*KEYS.values()).with_identity("phone").with_grants(grants).to_jwt()
    room = rtc.Room()
    async with asyncio.timeout(10):
        await room.connect(f"ws://127.0.0.1:{PORTS[0]}", token)
        source = rtc.AudioSource(8000, 1, queue_size_ms=0)
        await room.local_participant.publish_track(rtc.LocalAudioTrack.create_audio_track("voice", source))
    sys.stdout.write("joined\n")
    await room.disconnect()


def main(server: str, folder: str) -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    config = Path(folder) / "livekit.yaml"
    write_config(config, ports=PORTS, env=KEYS)
    with subprocess.Popen([server, "--config", str(config)]) as process:
        try:
            _await_server()
            webrtc_prepare()
            asyncio.run(join())
        finally:
            process.terminate()


def _await_server() -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", PORTS[0])) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("LiveKit's server did not start")


if __name__ == "__main__":
    main(*sys.argv[1:])
