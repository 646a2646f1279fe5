"""Each act of the ledger over the API: what it does, and that it can't be done to what is not as it should be."""

from datetime import timedelta

import pytest
from django.utils import timezone

from calls.models import Call
from invoices.models import Event
from tests.factories import CallFactory, CustomerFactory, InvoiceFactory
from tests.invoices.hands import paid

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(api, admin_user):
    """`office(path, **body)` posts and answers (status, body)."""
    client = api(admin_user)

    def post(path, **body):
        answer = client.post(f"/api/{path}/", body, format="json")
        return answer.status_code, answer.json()

    return post


@pytest.fixture
def customer(db):
    return CustomerFactory.create()


def day(ahead=0):
    return (timezone.localdate() + timedelta(days=ahead)).isoformat()


def made(answer):
    status, body = answer
    assert status == 201, body
    return body


def done(answer):
    status, body = answer
    assert status == 200, body
    return body


def refused(answer):
    """(status, the fields that are named)"""
    status, body = answer
    return status, sorted(body)


def test_an_invoice_is_drafted_issued_written_off_and_voided(office, customer):
    lines = [{"description": "Lamp", "unit_price": "10.00", "tax_rate": "20"}]
    draft = made(
        office(
            "invoices",
            customer=customer.pk,
            number="D-1",
            currency="GBP",
            issue_date=day(),
            lines=lines,
            issue=False,
        )
    )
    assert (draft["status"], draft["total"], draft["due_date"]) == ("draft", "12.00", day(30))
    path = f"invoices/{draft['id']}"
    assert done(office(f"{path}/issue"))["status"] == "open"
    assert refused(office(f"{path}/issue")) == (409, ["invoice"])
    assert refused(office(f"{path}/write-off")) == (400, ["reason"])
    assert done(office(f"{path}/write-off", reason="Bankrupt."))["status"] == "uncollectible"
    assert done(office(f"{path}/void", reason="Never ordered."))["balance"] == "0.00"
    assert refused(office(f"{path}/void", reason="Again.")) == (409, ["invoice"])
    kinds = Event.objects.filter(object_type="invoice", object_id=str(draft["id"]))
    assert {event.source for event in kinds} == {"api"}


def test_a_reissued_invoice_takes_what_was_paid(office, customer):
    invoice = InvoiceFactory.create(customer=customer, total="100.00")
    paid(customer, "30.00")
    new = done(
        office(
            f"invoices/{invoice.pk}/reissue",
            number="R-1",
            reason="Wrong address.",
            total="90.00",
            issue_date=day(),
        )
    )
    assert (new["number"], new["balance"], new["replaces"]) == ("R-1", "60.00", invoice.pk)


def test_a_line_that_is_wrong_is_named(office, customer):
    lines = [{"description": "Lamp", "unit_price": "10.00"}, {"description": "", "unit_price": "x"}]
    status, body = office(
        "invoices", customer=customer.pk, number="D-1", currency="GBP", issue_date=day(), lines=lines
    )
    assert (status, sorted(body["lines"]["1"])) == (400, ["description", "unit_price"])


def test_money_is_received_allocated_released_and_given_back(office, customer):
    first, second = InvoiceFactory.create_batch(2, customer=customer, total="50.00")
    payment = made(
        office(
            "payments",
            customer=customer.pk,
            currency="GBP",
            amount="60.00",
            received_on=day(),
            instructions=[{"invoice": second.pk}],
        )
    )
    assert payment["unallocated"] == "0.00"
    path = f"payments/{payment['id']}"
    assert refused(office(f"{path}/allocate")) == (409, ["payment"])
    released = done(office(f"{path}/release", invoice=second.pk, reason="Wrong invoice."))
    assert released["unallocated"] == "50.00"
    assert refused(office(f"{path}/release", invoice=second.pk, reason="Again.")) == (400, ["amount"])
    instructed = [{"invoice": first.pk, "amount": "15.00"}]
    assert done(office(f"{path}/allocate", instructions=instructed))["unallocated"] == "35.00"
    refund = made(
        office("refunds", payment=payment["id"], amount="35.00", refunded_on=day(), reason="Paid twice.")
    )
    assert (refund["amount"], refund["currency"]) == ("35.00", "GBP")
    first.refresh_from_db()
    assert first.balance == 25


def test_a_pending_payment_comes_or_fails_once(office, customer):
    told = {"customer": customer.pk, "currency": "GBP", "received_on": day(), "pending": True}
    came, failed = (made(office("payments", amount=amount, **told)) for amount in ("5.00", "6.00"))
    assert done(office(f"payments/{came['id']}/clear"))["status"] == "cleared"
    assert refused(office(f"payments/{came['id']}/fail", reason="Bounced.")) == (409, ["payment"])
    assert done(office(f"payments/{failed['id']}/fail", reason="Bounced."))["status"] == "failed"
    assert refused(office(f"payments/{failed['id']}/clear")) == (409, ["payment"])


def test_agreements_are_made_and_cancelled_once(office, customer):
    invoice = InvoiceFactory.create(customer=customer)
    promise = made(office("promises", invoices=[invoice.pk], amount="20.00", due_date=day(4)))
    assert (promise["status"], promise["customer"], promise["invoices"]) == (
        "open",
        customer.pk,
        [invoice.pk],
    )
    path = f"promises/{promise['id']}/cancel"
    assert done(office(path, reason="A mistake."))["status"] == "cancelled"
    assert refused(office(path, reason="A mistake.")) == (409, ["promise"])
    parts = [{"due_date": day(7), "amount": "10.00"}, {"due_date": day(14), "amount": "12.50"}]
    plan = made(office("plans", invoices=[invoice.pk], instalments=parts))
    assert (plan["total"], [part["amount"] for part in plan["instalments"]]) == (
        "22.50",
        ["10.00", "12.50"],
    )
    path = f"plans/{plan['id']}/cancel"
    assert done(office(path, reason="A mistake."))["status"] == "cancelled"
    assert refused(office(path, reason="A mistake.")) == (409, ["plan"])


@pytest.mark.parametrize(
    ("verdict", "told", "status"),
    [
        ("uphold", {"resolution": "Broken.", "number": "CN-1", "issued_on": day()}, "upheld"),
        ("reject", {"resolution": "It was whole."}, "rejected"),
        ("withdraw", {"resolution": "Found it."}, "withdrawn"),
    ],
)
def test_a_dispute_is_decided_once(office, customer, verdict, told, status):
    invoice = InvoiceFactory.create(customer=customer)
    dispute = made(office("disputes", invoice=invoice.pk, reason="faulty", amount="20.00"))
    path = f"disputes/{dispute['id']}/{verdict}"
    closed = done(office(path, **told))
    assert (closed["status"], bool(closed["credit_note"])) == (status, verdict == "uphold")
    again = {**told, "number": "CN-2"} if verdict == "uphold" else told
    assert refused(office(path, **again)) == (409, ["dispute"])


def test_a_taken_credit_note_number_is_refused_at_its_field(office, customer):
    invoice = InvoiceFactory.create(customer=customer)
    told = {"invoice": invoice.pk, "number": "CN-1", "amount": "1.00", "reason": "return", "issued_on": day()}
    assert made(office("credit-notes", **told))["amount"] == "1.00"
    assert refused(office("credit-notes", **told)) == (400, ["number"])
    dispute = made(office("disputes", invoice=invoice.pk, reason="faulty"))
    path = f"disputes/{dispute['id']}/uphold"
    assert refused(office(path, resolution="So.", number="CN-1", issued_on=day())) == (400, ["number"])


def test_contact_points_are_added_verified_preferred_and_found_wrong(office, customer):
    point = made(
        office(
            "contact-points", customer=customer.pk, kind="phone", value="+44 20 7946 0188", basis="written"
        )
    )
    assert (point["value"], point["is_primary"]) == ("+442079460188", False)
    assert customer.consents.filter(contact_point=point["id"], basis="written").exists()
    path = f"contact-points/{point['id']}"
    assert done(office(f"{path}/verify"))["verified_at"]
    assert refused(office(f"{path}/verify")) == (409, ["contact_point"])
    assert done(office(f"{path}/make-primary"))["is_primary"]
    assert done(office(f"{path}/mark-wrong"))["wrong_at"]
    assert refused(office(f"{path}/make-primary")) == (409, ["contact_point"])


@pytest.mark.parametrize(
    "value", ["+4411", "+44 20 7946 ٠١٠٧", "020 7946 0107", "999", "+44 909 123 4567 890", "a\0b", ""]
)
def test_what_is_no_number_is_refused_at_its_field(office, customer, value):
    answer = office("contact-points", customer=customer.pk, kind="phone", value=value)
    assert refused(answer) == (400, ["value"])


def test_holds_and_wishes_are_set_and_taken_back_once(office, customer):
    hold = made(office("holds", customer=customer.pk, kind="hardship", evidence="A letter."))
    path = f"holds/{hold['id']}/lift"
    assert done(office(path, reason="It is over."))["lifted_at"]
    assert refused(office(path, reason="It is over.")) == (409, ["hold"])
    wish = made(
        office("wishes", customer=customer.pk, kind="only_between", said="After five.", time_from="17:00")
    )
    path = f"wishes/{wish['id']}/withdraw"
    assert done(office(path, reason="Any time."))["withdrawn_at"]
    assert refused(office(path, reason="Any time.")) == (409, ["wish"])
    answer = office("wishes", customer=customer.pk, kind="only_by", said="Write.", time_from="17:00")
    assert refused(answer) == (400, ["time_from"])


def test_consents_contacts_and_notes_are_written_down(office, customer):
    invoice = InvoiceFactory.create(customer=customer)
    told = {"customer": customer.pk}
    consent = made(
        office("consents", channel="voice", act="revoked", basis="oral", evidence="Said so.", **told)
    )
    assert consent["act"] == "revoked"
    contact = made(
        office("contacts", direction="inbound", outcome="conversation", invoices=[invoice.pk], **told)
    )
    assert contact["invoices"] == [invoice.pk]
    assert made(office("notes", text="Called back.", invoice=invoice.pk, **told))["invoice"] == invoice.pk


def test_what_belongs_to_another_customer_is_refused_at_its_field(office, customer):
    foreign = InvoiceFactory.create()
    told = {"customer": customer.pk}
    assert refused(office("notes", text="x", invoice=foreign.pk, **told)) == (400, ["invoice"])
    answer = office("holds", kind="hardship", evidence="x", invoice=foreign.pk, **told)
    assert refused(answer) == (400, ["invoice"])
    mine = InvoiceFactory.create(customer=customer)
    answer = office("promises", invoices=[mine.pk, foreign.pk], amount="1.00", due_date=day(3))
    assert refused(answer) == (400, ["invoices"])


def test_a_requested_call_is_cancelled_with_who_and_why(office, api, collector, customer):
    call = CallFactory.create(invoice__customer=customer)
    path = f"/api/calls/{call.pk}/cancel/"
    answer = api(collector).post(path, {"reason": "Paid in the shop."}, format="json")
    body = answer.json()
    assert (answer.status_code, body["status"], body["disposition"]) == (200, "canceled", "cancelled")
    assert body["end_reason"] == "Paid in the shop."
    event = Event.objects.get(object_type="call", kind="call_canceled")
    assert (event.source, event.actor) == ("api", collector)
    # Asked again after a broken connection.
    assert done(office(f"calls/{call.pk}/cancel", reason="Paid in the shop."))["status"] == "canceled"


@pytest.mark.parametrize("status", ["placing", "unknown", "dialling", "in_progress", "completed", "blocked"])
def test_what_is_dialled_answered_or_over_is_not_cancelled(office, customer, status):
    call = CallFactory.create(invoice__customer=customer, status=status)
    assert refused(office(f"calls/{call.pk}/cancel", reason="No.")) == (409, ["call"])
    assert Call.objects.get().status == status


def test_cancelling_is_for_those_who_may_ring(api, viewer, customer):
    path = f"/api/calls/{CallFactory.create(invoice__customer=customer).pk}/cancel/"
    assert api().post(path).status_code == 401
    assert api(viewer).post(path, {"reason": "No."}, format="json").status_code == 403


def test_a_body_of_ten_megabytes_is_413(api, admin_user, customer):
    body = b'{"customer": 1, "text": "' + b"x" * 10_000_000 + b'"}'
    answer = api(admin_user).post("/api/notes/", body, content_type="application/json")
    assert (answer.status_code, list(answer.json())) == (413, ["detail"])


@pytest.mark.parametrize("path", ["/api/nothing/", "/api/invoices/x/", "/api/invoices/-1/", "/api/a/\n/"])
def test_what_is_not_there_is_told_in_json(api, path):
    answer = api().get(path)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


def test_a_path_without_its_last_slash_leads_to_it(api):
    answer = api().get("/api/invoices?state=open")
    assert (answer.status_code, answer["Location"]) == (301, "/api/invoices/?state=open")
