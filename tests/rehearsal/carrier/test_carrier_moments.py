"""When a phone held by somebody else speaks: over the other side's voice, or after it."""

import asyncio
import base64

import pytest

from rehearsal.carrier.moments import BREATH_MS, Moment, MomentGone, OtherSide
from tests.rehearsal.carrier.carrier_world import World, until


def hear(side: OtherSide, pattern: list[tuple[bool, int]]) -> None:
    for loud, ms in pattern:
        for _ in range(ms // 20):
            side.heard(loud)


async def waiting(side: OtherSide, **moment: int) -> "asyncio.Task[None]":
    task = asyncio.create_task(side.moment(Moment(**moment)))
    await asyncio.sleep(0)
    return task


async def come(task: "asyncio.Task[None]") -> bool:
    await asyncio.sleep(0)
    return task.done()


async def test_a_voice_counts_with_its_breaths():
    side = OtherSide()
    task = await waiting(side, voice_ms=1000)
    hear(side, [(True, 400), (False, BREATH_MS - 20), (True, 20)])
    assert await come(task)


async def test_a_voice_after_a_silence_is_another_one():
    side = OtherSide()
    task = await waiting(side, voice_ms=1000)
    hear(side, [(True, 800), (False, BREATH_MS), (True, 980)])
    assert not await come(task)
    hear(side, [(True, 20)])
    assert await come(task)


async def test_silence_counts_after_the_other_side_has_spoken():
    side = OtherSide()
    task = await waiting(side, quiet_ms=500)
    hear(side, [(False, 3000)])
    assert not await come(task)
    hear(side, [(True, 100), (False, 480)])
    assert not await come(task)
    hear(side, [(False, 20)])
    assert await come(task)


async def test_a_call_that_ends_brings_no_moment():
    side = OtherSide()
    task = await waiting(side, voice_ms=100)
    side.close()
    with pytest.raises(MomentGone):
        await task
    with pytest.raises(MomentGone):
        await side.moment(Moment(quiet_ms=100))


@pytest.mark.parametrize("value", [{}, {"voice_ms": 0}, {"quiet_ms": "1"}, {"voice_ms": 1, "quiet_ms": 1}, 3])
def test_a_moment_is_one_of_two_things(value):
    with pytest.raises(ValueError):
        Moment.from_json(value)


async def test_any_sound_is_made_into_a_phone_by_the_control_door(world: World):
    sid = await world.call(world.application.respond("/voice", '<Pause length="5"/>'))
    await until(lambda: world.record(sid).answered_at)
    sound = b"\x10" * 1600
    body = {"name": "cough", "ulaw": base64.b64encode(sound).decode()}
    async with world.session.post(f"{world.url}/rehearsal/calls/{sid}/sound", json=body) as answer:
        assert answer.status == 200
    assert world.record(sid).said[0]["text"] == "[cough]"
    assert sound in bytes(world.record(sid).into_handset)
