"""The bridge's parts on their own, where a real line would need minutes or luck."""

import json

import numpy as np
import pytest

from calls.bridge import protocol
from calls.bridge.counters import Counters
from calls.bridge.intake import Intake
from calls.bridge.mulaw import decode, encode
from calls.bridge.playout import PlayHead
from calls.bridge.recorder import AGENT, CALLER, MEMORY_MS, Recorder
from tests.calls.bridge.ends import strength, tone

SILENCE, SPEECH = np.zeros(160, np.int16), tone(500, 20)


# mu-law


def test_mulaw_knows_the_reference_values():
    """ITU-T G.711, table 2a: code words and their decoder output values, scaled to 16 bits."""
    codes = bytes([0x00, 0x0F, 0x1F, 0x2F, 0x3F, 0x4F, 0x5F, 0x6F, 0x7F, 0x80, 0xFF])
    assert decode(codes).tolist() == [-32124, -16764, -8316, -4092, -1980, -924, -396, -132, 0, 32124, 0]


def test_mulaw_returns_each_code():
    codes = bytes(code for code in range(256) if code != 0x7F)  # 0x7F is a second zero
    assert encode(decode(codes)) == codes


def test_mulaw_is_as_near_as_it_can_be():
    samples = np.arange(-32768, 32768, dtype=np.int32).astype(np.int16)
    error = np.abs(decode(encode(samples)).astype(np.int32) - samples)
    assert (error <= np.abs(samples.astype(np.int32)) // 16 + 8).all()


# protocol


def test_a_media_message_carries_the_audio():
    text = protocol.media("MZ1", encode(SPEECH))
    assert set(json.loads(text)) == {"event", "streamSid", "media"}
    inbound = json.loads(text) | {
        "media": json.loads(text)["media"] | {"track": "inbound", "timestamp": "40"}
    }
    assert protocol.parse(json.dumps(inbound)) == protocol.Media("MZ1", 40, encode(SPEECH))


# towards the phone


def drive(head, frames, now=0.0, step=20.0):
    """Offer a frame each `step` ms; answers what was sent and the largest lead afterwards."""
    sent, leads = [], []
    for frame in frames:
        out = head.offer(frame, now)
        if out is not None:
            head.sent(out, now)
            sent.append(out)
        leads.append(head.lead(now))
        now += step
    return sent, leads, now


def test_frames_that_come_in_time_go_as_they_are():
    head, counters = PlayHead(counters := Counters()), counters
    sent, leads, _ = drive(head, [SPEECH] * 50)
    assert all(out is SPEECH for out in sent) and max(leads) == 20 and counters.shed_ms == 0


def test_silence_goes_first():
    head = PlayHead(counters := Counters())
    _, _, now = drive(head, [SPEECH] * 25, step=0)  # a burst: 0.5 s at once
    _, leads, _ = drive(head, [SILENCE] * 30, now)
    assert leads[-1] <= 60 and counters.shed_ms >= 400


def test_speech_is_shortened_until_nothing_waits():
    head = PlayHead(counters := Counters())
    frames = np.split(tone(500, 3000), 150)
    first, _, now = drive(head, frames[:25], step=0)
    second, leads, _ = drive(head, frames[25:], now)
    assert leads[85] <= 60, "1.7 s later the wait is gone"
    said, heard = 3000, len(np.concatenate(first + second)) / 8
    assert said - heard == pytest.approx(counters.shed_ms, abs=20) and counters.shed_ms >= 400
    middle = np.concatenate(second)
    assert np.abs(np.diff(middle.astype(np.int32))).max() < 6000, "no clicks"
    assert strength(middle[:1600], 500) > 3000, "the pitch stays"


def test_after_a_cut_the_rest_of_the_old_sentence_is_kept_back():
    head = PlayHead(counters := Counters())
    drive(head, [SPEECH] * 10)
    head.cut(200, mute=True)
    assert head.lead(200) == 0
    assert head.offer(SPEECH, 220) is None and counters.dropped_out == 1
    assert head.offer(SILENCE, 240) is not None and head.offer(SPEECH, 260) is not None


def test_marks_show_what_the_phone_has_not_played():
    head = PlayHead(Counters())
    drive(head, [SPEECH] * 10)
    head.mark_sent("a", 200)
    head.mark_echoed("a", 240, 0)
    assert head.lead(240) == 0
    drive(head, [SPEECH] * 10, 240)
    head.mark_sent("b", 440)
    head.mark_echoed("b", 840, 0)  # 360 ms longer than the first
    assert head.lead(840) == pytest.approx(360, abs=41)
    head.mark_sent("c", 1300)
    head.mark_echoed("c", 1700, 380)  # our own messages come late now: nothing is learned
    assert head.lead(1700) == 0


def test_a_peer_that_echoes_nothing_costs_no_memory():
    head = PlayHead(Counters())
    for number in range(10_000):
        head.mark_sent(str(number), number)
    assert len(head._marks) < 100 and head.oldest_mark() == 0


# from the phone


async def drain(intake):
    frames = []
    while intake._queue:
        frames.append(await intake.take())
    return frames


async def test_at_most_200_ms_wait_for_the_room():
    intake = Intake(counters := Counters())
    for number in range(100):
        intake.offer(number * 20, SPEECH, number * 20 + 20)
    intake.begin()
    assert len(await drain(intake)) == 10 and counters.dropped_in == 90


async def test_silence_does_not_wait_for_the_room():
    intake = Intake(Counters())
    for number in range(5):
        intake.offer(number * 20, SILENCE, number * 20 + 20)
    intake.begin()
    assert await drain(intake) == []


async def test_frames_of_any_length_leave_with_20_ms():
    intake = Intake(Counters())
    for size in (100, 300, 80, 160):
        intake.offer(intake._next_at, np.ones(size, np.int16), 100)
    assert [len(frame) for frame in await drain(intake)] == [160, 160, 160, 160]


async def test_positions_only_grow_whatever_arrives():
    intake = Intake(Counters())
    arrivals = [
        (0, 25),
        (20, 90),
        (40, 91),
        (60, 92),
        (80, 101),
        (80, 102),
        (40, 103),
        (140, 165),
        (160, 181),
    ]
    positions = {at: intake.offer(at, SPEECH, now) for at, now in arrivals}
    ordered = [positions[at] for at in sorted(positions)]
    assert ordered == sorted(ordered) and max(positions[at] - at for at in positions) <= 5


# the recording


def sound(pieces, length_ms):
    track = np.zeros((length_ms * 8, 2), np.int16)
    for start, samples in pieces:
        part = np.frombuffer(samples, np.int16).reshape(-1, 2)
        track[start : start + len(part)] = part
    return track


def test_both_sides_are_where_they_were():
    recorder = Recorder()
    recorder.release(0, None)
    recorder.write(CALLER, 100, SPEECH, 120)
    recorder.write(AGENT, 300, SPEECH, 300)
    track = sound(recorder.settled(400, final=True), 400)
    assert (track[800:960, 0] == SPEECH).all() and (track[2400:2560, 1] == SPEECH).all()
    assert np.count_nonzero(track) == 2 * np.count_nonzero(SPEECH)


def test_only_released_spans_come_out():
    recorder = Recorder()
    for at in range(0, 2000, 20):
        recorder.write(CALLER, at, SPEECH, at + 20)
    recorder.release(500, 700)
    recorder.release(1000, 1100)
    pieces = recorder.settled(2000, final=True)
    assert [(start // 8, len(samples) // 32) for start, samples in pieces] == [(500, 200), (1000, 100)]


def test_a_release_reaches_back_as_far_as_the_memory():
    recorder = Recorder()
    for at in range(0, 60_000, 20):
        recorder.write(CALLER, at, SPEECH, at + 20)
    recorder.release(0, None)
    [(start, _)] = recorder.settled(60_000)
    assert 60_000 - start / 8 == pytest.approx(MEMORY_MS, abs=5_001)


def test_pieces_follow_each_other_without_a_gap():
    recorder = Recorder()
    recorder.release(0, None)
    pieces = []
    for at in range(0, 100_000, 20):
        recorder.write(CALLER, at, SPEECH, at + 20)
        if at % 1000 == 0:
            pieces += recorder.settled(at + 20)
    pieces += recorder.settled(100_000, final=True)
    ends = [start + len(samples) // 4 for start, samples in pieces]
    assert [start for start, _ in pieces[1:]] == ends[:-1] and ends[-1] == 800_000
    track = sound(pieces, 100_000)[:, 0].reshape(-1, 160)
    assert (track == SPEECH).all()


def test_a_cut_takes_back_what_was_not_played():
    recorder = Recorder()
    recorder.release(0, None)
    for at in range(0, 1000, 20):
        recorder.write(AGENT, at, SPEECH, 0)  # all sent at once
    recorder.cut(300)
    track = sound(recorder.settled(1000, final=True), 1000)
    assert track[:2400, 1].any() and not track[2400:].any()


def test_audio_of_an_absurd_time_is_left_out():
    recorder = Recorder()
    recorder.release(0, None)
    recorder.write(CALLER, 1e9, SPEECH, 100)
    recorder.write(CALLER, -1e9, SPEECH, 100)
    assert not sound(recorder.settled(200, final=True), 200).any()


def test_there_is_an_end_to_releases():
    recorder = Recorder()
    assert all(recorder.release(at, at + 1) for at in range(1000))
    assert not recorder.release(5, 6)


def test_what_nobody_released_is_not_written():
    recorder = Recorder()
    recorder.write(CALLER, 0, SPEECH, 20)
    assert recorder.settled(2000, final=True) == []


def test_what_may_still_be_cut_is_not_written_yet():
    recorder = Recorder()
    recorder.release(0, None)
    for at in range(0, 1000, 20):
        recorder.write(AGENT, at, SPEECH, 0)  # all sent at once
    pieces = recorder.settled(800)
    recorder.cut(300)
    track = sound([*pieces, *recorder.settled(1000, final=True)], 1000)
    assert track[:2400, 1].any() and not track[2400:].any()


def test_after_a_stop_nothing_is_written_and_the_file_ends_there():
    recorder = Recorder()
    recorder.release(0, None)
    for at in range(0, 1000, 20):
        recorder.write(CALLER, at, SPEECH, at + 20)
    recorder.stop(600)
    assert not recorder.release(0, None)
    assert recorder.settled(5000, final=True) == []
    assert recorder.length_ms(5000) == 600
