"""<Dial>: a second leg in the ledger, answered or not, and the two people connected."""

import asyncio

import numpy as np
import pytest

from rehearsal.carrier.line import Line
from rehearsal.carrier.mulaw import decode, encode, level
from rehearsal.carrier.people import Ringing
from tests.rehearsal.carrier.carrier_world import FROM, TO, World, tone, until

COLLEAGUE = "+12135550177"


def serve(world: World, attributes: str = "", number: str = COLLEAGUE, after: str = "<Hangup/>") -> str:
    world.application.respond("/dialled", "<Hangup/>")
    return world.application.respond("/voice", f"<Dial {attributes}>{number}</Dial>{after}")


def became(world: World) -> dict[str, str]:
    found = [request["form"] for request in world.application.requests if request["path"] == "/dialled"]
    assert len(found) == 1
    return {name: value for name, value in found[0].items() if name.startswith("Dial")}


def leg_of(world: World, sid: str):
    return next((record for record in world.exchange.ledger.all() if record.parent_sid == sid), None)


def playing(world: World, colleague_rings: Ringing, colleague, customer):
    """The colleague's phone rings as told; each of the two has a way of talking."""
    person_for = world.person_for

    async def talk(line: Line) -> None:
        is_leg = line._record.parent_sid is not None
        await (colleague if is_leg else customer)(line)

    world.talk = talk

    def rings(entry, models_url):
        somebody = person_for(entry, models_url)
        if entry.persona == "colleague":
            somebody._ringing = colleague_rings
        return somebody

    world.exchange._person_factory = rings


async def register(world: World) -> None:
    url = f"{world.url}/rehearsal/people/{COLLEAGUE}"
    async with world.session.put(url, json={"persona": "colleague"}) as answer:
        assert answer.status == 200


async def wait(line: Line) -> None:
    async for _ in line.heard():
        pass


@pytest.mark.parametrize(
    ("ringing", "status"),
    [
        (Ringing("busy", 0), "busy"),
        (Ringing("no-answer", 0.1), "no-answer"),
        (Ringing("failed", 0), "failed"),
    ],
)
async def test_a_leg_that_is_not_answered_is_told_to_the_action(world: World, ringing, status):
    playing(world, ringing, wait, wait)
    await register(world)
    sid = await world.call(serve(world, 'action="/dialled"'))
    await world.ended(sid)
    leg = leg_of(world, sid)
    assert became(world) == {"DialCallSid": leg.sid, "DialCallStatus": status}
    assert (leg.to, leg.status) == (COLLEAGUE, status)


async def test_a_phone_that_rings_too_long_is_not_answered(world: World):
    playing(world, Ringing("answer", 30), wait, wait)
    await register(world)
    sid = await world.call(serve(world, 'timeout="1" action="/dialled"'))
    await world.ended(sid)
    assert became(world)["DialCallStatus"] == "no-answer"


async def test_two_people_hear_each_other(world: World):
    async def colleague(line: Line) -> None:
        await line.say(encode(tone(400, hertz=1000)))
        await asyncio.sleep(1)
        line.hang_up()

    async def customer(line: Line) -> None:
        await until(lambda: any(event["kind"] == "dialled" for event in line._record.events))
        await asyncio.sleep(0.3)
        await line.say(encode(tone(400, hertz=440)))

    playing(world, Ringing("answer", 0.1), colleague, customer)
    await register(world)
    sid = await world.call(
        serve(world, f'action="/dialled" callerId="{TO}"', f"<Number>{COLLEAGUE}</Number>")
    )
    record = await world.ended(sid)
    leg = leg_of(world, sid)
    for heard, hertz in ((record, 1000), (leg, 440)):
        frames = [
            bytes(heard.out_of_handset[at : at + 160]) for at in range(0, len(heard.out_of_handset), 160)
        ]
        loud = b"".join(frame for frame in frames if level(frame) > 1000)
        assert len(loud) >= 160 * 15
        spectrum = np.abs(np.fft.rfft(decode(loud).astype(float)))
        assert abs(np.argmax(spectrum) * 8000 / len(loud) - hertz) < 15
    told = became(world)
    assert (told["DialCallStatus"], told["DialBridged"]) == ("completed", "true")
    assert int(told["DialCallDuration"]) >= 1 and leg.from_ == TO


async def test_without_an_action_the_document_goes_on(world: World):
    playing(world, Ringing("busy", 0), wait, wait)
    await register(world)
    sid = await world.call(serve(world, after="<Say>Sorry</Say>"))
    await world.ended(sid)
    assert world.application.speech_requests[0]["input"] == "Sorry"
    assert leg_of(world, sid).from_ == FROM


async def test_a_customer_who_hangs_up_ends_the_leg(world: World):
    async def customer(line: Line) -> None:
        await until(lambda: any(event["kind"] == "dialled" for event in line._record.events))
        await asyncio.sleep(0.3)
        line.hang_up()

    playing(world, Ringing("answer", 0.05), wait, customer)
    await register(world)
    sid = await world.call(serve(world, 'action="/dialled"'))
    await world.ended(sid)
    await until(lambda: leg_of(world, sid).status == "completed")


async def test_the_leg_is_a_call_of_the_account(world: World):
    playing(world, Ringing("busy", 0), wait, wait)
    await register(world)
    sid = await world.call(serve(world))
    await world.ended(sid)
    _, listed = await world.get(world.calls + ".json", params={"ParentCallSid": sid})
    (leg,) = listed["calls"]
    assert (leg["parent_call_sid"], leg["direction"], leg["to"]) == (sid, "outbound-dial", COLLEAGUE)
    async with world.session.get(f"{world.url}/rehearsal/calls/{leg['sid']}") as answer:
        assert (await answer.json())["parent_sid"] == sid


async def test_the_number_has_callbacks_of_its_own(world: World):
    async def colleague(line: Line) -> None:
        line.hang_up()

    playing(world, Ringing("answer", 0.05), colleague, wait)
    await register(world)
    callback = (
        f'<Number statusCallback="{world.application.url}/leg" statusCallbackEvent="answered completed">'
    )
    sid = await world.call(serve(world, number=f"{callback}{COLLEAGUE}</Number>"))
    await world.ended(sid)
    told = await until(
        lambda: (
            len(found := [r["form"] for r in world.application.requests if r["path"] == "/leg"]) == 2
            and found
        )
    )
    assert [form["CallStatus"] for form in told] == ["in-progress", "completed"]
    assert {form["ParentCallSid"] for form in told} == {sid}


async def test_a_call_that_is_redirected_lets_the_leg_go(world: World):
    playing(world, Ringing("answer", 0.05), wait, wait)
    await register(world)
    sid = await world.call(serve(world))
    await until(lambda: (leg := leg_of(world, sid)) and leg.status == "in-progress")
    status, _ = await world.post(f"{world.calls}/{sid}.json", {"Twiml": "<Response><Hangup/></Response>"})
    assert status == 200
    await world.ended(sid)
    await until(lambda: leg_of(world, sid).status == "completed")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("<Dial>555</Dial>", 13223),
        ("<Dial/>", 13223),
        (f'<Dial callerId="anonymous">{COLLEAGUE}</Dial>', 13214),
        (f'<Dial timeout="0">{COLLEAGUE}</Dial>', 13212),
        (f"<Dial><Client>{COLLEAGUE}</Client></Dial>", 12200),
        (f'<Dial record="true">{COLLEAGUE}</Dial>', 12200),
        (f'<Dial><Number statusCallbackEvent="bored">{COLLEAGUE}</Number></Dial>', 12200),
    ],
)
async def test_a_dial_that_is_not_to_the_letter_is_an_error(world: World, document, code):
    sid = await world.call(world.application.respond("/voice", document))
    await world.ended(sid)
    assert world.errors(sid) == [code]
