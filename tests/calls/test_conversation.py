"""What the agent may know and do: held to the rows, on whatever database the tests run."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls.conversation import (
    NothingOwed,
    NothingToCompare,
    NotVerified,
    PromiseRefused,
    SpokenLine,
    agent_ready,
    caller_hung_up,
    conversation_end,
    debt_facts,
    identity_check,
    opening_facts,
    promise_agree,
    promise_check,
    speaking_set,
    transcript_append,
    usage_record,
)
from calls.models import Call, Disposition
from calls.states import Status
from invoices.models import Event, Invoice, PromiseToPay
from invoices.services.documents import invoice_create
from invoices.services.parties import customer_create

pytestmark = pytest.mark.django_db(transaction=True)
NOON_IN_LOS_ANGELES = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _settings(settings):
    settings.BUSINESS_LEGAL_NAME = "Moonlight Supplies Limited"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


@pytest.fixture(autouse=True)
def _noon():
    with patch("django.utils.timezone.now", return_value=NOON_IN_LOS_ANGELES):
        yield


PERSON: dict[str, Any] = {
    "number": "10041",
    "name": "Robert Blake",
    "phone": "+12135550101",
    "country": "US",
    "time_zone": "America/Los_Angeles",
    "birth_month": 3,
    "birth_day": 14,
}


def make_call(*, is_test: bool = False, **person: Any) -> Call:
    customer = customer_create(source="seed", **(PERSON | person))
    owed = invoice_create(
        customer=customer,
        source="seed",
        number="INV-1042",
        currency="USD",
        total="120.50",
        issue_date=date(2026, 10, 4),
        due_date=date(2026, 11, 3),
    )
    return Call.objects.create(
        invoice=owed,
        customer=customer,
        status=Status.IN_PROGRESS,
        to_number=str(customer.phone),
        is_test=is_test,
    )


def verified_call(**options) -> Call:
    call = make_call(**options)
    assert check(call, 3, 14).verified
    return call


def check(call: Call, month: int | None = None, day: int | None = None, number: str | None = None):
    return identity_check(call_id=call.pk, birth_month=month, birth_day=day, customer_number=number)


def kinds(call: Call) -> list[str]:
    events = Event.objects.filter(object_type="call", object_id=str(call.pk))
    return list(events.values_list("kind", flat=True))


def test_the_opening_knows_names_and_what_to_ask_for_and_nothing_else():
    facts = opening_facts(call_id=make_call().pk)
    assert vars(facts) == {
        "customer_name": "Robert Blake",
        "business_name": "Moonlight Supplies Limited",
        "agent_name": "Casper",
        "asked_fact": "month and day of birth",
    }


def test_the_opening_reads_no_invoice():
    call = make_call()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        opening_facts(call_id=call.pk)
    assert not any("invoices_invoice" in query["sql"] for query in queries)


def test_ready_is_said_once():
    call = make_call()
    assert agent_ready(call_id=call.pk)
    assert not agent_ready(call_id=call.pk)
    call.refresh_from_db()
    assert call.agent_ready_at == NOON_IN_LOS_ANGELES
    assert kinds(call) == ["agent_ready"]


@pytest.mark.parametrize(
    ("month", "day", "number", "verified"),
    [
        (3, 14, None, True),
        (14, 3, None, False),
        (3, 15, None, False),
        (None, None, "10041", True),
        (None, None, "1 0 0 4 1", True),
        (None, None, "10042", False),
        (None, None, "1004", False),
        (3, 14, "10042", False),
        (3, None, "10041", True),
    ],
)
def test_facts_are_compared_by_code(month, day, number, verified):
    call = make_call()
    assert check(call, month, day, number).verified is verified
    call.refresh_from_db()
    assert (call.verified_at is not None) is verified


def test_two_failures_are_the_last_and_the_right_answer_comes_too_late():
    call = make_call()
    assert check(call, 1, 1).tries_left == 1
    assert check(call, 1, 2).tries_left == 0
    result = check(call, 3, 14)
    assert (result.verified, result.tries_left) == (False, 0)
    assert kinds(call) == ["identity_failed", "identity_failed"]
    with pytest.raises(NotVerified):
        debt_facts(call_id=call.pk)


def test_what_can_not_be_compared_costs_no_try():
    call = make_call(kind="business", birth_month=None, birth_day=None, number="K-20417")
    with pytest.raises(NothingToCompare):
        check(call, 3, 14)
    with pytest.raises(NothingToCompare):
        check(call)
    with pytest.raises(NothingToCompare):
        check(call, number=" - ")
    assert kinds(call) == []
    assert check(call, number="k 20417").verified


def test_a_birthday_of_a_business_is_no_proof():
    call = make_call(kind="business")
    with pytest.raises(NothingToCompare):
        check(call, 3, 14)


def test_few_digits_of_a_customer_number_prove_nothing():
    call = make_call(kind="business", birth_month=None, birth_day=None, number="K-204")
    assert not check(call, number="204").verified
    assert check(call, number="K 204").verified


def test_verified_stays_verified():
    call = verified_call()
    assert check(call, 1, 1).verified
    assert kinds(call) == ["identity_verified"]


def test_the_debt_is_told_after_verification_only():
    call = make_call()
    with pytest.raises(NotVerified):
        debt_facts(call_id=call.pk)
    check(call, 3, 14)
    debt = debt_facts(call_id=call.pk)
    assert (debt.invoice_number, debt.balance, debt.currency, debt.today) == (
        "INV-1042",
        Decimal("120.50"),
        "USD",
        TODAY,
    )
    assert str(debt.balance) == "120.50"


def test_today_is_the_customers():
    call = verified_call(time_zone="Australia/Sydney")
    assert debt_facts(call_id=call.pk).today == TODAY + timedelta(days=1)


def test_a_settled_invoice_is_not_spoken_of():
    call = verified_call()
    Invoice.objects.update(status=Invoice.Status.PAID, balance=0)
    with pytest.raises(NothingOwed):
        debt_facts(call_id=call.pk)


@pytest.mark.parametrize(
    ("amount", "day"),
    [("120.50", "2026-11-24"), ("0.01", "2027-01-23"), ("120.5", "2026-12-04"), (" 1 ", " 2026-12-04 ")],
)
def test_promises_that_are_taken(amount, day):
    promise = promise_check(call_id=verified_call().pk, amount=amount, due_date=day)
    assert promise.amount == Decimal(amount)
    assert promise.due_date == date.fromisoformat(day.strip())


@pytest.mark.parametrize(
    ("amount", "day", "why"),
    [
        ("120.51", "2026-12-04", "more than the balance"),
        ("0", "2026-12-04", "above zero"),
        ("-5", "2026-12-04", "above zero"),
        ("1.005", "2026-12-04", "2 decimals"),
        ("NaN", "2026-12-04", "above zero"),
        ("all", "2026-12-04", "number"),
        ("50", "2026-11-23", "past"),
        ("50", "2027-01-24", "too far"),
        ("50", "next Friday", "did not understand"),
    ],
)
def test_promises_that_are_refused(amount, day, why):
    with pytest.raises(PromiseRefused, match=why):
        promise_check(call_id=verified_call().pk, amount=amount, due_date=day)


def test_an_agreed_promise_is_in_ledger_and_call_once():
    call = verified_call()
    agreed = promise_agree(call_id=call.pk, amount=Decimal("100"), due_date=date(2026, 12, 4))
    again = promise_agree(call_id=call.pk, amount="100.00", due_date="2026-12-04")
    assert agreed == again
    promise = PromiseToPay.objects.get()
    assert (promise.amount, promise.due_date) == (Decimal(100), date(2026, 12, 4))
    assert promise.source_call_id == call.pk
    call.refresh_from_db()
    assert call.agreed == [
        {
            "kind": "promise_to_pay",
            "invoice": "INV-1042",
            "amount": "100.00",
            "currency": "USD",
            "date": "2026-12-04",
        }
    ]
    assert kinds(call).count("promise_agreed") == 1
    assert call.disposition == ""
    assert conversation_end(call_id=call.pk)
    call.refresh_from_db()
    assert call.disposition == Disposition.PARTIAL_PROMISE
    assert kinds(call).count("call_concluded") == 1


def test_ledger_and_call_are_written_together_or_not_at_all():
    call = verified_call()
    with (
        patch("calls.conversation.promises.act_note", side_effect=RuntimeError),
        pytest.raises(RuntimeError),
    ):
        promise_agree(call_id=call.pk, amount=Decimal("100"), due_date=date(2026, 12, 4))
    call.refresh_from_db()
    assert (call.agreed, call.disposition, PromiseToPay.objects.count()) == ([], "", 0)


def test_a_test_call_changes_nothing_in_the_books():
    call = verified_call(is_test=True)
    events = Event.objects.filter(object_type="invoice").count()
    promise_agree(call_id=call.pk, amount=Decimal("120.50"), due_date=date(2026, 12, 4))
    conversation_end(call_id=call.pk)
    call.refresh_from_db()
    assert (call.disposition, call.agreed[0]["amount"]) == (Disposition.PROMISE_TO_PAY, "120.50")
    assert PromiseToPay.objects.count() == 0
    assert Event.objects.filter(object_type="invoice").count() == events


def test_no_promise_before_verification():
    call = make_call()
    with pytest.raises(NotVerified):
        promise_agree(call_id=call.pk, amount=Decimal("100"), due_date=date(2026, 12, 4))


@pytest.mark.parametrize(
    ("verified", "disposition"),
    [(True, Disposition.HUNG_UP), (False, Disposition.HUNG_UP_BEFORE_VERIFICATION)],
)
def test_a_hang_up_is_told_by_how_far_they_had_come(verified, disposition):
    call = verified_call() if verified else make_call()
    assert caller_hung_up(call_id=call.pk)
    call.refresh_from_db()
    assert (call.disposition, call.end_reason) == (disposition, "The phone hung up.")


def test_the_first_outcome_stands():
    call = make_call()
    assert conversation_end(call_id=call.pk, disposition=Disposition.WRONG_NUMBER)
    assert not caller_hung_up(call_id=call.pk)
    call.refresh_from_db()
    assert call.disposition == Disposition.WRONG_NUMBER
    assert call.next_action


def line(seq: int, text: str = "Hello.", **fields) -> SpokenLine:
    return SpokenLine(
        seq=seq, speaker="caller", text=text, **{"start_ms": seq * 100, "end_ms": seq * 100 + 50} | fields
    )


def test_lines_are_stored_once():
    call = make_call()
    transcript_append(call_id=call.pk, lines=[line(1), line(2, "Yes.")])
    transcript_append(call_id=call.pk, lines=[line(2, "something else"), line(3)])
    stored = call.transcript.order_by("seq").values_list("seq", "text")
    assert list(stored) == [(1, "Hello."), (2, "Yes."), (3, "Hello.")]


def test_times_never_run_backwards_or_below_zero():
    call = make_call()
    transcript_append(call_id=call.pk, lines=[line(1, start_ms=-40, end_ms=-60)])
    stored = call.transcript.get()
    assert (stored.start_ms, stored.end_ms) == (0, 0)


def test_open_pages_are_told_after_commit_of_each_change():
    call = make_call()
    with patch("calls.live.news.changed") as changed:
        transcript_append(call_id=call.pk, lines=[line(1)])
        speaking_set(call_id=call.pk, speaker="agent")
        speaking_set(call_id=call.pk, speaker="agent")
        usage_record(call_id=call.pk, usage={"seconds": 1})
    assert [args.args for args in changed.call_args_list] == [(call.pk,)] * 3
    assert kinds(call) == []
    call.refresh_from_db()
    assert (call.speaking, call.usage) == ("", {"seconds": 1})


def test_an_unknown_call_has_no_facts():
    with pytest.raises(Call.DoesNotExist):
        opening_facts(call_id=uuid.uuid4())
