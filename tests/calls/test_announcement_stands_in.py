"""The announcement in the agent's place: no budget for its models, or models that fail in the middle of a call."""

import json
import logging
import urllib.request
from datetime import date

import pytest
from asgiref.sync import sync_to_async
from twilio.rest import Client

from calls.announcement.takeover import announcement_take_over
from calls.conversation import SpokenLine, agent_ready, identity_check, promise_agree, transcript_append
from calls.house import house_rules_change
from calls.models import Call
from calls.placing import call_place
from calls.services import call_request, call_transition
from calls.states import Status
from invoices.models import Event, PromiseToPay
from invoices.services.documents import invoice_create, invoice_void
from invoices.services.parties import customer_create
from phantompay.rehearsing.people import invent
from tests.calls.announced import Phone
from tests.calls.conftest import put
from tests.rooms import enter
from tests.waiting import eventually

pytestmark = pytest.mark.django_db


def change(**rules):
    house_rules_change(source="staff", actor=None, reason="x", **rules)


def placed(call):
    call_place(call_id=call.pk)
    call.refresh_from_db()
    return call


@pytest.fixture
def rung(twilio, livekit):
    """A call that is about to be answered, at an hour when calls are lawful by the real clock, which LiveKit has."""
    change(keeps_holidays=False)
    them, owed, _ = invent("quiet")
    for day in ("issue_date", "due_date"):
        owed[day] = date.fromisoformat(owed[day])
    invoice = invoice_create(customer=customer_create(**them, source="api"), **owed, source="api")
    call = call_request(invoice=invoice, requested_by=None)
    call_transition(call_id=call.pk, to=Status.PLACING, source="worker")
    return call


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("ready", "says"), [(True, "payment specialist"), (False, "press 1")])
async def test_an_agent_that_is_still_waiting_for_its_models_is_no_agent(rung, twilio, ready, says):
    if ready:
        await sync_to_async(agent_ready)(call_id=rung.pk)
    agent = await enter(rung.room_name, "agent")
    try:
        assert says in await sync_to_async(Phone(twilio, rung.pk).answer)()
    finally:
        await agent.disconnect()


class TestBudgetOfTheModels:
    @pytest.fixture(autouse=True)
    def _spent(self, twilio):
        change(models_budget="0")
        # Asked for an agent, the audio server would not answer either.
        twilio.LIVEKIT_URL = "ws://127.0.0.1:9"

    def test_a_call_is_dialled_without_asking_for_an_agent(self, call, carrier, caplog):
        with caplog.at_level(logging.WARNING, "calls.placing"):
            assert placed(call).carrier_sid
        assert "budget for the voice models" in caplog.text and "audio server" not in caplog.text

    def test_nobody_is_rung_where_the_house_wants_no_announcement(self, call):
        change(announcement_fallback=False)
        assert placed(call).status == "failed"
        assert call.end_reason == "Not dialled: today's budget for the voice models is spent."


@pytest.fixture
def talking(call, twilio):
    """The agent talks, and the carrier does not answer."""
    twilio.TWILIO_API_BASE_URL = "http://127.0.0.1:9"
    call_transition(call_id=call.pk, to=Status.PLACING, source="worker", carrier_sid=f"CA{call.pk.hex}")
    call_transition(call_id=call.pk, to=Status.IN_PROGRESS, source="carrier")
    call.refresh_from_db()
    return call


def verify(call):
    assert identity_check(call_id=call.pk, birth_month=2, birth_day=28, customer_number=None).verified


def go_on(twilio, call):
    """The carrier asks what to do, sent here by the agent."""
    phone = Phone(twilio, call.pk)
    phone._read(phone.post(f"/twilio/instead/{call.pk}/"))
    return phone


def test_a_carrier_that_is_away_leaves_the_call_with_the_agent(talking):
    assert not announcement_take_over(call_id=talking.pk, reason="x")
    talking.refresh_from_db()
    assert talking.announced_at is None and talking.is_live


class TestTakingOver:
    @pytest.fixture(autouse=True)
    def dial(self, talking, carrier, twilio):
        """The call at the carrier, answered: `dial()` answers the verbs that it has obeyed."""
        put(
            f"{carrier}/rehearsal/people/{talking.to_number}", b'{"persona": "quiet", "name": "Alice Walker"}'
        )
        account = Client(twilio.TWILIO_ACCOUNT_SID, twilio.TWILIO_AUTH_TOKEN)
        account.api.base_url = carrier
        waits = '<Response><Pause length="120"/></Response>'
        sid = account.calls.create(to=talking.to_number, from_=twilio.TWILIO_PHONE_NUMBER, twiml=waits).sid
        Call.objects.filter(pk=talking.pk).update(carrier_sid=sid)

        def verbs():
            with urllib.request.urlopen(f"{carrier}/rehearsal/calls/{sid}", timeout=5) as answer:
                events = json.load(answer)["events"]
            return [event["verb"] for event in events if event["kind"] == "twiml"]

        eventually(verbs)
        return verbs

    def test_the_carrier_leaves_the_stream_once(self, talking, dial):
        assert announcement_take_over(call_id=talking.pk, reason="x")
        assert not announcement_take_over(call_id=talking.pk, reason="x")
        eventually(lambda: "Redirect" in dial())
        assert dial().count("Redirect") == 1
        assert Event.objects.filter(object_id=str(talking.pk), kind="announcement_begun").count() == 1

    def test_what_was_agreed_already_is_not_gone_through_again(self, talking, dial):
        verify(talking)
        promise_agree(call_id=talking.pk, amount=talking.invoice.total, due_date=date(2026, 12, 4))
        assert not announcement_take_over(call_id=talking.pk, reason="x") and dial() == ["Pause"]

    def test_a_house_may_want_no_announcement(self, talking, dial):
        change(announcement_fallback=False)
        assert not announcement_take_over(call_id=talking.pk, reason="x") and dial() == ["Pause"]

    def test_a_call_that_a_colleague_is_rung_for_stays_theirs(self, talking, dial):
        Call.objects.filter(pk=talking.pk).update(transfer_started_at=talking.requested_at)
        assert not announcement_take_over(call_id=talking.pk, reason="x") and dial() == ["Pause"]


class TestGoingOn:
    def test_a_person_who_is_not_known_is_asked_who_they_are(self, talking, twilio):
        phone = go_on(twilio, talking)
        assert phone.said.startswith("We are sorry") and "If you are Alice Walker, press 1" in phone.said
        assert "120" not in phone.said

    def test_a_person_who_is_known_goes_on_with_the_menu(self, talking, twilio):
        verify(talking)
        phone = go_on(twilio, talking)
        assert phone.said.startswith("We are sorry") and "£120.50 is still open" in phone.said
        for key in ("2", "3", "1"):
            phone.press(key)
        assert PromiseToPay.objects.get().source_call_id == talking.pk

    def test_lines_of_the_agent_that_come_late_have_their_place(self, talking, twilio):
        go_on(twilio, talking)
        late = SpokenLine(seq=1, speaker="caller", text="Hello?", start_ms=0, end_ms=1)
        transcript_append(call_id=talking.pk, lines=[late])
        assert [line.speaker for line in talking.transcript.order_by("seq")] == ["caller", "agent"]

    def test_a_bill_settled_meanwhile_is_not_asked_for(self, talking, twilio):
        verify(talking)
        invoice_void(invoice=talking.invoice, reason="mistake", source="staff")
        phone = go_on(twilio, talking)
        assert "nothing to do" in phone.said and phone.ended

    def test_a_call_that_has_come_to_its_end_is_hung_up(self, talking, twilio):
        Call.objects.filter(pk=talking.pk).update(disposition="refused")
        assert go_on(twilio, talking).verbs == ["Hangup"]
