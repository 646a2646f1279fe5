"""Whole calls, measured from outside: words, amounts, audio and delays. `make bench` runs it.

    python -m bench.calls --calls 12        rings customers of a system that it starts and stops itself

What was said and heard is the carrier's own account; what the product made of it is read through its API.
"""

import argparse
import json
import re
import statistics
import sys
from collections.abc import Iterable
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

import numpy as np
import requests

from bench.sound import Samples, find, onset_after, through_telephone
from stack.stack import Stack
from tests.world import World

SENTENCE = re.compile(r"(?<=[.?!])\s+")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=12)
    options = parser.parse_args()
    with Stack.start(database="postgresql", quiet=False) as stack:
        world = World(stack)
        calls = [
            measured(world, world.settled(world.ring(world.owing("promises")))) for _ in range(options.calls)
        ]
    print(json.dumps(summary(calls), indent=1))
    return 0


def measured(world: World, call: dict[str, Any]) -> dict[str, Any]:
    """Everything that is measured of one finished call."""
    record = world.dial(call["id"])
    words = caller_words(record["said"]), caller_words(lines_of(call, "caller"))
    agreed = [(item["amount"], item["date"]) for item in call["agreed"]]
    meant = record["intended"] and (record["intended"]["amount"], record["intended"]["date"])
    ready, opened = world.rows(
        "SELECT agent_ready_at, stream_opened_at FROM calls_call WHERE id = %s", call["id"]
    )[0]
    _, heard = world.handset(record["sid"])
    measures = {
        "words_said": len(words[0]),
        "words_right": matching(*words),
        "agreed_right": agreed == [meant],
        "greeting_before_stream": ready < opened,
        "first_voice": first_voice(record),
        "turns": turns(record["said"], heard),
        "utterances": utterances(world, call),
        "latency": [line["latency"] for line in latencies(world, call["id"])],
    }
    print(json.dumps({"call": call["id"], "ended": call["disposition"], **measures}), file=sys.stderr)
    return measures


def lines_of(call: dict[str, Any], speaker: str) -> list[dict[str, Any]]:
    return [line for line in call["transcript"] if line["speaker"] == speaker]


def caller_words(lines: Iterable[dict[str, Any]]) -> list[str]:
    """Words in order, without case and punctuation; numbers as written ("$120.50", "4th")."""
    return [word for line in lines for word in re.findall(r"[\w$£€.']*\w", line["text"].lower())]


def matching(said: list[str], written: list[str]) -> int:
    return sum(
        block.size for block in SequenceMatcher(None, said, written, autojunk=False).get_matching_blocks()
    )


def first_voice(record: dict[str, Any]) -> float | None:
    """Seconds from the stream's start to the first voice at the phone."""
    at = {event["kind"]: event["at"] for event in reversed(record["events"])}
    return round(at["first_voice"] - at["stream_opened"], 3) if "first_voice" in at else None


def turns(said: list[dict[str, Any]], heard: Samples) -> list[float]:
    """Seconds from the end of each thing the caller said to the next voice in the handset."""
    found = []
    for line, following in pairwise([*said, {"start_ms": len(heard) / 8}]):
        onset = onset_after(heard, line["end_ms"])
        if onset is not None and onset < following["start_ms"]:
            found.append(round((onset - line["end_ms"]) / 1000, 3))
    return found


def utterances(world: World, call: dict[str, Any]) -> dict[str, Any]:
    """How many sentences of the agent are in the recording, each after the one before, with its last word whole."""
    _, agent = world.recording(call["id"])
    found, whole, total, position = 0, 0, 0, 0
    for line in lines_of(call, "agent"):
        if line["interrupted"]:
            continue
        for sentence in SENTENCE.split(line["text"]):
            total += 1
            spoken = through_telephone(speech(world, sentence))
            at, likeness = find(spoken, agent, position)
            if likeness > 0.6:
                found += 1
                position = at
            _, tail = find(spoken[-2400:], agent[at : at + len(spoken) + 800], 0)
            whole += tail > 0.6
    return {"sentences": total, "found_in_order": found, "last_word_whole": whole}


def speech(world: World, text: str) -> Samples:
    """What the models server says for `text`: 24 kHz samples."""
    env = world.stack.env
    body = {
        "model": env.get("OPENAI_TTS_MODEL", "tts-1"),
        "input": text,
        "voice": env.get("OPENAI_TTS_VOICE", "alloy"),
        "response_format": "pcm",
    }
    answer = requests.post(
        f"{env['OPENAI_BASE_URL']}/audio/speech",
        json=body,
        headers={"Authorization": f"Bearer {env['OPENAI_API_KEY']}"},
        timeout=30,
    )
    answer.raise_for_status()
    return np.frombuffer(answer.content, "<i2").astype(float)


def latencies(world: World, call_id: str) -> list[dict[str, Any]]:
    query = "SELECT speaker, latency FROM calls_transcriptline WHERE call_id = %s ORDER BY seq"
    return [
        {"speaker": speaker, "latency": json.loads(value) if isinstance(value, str) else value}
        for speaker, value in world.rows(query, call_id)
    ]


def summary(calls: list[dict[str, Any]]) -> dict[str, Any]:
    said = sum(call["words_said"] for call in calls)
    voices = [call["first_voice"] for call in calls if call["first_voice"] is not None]
    delays = [delay for call in calls for delay in call["turns"]]
    parts = [call["utterances"] for call in calls]
    return {
        "calls": len(calls),
        "words": said,
        "words_right_percent": round(100 * sum(call["words_right"] for call in calls) / max(1, said), 1),
        "agreed_right": sum(call["agreed_right"] for call in calls),
        "greeting_before_stream": sum(call["greeting_before_stream"] for call in calls),
        "first_voice_median_s": statistics.median(voices) if voices else None,
        "voice_to_voice_turns": len(delays),
        "voice_to_voice_p50_s": statistics.median(delays) if delays else None,
        **{
            key: sum(part[key] for part in parts)
            for key in ("sentences", "found_in_order", "last_word_whole")
        },
    }


if __name__ == "__main__":
    sys.exit(main())
