"""Changes over the API: only of what the client has read."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from invoices.models import Event
from invoices.services.documents import invoice_draft_edit
from invoices.services.parties import customer_edit
from tests.factories import CustomerFactory, InvoiceFactory

pytestmark = pytest.mark.django_db


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer["ETag"]


def change(client, path, body, tag=None):
    headers = {} if tag is None else {"If-Match": tag}
    return client.patch(path, body, format="json", headers=headers)


@pytest.fixture
def draft():
    return InvoiceFactory.create(issue=False)


def test_a_draft_is_changed_by_who_has_read_it(api, collector, draft):
    client, path = api(collector), f"/api/invoices/{draft.pk}/"
    lines = [{"description": "Lamp", "unit_price": "10.00", "quantity": "3", "tax_rate": "20"}]
    changed = change(client, path, {"lines": lines, "description": "Lamps"}, read(client, path))
    body = changed.json()
    assert (changed.status_code, body["total"], body["tax"], body["description"]) == (
        200,
        "36.00",
        "6.00",
        "Lamps",
    )
    assert [line["net"] for line in body["lines"]] == ["30.00"]
    assert changed["ETag"] == read(client, path)
    event = Event.objects.filter(object_type="invoice", kind="corrected").get()
    assert (event.source, event.actor) == ("api", collector)


def test_a_customer_is_changed_and_a_new_number_needs_its_ground(api, collector):
    customer = CustomerFactory.create()
    client, path = api(collector), f"/api/customers/{customer.pk}/"
    body = {"name": "Alice Blake", "phone": "+442079460108", "phone_basis": "", "reason": "Moved."}
    answer = change(client, path, body, read(client, path))
    assert (answer.status_code, answer.json()["name"]) == (200, "Alice Blake")
    assert answer.json()["phone"] == "+442079460108"
    assert not customer.contact_points.get(value="+442079460108").consents.exists()
    assert customer.events.filter(kind="corrected").get().reason == "Moved."


def test_a_contact_point_is_allowed_and_forbidden(api, collector):
    point = CustomerFactory.create().contact_points.get(kind="phone")
    client, path = api(collector), f"/api/contact-points/{point.pk}/"
    answer = change(client, path, {"allows_voice": False}, read(client, path))
    assert (answer.status_code, answer.json()["allows_voice"]) == (200, False)


def test_without_a_condition_nothing_is_changed(api, collector, draft):
    answer = change(api(collector), f"/api/invoices/{draft.pk}/", {"description": "Lamps"})
    assert (answer.status_code, list(answer.json())) == (428, ["detail"])


@pytest.mark.parametrize("wrong", ['"0"', "W/{}", "{}x", "", "0", '*, "0"'])
def test_what_has_changed_since_is_not_changed_again(api, collector, draft, wrong):
    client, path = api(collector), f"/api/invoices/{draft.pk}/"
    answer = change(client, path, {"description": "Lamps"}, wrong.format(read(client, path)))
    assert answer.status_code == 412
    assert client.get(path).json()["description"] == "Lanterns"


@pytest.mark.parametrize("right", ["{}", "*", '"0", {}', '"0",{}'])
def test_one_tag_of_a_list_is_enough(api, collector, draft, right):
    client, path = api(collector), f"/api/invoices/{draft.pk}/"
    answer = change(client, path, {"description": "Lamps"}, right.format(read(client, path)))
    assert answer.status_code == 200


def test_every_change_by_another_door_makes_the_tag_stale(api, collector):
    invoice = InvoiceFactory.create(issue=False)
    customer = invoice.customer
    client = api(collector)
    path = f"/api/customers/{customer.pk}/"
    # What is never read back counts too, and can't be guessed from the tag.
    for changes in ({"birth_day": 27}, {"phone": "+442079460109"}, {"city": "Leeds"}):
        tag = read(client, path)
        customer_edit(customer=customer, source="staff", **changes)
        assert change(client, path, {"name": "Somebody"}, tag).status_code == 412, changes
    path = f"/api/invoices/{invoice.pk}/"
    tag = read(client, path)
    invoice_draft_edit(invoice=invoice, description="Lamps", source="staff")
    assert change(client, path, {"description": "Mine"}, tag).status_code == 412


def test_an_issued_invoice_is_409_and_a_wrong_field_400(api, collector):
    issued, draft = InvoiceFactory.create(), InvoiceFactory.create(issue=False)
    client = api(collector)
    path = f"/api/invoices/{issued.pk}/"
    answer = change(client, path, {"description": "Lamps"}, read(client, path))
    assert (answer.status_code, list(answer.json())) == (409, ["invoice"])
    path = f"/api/invoices/{draft.pk}/"
    answer = change(client, path, {"due_date": "1999-01-01"}, read(client, path))
    assert (answer.status_code, list(answer.json())) == (400, ["due_date"])


def test_changing_is_for_those_who_may(api, viewer, draft):
    for path in (f"/api/invoices/{draft.pk}/", f"/api/customers/{draft.customer_id}/"):
        assert change(api(), path, {}, "*").status_code == 401
        assert change(api(viewer), path, {}, "*").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_is_told_that_it_is_late(api, collector):
    draft = InvoiceFactory.create(issue=False)
    path, start = f"/api/invoices/{draft.pk}/", Barrier(2)
    clients = [api(collector), api(collector)]
    tag = read(clients[0], path)

    def ask(number):
        try:
            start.wait(timeout=20)
            return change(clients[number], path, {"description": f"From {number}"}, tag).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(ask, range(2))) == [200, 412]
