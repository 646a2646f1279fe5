"""What the bridge did to one call's audio; stored as `Call.media`."""

from dataclasses import asdict, dataclass


@dataclass(slots=True)
class Counters:
    """Frames are 20 ms. `in` is from the phone to the room, `out` from the agent to the phone."""

    frames_in: int = 0
    frames_out: int = 0
    dropped_in: int = 0  # stale after a stall, before the room was joined, or overrunning a bounded queue
    dropped_out: int = 0
    shed_ms: int = 0  # audio towards the phone that was left out or shortened to keep no queue
    late: int = 0  # duplicates and frames out of order
    invalid: int = 0  # messages that were no valid media stream message
    flooded: int = 0  # messages beyond the rate of any telephone
    marks: int = 0
    clears: int = 0
    dtmf: int = 0
    reconnects: int = 0
    resyncs: int = 0  # new beginnings after a stall, in either direction
    join_ms: int | None = None  # from `start` to the room joined and the phone's track published
    first_voice_ms: int | None = None  # from `start` to the agent's first audible frame sent to the phone
    recorded_ms: int = 0

    def as_json(self) -> dict[str, int | None]:
        return asdict(self)
