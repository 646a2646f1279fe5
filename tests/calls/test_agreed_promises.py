"""Promises over all that is open: which invoices, what is refused, and that the last word counts once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calls.contact_facts import contact_snapshot
from calls.conversation import (
    OUTCOMES,
    ConversationOver,
    NothingOwed,
    NotVerified,
    PromiseRefused,
    Refused,
    agreement_withdraw,
    callback_agree,
    caller_hung_up,
    conversation_end,
    debts,
    dispute_open,
    facts,
    hardship_report,
    outcome_of,
    plan_agree,
    promise_agree,
    promise_check,
)
from calls.conversation.standing import agreement_standing
from calls.models import Call
from calls.reconcile import call_settle
from calls.states import Status
from invoices.models import Event, Invoice, PaymentPlan, PromiseToPay
from invoices.services.contact_rules import hold_set
from invoices.services.payments import Instruction, payment_record
from tests.calls.talks import events, owe, talk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
DAY = "2026-12-04"


def paid(call: Call, amount: str, **fields):
    return payment_record(
        customer=call.customer,
        amount=amount,
        currency="GBP",
        received_on=date(2026, 11, 20),
        source="test",
        **fields,
    )


def agree(call: Call, amount: str, day: str = DAY, positions: tuple[int, ...] = ()):
    return promise_agree(call_id=call.pk, amount=amount, due_date=day, positions=positions)


def check(call: Call, amount: str, positions: tuple[int, ...] = ()):
    return promise_check(call_id=call.pk, amount=amount, due_date=DAY, positions=positions)


def test_the_debts_are_the_calls_own_first_then_those_due_first_in_its_currency():
    call = talk("120.50", "80.00", "10.00")
    owe(call.customer, "INV-OLD", "5.25", due_date=date(2026, 5, 2))
    owe(call.customer, "INV-USD", "99.00", currency="USD")
    other = owe(call.customer, "INV-HELD", "77.00")
    hold_set(customer=call.customer, invoice=other, kind="time_barred", evidence="Old.", source="test")
    known = debts(call_id=call.pk)
    assert [(each.position, each.number) for each in known.invoices] == [
        (1, "INV-1"),
        (2, "INV-OLD"),
        (3, "INV-2"),
        (4, "INV-3"),
    ]
    assert (known.total, known.currency, known.has_other_currency) == (Decimal("215.75"), "GBP", True)
    assert (known.unallocated, known.invoices[0].disputed) == (Decimal(0), Decimal(0))


def test_a_conversation_covers_so_many_invoices_and_no_more(monkeypatch):
    monkeypatch.setattr(facts, "MOST_INVOICES", 2)
    known = debts(call_id=talk("120.50", "80.00", "10.00").pk)
    assert [each.number for each in known.invoices] == ["INV-1", "INV-2"]


def test_positions_stay_while_invoices_are_paid_and_written():
    call = talk("120.50", "80.00", "10.00")
    debts(call_id=call.pk)
    second = Invoice.objects.get(number="INV-2")
    paid(call, "80.00", instructions=[Instruction(invoice=second, amount=Decimal("80.00"))])
    owe(call.customer, "INV-NEW", "5.00", due_date=date(2026, 5, 2))
    assert [each.position for each in debts(call_id=call.pk).invoices] == [1, 3]
    assert check(call, "10", (3,)).invoices == ("INV-3",)
    with pytest.raises(PromiseRefused, match="do not find"):
        check(call, "10", (2,))


def test_every_invoice_that_was_spoken_of_counts_as_talked_about(noon):
    call = talk("120.50", "80.00")
    debts(call_id=call.pk)
    call.refresh_from_db()
    (contact,) = contact_snapshot(invoice=call.invoice, now=noon).contacts
    assert contact.invoices == tuple(map(str, call.discussed)) and len(contact.invoices) == 2


def test_nothing_is_told_before_verification_nor_where_nothing_is_owed():
    stranger = talk(verified=False)
    for service in (
        lambda: debts(call_id=stranger.pk),
        lambda: check(stranger, "1"),
        lambda: agree(stranger, "1"),
        lambda: dispute_open(call_id=stranger.pk, position=1, amount=None, reason="faulty"),
        lambda: hardship_report(call_id=stranger.pk, wording="x"),
        lambda: callback_agree(call_id=stranger.pk, when="2026-11-26T15:00"),
        lambda: plan_agree(call_id=stranger.pk, instalments=2, every="week", first_date="2026-12-01"),
    ):
        with pytest.raises(NotVerified):
            service()
    assert events(stranger) == []
    Invoice.objects.update(status="paid", balance=0)
    Call.objects.update(verified_at=stranger.placed_at)
    with pytest.raises(NothingOwed):
        debts(call_id=stranger.pk)


@pytest.mark.parametrize(
    ("amount", "positions", "invoices", "in_full"),
    [
        ("120.50", (), ("INV-1",), True),
        ("120.49", (), ("INV-1",), False),
        ("80", (2,), ("INV-2",), True),
        ("90", (2, 3), ("INV-2", "INV-3"), True),
        ("210.50", (), ("INV-1", "INV-2", "INV-3"), True),
        ("150", (), ("INV-1", "INV-2"), False),
        ("1,0.00", (2,), None, None),
        ("£80.00", (2,), ("INV-2",), True),
        ("80 pounds", (2,), ("INV-2",), True),
        ("80.00 GBP", (2,), ("INV-2",), True),
    ],
)
def test_a_promise_names_its_invoices(amount, positions, invoices, in_full):
    call = talk("120.50", "80.00", "10.00")
    if invoices is None:
        with pytest.raises(PromiseRefused, match="did not understand"):
            check(call, amount, positions)
        return
    promise = check(call, amount, positions)
    assert (promise.invoices, promise.in_full) == (invoices, in_full)


@pytest.mark.parametrize(
    ("amount", "positions", "why"),
    [
        ("210.51", (), "The balance is £210.50"),
        ("80.01", (2,), "The balance is £80.00"),
        ("10", (4,), "do not find"),
        ("80 euros", (), "British pounds"),
        ("$80", (), "British pounds"),
        ("80 USD", (), "British pounds"),
        ("12,50", (), "did not understand"),
        ("1.2.3", (), "did not understand"),
        ("9" * 50, (), "too large"),
        ("", (), "Enter a number"),
        ("all of it", (), "Enter a number"),
    ],
)
def test_amounts_that_are_refused(amount, positions, why):
    with pytest.raises(PromiseRefused, match=why):
        check(talk("120.50", "80.00", "10.00"), amount, positions)


def test_what_is_disputed_need_not_be_promised():
    call = talk("120.50")
    dispute_open(call_id=call.pk, position=1, amount="20.50", reason="wrong_amount")
    assert check(call, "100").in_full
    agree(call, "100")
    assert outcome_of(call.pk) == "promise_to_pay"


def test_a_later_word_takes_the_place_of_the_first_in_ledger_and_call():
    call = talk("120.50", "80.00")
    agree(call, "50")
    entry = agree(call, "80", "2026-12-11", (2,))
    call.refresh_from_db()
    assert call.agreed == [entry]
    first, second = PromiseToPay.objects.order_by("id")
    assert (first.status, second.status) == ("cancelled", "open")
    cancelled = Event.objects.get(object_type="promise", object_id=str(first.pk), kind="promise_cancelled")
    assert cancelled.reason == "Replaced in the same call."
    plan = plan_agree(call_id=call.pk, instalments=2, every="week", first_date="2026-12-01")
    call.refresh_from_db()
    assert call.agreed == [plan]
    assert not PromiseToPay.objects.filter(status="open").exists()
    assert outcome_of(call.pk) == "payment_plan"


def test_a_promise_that_was_replaced_and_made_again_stands():
    call = talk("120.50")
    first = agree(call, "50")
    agree(call, "60")
    agree(call, "50")
    call.refresh_from_db()
    assert call.agreed == [first]
    assert PromiseToPay.objects.get(status="open").amount == 50
    assert outcome_of(call.pk) == "partial_promise"


def test_nothing_stays_of_a_replacement_that_fails():
    call = talk("120.50")
    first = agree(call, "50")
    with pytest.raises(Refused):
        agree(call, "500")
    call.refresh_from_db()
    assert call.agreed == [first]
    assert PromiseToPay.objects.get().status == "open"


def test_a_promise_that_the_money_has_kept_meanwhile_is_not_replaced():
    call = talk("120.50")
    entry = agree(call, "20")
    paid(call, "20.00")
    assert PromiseToPay.objects.get().status == "kept"
    with pytest.raises(PromiseRefused, match="cannot note"):
        agree(call, "50")
    assert not agreement_withdraw(call_id=call.pk)
    dispute_open(call_id=call.pk, position=1, amount=None, reason="faulty")
    call.refresh_from_db()
    assert (call.agreed, PromiseToPay.objects.get().amount) == ([entry], Decimal(20))


def test_a_dispute_of_what_was_promised_takes_the_promise_back():
    call = talk("120.50")
    agree(call, "100")
    dispute_open(call_id=call.pk, position=1, amount="20", reason="wrong_amount")
    assert PromiseToPay.objects.get().status == "open"
    dispute_open(call_id=call.pk, position=1, amount=None, reason="wrong_amount")
    call.refresh_from_db()
    assert (PromiseToPay.objects.get().status, call.agreed) == ("cancelled", [])
    assert outcome_of(call.pk) == "dispute"


@pytest.mark.parametrize("given", ["unresolved", "hung_up", "refused", "no_response", "promise_to_pay"])
def test_a_confirmed_promise_is_what_the_call_came_to_however_it_ended(given):
    call = talk("120.50")
    agree(call, "120.50")
    conversation_end(call_id=call.pk, disposition=given)
    call.refresh_from_db()
    assert call.disposition == "promise_to_pay"


@pytest.mark.parametrize("given", ["stop_calling", "wrong_number", "attorney", "transferred"])
def test_a_stronger_word_is_kept(given):
    call = talk("120.50")
    agree(call, "120.50")
    conversation_end(call_id=call.pk, disposition=given)
    call.refresh_from_db()
    assert call.disposition == given
    assert call.next_action == f"{OUTCOMES[given][1]} Wait for the payment."


@pytest.mark.parametrize("given", ["promise_to_pay", "payment_plan", "paid_claimed", "dispute", "hardship"])
def test_what_was_not_done_is_not_believed(given):
    call = talk("120.50")
    conversation_end(call_id=call.pk, disposition=given)
    call.refresh_from_db()
    assert call.disposition == "unresolved"


def test_a_hang_up_and_a_lost_agent_leave_the_promise_as_the_outcome():
    call = talk("120.50")
    agree(call, "120.50")
    assert caller_hung_up(call_id=call.pk)
    lost = talk("50.00", number="C-78", phone="+442079460108", prefix="LOST")
    agree(lost, "50")
    Call.objects.filter(pk=lost.pk).update(
        status=Status.COMPLETED,
        ended_at=timezone.now() - timedelta(minutes=1),
        stream_closed_at=lost.placed_at,
    )
    call_settle(call_id=lost.pk)
    for each in (call, lost):
        each.refresh_from_db()
        assert (each.disposition, each.next_action) == ("promise_to_pay", "Wait for the payment.")


def test_a_promise_counts_more_than_a_callback_and_a_withdrawn_one_not_at_all():
    call = talk("120.50")
    agree(call, "120.50")
    callback_agree(call_id=call.pk, when="2026-12-07T15:00")
    assert outcome_of(call.pk) == "promise_to_pay"
    agreement_withdraw(call_id=call.pk)
    assert outcome_of(call.pk) == "callback"


def test_after_the_end_nothing_is_agreed():
    call = talk("120.50")
    entry = agree(call, "50")
    conversation_end(call_id=call.pk, disposition="stop_calling")
    assert agree(call, "50") == entry
    for service in (
        lambda: agree(call, "60"),
        lambda: plan_agree(call_id=call.pk, instalments=2, every="week", first_date="2026-12-01"),
        lambda: dispute_open(call_id=call.pk, position=1, amount=None, reason="faulty"),
        lambda: hardship_report(call_id=call.pk, wording="x"),
        lambda: agreement_withdraw(call_id=call.pk),
    ):
        with pytest.raises(ConversationOver):
            service()
    assert PromiseToPay.objects.get().amount == 50


def test_after_the_end_no_callback_is_agreed():
    call = talk("120.50")
    conversation_end(call_id=call.pk, disposition="refused")
    with pytest.raises(ConversationOver):
        callback_agree(call_id=call.pk, when="2026-11-26T15:00")
    call.refresh_from_db()
    assert call.agreed == []


WORDS = st.lists(
    st.one_of(
        st.tuples(
            st.just("promise"),
            st.integers(min_value=-1, max_value=25_000),
            st.sampled_from([(), (1,), (2,), (1, 2), (9,)]),
        ),
        st.tuples(
            st.just("plan"), st.integers(min_value=1, max_value=8), st.sampled_from([(), (2,), (1, 2)])
        ),
        st.tuples(
            st.just("dispute"), st.integers(min_value=1, max_value=15_000), st.sampled_from([(1,), (2,)])
        ),
        st.tuples(st.just("withdraw"), st.just(0), st.just(())),
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=WORDS, is_test=st.booleans())
def test_whatever_is_said_at_most_one_agreement_stands_and_ledger_and_call_agree(words, is_test):
    with transaction.atomic():
        call = talk("120.50", "80.00", is_test=is_test)
        for word in words:
            _say(call, *word)
        _hold(Call.objects.get(pk=call.pk))
        transaction.set_rollback(True)


def _say(call: Call, what: str, number: int, positions: tuple[int, ...]) -> None:
    amount = str(Decimal(number).scaleb(-2))
    try:
        if what == "promise":
            agree(call, amount, positions=positions)
        elif what == "plan":
            plan_agree(
                call_id=call.pk, instalments=number, every="month", first_date=DAY, positions=positions
            )
        elif what == "dispute":
            dispute_open(call_id=call.pk, position=positions[0], amount=amount, reason="faulty")
        else:
            agreement_withdraw(call_id=call.pk)
    except Refused as refused:
        assert str(refused).endswith((".", "?"))


def _hold(call: Call) -> None:
    standing = agreement_standing(call)
    promises = list(PromiseToPay.objects.exclude(status="cancelled"))
    plans = list(PaymentPlan.objects.exclude(status="cancelled"))
    if call.is_test:
        assert not Event.objects.filter(object_type="promise").exists()
        assert not promises and not plans
        return
    assert len(promises) + len(plans) == (standing is not None)
    if standing is None:
        return
    row = (promises or plans)[0]
    amount = row.amount if isinstance(row, PromiseToPay) else row.total
    numbers = [invoice.number for invoice in row.invoices.order_by("number")]
    assert (amount, ", ".join(numbers)) == (Decimal(standing["amount"]), standing["invoice"])
