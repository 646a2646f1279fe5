"""Paid already, callbacks, disputes, hardship, copies and remarks."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from calls.contact_facts import contact_snapshot
from calls.conversation import (
    CallbackRefused,
    ClaimRefused,
    DisputeRefused,
    NotVerified,
    RequestRefused,
    callback_agree,
    callback_check,
    complaint_note,
    conversation_end,
    copy_request,
    dispute_open,
    hardship_report,
    language_barrier,
    message_declined,
    payment_claim,
    promise_agree,
)
from calls.models import Call
from calls.policy import decide
from invoices.models import Consent, Dispute, Event, Hold, Invoice, Note, Wish
from invoices.party_selectors import consents_in_force
from invoices.services.contact_rules import wish_record
from invoices.services.disputes import dispute_open as dispute_by_hand
from invoices.services.payments import Instruction, payment_record
from tests.calls.talks import changed, events, ledger, owe, talk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def paid(call: Call, amount: str, day: int = 20, *, to: Invoice | None = None, **fields):
    return payment_record(
        customer=call.customer,
        amount=amount,
        currency="GBP",
        received_on=date(2026, 11, day),
        instructions=[Instruction(invoice=to)] if to else [],
        source="test",
        **fields,
    )


def claim(call: Call, amount=None, paid_on=None, method=None, positions=()):
    return payment_claim(call_id=call.pk, amount=amount, paid_on=paid_on, method=method, positions=positions)


def test_money_that_settles_nothing_yet_is_found():
    call = talk("120.50")
    paid(call, "120.50")
    # It was more than was owed; then another invoice came.
    paid(call, "30.00")
    newer = owe(call.customer, "INV-9", "80.00")
    Call.objects.filter(pk=call.pk).update(invoice=newer)
    found = claim(call, "30", "2026-11-19", "bank transfer")
    assert (found.found, found.amount, found.received_on) == (
        "unallocated",
        Decimal("30.00"),
        date(2026, 11, 20),
    )
    conversation_end(call_id=call.pk)
    call.refresh_from_db()
    assert (call.disposition, call.next_action) == (
        "paid_claimed",
        "Put the payment of £30.00 to the right invoice.",
    )


def test_money_on_its_way_and_money_that_is_in_the_balance_are_found():
    call = talk("120.50", "80.00")
    paid(call, "20.00", pending=True)
    assert claim(call, "20").found == "pending"
    first = Invoice.objects.get(number="INV-1")
    paid(call, "10.00", to=first)
    assert claim(call, "10").found == "cleared"
    found = claim(call, "10", "2026-11-20")
    assert (found.found, found.invoices) == ("cleared", ("INV-1",))


def test_the_same_amount_of_another_month_is_not_taken_for_the_one_that_was_meant():
    call = talk("80.00", "80.00")
    paid(call, "80.00", to=Invoice.objects.get(number="INV-2"))
    assert claim(call, "80").found == "nothing"
    found = claim(call, "80", "2026-11-19")
    assert (found.found, found.invoices) == ("cleared", ("INV-2",))


def test_an_invoice_that_was_settled_meanwhile_is_said_to_be_paid():
    call = talk("120.50")
    paid(call, "120.50")
    assert claim(call).found == "cleared"


@pytest.mark.parametrize(
    ("amount", "paid_on"),
    [("10.01", None), ("10", "2026-10-01"), ("10", "2026-11-24"), (None, "2026-10-01")],
)
def test_what_does_not_fit_is_not_found_and_staff_are_to_look(amount, paid_on):
    call = talk("120.50")
    paid(call, "10.00")
    assert claim(call, amount, paid_on, "cheque").found == "nothing"
    conversation_end(call_id=call.pk)
    call.refresh_from_db()
    assert call.next_action.startswith("Look for ") and "(cheque)" in call.next_action


def test_a_claim_is_on_the_invoices_timeline_once_and_changes_no_balance():
    call = talk("120.50", "80.00")
    before = ledger()
    claim(call, "80", positions=(2,))
    claim(call, "80", positions=(2,))
    assert changed(before) == ()
    told = Event.objects.get(object_type="invoice", kind="payment_claimed")
    assert told.object_id == str(Invoice.objects.get(number="INV-2").pk)
    assert told.customer_id == call.customer_id
    assert events(call).count("payment_claimed") == 1
    claim(call, "70", positions=(2,))
    assert events(call).count("payment_claimed") == 2


@pytest.mark.parametrize(
    ("amount", "paid_on", "why"),
    [
        ("much", None, "Enter a number"),
        (None, "2026-11-25", "not come yet"),
        (None, "Monday", "did not understand"),
    ],
)
def test_claims_that_can_not_be(amount, paid_on, why):
    with pytest.raises(ClaimRefused, match=why):
        claim(talk(), amount, paid_on)


def test_a_test_call_leaves_the_timeline_alone():
    call = talk(is_test=True)
    claim(call, "80")
    assert not Event.objects.filter(kind="payment_claimed", object_type="invoice").exists()


def test_a_callback_is_a_wish_and_a_consent_and_the_gate_keeps_to_both():
    call = talk()
    entry = callback_agree(call_id=call.pk, when="2026-11-26T15:00")
    assert entry == {"kind": "callback", "date": "2026-11-26", "at": "2026-11-26T15:00:00+00:00"}
    wish, consent = Wish.objects.get(), Consent.objects.get(purpose="callback")
    assert (wish.not_before, wish.source_call_id) == (datetime(2026, 11, 26, 15, tzinfo=UTC), call.pk)
    assert (consent.act, consent.source_call_id) == ("given", call.pk)
    conversation_end(call_id=call.pk)
    Call.objects.filter(pk=call.pk).update(status="completed")
    fresh = Invoice.objects.select_related("customer").get(pk=call.invoice_id)

    def allowed(at: datetime) -> bool:
        return decide(contact_snapshot(invoice=fresh, now=at)).allowed

    assert not allowed(datetime(2026, 11, 26, 14, 59, tzinfo=UTC))
    assert allowed(datetime(2026, 11, 26, 15, 0, tzinfo=UTC))


def test_the_consent_to_one_call_is_no_consent_to_others():
    call = talk()
    before = [(row.pk, row.purpose) for row in consents_in_force(call.customer)]
    callback_agree(call_id=call.pk, when="2026-11-26T15:00")
    assert [(row.pk, row.purpose) for row in consents_in_force(call.customer)] == before


def test_the_newest_word_on_when_to_call_counts():
    call = talk()
    wish_record(
        customer=call.customer,
        kind="not_before",
        said="After the holidays",
        not_before=datetime(2026, 12, 20, tzinfo=UTC),
        source="staff",
    )
    callback_agree(call_id=call.pk, when="2026-11-26T15:00")
    entry = callback_agree(call_id=call.pk, when="2026-11-27T16:00")
    call.refresh_from_db()
    assert call.agreed == [entry]
    assert Wish.objects.get(withdrawn_at=None).not_before == datetime(2026, 11, 27, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("2026-11-24T11:00", "has passed"),
        ("2026-11-26T07:00", "next time would be Thursday, November 26, at 9:00 AM"),
        ("2026-11-26", "next time would be Thursday, November 26, at 9:00 AM"),
        ("2026-11-26T20:30", "next time would be Friday, November 27, at 9:00 AM"),
        ("2026-12-25T12:00", "too far"),
        ("9999-12-31T23:59", "too far"),
        ("0001-01-01T00:00+14:00", "too far|has passed"),
        ("tomorrow", "did not understand"),
    ],
)
def test_callbacks_that_are_refused(when, why):
    call = talk()
    with pytest.raises(CallbackRefused, match=why):
        callback_check(call_id=call.pk, when=when)
    with pytest.raises(CallbackRefused, match=why):
        callback_agree(call_id=call.pk, when=when)
    assert not Wish.objects.exists()


def test_the_time_is_the_customers():
    call = talk(time_zone="Australia/Sydney", country="AU", phone="+61255501234", state="NSW", currency="AUD")
    callback = callback_check(call_id=call.pk, when="2026-11-30T15:00")
    assert callback.at.astimezone(UTC) == datetime(2026, 11, 30, 4, tzinfo=UTC)
    assert callback.words == "Monday, November 30, at 3:00 PM"


def test_while_a_promise_is_waited_for_the_next_time_is_after_it():
    call = talk()
    promise_agree(call_id=call.pk, amount="120.50", due_date="2026-12-04")
    with pytest.raises(CallbackRefused, match="Saturday, December 5, at 9:00 AM"):
        callback_check(call_id=call.pk, when="2026-12-01T15:00")
    assert callback_check(call_id=call.pk, when="2026-12-07T15:00")


def test_who_takes_no_calls_is_not_promised_one():
    call = talk()
    hardship_report(call_id=call.pk, wording="I lost my job.")
    with pytest.raises(CallbackRefused, match="colleague"):
        callback_check(call_id=call.pk, when="2026-11-26T15:00")


def test_a_dispute_names_the_part_and_the_reason():
    call = talk("120.50", "80.00")
    disputed = dispute_open(call_id=call.pk, position=2, amount="20", reason="faulty")
    assert (disputed.invoice, disputed.amount_text) == ("INV-2", "£20.00")
    dispute = Dispute.objects.get()
    assert (dispute.invoice.number, str(dispute.source_call_id)) == ("INV-2", str(call.pk))
    assert dispute.amount == 20
    dispute_open(call_id=call.pk, position=2, amount="30", reason="The jug was broken.")
    first, second = Dispute.objects.order_by("id")
    assert (first.status, second.status) == ("withdrawn", "open")
    assert (second.amount, second.reason) == (Decimal(30), "other")
    assert second.description == "The jug was broken."


@pytest.mark.parametrize(
    ("position", "amount", "why"),
    [(3, None, "do not find"), (1, "120.51", "The balance is £120.50"), (1, "half", "Enter a number")],
)
def test_disputes_that_are_refused(position, amount, why):
    call = talk("120.50", "80.00")
    with pytest.raises(DisputeRefused, match=why):
        dispute_open(call_id=call.pk, position=position, amount=amount, reason="faulty")
    assert not Dispute.objects.exists()


def test_a_dispute_from_before_is_on_file():
    call = talk("120.50")
    dispute_by_hand(invoice=call.invoice, reason="faulty", amount="10", source="staff")
    with pytest.raises(DisputeRefused, match="already"):
        dispute_open(call_id=call.pk, position=1, amount="20", reason="faulty")
    assert Dispute.objects.get().status == "open"


def test_hardship_holds_all_calls_until_staff_have_looked(noon):
    call = talk("120.50", "80.00")
    hardship_report(call_id=call.pk, wording="I lost my job.\0")
    hold = Hold.objects.get()
    assert (hold.kind, hold.evidence, hold.invoice, hold.ends_at) == (
        "hardship",
        "I lost my job.",
        None,
        None,
    )
    other = Invoice.objects.select_related("customer").get(number="INV-2")
    forbidding = decide(contact_snapshot(invoice=other, now=noon + timedelta(days=30))).forbidding
    assert "hold_hardship" in {reason.rule for reason in forbidding}


@pytest.mark.parametrize(
    ("customer", "channel"),
    [({}, "email"), ({"email": "", "address": "1 High Street"}, "letter"), ({"email": ""}, "")],
)
def test_a_copy_goes_where_the_file_says(customer, channel):
    call = talk("120.50", "80.00", **customer)
    copy = copy_request(call_id=call.pk, position=2)
    assert (copy.invoice, copy.channel) == ("INV-2", channel)
    copy_request(call_id=call.pk, position=2)
    assert events(call).count("copy_requested") == 1
    with pytest.raises(RequestRefused):
        copy_request(call_id=call.pk, position=3)


def test_remarks_need_no_verification_and_tell_nothing():
    call = talk(verified=False)
    message_declined(call_id=call.pk)
    language_barrier(call_id=call.pk, language="Polish")
    complaint_note(call_id=call.pk, wording="You ring too often.")
    assert Note.objects.get().text == "Complaint in a call: You ring too often."
    with pytest.raises(NotVerified):
        copy_request(call_id=call.pk, position=1)
    conversation_end(call_id=call.pk, disposition="hung_up_before_verification")
    call.refresh_from_db()
    assert (call.disposition, call.next_action) == (
        "complaint",
        "Call again another time. Have somebody call who speaks Polish. Look into the complaint.",
    )


def test_words_of_the_customer_stay_out_of_the_calls_own_history():
    call = talk()
    complaint_note(call_id=call.pk, wording="Secret words.")
    hardship_report(call_id=call.pk, wording="Secret words.")
    dispute_open(call_id=call.pk, position=1, amount=None, reason="Secret words.")
    rows = Event.objects.filter(object_type="call").values_list("after", "reason")
    assert not any("Secret" in str(row) for row in rows)
