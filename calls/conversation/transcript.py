"""What was said, by whom, and what it consumed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from django.db import transaction

from calls.conversation.common import tell
from calls.models import Call, TranscriptLine


@dataclass(frozen=True)
class SpokenLine:
    """One turn, in milliseconds of the recording's clock. `seq` is unique within the call."""

    seq: int
    speaker: Literal["agent", "caller"]
    text: str
    start_ms: int
    end_ms: int
    interrupted: bool = False
    # Seconds by stage: see TranscriptLine.latency.
    latency: dict[str, float] = field(default_factory=dict)


@transaction.atomic
def transcript_append(*, call_id: UUID, lines: Sequence[SpokenLine]) -> None:
    """Store lines; one that is stored already (same `seq`) stays as it is."""
    TranscriptLine.objects.bulk_create(
        [
            TranscriptLine(
                call_id=call_id,
                seq=line.seq,
                speaker=line.speaker,
                text=line.text,
                start_ms=max(line.start_ms, 0),
                end_ms=max(line.end_ms, line.start_ms, 0),
                interrupted=line.interrupted,
                latency=line.latency,
            )
            for line in lines
        ],
        ignore_conflicts=True,
    )
    tell(call_id)


@transaction.atomic
def speaking_set(*, call_id: UUID, speaker: Literal["", "agent", "caller"]) -> None:
    """Who speaks now, for the live page."""
    if Call.objects.filter(pk=call_id).exclude(speaking=speaker).update(speaking=speaker):
        tell(call_id)


@transaction.atomic
def usage_record(*, call_id: UUID, usage: dict[str, Any]) -> None:
    """What the conversation consumed; a later record replaces an earlier one."""
    Call.objects.filter(pk=call_id).update(usage=usage, speaking="")
    tell(call_id)
