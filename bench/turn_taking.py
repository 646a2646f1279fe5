"""Measures how the agent is interrupted: `python -m bench.turn_taking` (`make bench-turns`).

Real calls through the whole running system; a phone that this module holds speaks into the agent's sentences at chosen
moments. Everything is measured on what went into the handset and came out of it, and on the call's transcript.
"""

import argparse
import json
import os
import statistics
import sys
from functools import cache
from typing import Any

import numpy as np
import requests

from bench.interruptions import STOPPED_MS, Handset, Interruption
from bench.sound import Samples
from rehearsal.carrier.mulaw import encode, to_phone_rate
from rehearsal.models.spoken import MONTHS
from rehearsal.models.written import suffix
from stack.stack import Stack
from tests.phone import Phone
from tests.world import World

EVENT_LIMIT_MS = 150
ONSET_LIMIT_MS = 600
MHM_MS = 250
SPEECH_RATE = 24_000
# A reaction to a sound comes within this time of its end, if it comes.
REACTION_MS = 1200
# The agent waits so long, and a little, before it goes on after a noise that was no speech.
RESUMED_MS = 2500


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--barge-ins", type=int, default=30)
    options = parser.parse_args()
    before = os.getloadavg()[0]
    measured: list[dict[str, Any]] = []
    with Stack.start(database="postgresql", quiet=False) as stack:
        world = World(stack)
        while sum(len(call["barge_ins"]) for call in measured) < options.barge_ins:
            measured.append(measure(world, Talk(world).whole()))
            print(json.dumps(measured[-1]), file=sys.stderr)
    result = summary(measured) | {"load_before": before, "load_after": os.getloadavg()[0]}
    print(json.dumps(result, indent=1))
    return 0 if result["within_limits"] else 1


class Talk:
    """A customer who keeps interrupting. What each method says is kept, by what it is for."""

    def __init__(self, world: World) -> None:
        self.world = world
        invoice = world.owing("quiet")
        self.call_id = world.ring(invoice)
        query = (
            "SELECT birth_month, birth_day FROM invoices_customer c JOIN invoices_invoice i "
            "ON i.customer_id = c.id WHERE i.id = %s"
        )
        (self._born,) = world.rows(query, invoice)
        self.phone = Phone(world, self.call_id)
        self.barge_ins: list[dict[str, Any]] = []
        self.mhms: list[dict[str, Any]] = []
        self.noises: list[dict[str, Any]] = []

    @property
    def birthday(self) -> str:
        month, day = self._born
        return f"My birthday is {MONTHS[month - 1].capitalize()} {day}{suffix(day)}."

    def interrupt(self, text: str, after_ms: int) -> None:
        self.barge_ins.append(self.phone.interrupt(text, after_ms))

    def mhm(self, after_ms: int) -> None:
        self.mhms.append(self.phone.sound("mhm", speech(self.world, "Mhm.", MHM_MS), after_ms))

    def noise(self, after_ms: int) -> None:
        """A voice without words, for most of a second."""
        self.noises.append(self.phone.sound("noise", speech(self.world, "La la la la."), after_ms))

    def short(self) -> "Talk":
        """Two interruptions, one sound of somebody who listens, one noise."""
        self.interrupt("Hello?", 1500)
        self.mhm(1500)
        self.phone.answer("Yes, speaking.")
        self.noise(1500)
        self.phone.answer(self.birthday, after_ms=RESUMED_MS)
        self.interrupt("I am not going to pay.", 2000)
        self.world.settled(self.call_id)
        return self

    def whole(self) -> "Talk":
        """One call with six interruptions, two sounds of somebody who listens, and a noise."""
        self.interrupt("Hello?", 1500)
        self.mhm(1500)
        self.phone.answer("Yes, speaking.")
        self.interrupt(self.birthday, 1500)
        self.mhm(2000)
        self.phone.answer("How much is it?")
        self.noise(2000)
        self.phone.answer("How much is it?", after_ms=RESUMED_MS)
        self.interrupt("How much is it?", 2500)
        self.interrupt("I can pay $20 on Friday.", 2000)
        self.interrupt("Sorry, could you say that again please?", 1500)
        self.interrupt("No, that is wrong.", 1500)
        self.phone.answer("I am not going to pay.")
        self.world.settled(self.call_id)
        return self


@cache
def speech(world: World, text: str, longest_ms: int = 10_000) -> bytes:
    """Mu-law of somebody saying `text`, from its first sound on, cut off after `longest_ms`."""
    samples = to_phone_rate(synthesised(world, text), SPEECH_RATE)
    first = int(np.argmax(np.abs(samples) > 500))
    return encode(samples[first : first + 8 * longest_ms])


def synthesised(world: World, text: str, model: str = "tts-1") -> np.ndarray:
    body = {"model": model, "voice": "alloy", "input": text, "response_format": "pcm"}
    url = f"{world.stack.env['OPENAI_BASE_URL']}/audio/speech"
    answer = requests.post(url, json=body, headers={"Authorization": "Bearer bench"}, timeout=20)
    assert answer.ok, answer.status_code
    return np.frombuffer(answer.content, "<i2").astype(np.int16)


def measure(world: World, talk: Talk) -> dict[str, Any]:
    call, dial = world.call(talk.call_id), world.dial(talk.call_id)
    handset = Handset(call, dial, world.handset(talk.phone.sid))
    found = [(said, handset.interruption(said)) for said in talk.barge_ins]
    return {
        "call": talk.call_id,
        "barge_ins": [figures(world, handset, each) for _, each in found if each is not None],
        "came_too_late": sum(each is None for _, each in found),
        "mhms": [not cut(handset, said) for said in talk.mhms if handset.sounding(said["start_ms"])],
        "noises": [resumed(handset, said) for said in talk.noises if handset.sounding(said["start_ms"])],
        "late_frames": dial["counters"].get("late_frames", 0),
    }


def figures(world: World, handset: Handset, each: Interruption) -> dict[str, Any]:
    return {
        "event_to_silence_ms": each.event_to_silence,
        "onset_to_silence_ms": each.onset_to_silence,
        "transcript_off_ms": None if each.line is None else transcript_off(world, handset, each),
    }


def transcript_off(world: World, handset: Handset, each: Interruption) -> float:
    """How much longer it takes to say what the transcript has of the cut line than it was heard; negative: less."""
    assert each.line is not None
    written = audible_ms(to_phone_rate(synthesised(world, each.line["text"]), SPEECH_RATE))
    return written - (each.silent - handset.voice_before(each.onset))


def audible_ms(samples: Samples | np.ndarray) -> float:
    heard = np.nonzero(np.abs(samples) > 500)[0]
    return float((heard[-1] - heard[0]) / 8) if heard.size else 0.0


def cut(handset: Handset, said: dict[str, Any]) -> bool:
    """Whether the agent's voice was taken back, or stopped, at a sound."""
    return handset.cleared_between(said["start_ms"], said["end_ms"] + REACTION_MS)


def resumed(handset: Handset, said: dict[str, Any]) -> bool:
    """The agent stopped at the sound, and went on with the same line, which is whole in the transcript."""
    silent = handset.silence_after(said["start_ms"])
    lost = [line for line in handset.cuts if abs(handset.event(line) - silent) < REACTION_MS]
    goes_on = handset.sounds_between(silent + STOPPED_MS, said["end_ms"] + RESUMED_MS)
    return cut(handset, said) and goes_on and not lost


def summary(calls: list[dict[str, Any]]) -> dict[str, Any]:
    barge_ins = [each for call in calls for each in call["barge_ins"]]
    events = [each["event_to_silence_ms"] for each in barge_ins if each["event_to_silence_ms"] is not None]
    onsets = [each["onset_to_silence_ms"] for each in barge_ins]
    offs = [abs(each["transcript_off_ms"]) for each in barge_ins if each["transcript_off_ms"] is not None]
    mhms = [went_on for call in calls for went_on in call["mhms"]]
    noises = [went_on for call in calls for went_on in call["noises"]]
    within = p95(events) <= EVENT_LIMIT_MS and p95(onsets) <= ONSET_LIMIT_MS and all(mhms) and all(noises)
    return {
        "barge_ins": len(barge_ins),
        "with_event": len(events),
        "event_to_silence_ms": {"p50": statistics.median(events), "p95": p95(events), "max": max(events)},
        "onset_to_silence_ms": {"p50": statistics.median(onsets), "p95": p95(onsets), "max": max(onsets)},
        "transcript_off_ms": {"p50": statistics.median(offs), "p95": p95(offs), "max": max(offs)},
        "mhms": len(mhms),
        "mhms_that_cut": mhms.count(False),
        "noises": len(noises),
        "noises_resumed": noises.count(True),
        "late_frames": sum(call["late_frames"] for call in calls),
        "within_limits": within,
    }


def p95(values: list[float]) -> float:
    """The value that 95 of 100 do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-95 * len(ordered) // 100) - 1)]


if __name__ == "__main__":
    sys.exit(main())
