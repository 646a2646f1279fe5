"""Audio through the real bridge: Daphne, LiveKit, a room, a socket."""

import asyncio
import time

import numpy as np

from calls.bridge.mulaw import decode
from tests.calls.bridge.ends import Agent, onsets, strength, tone

CALLER_HZ, AGENT_HZ = 900, 700


def loud(frames, hz):
    return [end for end, samples in frames if strength(samples, hz) > 3000]


async def test_audio_goes_both_ways(conversation):
    conversation.agent.say(tone(AGENT_HZ, 300, Agent.RATE))
    conversation.phone.say(tone(CALLER_HZ, 300))
    await conversation.phone.until(lambda: len(loud(conversation.phone.heard, AGENT_HZ)) >= 8)
    await conversation.phone.until(lambda: len(loud(conversation.agent.heard, CALLER_HZ)) >= 8)


async def test_the_agent_hears_its_own_voice_from_a_phone_that_echoes(conversation):
    conversation.agent.echo = True
    conversation.phone.say(tone(CALLER_HZ, 300))
    await conversation.phone.until(lambda: len(loud(conversation.phone.heard, CALLER_HZ)) >= 8)


async def test_digits_arrive(conversation):
    phone = conversation.phone
    for digit in "1#":
        await phone.send(
            {"event": "dtmf", "streamSid": phone.sid, "dtmf": {"track": "inbound_track", "digit": digit}}
        )
    await phone.until(lambda: conversation.agent.digits == ["1", "#"])


async def test_the_recording_is_what_was_said_and_heard_when_it_was(conversation):
    agent, phone, zero = conversation.agent, conversation.phone, conversation.zero
    assert await agent.ask("recording.release", from_ms=0, to_ms=None) == {"ok": True}
    agent.say(tone(AGENT_HZ, 300, Agent.RATE))
    await phone.until(lambda: len(loud(phone.heard, AGENT_HZ)) >= 8)
    phone.say(tone(CALLER_HZ, 300))
    await phone.until(lambda: len(loud(agent.heard, CALLER_HZ)) >= 8)
    await phone.hang_up()
    row = await conversation.row()
    assert row["recording"] == f"recordings/{conversation.call['id']}.wav"
    sound = conversation.recording(row["recording"])
    for side, ear in ((0, phone.spoken), (1, phone.heard)):
        [expected] = onsets(ear)
        [found] = onsets(
            [
                (index * 0.02 + 0.02, sound[index * 160 : index * 160 + 160, side])
                for index in range(len(sound) // 160)
            ]
        )
        assert abs(found - (expected - zero)) < 0.08, side
    assert strength(sound[:, 0], AGENT_HZ) < 20 and strength(sound[:, 1], CALLER_HZ) < 20
    assert row["media"]["recorded_ms"] == len(sound) // 8


async def test_only_what_was_released_is_in_the_file(conversation):
    agent, phone = conversation.agent, conversation.phone
    phone.say(tone(CALLER_HZ, 300))
    agent.say(tone(AGENT_HZ, 300, Agent.RATE))
    await phone.until(lambda: len(loud(agent.heard, CALLER_HZ)) >= 8)
    await phone.until(lambda: len(loud(phone.heard, AGENT_HZ)) >= 8)
    secret_ends = int((time.monotonic() - conversation.zero) * 1000) + 100
    assert await agent.ask("recording.release", from_ms=secret_ends, to_ms=None) == {"ok": True}
    await phone.until(lambda: time.monotonic() - conversation.zero > secret_ends / 1000)
    phone.say(tone(500, 300))
    await phone.until(lambda: len(loud(agent.heard, 500)) >= 8)
    await phone.hang_up()
    sound = conversation.recording((await conversation.row())["recording"])
    assert not sound[: secret_ends * 8].any()
    assert np.abs(sound[secret_ends * 8 :, 0]).max() > 5000


async def test_without_a_release_nothing_is_recorded(conversation):
    conversation.phone.say(tone(CALLER_HZ, 100))
    await conversation.phone.until(lambda: bool(loud(conversation.agent.heard, CALLER_HZ)))
    await conversation.phone.hang_up()
    row = await conversation.row()
    assert (row["recording"], row["media"]["recorded_ms"]) == ("", 0)


async def test_a_release_that_makes_no_sense_is_refused(conversation):
    for span in ({}, {"from_ms": -1}, {"from_ms": 5, "to_ms": 1}, {"from_ms": "0"}, {"from_ms": True}):
        assert await conversation.agent.ask("recording.release", **span) == {"ok": False}


async def test_barge_in_silences_the_phone(conversation):
    agent, phone = conversation.agent, conversation.phone
    await agent.ask("recording.release", from_ms=0, to_ms=None)
    agent.say(tone(AGENT_HZ, 3000, Agent.RATE))
    await phone.until(lambda: len(loud(phone.heard, AGENT_HZ)) >= 10)
    agent.stop_saying()
    answer = await agent.ask("playback.clear")
    answered = time.monotonic()
    await phone.until(lambda: "clear" in [event for _, event in phone.events])
    assert abs(answer["heard_ms"] / 1000 - (answered - conversation.zero)) < 0.2
    await phone.until(lambda: len(phone.heard) and phone.heard[-1][0] > answered + 0.6)
    assert max(loud(phone.heard, AGENT_HZ)) < answered + 0.1
    await phone.hang_up()
    row = await conversation.row()
    assert row["media"]["clears"] == 1
    after = conversation.recording(row["recording"])[(answer["heard_ms"] + 20) * 8 :, 1]
    assert np.abs(after).max(initial=0) < 500


async def test_hanging_up_clips_nothing(conversation):
    agent, phone = conversation.agent, conversation.phone
    agent.say(tone(AGENT_HZ, 600, Agent.RATE))
    await phone.until(lambda: not agent._say)  # said, as an agent sees it: the last frame has left it
    assert await agent.ask("call.hang_up") == {"ok": True}
    assert await agent.ask("call.hang_up") == {"ok": True}
    assert await phone.until_closed(5) == 1000
    assert len(loud(phone.heard, AGENT_HZ)) >= 29
    assert phone.closed_at - max(loud(phone.heard, AGENT_HZ)) < 1.0
    await asyncio.wait_for(agent.phone_left.wait(), 5)
    row = await conversation.row()
    assert row["events"] == [["stream_opened", ""], ["stream_closed", "agent_hung_up"]]
    assert row["end_reason"] == ""


async def test_a_phone_that_echoes_no_mark_is_hung_up_all_the_same(conversation):
    conversation.phone.marks = False
    await conversation.agent.ask("call.hang_up")
    assert await conversation.phone.until_closed(5) == 1000


async def test_the_first_word_comes_soon(bridge, conversation):
    media = (await _end(conversation))["media"]
    assert media["join_ms"] < 1500 and media["frames_in"] > 5 and media["frames_out"] > 5
    assert (media["late"], media["invalid"], media["dropped_out"]) == (0, 0, 0)


async def test_duplicates_and_late_frames_are_heard_once(conversation):
    agent, phone = conversation.agent, conversation.phone
    frame = b"\x00" * 160  # the loudest there is
    for at in (phone.at_ms + 40, phone.at_ms + 40, phone.at_ms + 20):
        await phone.send(phone.media(frame, at))
    phone.at_ms += 60
    await phone.until(lambda: sum(np.abs(samples).max() > 20000 for _, samples in agent.heard) >= 1)
    assert decode(frame).min() < -32000
    assert (await _end(conversation))["media"]["late"] == 2


async def _end(conversation):
    await conversation.phone.hang_up()
    return await conversation.row()
