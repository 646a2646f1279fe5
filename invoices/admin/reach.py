"""How a customer may be reached: numbers and addresses, consents, holds, wishes; contacts made by hand; notes."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils import timezone

from invoices.admin.base import LedgerAdmin
from invoices.admin.columns import moment
from invoices.admin.panels import Column, Panel, panel, row_link
from invoices.admin.reach_acts import ADD_NOTE, HOLD_ACTS, POINT_ACTS, SET_HOLD, WISH_ACTS
from invoices.models import Consent, Contact, ContactPoint, Customer, Hold, Note, Wish
from invoices.party_selectors import consents_in_force
from invoices.search import customers_matching
from invoices.templatetags.parties import point_text, wish_text

__all__ = ["ADD_NOTE", "SET_HOLD", "reach_panels"]


class ReachAdmin(LedgerAdmin):
    """Written from the customer's page; here each has its own page and timeline."""

    list_select_related = ["customer"]
    search_fields = ["customer"]
    search_help_text = "A customer’s name, number, telephone or e-mail."

    def found(self, rows: QuerySet[Any], query: str) -> QuerySet[Any]:
        return rows.filter(customer__in=customers_matching(query).values("pk"))


@admin.register(ContactPoint)
class ContactPointAdmin(ReachAdmin):
    object_type = "contact_point"
    acts = POINT_ACTS
    list_display = ["shown", "customer", "kind", "place", "is_primary", "verified_at", "wrong_at"]
    list_filter = ["kind", "is_primary", "place"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("shown", "customer"),
                    ("kind", "line_type"),
                    ("place", "is_primary"),
                    ("allows_voice", "allows_messages"),
                    ("verified_at", "wrong_at"),
                ]
            },
        )
    ]

    @admin.display(description="Number or address")
    def shown(self, point: ContactPoint) -> str:
        return point_text(point)


@admin.register(Consent)
class ConsentAdmin(ReachAdmin):
    object_type = "consent"
    list_display = ["customer", "channel", "act", "basis", "contact_point", "captured_at"]
    list_select_related = ["customer", "contact_point"]
    list_filter = ["act", "channel", "basis"]
    ordering = ["-captured_at", "-id"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("customer", "contact_point"),
                    ("channel", "purpose"),
                    ("act", "basis"),
                    "evidence",
                    ("captured_at", "recorded_by"),
                ]
            },
        )
    ]


@admin.register(Hold)
class HoldAdmin(ReachAdmin):
    object_type = "hold"
    acts = HOLD_ACTS
    list_display = ["customer", "kind", "invoice", "starts_at", "ends_at", "lifted_at"]
    list_select_related = ["customer", "invoice"]
    list_filter = ["kind", ("lifted_at", admin.EmptyFieldListFilter)]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("customer", "invoice"),
                    ("kind", "set_by"),
                    "evidence",
                    ("starts_at", "ends_at"),
                    ("lifted_at", "source_call_id"),
                ]
            },
        )
    ]


@admin.register(Wish)
class WishAdmin(ReachAdmin):
    object_type = "wish"
    acts = WISH_ACTS
    list_display = ["customer", "asks", "said", "created_at", "withdrawn_at"]
    list_select_related = ["customer", "contact_point"]
    list_filter = ["kind", ("withdrawn_at", admin.EmptyFieldListFilter)]
    fieldsets = [
        (None, {"fields": [("customer", "asks"), "said", ("created_at", "withdrawn_at"), "source_call_id"]})
    ]

    @admin.display(description="Wish")
    def asks(self, wish: Wish) -> str:
        return wish_text(wish)


@admin.register(Contact)
class ContactAdmin(ReachAdmin):
    object_type = "contact"
    list_display = ["at", "customer", "direction", "channel", "outcome", "made_by"]
    list_select_related = ["customer", "made_by"]
    list_filter = ["direction", "channel", "outcome"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("customer", "at"),
                    ("direction", "channel"),
                    ("outcome", "contact_point"),
                    "note",
                    "made_by",
                ]
            },
        )
    ]


@admin.register(Note)
class NoteAdmin(ReachAdmin):
    object_type = "note"
    list_display = ["created_at", "customer", "invoice", "author", "__str__"]
    list_select_related = ["customer", "invoice", "author"]
    fieldsets = [(None, {"fields": [("customer", "invoice"), "text", ("created_at", "author")]})]


def reach_panels(customer: Customer) -> list[Panel]:
    """All of it, for the customer's page."""
    return [
        panel(
            "Numbers and addresses",
            customer.contact_points.all(),
            Column("Number or address", lambda point: row_link(point, point_text(point))),
            Column("Place", lambda point: point.get_place_display()),
            Column("State", _point_state),
        ),
        panel(
            "Consent in force",
            consents_in_force(customer),
            Column("Channel", lambda consent: row_link(consent, consent.get_channel_display())),
            Column(
                "For", lambda consent: point_text(consent.contact_point) if consent.contact_point else "All"
            ),
            Column("Given or revoked", lambda consent: consent.get_act_display()),
            Column("Since (UTC)", lambda consent: moment(consent.captured_at)),
            Column("Evidence", lambda consent: consent.evidence),
        ),
        panel(
            "Holds",
            customer.holds.select_related("invoice").order_by("-lifted_at", "-id"),
            Column("Hold", lambda hold: row_link(hold, hold.get_kind_display())),
            Column("About", lambda hold: row_link(hold.invoice) or "All that is owed"),
            Column("From (UTC)", lambda hold: moment(hold.starts_at)),
            Column("Until (UTC)", lambda hold: moment(hold.ends_at)),
            Column("State", _hold_state),
        ),
        panel(
            "Wishes",
            customer.wishes.select_related("contact_point"),
            Column("Wish", lambda wish: row_link(wish, wish_text(wish))),
            Column("Said", lambda wish: wish.said),
            Column("State", lambda wish: "Withdrawn" if wish.withdrawn_at else "Stands"),
        ),
        panel(
            "Contacts by hand",
            customer.contacts.select_related("made_by", "contact_point"),
            Column("When (UTC)", lambda contact: row_link(contact, moment(contact.at))),
            Column("Who began", lambda contact: contact.get_direction_display()),
            Column("By", lambda contact: contact.get_channel_display()),
            Column("Outcome", lambda contact: contact.get_outcome_display()),
            Column("Note", lambda contact: contact.note),
            most=20,
        ),
        notes_panel(customer.notes),
    ]


def notes_panel(notes: Any) -> Panel:
    return panel(
        "Notes",
        notes.select_related("author", "invoice"),
        Column("When (UTC)", lambda note: row_link(note, moment(note.created_at))),
        Column("Who", lambda note: note.author.get_username() if note.author else ""),
        Column("About", lambda note: row_link(note.invoice)),
        Column("Note", lambda note: note.text),
        most=20,
    )


def _point_state(point: ContactPoint) -> str:
    if point.wrong_at:
        return "Somebody else’s"
    said = [
        "Primary" if point.is_primary else "",
        "verified" if point.verified_at else "not verified",
        "" if point.allows_voice or point.kind == ContactPoint.Kind.EMAIL else "no calls",
        "" if point.allows_messages else "no messages",
    ]
    return ", ".join(filter(None, said)).capitalize()


def _hold_state(hold: Hold) -> str:
    if hold.lifted_at:
        return "Lifted"
    return "Over" if hold.ends_at and hold.ends_at <= timezone.now() else "Stands"
