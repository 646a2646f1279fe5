"""Faults of the create request, people, and the control door."""

import asyncio

import aiohttp
import pytest

from rehearsal.carrier.people import Ringing
from tests.rehearsal.carrier.carrier_world import FROM, TO, World, until

FORM = {"To": TO, "From": FROM, "Url": "http://127.0.0.1:9/"}


@pytest.fixture(autouse=True)
def nobody_home(world: World):
    world.ringing = Ringing("busy", 0.0)


async def fault(world: World, mode: str, **more) -> None:
    value = {"create": {"mode": mode, **more}}
    async with world.session.put(world.url + "/rehearsal/faults", json=value) as answer:
        assert answer.status == 200, await answer.text()


async def release(world: World) -> None:
    async with world.session.delete(world.url + "/rehearsal/faults") as answer:
        assert answer.status == 204


@pytest.mark.parametrize(
    ("mode", "status", "code"),
    [("reject_429", 429, 20429), ("reject_500", 500, 20500), ("reject_400", 400, 21211)],
)
async def test_a_rejected_call_is_never_made(world: World, mode, status, code):
    await fault(world, mode, times=1)
    answer, error = await world.post(world.calls + ".json", FORM)
    assert (answer, error["code"]) == (status, code)
    assert world.exchange.newest_first() == []
    assert (await world.post(world.calls + ".json", FORM))[0] == 201  # one time was asked for


async def test_accepted_then_500_is_a_real_call(world: World):
    await fault(world, "accept_then_500", times=None)
    for _ in range(2):
        assert (await world.post(world.calls + ".json", FORM))[0] == 500
    calls = world.exchange.newest_first()
    assert len(calls) == 2
    await until(lambda: all(call.status == "busy" for call in calls))


async def test_accepted_then_timeout_is_a_real_call(world: World):
    await fault(world, "accept_then_timeout")
    with pytest.raises(TimeoutError):
        await world.post(world.calls + ".json", FORM, timeout=aiohttp.ClientTimeout(total=0.3))
    await until(lambda: [call.status for call in world.exchange.newest_first()] == ["busy"])


async def test_a_hanging_request_makes_its_call_when_released(world: World):
    await fault(world, "hang")
    request = asyncio.create_task(world.post(world.calls + ".json", FORM))
    await until(lambda: world.exchange.equipment.faults.holding == 1)
    assert world.exchange.newest_first() == []
    await release(world)
    status, call = await request
    assert status == 201 and world.exchange.find(call["sid"])


async def test_a_hanging_request_whose_client_left_makes_no_call(world: World):
    await fault(world, "hang", times=1)
    with pytest.raises(TimeoutError):
        await world.post(world.calls + ".json", FORM, timeout=aiohttp.ClientTimeout(total=0.2))
    faults = world.exchange.equipment.faults
    await release(world)
    await until(lambda: faults.holding == 0)
    assert (await world.post(world.calls + ".json", FORM))[0] == 201
    assert len(world.exchange.newest_first()) == 1


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"create": {"mode": "explode"}},
        {"create": {"mode": "hang", "times": 0}},
        {"create": {"mode": "hold", "at": "noon"}},
        {"queue": {}},
        {"mix": {"share": 2, "seed": 1}},
        {"callbacks": {"mode": "late", "seconds": "soon"}},
        {"media": {}},
    ],
)
async def test_an_unknown_fault_is_refused(world: World, value):
    async with world.session.put(world.url + "/rehearsal/faults", json=value) as answer:
        assert answer.status == 400


async def test_a_registered_person_answers_their_number(world: World):
    entry = {
        "persona": "hangs_up",
        "name": "Maria Lopez",
        "birth_month": 7,
        "birth_day": 2,
        "customer_number": "10042",
        "plan": {"amount": "full", "days": 7},
    }
    async with world.session.put(f"{world.url}/rehearsal/people/{TO}", json=entry) as answer:
        assert answer.status == 200
    for number in (TO, "+442079460000"):
        await world.post(world.calls + ".json", {**FORM, "To": number})
    known, unknown = world.entries[-2:]
    assert (known.persona, known.name, known.birth_month, known.birth_day) == (
        "hangs_up",
        "Maria Lopez",
        7,
        2,
    )
    assert (known.customer_number, known.plan) == ("10042", {"amount": "full", "days": 7})
    assert (unknown.persona, unknown.name, unknown.plan) == ("promises", None, {})
    _, ledger = await world.get(world.url + "/rehearsal/calls")
    assert [call["persona"] for call in ledger["calls"]] == ["hangs_up", "promises"]


@pytest.mark.parametrize(
    "entry", [[], {"persona": 3}, {"persona": "nobody"}, {"birth_month": 13}, {"plan": "all"}, {"name": 5}]
)
async def test_a_person_that_makes_no_sense_is_refused(world: World, entry):
    async with world.session.put(f"{world.url}/rehearsal/people/{TO}", json=entry) as answer:
        assert answer.status == 400


async def test_healthz(world: World):
    assert (await world.get(world.url + "/healthz"))[0] == 200


async def held(world: World) -> int:
    _, faults = await world.get(world.url + "/rehearsal/faults")
    return int(faults["holding"])


@pytest.mark.parametrize(("at", "entered"), [("before_entry", 0), ("after_entry", 1), ("after_headers", 1)])
async def test_a_request_is_held_at_a_named_point_until_it_is_released(world: World, at, entered):
    await fault(world, "hold", at=at, times=1)
    request = asyncio.create_task(world.post(world.calls + ".json", FORM))
    await until(lambda: world.exchange.equipment.faults.holding == 1)
    assert await held(world) == 1
    assert len(world.exchange.newest_first()) == entered
    assert not request.done()
    async with world.session.delete(world.url + "/rehearsal/faults/held") as answer:
        assert answer.status == 204
    status, call = await request
    assert status == 201 and world.exchange.find(call["sid"])
    assert len(world.exchange.newest_first()) == 1


async def test_a_client_that_left_behind_the_headers_leaves_a_real_call(world: World):
    await fault(world, "hold", at="after_headers", times=1)
    with pytest.raises(TimeoutError):
        await world.post(world.calls + ".json", FORM, timeout=aiohttp.ClientTimeout(total=0.2))
    await release(world)
    await until(lambda: [call.status for call in world.exchange.newest_first()] == ["busy"])


async def test_every_request_is_counted_also_a_refused_one(world: World):
    await fault(world, "reject_429", times=1)
    for _ in range(2):
        await world.post(world.calls + ".json", FORM)
    assert await world.get(f"{world.url}/rehearsal/requests/{TO}") == (200, {"requests": 2})
    assert await world.get(f"{world.url}/rehearsal/requests/+442079460000") == (200, {"requests": 0})


async def test_a_call_may_wait_in_the_carriers_queue(world: World):
    async with world.session.put(world.url + "/rehearsal/faults", json={"queue": {"seconds": 30}}) as answer:
        assert answer.status == 200
    _, call = await world.post(world.calls + ".json", FORM)
    assert world.exchange.find(call["sid"]).status == "queued"
    assert (await world.post(f"{world.calls}/{call['sid']}.json", {"Status": "canceled"}))[0] == 200
    assert (await world.ended(call["sid"])).status == "canceled"


async def test_a_mix_strikes_a_share_of_the_requests_whatever_their_order(world: World):
    numbers = [f"+1213555{each:04}" for each in range(100, 160)]

    async def struck(order: list[str]) -> dict[str, str]:
        mix = {"mix": {"share": 0.3, "seed": 4}}
        async with world.session.put(world.url + "/rehearsal/faults", json=mix) as answer:
            assert answer.status == 200
        faults = world.exchange.equipment.faults
        return {number: str(faults.take(number)) for number in order}

    first = await struck(numbers)
    assert first == await struck(numbers[::-1])
    assert 8 <= sum(value != "(None, None)" for value in first.values()) <= 28
