"""<Gather>: keys and speech cut as Twilio cuts them."""

import asyncio

import pytest

from rehearsal.carrier.line import SILENCE, Line
from rehearsal.carrier.mulaw import encode
from tests.rehearsal.carrier.carrier_world import World, tone, until


def serve(world: World, attributes: str = "", inside: str = "", after: str = "<Hangup/>") -> str:
    """The URL of a document that gathers; what it leads to hangs up."""
    world.application.respond("/answered", "<Hangup/>")
    return world.application.respond(
        "/voice", f'<Gather action="/answered" {attributes}>{inside}</Gather>{after}'
    )


def answer_of(world: World) -> dict[str, str] | None:
    """What the action was sent, as far as it is the Gather's own."""
    found = [request["form"] for request in world.application.requests if request["path"] == "/answered"]
    own = ("Digits", "FinishedOnKey", "SpeechResult", "Confidence")
    return {name: found[0][name] for name in own if name in found[0]} if found else None


def pressing(*keys: str, pause: float = 0.02):
    async def talk(line: Line) -> None:
        await until(lambda: world_gathers(line))
        for key in keys:
            line.press(key)
            await asyncio.sleep(pause)

    return talk


def world_gathers(line: Line) -> bool:
    return any(event["kind"] == "gather" for event in line._record.events)


@pytest.mark.parametrize(
    ("attributes", "keys", "sent"),
    [
        ("", "1234#", {"Digits": "1234", "FinishedOnKey": "#"}),
        ('numDigits="2"', "1234", {"Digits": "12", "FinishedOnKey": ""}),
        ('numDigits="1"', "*", {"Digits": "*", "FinishedOnKey": ""}),
        ('finishOnKey="*"', "1#2*", {"Digits": "1#2", "FinishedOnKey": "*"}),
        ('finishOnKey="" numDigits="2"', "1#", {"Digits": "1#", "FinishedOnKey": ""}),
        ('timeout="1"', "12", {"Digits": "12", "FinishedOnKey": ""}),
        ('input="dtmf speech" numDigits="1"', "9", {"Digits": "9", "FinishedOnKey": ""}),
    ],
)
async def test_keys_are_sent_to_the_action(world: World, attributes, keys, sent):
    world.talk = pressing(*keys)
    sid = await world.call(serve(world, attributes))
    await world.ended(sid)
    assert answer_of(world) == sent
    form = next(r["form"] for r in world.application.requests if r["path"] == "/answered")
    assert (form["CallSid"], form["CallStatus"]) == (sid, "in-progress")


@pytest.mark.parametrize("keys", ["", "#"])
async def test_without_input_the_document_goes_on(world: World, keys):
    world.talk = pressing(*keys)
    sid = await world.call(serve(world, 'timeout="1"'))
    await world.ended(sid)
    assert answer_of(world) is None and world.events(sid, "hung_up")[0]["by"] == "hangup"


async def test_an_empty_result_is_sent_where_the_document_asks_for_it(world: World):
    sid = await world.call(serve(world, 'timeout="1" actionOnEmptyResult="true"'))
    await world.ended(sid)
    assert answer_of(world) == {"Digits": ""}


async def test_without_an_action_the_same_document_is_asked_again(world: World):
    world.talk = pressing("1")
    url = world.application.respond("/voice", '<Gather numDigits="1" timeout="1"/><Hangup/>')
    sid = await world.call(url)
    await world.ended(sid)
    forms = [request["form"] for request in world.application.requests if request["path"] == "/voice"]
    assert ["Digits" in form for form in forms] == [False, True]


async def test_a_key_cuts_the_prompt_off(world: World):
    world.application.speech = tone(20_000, 24_000)

    async def impatient(line: Line) -> None:
        async for frame in line.heard():
            if frame != SILENCE:
                line.press("1")
                return

    world.talk = impatient
    sid = await world.call(serve(world, 'numDigits="1"', "<Say>A long story</Say>"))
    record = await world.ended(sid)
    assert answer_of(world) == {"Digits": "1", "FinishedOnKey": ""}
    assert record.counters["frames"] < 200


async def test_the_time_to_answer_begins_behind_the_prompt(world: World):
    world.application.speech = tone(1500, 24_000)
    sid = await world.call(serve(world, 'timeout="1"', "<Say>Good day</Say>"))
    await world.ended(sid)
    gather, hang_up = world.events(sid, "gather")[0], world.events(sid, "twiml")[-1]
    assert hang_up["at_ms"] - gather["at_ms"] >= 2400


async def test_speech_is_recognised_and_sent(world: World):
    world.application.recognised = "Yes, that is me."

    async def speak(line: Line) -> None:
        await until(lambda: world_gathers(line))
        await line.say(encode(tone(400)))

    world.talk = speak
    sid = await world.call(serve(world, 'input="dtmf speech" speechTimeout="auto"'))
    await world.ended(sid)
    assert answer_of(world) == {"SpeechResult": "Yes, that is me.", "Confidence": "0.9"}


async def test_speech_that_nobody_understands_is_no_input(world: World):
    world.application.recognised = ""

    async def speak(line: Line) -> None:
        await line.say(encode(tone(400)))

    world.talk = speak
    sid = await world.call(serve(world, 'input="speech" speechTimeout="1"'))
    await world.ended(sid)
    assert answer_of(world) is None


async def test_keys_are_not_heard_where_only_speech_is_gathered(world: World):
    world.talk = pressing("1")
    sid = await world.call(serve(world, 'input="speech" timeout="1"'))
    await world.ended(sid)
    assert answer_of(world) is None


async def test_the_control_door_presses_keys_and_speaks(world: World):
    world.application.recognised = "stop"
    sid = await world.call(serve(world, 'input="dtmf speech" numDigits="3" speechTimeout="1"'))
    await until(lambda: world.record(sid).events and world.events(sid, "gather"))
    async with world.session.post(f"{world.url}/rehearsal/calls/{sid}/keys", json={"keys": "123"}) as answer:
        assert answer.status == 200
    await world.ended(sid)
    assert answer_of(world) == {"Digits": "123", "FinishedOnKey": ""}
    world.application.requests.clear()
    sid = await world.call(serve(world, 'input="dtmf speech" speechTimeout="1"'))
    await until(lambda: world.events(sid, "gather"))
    async with world.session.post(
        f"{world.url}/rehearsal/calls/{sid}/words", json={"text": "Stop."}
    ) as answer:
        assert answer.status == 200
    record = await world.ended(sid)
    assert answer_of(world) == {"SpeechResult": "stop", "Confidence": "0.9"}
    assert record.said[0]["text"] == "Stop."


@pytest.mark.parametrize("what", ["keys", "words"])
async def test_nobody_presses_on_a_phone_that_is_down(world: World, what):
    sid = await world.call(world.application.respond("/voice", "<Hangup/>"))
    await world.ended(sid)
    url = f"{world.url}/rehearsal/calls/{sid}/{what}"
    async with world.session.post(url, json={"keys": "1", "text": "x"}) as answer:
        assert answer.status == 409


@pytest.mark.parametrize(
    "document",
    [
        '<Gather input="smell"/>',
        '<Gather numDigits="0"/>',
        '<Gather numDigits="x"/>',
        '<Gather finishOnKey="12"/>',
        '<Gather finishOnKey="a"/>',
        '<Gather actionOnEmptyResult="yes"/>',
        "<Gather><Hangup/></Gather>",
        "<Gather><Gather/></Gather>",
        '<Gather colour="red"/>',
    ],
)
async def test_a_gather_that_is_not_to_the_letter_is_an_error(world: World, document):
    sid = await world.call(world.application.respond("/voice", document))
    await world.ended(sid)
    assert world.errors(sid) == [12200]
