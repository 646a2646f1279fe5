"""Text messages: taken, refused, and what became of them."""

import pytest
from twilio.request_validator import RequestValidator

from tests.rehearsal.carrier.carrier_world import FROM, SID, TO, TOKEN, World, until


def messages(world: World) -> str:
    return f"{world.url}/2010-04-01/Accounts/{SID}/Messages"


async def send(world: World, **form: str):
    fields = {"To": TO, "From": FROM, "Body": "Good day", **form}
    return await world.post(
        messages(world) + ".json", {name: value for name, value in fields.items() if value}
    )


async def behave(world: World, outcome: str) -> None:
    async with world.session.put(f"{world.url}/rehearsal/people/{TO}", json={"messages": outcome}) as answer:
        assert answer.status == 200


def told(world: World) -> list[dict]:
    return [request for request in world.application.requests if request["path"] == "/message"]


@pytest.mark.parametrize(
    ("outcome", "end", "error"), [("delivered", "delivered", None), ("undelivered", "undelivered", 30003)]
)
async def test_a_message_is_sent_and_its_fate_told(world: World, outcome, end, error):
    await behave(world, outcome)
    status, message = await send(world, StatusCallback=world.application.url + "/message")
    assert (status, message["status"], message["num_segments"]) == (201, "queued", "1")
    first, last = await until(lambda: len(told(world)) == 2 and told(world))
    assert [each["form"]["MessageStatus"] for each in (first, last)] == ["sent", end]
    assert last["form"].get("ErrorCode") == (str(error) if error else None)
    assert {each["form"]["MessageSid"] for each in (first, last)} == {message["sid"]}
    for each in (first, last):
        signature = each["headers"]["X-Twilio-Signature"]
        assert RequestValidator(TOKEN).validate(each["url"], each["form"], signature)
    _, fetched = await world.get(f"{messages(world)}/{message['sid']}.json")
    assert (fetched["status"], fetched["error_code"], fetched["body"]) == (end, error, "Good day")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": ""}, 21604),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"To": "555"}, 21211),
        ({"From": "555"}, 21212),
        ({"Body": "x" * 1601}, 21617),
        ({"StatusCallback": "nowhere"}, 21609),
        ({"MediaUrl": "https://example.com/x.png"}, 20001),
    ],
)
async def test_a_message_that_is_not_to_the_letter_is_refused(world: World, form, code):
    status, error = await send(world, **form)
    assert (status, error["code"]) == (400, code)


@pytest.mark.parametrize(("outcome", "code"), [("unsubscribed", 21610), ("landline", 21614)])
async def test_some_people_get_no_messages(world: World, outcome, code):
    await behave(world, outcome)
    status, error = await send(world)
    assert (status, error["code"]) == (400, code)


async def test_messages_are_listed_newest_first(world: World):
    sids = [(await send(world, Body=body))[1]["sid"] for body in ("one", "two", "three")]
    await send(world, To="+12135550199")
    _, page = await world.get(messages(world) + ".json", params={"To": TO, "PageSize": "2"})
    assert [each["sid"] for each in page["messages"]] == sids[:0:-1]
    _, page = await world.get(world.url + page["next_page_uri"])
    assert [each["sid"] for each in page["messages"]] == sids[:1]


async def test_the_control_door_shows_what_was_sent(world: World):
    _, message = await send(world, Body="You promised to pay.")
    async with world.session.get(f"{world.url}/rehearsal/messages", params={"to": TO}) as answer:
        (shown,) = (await answer.json())["messages"]
    assert (shown["sid"], shown["body"], shown["to"]) == (message["sid"], "You promised to pay.", TO)


async def test_a_stranger_sends_nothing(world: World):
    world.headers = {"Authorization": "Basic d3Jvbmc6d3Jvbmc="}
    assert (await send(world))[0] == 401


async def test_an_unknown_message_is_not_found(world: World):
    assert (await world.get(f"{messages(world)}/SM0.json"))[0] == 404


async def test_a_fate_that_there_is_not_is_refused(world: World):
    async with world.session.put(f"{world.url}/rehearsal/people/{TO}", json={"messages": "eaten"}) as answer:
        assert answer.status == 400
