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

from bench.counts import settled_counts, slope
from bench.sound import AUDIBLE, Samples, find, onset_after, through_telephone
from stack.stack import Stack
from tests.world import World

WARM_UP = 2
AGENT_VOICE = "tts-1-hd"
ALIKE = 0.6  # normalised cross-correlation
LAST_WORD = 2400  # 300 ms
PIECE = 800  # 100 ms
START = 4000  # 500 ms
SLIP = 480  # 60 ms
FOUND = 0.9
STAGES = ("endpointing", "llm_ttft", "tts_ttfb")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--calls",
        type=int,
        default=16,
        help="the first two warm up: what is held is compared from the third on",
    )
    options = parser.parse_args()
    # A model name of its own tells the agent's speech from the customers' at the models server.
    with Stack.start(database="postgresql", quiet=False, env={"OPENAI_TTS_MODEL": AGENT_VOICE}) as stack:
        world = World(stack)
        calls = [measured(world) for _ in range(options.calls)]
    print(json.dumps(summary(calls), indent=1))
    return 0


def measured(world: World) -> dict[str, Any]:
    """Rings a new customer who promises; everything that is measured of the finished call."""
    call = world.settled(world.ring(world.owing("promises")))
    held = settled_counts(world.stack)
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
        "latency": latencies(world, call["id"]),
        "held": held,
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
        # A voice that is there already answers nothing.
        if onset is not None and line["end_ms"] + 20 < onset < following["start_ms"]:
            found.append(round((onset - line["end_ms"]) / 1000, 3))
    return found


def utterances(world: World, call: dict[str, Any]) -> dict[str, Any]:
    """Of what the agent said uninterrupted, how many answers of the models server are in the recording, in order,
    and how many with their last 300 ms; `shares` is how much of each was found."""
    _, agent = world.recording(call["id"])
    answers = [through_telephone(samples) for samples in spoken(world, call)]
    found, whole, shares, position = 0, 0, [], 0
    for needle in answers:
        share, last = pieces(needle, agent, position)
        shares.append(round(share, 2))
        if share >= FOUND:
            found, position = found + 1, last
            _, tail = find(needle[-LAST_WORD:], agent[: last + 2 * LAST_WORD], last - LAST_WORD)
            whole += tail > ALIKE
    return {
        "utterances": len(answers),
        "found_in_order": found,
        "last_word_whole": whole,
        "shares": shares,
    }


def pieces(needle: Samples, recording: Samples, position: int) -> tuple[float, int]:
    """(share, place): how much of the audible 100 ms pieces of `needle` are in the recording one after the other, and
    where the last of them is.

    The room's jitter buffer cuts out or repeats some milliseconds here and there, so a sentence is not found as one
    piece, nor is the piece that such a place falls into; each is looked for near where the one before puts it.
    """
    audible = [
        start
        for start in range(0, len(needle) - PIECE + 1, PIECE)
        if np.sqrt((needle[start : start + PIECE] ** 2).mean()) >= AUDIBLE
    ]
    begin, likeness = find(needle[audible[0] : audible[0] + START], recording, position)
    shift, there = begin - audible[0], 0
    for start in audible:
        low = max(0, start + shift - SLIP)
        at, likeness = find(needle[start : start + PIECE], recording[: start + shift + PIECE + SLIP], low)
        if likeness > ALIKE:
            there, shift = there + 1, at - start
    return there / len(audible), audible[-1] + shift


def spoken(world: World, call: dict[str, Any]) -> list[Samples]:
    """The samples behind each uninterrupted line of the agent, in the transcript's order."""
    door = world.stack.env["OPENAI_BASE_URL"].replace("/v1", "/rehearsal/speech")
    lately = requests.get(door, timeout=10).json()["speech"]
    unused = [answer for answer in lately if answer["model"] == AGENT_VOICE]
    chosen = []
    for line in lines_of(call, "agent"):
        rest = "" if line["interrupted"] else bare(line["text"])
        while rest:
            # The latest that fits: an earlier call may have said the same.
            fits = [answer for answer in unused if rest.startswith(bare(answer["input"]))]
            assert fits, f"never spoken: {rest}"
            chosen.append(fits[-1])
            unused.remove(fits[-1])
            rest = rest.removeprefix(bare(fits[-1]["input"]))
    return [
        np.frombuffer(requests.get(f"{door}/{answer['id']}", timeout=10).content, "<i2").astype(float)
        for answer in chosen
    ]


def bare(text: str) -> str:
    return re.sub(r"\W+", "", text.lower())


def latencies(world: World, call_id: str) -> list[dict[str, Any]]:
    """The agent's answers, each with the stages that it waited for, in seconds."""
    query = "SELECT speaker, latency FROM calls_transcriptline WHERE call_id = %s ORDER BY seq"
    return [value for speaker, value in world.rows(query, call_id) if speaker == "agent" and "e2e" in value]


def summary(calls: list[dict[str, Any]]) -> dict[str, Any]:
    said = sum(call["words_said"] for call in calls)
    voices = [call["first_voice"] for call in calls if call["first_voice"] is not None]
    delays = [delay for call in calls for delay in call["turns"]]
    answers = [latency for call in calls for latency in call["latency"]]
    parts = [call["utterances"] for call in calls]
    held = [call["held"] for call in calls[WARM_UP:]]
    stages = [middle([each[stage] for each in answers if stage in each]) or 0.0 for stage in STAGES]
    return {
        "calls": len(calls),
        "words": said,
        "words_right_percent": round(100 * sum(call["words_right"] for call in calls) / max(1, said), 1),
        "agreed_right": sum(call["agreed_right"] for call in calls),
        "greeting_before_stream": sum(call["greeting_before_stream"] for call in calls),
        "first_voice_median_s": middle(voices),
        "voice_to_voice_turns": len(delays),
        "voice_to_voice_p50_s": middle(delays),
        **{f"{stage}_p50_s": delay for stage, delay in zip(STAGES, stages, strict=True)},
        # Endpointing waits for the recogniser's words, so that its time holds theirs.
        "rest_p50_s": round((middle(delays) or 0.0) - sum(stages), 3),
        **{
            key: sum(part[key] for part in parts)
            for key in ("utterances", "found_in_order", "last_word_whole")
        },
        "held_first": held[0],
        "held_last": held[-1],
        "agent_mb_a_call": slope([each["agent_mb"] for each in held]),
        "web_mb_a_call": slope([each["web_mb"] for each in held]),
    }


def middle(values: list[float]) -> float | None:
    return round(statistics.median(values), 3) if values else None


if __name__ == "__main__":
    sys.exit(main())
