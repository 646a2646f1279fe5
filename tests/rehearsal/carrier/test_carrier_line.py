"""The line, the play-out buffer, the codec and the clock, each by itself."""

import asyncio
import time
import warnings

import numpy as np
import pytest

from rehearsal.carrier.handset import Handset
from rehearsal.carrier.ledger import AUDIO_LIMIT, CallRecord, Ledger
from rehearsal.carrier.line import FRAME, HEARD_LIMIT, SILENCE, Line
from rehearsal.carrier.mulaw import decode, encode, to_phone_rate
from rehearsal.carrier.playout import Playout
from rehearsal.carrier.speech import fetch_wav
from tests.rehearsal.carrier.carrier_world import World, tone, until


def record() -> CallRecord:
    return CallRecord(sid="CA1", to="+1", from_="+2", persona="promises")


@pytest.fixture
def kept() -> CallRecord:
    return record()


@pytest.fixture
def line(kept: CallRecord) -> Line:
    return Line(kept, on_press=lambda digit: None, on_hang_up=lambda: None)


def test_mulaw_is_the_reference_coders():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import audioop
    every = np.arange(-32768, 32768).astype(np.int16)
    assert encode(every) == audioop.lin2ulaw(every.tobytes(), 2)
    assert decode(bytes(range(256))).tobytes() == audioop.ulaw2lin(bytes(range(256)), 2)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100, 48_000])
def test_resampling_keeps_the_band_and_removes_what_would_fold(rate):
    kept = to_phone_rate(tone(1000, rate, hertz=1000), rate)
    assert len(kept) == 8000
    spectrum = np.abs(np.fft.rfft(kept.astype(float)))
    assert np.argmax(spectrum) == 1000 and 7500 < np.abs(kept[1000:7000]).max() < 8300
    folded = to_phone_rate(tone(1000, rate, hertz=5000), rate)  # would be heard at 3000 Hz
    assert np.abs(folded[1000:7000]).max() < 80  # 40 dB down


def test_resampling_keeps_timing():
    samples = np.zeros(24_000, dtype=np.int16)
    samples[12_000:] = tone(500, 24_000)
    onset = np.argmax(np.abs(to_phone_rate(samples, 24_000)) > 2000)
    assert abs(onset - 4000) <= 8  # a millisecond


async def test_say_returns_when_its_last_frame_went_out(line: Line):
    saying = asyncio.create_task(line.say(b"\x10" * (FRAME + 1)))
    await asyncio.sleep(0)
    assert line.next_spoken() == b"\x10" * FRAME
    await asyncio.sleep(0)
    assert not saying.done()
    assert line.next_spoken() == b"\x10" + b"\xff" * (FRAME - 1)
    await asyncio.wait_for(saying, 1)
    assert line.next_spoken() is None


async def test_stop_saying_falls_silent_at_once(line: Line):
    saying = asyncio.create_task(line.say(b"\x10" * FRAME * 100))
    await asyncio.sleep(0)
    line.next_spoken()
    line.stop_saying()
    await asyncio.wait_for(saying, 1)
    assert line.next_spoken() is None


async def test_heard_ends_with_the_call_and_keeps_a_minute_at_most(line: Line, kept: CallRecord):
    for number in range(HEARD_LIMIT + 10):
        line.deliver(number * 20, SILENCE)
    line.close()
    positions = [line.heard_ms async for _ in line.heard()]
    assert kept.counters["heard_dropped"] == 10
    assert len(positions) == HEARD_LIMIT and positions[0] == 200
    assert positions[-1] == (HEARD_LIMIT + 9) * 20
    await asyncio.wait_for(line.say(b"\x10" * FRAME), 1)  # into a dead line


def test_only_keys_of_a_phone_can_be_pressed(line: Line):
    for digit in ("", "12", "x"):
        with pytest.raises(ValueError):
            line.press(digit)


def test_what_a_person_reports_is_in_the_ledger():
    kept = record()
    line = Line(kept, on_press=lambda digit: None, on_hang_up=lambda: None)
    line.said("Hello", 0, 500)
    line.heard_text("Good day", 600, 900)
    line.intended("120.50", "2026-12-01")
    line.note("asked_again", why="not understood")
    told = kept.as_json()
    assert told["said"] == [{"text": "Hello", "start_ms": 0, "end_ms": 500}]
    assert told["heard"] == [{"text": "Good day", "start_ms": 600, "end_ms": 900}]
    assert told["intended"] == {"amount": "120.50", "date": "2026-12-01"}
    assert told["events"][0]["kind"] == "asked_again" and told["events"][0]["why"] == "not understood"


def test_a_mark_fires_a_tick_after_the_frame_before_it():
    playout = Playout()
    fired: list[bool] = []
    playout.queue(b"\x10" * FRAME)
    playout.mark(fired.append)
    assert playout.next_frame() == b"\x10" * FRAME and fired == []
    assert playout.next_frame() is None and fired == [True]


async def test_the_clock_makes_up_for_a_stall():
    handset = Handset(record(), zero=time.monotonic())
    clock = asyncio.create_task(handset.run())
    counters = handset.record.counters
    await until(lambda: counters["frames"] > 5)
    time.sleep(0.3)  # noqa: ASYNC251 - the whole loop stands still, as a stopped process does
    await until(lambda: counters["frames"] > 30)
    elapsed = time.monotonic() - handset._zero
    clock.cancel()
    assert abs(counters["frames"] * 0.02 - elapsed) < 0.06
    assert counters["late_frames"] >= 10 and counters["latest_ms"] >= 250


async def test_a_long_file_is_fetched_whole(world: World):
    import io
    import wave

    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 8000 * 120))
    world.application.wav = buffer.getvalue()
    ulaw = await fetch_wav(world.exchange.equipment.webhooks, world.application.url + "/tone.wav")
    assert len(ulaw) == 8000 * 120


def test_the_ledger_forgets_old_audio_first():
    ledger = Ledger()
    for number in range(AUDIO_LIMIT + 1):
        each = ledger.open(sid=f"CA{number}", to="+1", from_="+2", persona="promises")
        each.into_handset += SILENCE
    kept = [bool(each.into_handset) for each in ledger.all()]
    assert kept == [False] + [True] * AUDIO_LIMIT
