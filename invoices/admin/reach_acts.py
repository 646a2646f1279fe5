"""What staff write down about reaching a customer."""

from typing import Any

from django.utils.dates import WEEKDAYS

from invoices.admin import form_fields as fields
from invoices.admin.acts import Act, ActForm
from invoices.models import Channel, Consent, Contact, ContactPoint, Customer, Hold, Invoice, Note, Wish
from invoices.services.contact_points import (
    contact_point_add,
    contact_point_allow,
    contact_point_make_primary,
    contact_point_mark_wrong,
    contact_point_verify,
)
from invoices.services.contact_rules import (
    consent_record,
    contact_record,
    hold_lift,
    hold_set,
    note_add,
    wish_record,
    wish_withdraw,
)

WHICH_POINT = "Without one: all of the customer’s."


def customer_of(row: Customer | Invoice) -> Customer:
    return row if isinstance(row, Customer) else row.customer


class PointForm(ActForm):
    kind = fields.choice("Kind", ContactPoint.Kind.choices, initial=ContactPoint.Kind.PHONE)
    value = fields.text(
        "Number or address", longest=254, help_text="A number with its country, such as +12135550101."
    )
    place = fields.choice("Where it is", ContactPoint.Place.choices, required=False)
    line_type = fields.choice(
        "Kind of line", ContactPoint.LineType.choices, initial=ContactPoint.LineType.UNKNOWN
    )
    basis = fields.choice(
        "Why it may be rung",
        Consent.Basis.choices,
        required=False,
        help_text="Without a ground it is not rung.",
    )
    primary = fields.switch("Use it first")

    def post(self, **who: Any) -> ContactPoint:
        return contact_point_add(customer=self.row, **self.cleaned_data, **who)


class PrimaryForm(ActForm):
    def post(self, **who: Any) -> ContactPoint:
        return contact_point_make_primary(contact_point=self.row, **who)


class VerifyForm(ActForm):
    def post(self, **who: Any) -> ContactPoint:
        return contact_point_verify(contact_point=self.row, **who)


class WrongForm(ActForm):
    def post(self, **who: Any) -> ContactPoint:
        return contact_point_mark_wrong(contact_point=self.row, **who)


class AllowForm(ActForm):
    allows_voice = fields.switch("May be rung")
    allows_messages = fields.switch("May be written to")

    def prepare(self) -> None:
        for name in self.fields:
            self.fields[name].initial = getattr(self.row, name)

    def post(self, **who: Any) -> ContactPoint:
        return contact_point_allow(contact_point=self.row, **self.cleaned_data, **who)


class OfCustomer(ActForm):
    """From the page of a customer, or of an invoice and then about it: only the customer's own are offered."""

    def prepare(self) -> None:
        customer = customer_of(self.row)
        for name, rows in (("contact_point", customer.contact_points), ("invoice", customer.invoices)):
            if name in self.fields:
                self.fields[name].queryset = rows.all()  # type: ignore[attr-defined]
        if "invoice" in self.fields and isinstance(self.row, Invoice):
            self.fields["invoice"].initial = self.row.pk


class ConsentForm(OfCustomer):
    channel = fields.choice("Channel", Channel.choices, initial=Channel.VOICE)
    act = fields.choice("Given or revoked", Consent.Act.choices)
    basis = fields.choice("How", Consent.Basis.choices)
    contact_point = fields.one_of(
        "For number or address", ContactPoint.objects.none(), required=False, help_text=WHICH_POINT
    )
    captured_at = fields.moment("When", help_text="Without it: now.")
    evidence = fields.text("Evidence", longest=500, help_text="Where it is written, or who heard it.")

    def post(self, **who: Any) -> Consent:
        return consent_record(customer=self.row, **self.cleaned_data, **who)


class HoldForm(OfCustomer):
    kind = fields.choice("Kind", Hold.Kind.choices)
    invoice = fields.one_of(
        "About invoice",
        Invoice.objects.none(),
        required=False,
        help_text="Without one: about all that is owed.",
    )
    starts_at = fields.moment("From", help_text="Without it: now.")
    ends_at = fields.moment("Until", help_text="Without it: until it is lifted.")
    evidence = fields.text("Evidence", longest=500, help_text="A letter, a call, what was said.")

    def post(self, **who: Any) -> Hold:
        return hold_set(customer=customer_of(self.row), **self.cleaned_data, **who)


class LiftForm(ActForm):
    reason = fields.reason()

    def post(self, **who: Any) -> Hold:
        return hold_lift(hold=self.row, reason=self.cleaned_data["reason"], **who)


class WishForm(OfCustomer):
    kind = fields.choice("Wish", Wish.Kind.choices, help_text="Fill in below what this kind of wish names.")
    said = fields.text("In the customer’s words")
    place = fields.choice("Place", ContactPoint.Place.choices, required=False)
    contact_point = fields.one_of("Number", ContactPoint.objects.none(), required=False)
    channel = fields.choice("Channel", Channel.choices, required=False)
    time_from = fields.hour("From")
    time_until = fields.hour("Until")
    weekdays = fields.several("On", [(number, str(name)) for number, name in WEEKDAYS.items()])
    not_before = fields.moment("Not before")

    def post(self, **who: Any) -> Wish:
        return wish_record(customer=self.row, **self.cleaned_data, **who)


class WithdrawForm(ActForm):
    reason = fields.reason()

    def post(self, **who: Any) -> Wish:
        return wish_withdraw(wish=self.row, reason=self.cleaned_data["reason"], **who)


class ContactForm(OfCustomer):
    direction = fields.choice("Who began", Contact.Direction.choices)
    outcome = fields.choice("Outcome", Contact.Outcome.choices)
    channel = fields.choice("By", Channel.choices, initial=Channel.VOICE)
    at = fields.moment("When", help_text="Without it: now.")
    contact_point = fields.one_of("Number or address", ContactPoint.objects.none(), required=False)
    invoices = fields.some_of(
        "Spoken of", Invoice.objects.none(), required=False, help_text="None: all that is owed."
    )
    note = fields.text("Note", longest=500, required=False)

    def prepare(self) -> None:
        super().prepare()
        owed = self.row.invoices.filter(status=Invoice.Status.OPEN)
        self.fields["invoices"].queryset = owed  # type: ignore[attr-defined]

    def post(self, **who: Any) -> Contact:
        return contact_record(customer=self.row, **self.cleaned_data, **who)


class NoteForm(OfCustomer):
    text = fields.text("Note", longest=2000, rows=5)
    invoice = fields.one_of("About invoice", Invoice.objects.none(), required=False)

    def post(self, **who: Any) -> Note:
        return note_add(customer=customer_of(self.row), **self.cleaned_data, **who)


def _usable(point: Any) -> bool:
    return point.wrong_at is None


POINT = ("invoices.change_contactpoint",)
ADD_POINT = Act(
    "contact-point", "Add a number or address", PointForm, ("invoices.add_contactpoint",), "It is added."
)
RECORD_CONSENT = Act(
    "consent",
    "Record consent",
    ConsentForm,
    ("invoices.add_consent",),
    "The consent is written down.",
    intro="What was said last counts. Nothing is replaced.",
)
SET_HOLD = Act(
    "hold",
    "Set a hold",
    HoldForm,
    ("invoices.add_hold",),
    "The hold is set.",
    intro="Nobody is contacted about what is on hold.",
)
RECORD_WISH = Act("wish", "Record a wish", WishForm, ("invoices.add_wish",), "The wish is written down.")
RECORD_CONTACT = Act(
    "contact",
    "Record a contact",
    ContactForm,
    ("invoices.add_contact",),
    "The contact is written down.",
    intro="A conversation of your own, or one that the customer began. It counts like a call.",
)
ADD_NOTE = Act("note", "Add a note", NoteForm, ("invoices.add_note",), "The note is written down.")
POINT_ACTS = (
    Act(
        "primary",
        "Use it first",
        PrimaryForm,
        POINT,
        "It is used first now.",
        lambda point: _usable(point) and not point.is_primary,
    ),
    Act(
        "verify",
        "It is the customer’s",
        VerifyForm,
        POINT,
        "It is verified.",
        lambda point: _usable(point) and point.verified_at is None,
    ),
    Act("allow", "Allow calls and messages", AllowForm, POINT, "It is changed.", _usable),
    Act(
        "wrong",
        "It is somebody else’s",
        WrongForm,
        POINT,
        "It is never used again.",
        _usable,
        "A number or address that belongs to somebody else is never used again.",
        danger=True,
    ),
)
HOLD_ACTS = (
    Act(
        "lift",
        "Lift the hold",
        LiftForm,
        ("invoices.change_hold",),
        "The hold is lifted.",
        lambda hold: hold.lifted_at is None,
        danger=True,
    ),
)
WISH_ACTS = (
    Act(
        "withdraw",
        "The wish is taken back",
        WithdrawForm,
        ("invoices.change_wish",),
        "The wish is withdrawn.",
        lambda wish: wish.withdrawn_at is None,
    ),
)
