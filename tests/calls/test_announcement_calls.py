"""The announcement through the carrier's own door: what is said, what is kept, what is never said too early."""

from datetime import date

import pytest

from calls.house import house_rules_change
from calls.models import Confirmation, Disposition
from calls.outcomes import OUTCOMES
from calls.placing import call_place
from calls.reconcile import call_settle
from calls.services import call_request, call_transition
from calls.states import Status
from invoices.models import Channel, Consent, ContactPoint, Dispute, Event, Hold, PromiseToPay
from invoices.services.contact_rules import consent_record
from invoices.services.documents import invoice_void
from invoices.services.parties import customer_create
from tests.calls.announced import Phone
from tests.factories import InvoiceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
# Whatever would tell of the debt: number, amount, its words.
DEBT = ("INV-1", "120", "invoice", "owe", "pay", "debt", "due", "open")


@pytest.fixture
def announcing(twilio):
    twilio.AGENT_MODE = "announce"
    return twilio


@pytest.fixture
def ring(announcing):
    """`ring(call)` is that call's phone, answered."""

    def answered(call):
        call_transition(call_id=call.pk, to=Status.PLACING, source="worker")
        phone = Phone(announcing, call.pk)
        phone.answer()
        return phone

    return answered


@pytest.fixture
def phone(ring, call):
    return ring(call)


@pytest.fixture
def known(phone):
    """Alice has said who she is and proved it."""
    phone.press("1")
    phone.press("0228", FinishedOnKey="#")
    return phone


def came_to(call):
    call.refresh_from_db()
    return call.disposition


def lines(call):
    return [(line.speaker, line.text) for line in call.transcript.all()]


def test_it_says_who_calls_that_it_is_a_machine_and_how_to_stop_it(phone):
    assert phone.said.startswith("This is an automated call from Moonlight Supplies Limited.")
    assert "machine" in phone.said and "Alice Walker" in phone.said and "press 9" in phone.said
    assert "recorded" not in phone.said
    gather = phone.document.find("Gather")
    assert gather.get("input") == "dtmf speech" and gather.get("actionOnEmptyResult") == "true"


def test_it_tells_the_number_to_ring_back(ring, call):
    house_rules_change(source="staff", actor=None, reason="x", callback_number="+442079460199")
    assert "4 4, 2 0, 7 9 4 6, 0 1 9 9" in ring(call).said


def test_nothing_of_the_debt_is_said_before_the_person_is_known(phone, call):
    phone.press("1")
    phone.press("0101", FinishedOnKey="#")
    phone.press("", FinishedOnKey="#")
    text = " ".join(phone.heard).lower()
    assert not [word for word in DEBT if word.lower() in text]
    assert "birth" in phone.said


@pytest.mark.parametrize("step", ["menu-0", "day-0", "confirm-0", "dispute-0"])
@pytest.mark.parametrize("key", ["1", "2", "3", "4", "0", "*", ""])
def test_a_step_reached_without_proof_leads_back_to_the_first_question(phone, call, step, key):
    phone.action = f"https://pay.example.com/twilio/announcement/{call.pk}/{step}/"
    said = phone.press(key)
    assert "If you are Alice Walker, press 1" in said and "120" not in said
    assert came_to(call) == "" and not PromiseToPay.objects.exists() and not Dispute.objects.exists()


def test_the_right_birthday_opens_the_debt(known, call):
    call.refresh_from_db()
    assert call.verified_at is not None
    for fact in ("INV-1", "£120.50", "Saturday, 31 October 2026"):
        assert fact in known.said


def test_two_wrong_facts_end_the_call(phone, call):
    phone.press("1")
    assert "try once more" in phone.press("0101", FinishedOnKey="#")
    phone.press("3112", FinishedOnKey="#")
    assert phone.ended and came_to(call) == "verification_failed"
    assert not call.verified_at and "120" not in " ".join(phone.everything)


def test_no_digits_at_all_cost_no_try_but_are_not_asked_for_ever(phone, call):
    phone.press("1")
    for _ in range(2):
        assert "did not understand" in phone.press("*", FinishedOnKey="#")
    phone.press("*", FinishedOnKey="#")
    assert phone.ended and came_to(call) == "verification_failed"
    assert not Event.objects.filter(kind="identity_failed").exists()


def test_the_digits_of_a_fact_are_kept_nowhere(phone, call):
    phone.press("1")
    phone.press("0101", FinishedOnKey="#")
    phone.press("0228", FinishedOnKey="#")
    kept = " ".join(text for _, text in lines(call))
    kept += " ".join(f"{event.before} {event.after} {event.reason}" for event in Event.objects.all())
    assert "0228" not in kept and "0101" not in kept
    assert ("caller", "[entered digits, which are not kept]") in lines(call)


def test_a_customer_number_proves_a_business(ring):
    business = customer_create(
        number="K-904417",
        name="Hollow Books",
        kind="business",
        phone="+442079460108",
        country="GB",
        time_zone="Europe/London",
        source="api",
    )
    call = call_request(invoice=InvoiceFactory.create(customer=business, number="INV-7"), requested_by=None)
    phone = ring(call)
    assert "customer number" in phone.press("1")
    assert "INV-7" in phone.press("904417", FinishedOnKey="#")


def test_whom_no_key_can_prove_is_rung_back(ring):
    nameless = customer_create(
        number="K-1",
        name="Hollow Books",
        kind="business",
        phone="+442079460108",
        country="GB",
        time_zone="Europe/London",
        source="api",
    )
    call = call_request(invoice=InvoiceFactory.create(customer=nameless, number="INV-7"), requested_by=None)
    phone = ring(call)
    assert "call you back" in phone.press("1")
    assert phone.ended and came_to(call) == "callback"


@pytest.mark.parametrize(("key", "disposition"), [("1", "third_party"), ("2", "wrong_number")])
def test_somebody_else_learns_nothing(phone, call, customer, key, disposition):
    phone.press("2")
    phone.press(key)
    assert phone.ended and came_to(call) == disposition
    assert bool(customer.contact_points.get().wrong_at) == (disposition == "wrong_number")
    assert "120" not in " ".join(phone.everything)


def test_silence_is_asked_again_and_then_ends_kindly(phone, call):
    assert "Alice Walker" in phone.press("")
    phone.press("")
    phone.press("")
    assert phone.ended and came_to(call) == "no_response"
    assert [speaker for speaker, _ in lines(call)] == ["agent"] * 4


def test_a_key_that_does_nothing_is_said_to(known, call):
    assert "did not understand" in known.press("7") and "INV-1" in known.said
    known.press("7")
    known.press("7")
    assert known.ended and came_to(call) == "unresolved"


def test_a_promise_is_read_back_and_recorded_once_confirmed(known, call):
    assert "Tuesday, 1 December 2026" in known.press("2")
    assert known.press("3").startswith("You will pay £120.50 by Tuesday, 1 December 2026. Is that right?")
    assert not PromiseToPay.objects.exists()
    confirm = known.action
    known.press("1")
    assert known.ended and came_to(call) == "promise_to_pay"
    promise = PromiseToPay.objects.get()
    assert (promise.amount, promise.due_date, promise.source_call_id) == (
        call.invoice.total,
        date(2026, 12, 1),
        call.pk,
    )
    known.action = confirm
    known.press("1")
    assert PromiseToPay.objects.count() == 1


def test_another_day_may_be_chosen_before_confirming(known, call):
    known.press("2")
    known.press("4")
    known.press("2")
    known.press("1")
    known.say("Yes, that is right.")
    assert PromiseToPay.objects.get().due_date == date(2026, 11, 24)


def test_a_bill_settled_meanwhile_is_not_promised(known, call):
    known.press("2")
    known.press("3")
    invoice_void(invoice=call.invoice, reason="mistake", source="staff")
    assert "nothing to do" in known.press("1")
    assert known.ended and not PromiseToPay.objects.exists()


@pytest.mark.parametrize(
    ("key", "reason", "disposition"),
    [
        ("1", "already_paid", "paid_claimed"),
        ("2", "wrong_amount", "dispute"),
        ("3", "not_received", "dispute"),
        ("4", "other", "dispute"),
    ],
)
def test_a_dispute_is_opened_with_its_reason(known, call, key, reason, disposition):
    known.press("3")
    known.press(key)
    assert known.ended and came_to(call) == disposition
    dispute = Dispute.objects.get()
    assert (dispute.reason, dispute.amount, dispute.source_call_id) == (reason, call.invoice.total, call.pk)


def test_the_menu_is_heard_again(known):
    menu = known.said.removeprefix("Thank you. ")
    assert known.press("4") == menu
    known.press("3")
    assert known.press("*") == menu


def test_a_human_rings_back_where_none_can_be_reached(known, call):
    assert "call you back" in known.press("0")
    assert known.ended and came_to(call) == "callback"
    assert Event.objects.filter(kind="callback_wanted", customer_id=call.customer_id).count() == 1


@pytest.mark.parametrize(
    "presses", [[], ["1"], ["1", "0228"], ["1", "0228", "2"], ["1", "0228", "2", "3"], ["2"]]
)
@pytest.mark.parametrize("by_word", [False, True])
def test_stop_is_kept_at_every_step(phone, call, customer, presses, by_word):
    for keys in presses:
        phone.press(keys)
    if by_word:
        phone.say("Stop calling me!")
    else:
        phone.press("9")
    assert phone.ended and "not be called again" in phone.said
    assert came_to(call) == "stop_calling"
    consent = customer.consents.get(act=Consent.Act.REVOKED)
    assert (consent.channel, consent.source_call_id, consent.contact_point) == (Channel.VOICE, call.pk, None)


def test_stop_is_kept_though_the_phone_is_down_already(phone, call, customer):
    phone.hang_up()
    call_settle(call_id=call.pk)
    phone.press("9")
    assert customer.consents.filter(act=Consent.Act.REVOKED).count() == 1


def test_words_that_may_mean_stop_wait_for_review(phone, call, customer):
    phone.say("stop calling me Robert")
    assert phone.ended and came_to(call) == "stop_calling"
    assert not customer.consents.filter(act=Consent.Act.REVOKED).exists()
    hold = Hold.objects.get()
    assert hold.kind == Hold.Kind.MANUAL and "Robert" in hold.evidence


def test_whoever_puts_the_phone_down_has_hung_up(known, call):
    known.hang_up()
    call_settle(call_id=call.pk)
    assert came_to(call) == "hung_up"


def test_whoever_puts_it_down_unknown_hung_up_before(phone, call):
    phone.press("1")
    phone.hang_up()
    call_settle(call_id=call.pk)
    assert came_to(call) == "hung_up_before_verification"


def test_an_answer_after_the_end_hears_goodbye(known, call):
    known.press("3")
    action = known.action
    known.press("2")
    known.action = action
    assert known.press("3") == "Goodbye." and Dispute.objects.count() == 1


def test_a_test_call_changes_nothing_in_the_books(announcing, ring, invoice, customer):
    announcing.TEST_PHONE_NUMBER = "+442079460155"
    for keys in (["2", "3", "1"], ["3", "2"], ["9"], ["0"]):
        phone = ring(call_request(invoice=invoice, requested_by=None))
        phone.press("1")
        phone.press("0228", FinishedOnKey="#")
        for key in keys:
            phone.press(key)
        phone.hang_up()
    assert not PromiseToPay.objects.exists() and not Dispute.objects.exists() and not Hold.objects.exists()
    assert not Confirmation.objects.exists()
    assert not customer.consents.filter(act=Consent.Act.REVOKED).exists()


class TestHowToPay:
    @pytest.fixture(autouse=True)
    def _instructions(self, announcing):
        announcing.PAYMENT_INSTRUCTIONS = "Pay by bank transfer to account 12 34 56."

    def test_it_is_sent_as_a_text_message(self, known, call, customer):
        assert "text message" in known.said
        assert "text message" in known.press("1")
        assert known.ended and came_to(call) == "link_sent"
        message = Confirmation.objects.get()
        assert (message.about, message.channel) == ("how_to_pay", "sms")
        assert "account 12 34 56" in message.body and "120.50" not in message.body
        consent = customer.consents.get(channel=Channel.SMS)
        assert (consent.act, consent.source_call_id) == (Consent.Act.GIVEN, call.pk)

    def test_a_landline_hears_it(self, ring, call, customer):
        ContactPoint.objects.update(line_type="landline")
        phone = ring(call)
        phone.press("1")
        assert "To hear how to pay, press 1" in phone.press("0228", FinishedOnKey="#")
        assert "account 12 34 56" in phone.press("1")
        assert came_to(call) == "link_sent" and not Confirmation.objects.exists()


def test_without_instructions_key_one_does_nothing(known, call):
    assert "press 1" not in known.said
    assert "did not understand" in known.press("1") and came_to(call) == ""


def test_a_collector_for_others_says_so_once_the_person_is_known(ring, call):
    house_rules_change(source="staff", actor=None, reason="x", mode="third_party")
    phone = ring(call)
    assert "attempt to collect a debt" not in phone.said
    phone.press("1")
    assert "attempt to collect a debt" in phone.press("0228", FinishedOnKey="#")


def test_without_an_agent_the_announcement_speaks(call, twilio):
    twilio.LIVEKIT_URL = "ws://127.0.0.1:9"
    call_transition(call_id=call.pk, to=Status.PLACING, source="worker")
    phone = Phone(twilio, call.pk)
    assert "press 1" in phone.answer()


def test_a_house_may_want_no_announcement(call, twilio):
    house_rules_change(source="staff", actor=None, reason="x", announcement_fallback=False)
    twilio.LIVEKIT_URL = "ws://127.0.0.1:9"
    call_transition(call_id=call.pk, to=Status.PLACING, source="worker")
    phone = Phone(twilio, call.pk)
    assert "sorry" in phone.answer() and phone.ended


@pytest.mark.parametrize(
    "path", ["announcement/{}/menu-0/", "transferred/{}/", "colleague/{}/", "message/{}/"]
)
def test_a_forged_request_is_refused(call, announcing, client, path):
    assert client.post("/twilio/" + path.format(call.pk), {"Digits": "9"}).status_code == 403


def test_an_address_with_a_step_that_there_is_not_hangs_up(phone, call):
    phone.action = f"https://pay.example.com/twilio/announcement/{call.pk}/debt-0/"
    phone.press("1")
    assert phone.verbs == ["Hangup"]


def test_no_person_and_no_debt_stands_in_an_address(known, customer):
    known.press("2")
    known.press("3")
    addresses = " ".join(known.everything).split("action=")[1:]
    for address in addresses:
        url = address.split('"')[1]
        assert "Alice" not in url and "120" not in url and customer.number not in url


def test_a_promise_is_confirmed_where_messages_are_welcome(phone, call, customer):
    consent_record(
        customer=customer,
        channel=Channel.SMS,
        act=Consent.Act.GIVEN,
        basis=Consent.Basis.WRITTEN,
        evidence="form",
        source="staff",
    )
    for keys in ("1", "0228", "2", "3", "1"):
        phone.press(keys)
    assert "confirm it in writing" in phone.said
    assert Confirmation.objects.get().about == "promise"


def test_every_disposition_has_its_words():
    assert set(OUTCOMES) == set(Disposition.values)
    assert all(summary and next_action for summary, next_action in OUTCOMES.values())


@pytest.mark.parametrize("mode", ["announce", "voice"])
def test_a_call_is_dialled_without_an_agent_or_an_audio_server(call, announcing, carrier, mode):
    announcing.AGENT_MODE, announcing.LIVEKIT_URL = mode, "ws://127.0.0.1:9"
    call_place(call_id=call.pk)
    call.refresh_from_db()
    assert call.status not in ("failed", "placing", "unknown") and call.carrier_sid


def test_a_house_without_an_announcement_dials_nobody_without_an_agent(call, twilio):
    house_rules_change(source="staff", actor=None, reason="x", announcement_fallback=False)
    twilio.LIVEKIT_URL = "ws://127.0.0.1:9"
    call_place(call_id=call.pk)
    call.refresh_from_db()
    assert (call.status, call.carrier_sid) == ("failed", None)
