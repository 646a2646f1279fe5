"""Reads of what customers allowed, asked for and are spared: what the pages show and the contact gate asks."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from invoices.models import Consent, ContactPoint, Customer, Event, Hold, Wish

# Who asks to be rung once, at a time they name, says nothing about any other call.
ONE_CALL_ONLY = Q(purpose="callback", act=Consent.Act.GIVEN)


def consents_in_force(customer: Customer) -> list[Consent]:
    """The row that counts for each channel and number, given or revoked; one without a number is for all of them."""
    latest: dict[tuple[str, int | None], Consent] = {}
    rows = customer.consents.exclude(ONE_CALL_ONLY).select_related("contact_point")
    for consent in rows.order_by("captured_at", "id"):
        latest[consent.channel, consent.contact_point_id] = consent
    return list(latest.values())


def consent_for(customer: Customer, *, channel: str, contact_point: ContactPoint) -> Consent | None:
    """The last word on using the channel to this number or address, whether said of it or of all."""
    said = customer.consents.filter(Q(contact_point=contact_point) | Q(contact_point=None), channel=channel)
    return said.exclude(ONE_CALL_ONLY).order_by("captured_at", "id").last()


def holds_standing(customer: Customer, at: datetime | None = None) -> QuerySet[Hold]:
    """The holds that forbid contact at `at` (now)."""
    at = at or timezone.now()
    unlifted = customer.holds.filter(lifted_at=None, starts_at__lte=at).select_related("invoice")
    return unlifted.filter(Q(ends_at=None) | Q(ends_at__gt=at))


def wishes_standing(customer: Customer, at: datetime | None = None) -> QuerySet[Wish]:
    """The wishes that may forbid something at `at` (now) or later."""
    at = at or timezone.now()
    unheard = customer.wishes.filter(withdrawn_at=None).select_related("contact_point")
    return unheard.exclude(kind=Wish.Kind.NOT_BEFORE, not_before__lte=at)


def customer_events(customer: Customer) -> QuerySet[Event]:
    """Everything that was written about the customer, the newest first."""
    # What is an event of the invoice as well is told once.
    twice = Q(object_type="dispute") | Q(object_type="promise", kind="promise_recorded")
    return customer.events.exclude(twice).select_related("actor").order_by("-id")
