"""The API keeps what its OpenAPI document promises, whatever it is sent: schemathesis asks every operation.

A few examples an operation here; as many as API_EXAMPLES says in `make api-check` (50). They are the same every time.
"""

import logging
import os
import traceback
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from invoices.models import ApiToken
from invoices.services.contact_rules import contact_record, hold_set, note_add, wish_record
from invoices.services.disputes import dispute_open
from invoices.services.plans import Part, plan_create
from invoices.services.promises import promise_record
from invoices.services.tokens import token_create
from tests.factories import CallFactory, CustomerFactory, InvoiceFactory
from tests.invoices.hands import credited, paid, refunded

logger = logging.getLogger(__name__)
EXAMPLES = int(os.environ.get("API_EXAMPLES", "2"))
SEED: dict[str, Any] = {"source": "seed"}
KEPT = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_wsgi("/api/schema/", get_wsgi_application())
FOUND: Any = SCHEMA.get_all_operations()
OPERATIONS = {found.ok().label: found.ok() for found in FOUND}
# Fields that name a row, and the list in which it is found.
ROWS = {
    "customer": "customers",
    "invoice": "invoices",
    "contact_point": "contact-points",
    "payment": "payments",
    "invoice_id": "invoices",
}


def rows_of_every_kind():
    """By the name of their list, their ids."""
    today = timezone.localdate()
    rows: dict[str, list[Any]] = {"customers": CustomerFactory.create_batch(3)}
    for customer in rows["customers"]:
        rows.setdefault("invoices", []).extend(InvoiceFactory.create_batch(3, customer=customer))
        rows["invoices"].append(InvoiceFactory.create(customer=customer, issue=False))
        rows.setdefault("contact-points", []).extend(customer.contact_points.all())
        rows.setdefault("consents", []).extend(customer.consents.all())
        invoice, other, third = customer.invoices.filter(status="open")
        told = {"customer": customer, **SEED}
        rows.setdefault("holds", []).append(hold_set(kind="hardship", evidence="A letter.", **told))
        rows.setdefault("wishes", []).append(
            wish_record(kind="only_by", channel="email", said="Write.", **told)
        )
        rows.setdefault("contacts", []).append(
            contact_record(direction="inbound", outcome="conversation", **told)
        )
        rows.setdefault("notes", []).append(note_add(text="Called back.", **told))
        rows.setdefault("promises", []).append(
            promise_record(invoices=[invoice], amount="20.00", due_date=today + timedelta(days=5), **SEED)
        )
        parts = [Part(today + timedelta(days=7 * week), "10.00") for week in (1, 2)]
        rows.setdefault("plans", []).append(plan_create(invoices=[other], parts=parts, **SEED))
        rows.setdefault("disputes", []).append(dispute_open(invoice=third, reason="faulty", **SEED))
        rows.setdefault("payments", []).extend(
            [paid(customer, "15.00"), paid(customer, "8.00", pending=True)]
        )
        rows.setdefault("refunds", []).append(refunded(rows["payments"][-2], "1.00"))
        rows.setdefault("credit-notes", []).append(credited(other, "2.00", number=f"CN-{customer.pk}"))
        rows.setdefault("calls", []).append(
            CallFactory.create(invoice=third, status="completed", disposition="hung_up")
        )
    return {name: [row.pk for row in found] for name, found in rows.items()}


def secret_of_everything():
    """A token of somebody who may do everything."""
    user = User.objects.create_superuser("everything", password="a password for tests")
    expires = timezone.now() + timedelta(days=1)
    return token_create(
        user=user, name="schemathesis", scopes=ApiToken.Scope.values, expires_at=expires, **SEED
    )[1]


def cases_of(operation):
    """What fits the document, and what does not."""
    kinds = [operation.as_strategy(generation_mode=GenerationMode.POSITIVE)]
    if operation.path_parameters or operation.query or operation.body or operation.headers:
        kinds.append(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    return st.one_of(*kinds)


def sound(today):
    """For fields that chance seldom fills with anything that makes sense."""
    return {
        "amount": ["1.00", "0.50", 2],
        "basis": ["written", ""],
        "birth_month": [None],
        "country": ["GB"],
        "currency": ["GBP"],
        "due_date": [(today + timedelta(days=days)).isoformat() for days in (1, 9)],
        "email": ["alice@example.com"],
        "instalments": [
            [{"due_date": (today + timedelta(days=days)).isoformat(), "amount": "1.00"} for days in (3, 9)]
        ],
        "issue_date": [today.isoformat()],
        "issued_on": [today.isoformat()],
        "password": ["a password for tests"],
        "phone": ["+442079460107", "+442079460108"],
        "received_on": [today.isoformat()],
        "refunded_on": [today.isoformat()],
        "time_zone": ["Europe/London"],
        "total": ["12.00"],
        "unit_price": ["3.00"],
        "username": ["everything"],
        "value": ["+442079460109", "ghost@example.com"],
    }


def meet(case, ledger, pick):
    """Mostly the rows that are named are there, and what is sent makes sense."""
    own = case.operation.path.split("/")[2]
    for name in case.path_parameters or {}:
        case.path_parameters[name] = pick(ledger.get(ROWS.get(name, own)), case.path_parameters[name])
    if isinstance(case.body, dict):
        for name in sorted(case.body.keys() & ROWS.keys()):
            case.body[name] = pick(ledger[ROWS[name]], case.body[name])
        known = sound(timezone.localdate())
        for name in sorted(case.body.keys() & known.keys()):
            case.body[name] = pick(known[name], case.body[name])
        if "total" in case.body:
            case.body.pop("lines", None)
        if isinstance(case.body.get("invoices"), list):
            case.body["invoices"] = [pick(ledger["invoices"], each) for each in case.body["invoices"]]


def asked(operation, ledger, secret):
    """Ask it EXAMPLES times; answers how often which status came. Raises what was not kept."""
    seen: Counter[int] = Counter()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases_of(operation), numbers=st.randoms(use_true_random=False))
    def ask(case, numbers):
        def pick(rows, otherwise):
            return numbers.choice(rows) if rows and numbers.random() < 0.8 else otherwise

        meet(case, ledger, pick)
        answer = case.call(headers={"Authorization": f"Token {secret}"})
        seen[answer.status_code] += 1
        case.validate_response(answer, checks=KEPT)

    ask()
    return seen


@pytest.fixture
def _one_connection():
    """Requests leave the test's own connection open, as those of Django's test client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.django_db
@pytest.mark.usefixtures("_one_connection")
def test_every_answer_is_one_that_the_document_names():
    ledger, secret = rows_of_every_kind(), secret_of_everything()
    broken: dict[str, str] = {}
    statuses: Counter[int] = Counter()
    for label, operation in OPERATIONS.items():
        cache.clear()
        try:
            seen = asked(operation, ledger, secret)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            broken[label] = "".join(traceback.format_exception(error))[-3000:]
            continue
        logger.info("%s: %s", label, dict(sorted(seen.items())))
        statuses += seen
    logger.info(
        "%s requests to %s operations: %s", statuses.total(), len(OPERATIONS), sorted(statuses.items())
    )
    assert not broken, "\n\n".join(f"{label}\n{text}" for label, text in broken.items())
    assert statuses[200] and statuses[201] and statuses[400] and statuses[404] and statuses[409]
