"""What calls write into the books goes through one door, and a test call does not get through it."""

import ast
import hashlib
import inspect
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from calls import books
from calls.conversation import promise_agree
from calls.models import Disposition
from calls.retries import retry_plan
from calls.services import call_conclude, call_request, call_transition
from calls.states import Status
from invoices.local_time import customer_today
from invoices.models import Dispute, Hold, Wish
from invoices.services.promises import promise_record
from tests.factories import CallFactory

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
DOOR = ROOT / "calls" / "books.py"


def _soon(call):
    return customer_today(call.customer) + timedelta(days=3)


def _promise(call):
    return {"amount": Decimal("20.00"), "due_date": _soon(call)}


def _plan(call):
    first = Decimal(20)
    later = (_soon(call) + timedelta(days=30), call.invoice.balance - first)
    return (([call.invoice_id], [(_soon(call), first), later]), {})


def _agreement(call):
    """Something to cancel; made here, not by the door."""
    promise_record(
        invoices=[call.invoice], amount="20.00", due_date=_soon(call), source="seed", source_call_id=call.pk
    )
    return ((), {"reason": "Taken back."})


# How each entry of the books is made: what follows the call. One that is new needs a line here.
ENTRIES: dict[str, Any] = {
    "promise_write": lambda call: (([call.invoice_id], Decimal("20.00"), _soon(call)), {}),
    "plan_write": _plan,
    "agreement_cancel": _agreement,
    "claim_write": lambda call: (([call.invoice_id], {"found": "nothing"}), {}),
    "dispute_write": lambda call: ((call.invoice_id, None, Dispute.Reason.OTHER, "Never came"), {}),
    "hold_write": lambda call: ((Hold.Kind.HARDSHIP, "Lost their job"), {}),
    "wish_write": lambda call: ((Wish.Kind.NOT_AT_PLACE, "Not at work"), {"place": "work"}),
    "consent_write": lambda call: (("revoked", "voice", "No more calls"), {}),
    "callback_write": lambda call: ((timezone.now() + timedelta(days=2),), {"said": "Then, please"}),
    "complaint_write": lambda call: (("Called three times",), {}),
    "number_mark_wrong": lambda call: ((), {"source": "agent"}),
}


def _enter(name, call):
    given, named = ENTRIES[name](call)
    before = ledger()
    getattr(books, name)(call, *given, **named)
    return before, ledger()


def entries() -> set[str]:
    return {
        name
        for name, value in vars(books).items()
        if inspect.isfunction(value) and value.__module__ == books.__name__ and not name.startswith("_")
    }


def test_every_entry_has_a_case():
    assert entries() == set(ENTRIES)


def ledger() -> dict[str, str]:
    """Every table of the ledger and what is in it, events on calls left out."""
    return {
        model._meta.label: _digest(model)
        for model in apps.get_app_config("invoices").get_models(include_auto_created=True)
    }


def _digest(model) -> str:
    rows = model._default_manager.order_by("pk").values_list()
    if model._meta.model_name == "event":
        rows = rows.exclude(object_type="call")
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()


@pytest.fixture
def talk(noon):
    """`talk(is_test=…)` is a conversation with a verified party."""

    def make(**fields):
        return CallFactory.create(status="in_progress", answered_at=noon, verified_at=noon, **fields)

    return make


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_an_entry_of_a_test_call_changes_nothing_in_the_ledger(talk, name):
    before, after = _enter(name, talk(is_test=True))
    assert after == before


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_an_entry_of_a_real_call_is_in_the_ledger(talk, name):
    before, after = _enter(name, talk(is_test=False))
    assert after != before


@pytest.mark.parametrize("disposition", Disposition.values)
def test_whatever_a_test_call_comes_to_only_the_call_tells_it(talk, disposition):
    call = talk(is_test=True)
    before = ledger()
    assert call_conclude(call_id=call.pk, disposition=disposition, source="agent")
    assert call_transition(call_id=call.pk, to=Status.COMPLETED, source="carrier")
    assert retry_plan(call_id=call.pk) is None
    call.refresh_from_db()
    assert (call.disposition, ledger()) == (disposition, before)


def test_a_colleagues_yes_is_on_the_test_call_alone(talk):
    call = talk(is_test=True)
    before = ledger()
    promise_agree(call_id=call.pk, **_promise(call))
    call.refresh_from_db()
    assert (call.agreed[0]["amount"], ledger()) == ("20.00", before)


def test_asking_for_a_test_call_changes_nothing_in_the_ledger(invoice, noon, settings):
    settings.TEST_PHONE_NUMBER = "+15005550009"
    before = ledger()
    assert call_request(invoice=invoice, requested_by=None).is_test
    assert ledger() == before


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_no_other_module_of_calls_or_agent_writes_to_the_ledger():
    modules = [*(ROOT / "calls").rglob("*.py"), *(ROOT / "agent_worker").rglob("*.py")]
    # Comparing two requests by a digest of them writes nothing.
    harmless = "invoices.services.idempotency."
    writers = {
        path
        for path in modules
        if any(
            f"{name}.".startswith("invoices.services.") and not name.startswith(harmless)
            for name in imports(path)
        )
    }
    assert writers == {DOOR}
