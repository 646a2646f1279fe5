"""Whole conversations in text, through the session that a call uses and a model asked over real HTTP."""

import pytest
from channels.db import database_sync_to_async

from agent_worker import lines
from agent_worker.phases.close import Close
from agent_worker.phases.debt import Debt
from agent_worker.phases.verify import Verify
from calls.models import Call, Disposition
from invoices.models import PromiseToPay
from tests.agent_worker.conftest import CANARY_AMOUNT, CANARY_NUMBER, soon, tool
from tests.agent_worker.talking import BIRTHDAY, FOUND, WRONG_BIRTHDAY, conversation, reread


@database_sync_to_async
def promises() -> list[PromiseToPay]:
    return list(PromiseToPay.objects.all())


async def test_a_promise_from_hello_to_goodbye(world, brain):
    call = await database_sync_to_async(world.call)()
    day = soon()
    async with conversation(call, brain) as person:
        assert await person.say("Yes, this is Robert.", FOUND) == [
            "Thank you. I need to make sure I am speaking with the right person. "
            "Please tell me the day and month of your birth."
        ]
        heard = await person.say("March fourteenth.", BIRTHDAY)
        assert person.is_in(Debt)
        assert heard == [
            "Thank you. I am calling about invoice I N V 7 7 5 1 3. The balance is $8,641.97, and it was due on "
            "November 3rd. When can you pay it?"
        ]
        heard = await person.say(
            "A hundred in a week.", tool("propose_promise", amount="100", date=day.isoformat())
        )
        assert heard == [f"To confirm: you will pay $100.00 on {lines.day_in_full(day)}. Is that right?"]
        assert await promises() == []
        assert await person.say("Yes.", tool("confirm", confirmed=True)) == [
            f"{lines.PROMISE_NOTED} {lines.ANYTHING_ELSE}"
        ]
        assert person.is_in(Close)
        assert await person.say("No.", tool("end_call", reason="done")) == [lines.GOODBYE]
    (promise,) = await promises()
    assert (promise.amount, promise.due_date, promise.source_call_id) == (100, day, call.pk)
    ended = await reread(call)
    assert ended.disposition == Disposition.PARTIAL_PROMISE
    assert ended.verified_at is not None
    assert ended.agreed == [
        {
            "kind": "promise_to_pay",
            "invoice": CANARY_NUMBER,
            "amount": "100.00",
            "currency": "USD",
            "date": day.isoformat(),
        }
    ]


async def test_nothing_of_the_debt_is_in_a_request_before_verification(world, brain):
    call = await database_sync_to_async(world.call)()
    traces = ["8641", "8,641", "77513", "Canary", "USD", "2026-11-03", "November", "invoice", "balance"]
    async with conversation(call, brain) as person:
        await person.say("What is it about? Do I owe you money?", "It is a personal matter.")
        await person.found()
        await person.say("April first.", WRONG_BIRTHDAY)
        await person.say("Tell me the balance.", "I can't say more.")
        before = list(brain.bodies)
        assert await person.say("March fourteenth.", BIRTHDAY)
        await person.say("Hm.", "When can you pay?")
    assert len(before) == 4
    for body in before:
        spoken_by_caller = body.replace("Do I owe you money?", "").replace("Tell me the balance.", "")
        assert [trace for trace in traces if trace in spoken_by_caller] == []
    # The same search finds it afterwards, so it can find it.
    assert str(CANARY_AMOUNT) in brain.bodies[-1]


async def test_first_prompts_of_two_debtors_differ_in_nothing_but_what_they_owe(world, brain):
    customer = await database_sync_to_async(world.customer)()
    first = await database_sync_to_async(world.call)(customer=customer)
    await database_sync_to_async(Call.objects.update)(status="completed")
    second = await database_sync_to_async(world.call)(
        customer=customer, number="X-1", total="5.00", description="Other"
    )
    for call in (first, second):
        async with conversation(call, brain) as person:
            await person.say("Hello?", "May I speak with Robert Blake?")
    assert brain.bodies[0] == brain.bodies[1]


async def test_no_promise_without_a_yes_after_the_read_back(world, brain):
    call = await database_sync_to_async(world.call)()
    propose = tool("propose_promise", amount="100", date=soon().isoformat())
    async with conversation(call, brain) as person:
        await person.verified()
        # The model confirms what was never read back: refused, and told so.
        heard = await person.say("Fine.", tool("confirm", confirmed=True), "What date?")
        assert heard == ["What date?"]
        assert await promises() == []
        # A model that is in a hurry: proposes and confirms on the same breath of the caller.
        person.talk.proposal = None
        await person.say("A hundred in a week.", propose)
        proposal = person.talk.proposal
        assert proposal is not None
        assert not person.talk.was_answered(proposal)
        assert await promises() == []


async def test_a_read_back_that_was_cut_off_is_read_again(world, brain):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        await person.verified()
        await person.say("A hundred.", tool("propose_promise", amount="100", date=soon().isoformat()))
        assert person.talk.proposal is not None
        person.talk.proposal.heard_after = None  # as an interrupted read-back leaves it
        heard = await person.say("Yes.", tool("confirm", confirmed=True))
        assert heard[0].startswith("To confirm: you will pay $100.00")
        assert await promises() == []
        await person.say("Yes.", tool("confirm", confirmed=True))
        assert len(await promises()) == 1


async def test_a_wrong_read_back_is_not_recorded(world, brain):
    call = await database_sync_to_async(world.call)()
    day = soon()
    async with conversation(call, brain) as person:
        await person.verified()
        await person.say("Fifteen.", tool("propose_promise", amount="50", date=day.isoformat()))
        heard = await person.say("No, I said fifteen.", tool("confirm", confirmed=False))
        assert heard == [lines.ASK_AMOUNT_AND_DATE]
        # What was denied can't be confirmed afterwards.
        await person.say("Hm.", tool("confirm", confirmed=True), "How much?")
        assert await promises() == []
        await person.say("Fifteen.", tool("propose_promise", amount="15", date=day.isoformat()))
        await person.say("Yes.", tool("confirm", confirmed=True))
    assert [promise.amount for promise in await promises()] == [15]


@pytest.mark.parametrize(
    ("amount", "days", "complaint"),
    [
        ("8641.98", 7, "more than the balance"),
        ("0", 7, "above zero"),
        ("10.001", 7, "2 decimals"),
        ("ten", 7, "number"),
        ("10", -2, "in the past"),
        ("10", 70, "too far away"),
    ],
)
async def test_a_promise_that_can_not_be_taken_is_refused_to_the_model(world, brain, amount, days, complaint):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        await person.verified()
        propose = tool("propose_promise", amount=amount, date=soon(days).isoformat())
        assert await person.say("I can pay.", propose, "Another one, please.") == ["Another one, please."]
        assert person.talk.proposal is None
    told = [message for message in brain.requests[-1]["messages"] if message["role"] == "tool"]
    assert complaint in told[-1]["content"]


async def test_two_wrong_answers_end_the_call_and_a_third_is_not_compared(world, brain):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        await person.found()
        assert await person.say("April first.", WRONG_BIRTHDAY) == [lines.TRY_IDENTITY_AGAIN]
        assert await person.say("April second.", WRONG_BIRTHDAY) == [lines.NOT_VERIFIED]
        heard = await person.say("March fourteenth!", BIRTHDAY)
        assert person.is_in(Verify)
        assert all(CANARY_NUMBER not in line and "balance" not in line for line in heard)
    ended = await reread(call)
    assert ended.disposition == Disposition.VERIFICATION_FAILED
    assert ended.verified_at is None


async def test_a_business_is_verified_by_its_customer_number(world, brain):
    customer = await database_sync_to_async(world.customer)(
        kind="business", birth_month=None, birth_day=None, number="K-20417", name="Harbor Supplies"
    )
    call = await database_sync_to_async(world.call)(customer=customer)
    async with conversation(call, brain) as person:
        await person.found()
        assert await person.say("March fourteenth.", BIRTHDAY) == [lines.ASK_CUSTOMER_NUMBER]
        check = tool("check_identity", birth_month=None, birth_day=None, customer_number="2 0 4 1 7")
        await person.say("Two zero four one seven.", check)
        assert person.is_in(Debt)
    assert "Asked fact: customer number" in brain.bodies[1]


@pytest.mark.parametrize(
    ("ending", "disposition", "line"),
    [
        (tool("report_wrong_number"), Disposition.WRONG_NUMBER, lines.WRONG_NUMBER),
        (tool("report_third_party"), Disposition.THIRD_PARTY, lines.THIRD_PARTY),
        (tool("report_machine", kind="voicemail"), Disposition.VOICEMAIL_NOT_LEFT, None),
        (tool("end_call", reason="stop_calling"), Disposition.STOP_CALLING, lines.STOP_CALLING),
    ],
)
async def test_endings_before_verification_say_nothing_of_a_debt(world, brain, ending, disposition, line):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        assert await person.say("Not me.", ending) == ([line] if line else [])
    assert (await reread(call)).disposition == disposition


@pytest.mark.parametrize(
    ("reason", "disposition"),
    [
        ("refused", Disposition.REFUSED),
        ("callback", Disposition.CALLBACK),
        ("stop_calling", Disposition.STOP_CALLING),
        ("other", Disposition.UNRESOLVED),
    ],
)
async def test_endings_without_a_promise(world, brain, reason, disposition):
    call = await database_sync_to_async(world.call)()
    async with conversation(call, brain) as person:
        await person.verified()
        (line,) = await person.say("No.", tool("end_call", reason=reason))
        assert line.endswith("Goodbye.")
    assert (await reread(call)).disposition == disposition
    assert await promises() == []


async def test_a_test_call_leaves_the_ledger_alone(world, brain):
    call = await database_sync_to_async(world.call)(is_test=True)
    async with conversation(call, brain) as person:
        await person.verified()
        await person.say("A hundred.", tool("propose_promise", amount="100", date=soon().isoformat()))
        await person.say("Yes.", tool("confirm", confirmed=True))
        await person.say("No.", tool("end_call", reason="done"))
    ended = await reread(call)
    assert ended.disposition == Disposition.PARTIAL_PROMISE
    assert ended.agreed[0]["amount"] == "100.00"
    assert await promises() == []


async def test_an_invoice_paid_while_they_talk_is_not_spoken_of(world, brain):
    call = await database_sync_to_async(world.call)()
    await database_sync_to_async(lambda: type(call.invoice).objects.update(status="paid", balance=0))()
    async with conversation(call, brain) as person:
        assert await person.verified() == [lines.NOTHING_OWED]
    assert (await reread(call)).disposition == Disposition.UNRESOLVED
