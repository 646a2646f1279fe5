"""Every conversation of cases/, held in text through the phases, tools and guards of a call."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from channels.db import database_sync_to_async

from agent_worker.lines import day_in_full
from agent_worker.phases.machine import Machine
from calls.house import house_rules_change
from calls.models import Call
from invoices.models import Consent, Customer, Dispute, Hold, PaymentPlan, PromiseToPay
from invoices.services.documents import invoice_create
from invoices.services.payments import Instruction, payment_record
from tests.agent_worker.conftest import soon
from tests.agent_worker.talking import conversation, reread
from tests.conversations.reading import MEANWHILE, Case, Turn, matches, read_all

HANGS_UP = "(hangs up)"
ALL = {case.name: case for case in read_all(soon, day_in_full)}


@pytest.mark.parametrize("name", sorted(ALL))
async def test_a_conversation_ends_as_it_is_written(world, brain, name):
    case = ALL[name]
    call = await database_sync_to_async(given)(world, case)
    before = await database_sync_to_async(ledger)(call.customer)
    async with conversation(call, brain) as person:
        if any(turn.keys for turn in case.turns):
            await person.disclosed()
        for turn in case.turns:
            if turn.said == HANGS_UP:
                await person.talk.phone_left()
                break
            if turn.said.startswith(MEANWHILE):
                await database_sync_to_async(paid)(call, turn.said.split()[-1])
                continue
            if turn.keys:
                brain.will(*turn.model)
                heard = await person.press(turn.keys)
            else:
                heard = await person.say(turn.said, *turn.model)
            assert_heard(turn, heard)
        if person.is_in(Machine):
            # What a machine hears comes when its greeting is over.
            async with asyncio.timeout(20):
                await person.talk.over.wait()
        assert not brain.script, "the model was not asked as often as it is written"
    ended = await reread(call)
    for line in case.then:
        await database_sync_to_async(assert_then)(line, ended, before)


def given(world: Any, case: Case) -> Call:
    """The call, its customer and what else is owed."""
    lines = [line.partition(" ") for line in case.given]
    who = next(({"name": rest} for kind, _, rest in lines if kind == "customer"), {})
    owed = next((_owed(rest) for kind, _, rest in lines if kind == "owes"), {})
    call: Call = world.call(customer=world.customer(**who), **owed)
    for kind, _, rest in lines:
        if kind == "house":
            name, value = rest.split("=")
            house_rules_change(source="staff", actor=None, reason="Test", **{name: value})
        elif kind == "invoice":
            number, _, owes = rest.partition(" ")
            invoice_create(customer=call.customer, number=number, source="seed", **_owed(owes))
        elif kind not in ("customer", "owes"):
            raise ValueError(f"{case.name}: nothing is given by {kind!r}")
    return call


def _owed(text: str) -> dict[str, Any]:
    """“80.00 [USD] due 2026-11-10” as an invoice has it, issued a month before."""
    total, *currency, _, due = text.split()
    day = date.fromisoformat(due)
    return {
        "total": total,
        "currency": currency[0] if currency else "USD",
        "issue_date": day - timedelta(days=30),
        "due_date": day,
    }


def paid(call: Call, amount: str) -> None:
    """A payment comes in, to the invoice that the call is about."""
    payment_record(
        customer=call.customer,
        currency=call.invoice.currency,
        amount=amount,
        received_on=soon(0),
        instructions=[Instruction(invoice=call.invoice, amount=Decimal(amount))],
        source="seed",
    )


def assert_heard(turn: Turn, heard: list[str]) -> None:
    if not turn.heard:
        return
    spoken = " ".join(heard)
    assert matches(" ".join(turn.heard), spoken), f"after {turn.said or turn.keys!r} was heard: {spoken!r}"


def ledger(customer: Customer) -> dict[str, list[Any]]:
    """What the books hold of the customer, apart from what is said about them."""
    return {
        "promises": list(customer.promises.values_list("status", "amount", "due_date")),
        "plans": list(customer.plans.values_list("status")),
        "disputes": list(Dispute.objects.filter(invoice__customer=customer).values_list("status", "amount")),
        "holds": list(customer.holds.values_list("kind")),
        "wishes": list(customer.wishes.values_list("kind")),
        "consents": list(customer.consents.values_list("channel", "act")),
        "points": list(customer.contact_points.values_list("value", "wrong_at")),
        "invoices": list(customer.invoices.values_list("number", "status", "balance")),
    }


def assert_then(line: str, call: Call, before: dict[str, list[Any]]) -> None:
    what, _, rest = line.partition(" ")
    THEN[what](rest, call, before)


def _disposition(rest: str, call: Call, before: Any) -> None:
    assert call.disposition == rest


def _nothing(rest: str, call: Call, before: Any) -> None:
    assert ledger(call.customer) == before


def _promise(rest: str, call: Call, before: Any) -> None:
    amount, _, day = rest.partition(" on ")
    (promise,) = PromiseToPay.objects.filter(customer=call.customer, status=PromiseToPay.Status.OPEN)
    assert (promise.amount, promise.due_date.isoformat()) == (Decimal(amount), day)
    assert promise.source_call_id == call.pk


def _plan(rest: str, call: Call, before: Any) -> None:
    _, count, _, total = rest.split()
    (plan,) = PaymentPlan.objects.filter(customer=call.customer, status=PaymentPlan.Status.ACTIVE)
    parts = [part.amount for part in plan.instalments.all()]
    assert (len(parts), sum(parts)) == (int(count), Decimal(total))


def _dispute(rest: str, call: Call, before: Any) -> None:
    (dispute,) = Dispute.objects.filter(invoice__customer=call.customer, status=Dispute.Status.OPEN)
    assert dispute.amount == Decimal(rest)


def _hold(rest: str, call: Call, before: Any) -> None:
    assert [hold.kind for hold in Hold.objects.filter(customer=call.customer, lifted_at=None)] == [rest]


def _no(rest: str, call: Call, before: Any) -> None:
    if rest == "promise":
        assert not call.customer.promises.filter(status=PromiseToPay.Status.OPEN).exists()
    elif rest == "plan":
        assert not call.customer.plans.filter(status=PaymentPlan.Status.ACTIVE).exists()
    else:
        latest = Consent.objects.filter(customer=call.customer, channel="voice").order_by("id").last()
        assert rest == "more calls" and latest is not None and latest.act == Consent.Act.REVOKED


def _number_wrong(rest: str, call: Call, before: Any) -> None:
    assert rest == "wrong" and call.customer.contact_points.filter(wrong_at=None).count() == 0


def _wish(rest: str, call: Call, before: Any) -> None:
    assert sorted(wish.kind for wish in call.customer.wishes.all()) == sorted(rest.split())


def _review(rest: str, call: Call, before: Any) -> None:
    assert [hold.kind for hold in Hold.objects.filter(customer=call.customer, lifted_at=None)] == ["manual"]


THEN: dict[str, Callable[[str, Call, Any], None]] = {
    "disposition": _disposition,
    "nothing": _nothing,
    "promise": _promise,
    "plan": _plan,
    "dispute": _dispute,
    "hold": _hold,
    "no": _no,
    "number": _number_wrong,
    "review": _review,
    "wish": _wish,
}
