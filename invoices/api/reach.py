"""What customers allow, forbid and ask for; contacts by hand; notes."""

from typing import Any

from django_filters import rest_framework as filters
from rest_framework import serializers

from invoices.api.contact_points import CUSTOMERS, PLACES
from invoices.api.documents import customers, invoices
from invoices.api.door import Act, MakingRows, Row, queryset_of
from invoices.api.fields import RowField, SinceFilter, WhySerializer, choice_or_none, id_filter
from invoices.models import (
    Channel,
    Consent,
    Contact,
    ContactPoint,
    Hold,
    Note,
    Wish,
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


def points() -> Any:
    return ContactPoint.objects.select_related("customer")


class OfCustomerFilter(SinceFilter):
    customer = id_filter(field_name="customer_id")


class ConsentSerializer(serializers.ModelSerializer[Consent]):
    """That a channel was allowed or taken back. Nothing is replaced: what was captured last counts."""

    class Meta:
        model = Consent
        fields = [
            "id",
            "customer",
            "contact_point",
            "channel",
            "purpose",
            "act",
            "basis",
            "captured_at",
            "evidence",
            "source_call_id",
            "created_at",
        ]
        read_only_fields = fields


class ConsentAsk(serializers.Serializer[Any]):
    customer = RowField(customers)
    channel = serializers.ChoiceField(choices=Channel.choices)
    act = serializers.ChoiceField(choices=Consent.Act.choices)
    basis = serializers.ChoiceField(choices=Consent.Basis.choices)
    evidence = serializers.CharField(max_length=500)
    contact_point = RowField(points, required=False, help_text="Left out: for all numbers and addresses.")
    captured_at = serializers.DateTimeField(required=False, help_text="Left out: now.")


class ConsentFilter(OfCustomerFilter):
    class Meta:
        model = Consent
        fields = ["customer", "channel", "act"]


class ConsentList(MakingRows):
    queryset = queryset_of(Consent)
    serializer_class = ConsentSerializer
    filterset_class = ConsentFilter
    asks = ConsentAsk
    scope = CUSTOMERS
    permissions = {"GET": ("invoices.view_consent",), "POST": ("invoices.add_consent",)}
    orders = ("-id", "captured_at")

    def make(self, **told: Any) -> Consent:
        return consent_record(**told)


class ConsentDetail(Row):
    queryset = queryset_of(Consent)
    serializer_class = ConsentSerializer
    permissions = {"GET": ("invoices.view_consent",)}


class HoldSerializer(serializers.ModelSerializer[Hold]):
    """Forbids contact about one invoice or all, until it ends or is lifted."""

    class Meta:
        model = Hold
        fields = [
            "id",
            "customer",
            "invoice",
            "kind",
            "starts_at",
            "ends_at",
            "evidence",
            "source_call_id",
            "lifted_at",
            "created_at",
        ]
        read_only_fields = fields


class HoldAsk(serializers.Serializer[Any]):
    customer = RowField(customers)
    kind = serializers.ChoiceField(choices=Hold.Kind.choices)
    evidence = serializers.CharField(max_length=500)
    invoice = RowField(invoices, required=False, help_text="Left out: for everything that is owed.")
    starts_at = serializers.DateTimeField(required=False, help_text="Left out: now.")
    ends_at = serializers.DateTimeField(required=False, help_text="Left out: until it is lifted.")


class HoldFilter(OfCustomerFilter):
    invoice = id_filter(field_name="invoice_id")
    lifted = filters.BooleanFilter(field_name="lifted_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Hold
        fields = ["customer", "invoice", "kind"]


class HoldList(MakingRows):
    queryset = queryset_of(Hold)
    serializer_class = HoldSerializer
    filterset_class = HoldFilter
    asks = HoldAsk
    scope = CUSTOMERS
    permissions = {"GET": ("invoices.view_hold",), "POST": ("invoices.add_hold",)}
    orders = ("-id", "starts_at")

    def make(self, **told: Any) -> Hold:
        return hold_set(**told)


class HoldDetail(Row):
    queryset = queryset_of(Hold)
    serializer_class = HoldSerializer
    permissions = {"GET": ("invoices.view_hold",)}


class HoldLift(Act):
    """The hold ends now."""

    queryset = queryset_of(Hold)
    serializer_class = HoldSerializer
    asks = WhySerializer
    scope = CUSTOMERS
    permissions = {"POST": ("invoices.change_hold",)}

    def act(self, row: Hold, **told: Any) -> Hold:
        return hold_lift(hold=row, **told)


class WishSerializer(serializers.ModelSerializer[Wish]):
    """What a customer asked for about being contacted. It forbids exactly what it names."""

    place = choice_or_none(PLACES)
    channel = choice_or_none(Channel.choices)
    weekdays = serializers.ListField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = Wish
        fields = [
            "id",
            "customer",
            "kind",
            "place",
            "contact_point",
            "channel",
            "time_from",
            "time_until",
            "weekdays",
            "not_before",
            "said",
            "source_call_id",
            "withdrawn_at",
            "created_at",
        ]
        read_only_fields = fields


class WishAsk(serializers.Serializer[Any]):
    """Each kind names its own fields: not_at_place `place`; not_this_number `contact_point`; only_between `time_from`,
    `time_until`, `weekdays`; not_before `not_before`; only_by and not_by `channel`."""

    customer = RowField(customers)
    kind = serializers.ChoiceField(choices=Wish.Kind.choices)
    said = serializers.CharField(max_length=300, help_text="In the customer's own words.")
    place = serializers.ChoiceField(choices=PLACES, required=False)
    contact_point = RowField(points, required=False)
    channel = serializers.ChoiceField(choices=Channel.choices, required=False)
    time_from = serializers.TimeField(required=False, help_text="Where the customer is.")
    time_until = serializers.TimeField(required=False, help_text="Where the customer is.")
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6),
        required=False,
        max_length=7,
        help_text="0 (Monday) to 6 (Sunday).",
    )
    not_before = serializers.DateTimeField(required=False)


class WishFilter(OfCustomerFilter):
    withdrawn = filters.BooleanFilter(field_name="withdrawn_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Wish
        fields = ["customer", "kind"]


class WishList(MakingRows):
    queryset = queryset_of(Wish)
    serializer_class = WishSerializer
    filterset_class = WishFilter
    asks = WishAsk
    scope = CUSTOMERS
    permissions = {"GET": ("invoices.view_wish",), "POST": ("invoices.add_wish",)}
    orders = ("-id", "created_at")

    def make(self, **told: Any) -> Wish:
        return wish_record(**told)


class WishDetail(Row):
    queryset = queryset_of(Wish)
    serializer_class = WishSerializer
    permissions = {"GET": ("invoices.view_wish",)}


class WishWithdraw(Act):
    """The customer no longer asks for it."""

    queryset = queryset_of(Wish)
    serializer_class = WishSerializer
    asks = WhySerializer
    scope = CUSTOMERS
    permissions = {"POST": ("invoices.change_wish",)}

    def act(self, row: Wish, **told: Any) -> Wish:
        return wish_withdraw(wish=row, **told)


class ContactSerializer(serializers.ModelSerializer[Contact]):
    """A contact that no machine placed. It counts towards frequency like a call."""

    class Meta:
        model = Contact
        fields = [
            "id",
            "customer",
            "contact_point",
            "invoices",
            "channel",
            "direction",
            "outcome",
            "at",
            "note",
            "created_at",
        ]
        read_only_fields = fields


class ContactAsk(serializers.Serializer[Any]):
    customer = RowField(customers)
    direction = serializers.ChoiceField(choices=Contact.Direction.choices)
    outcome = serializers.ChoiceField(choices=Contact.Outcome.choices)
    channel = serializers.ChoiceField(choices=Channel.choices, default=Channel.VOICE)
    at = serializers.DateTimeField(required=False, help_text="Left out: now.")
    contact_point = RowField(points, required=False)
    invoices = serializers.ListField(
        child=RowField(invoices), required=False, max_length=100, help_text="Left out: all that is owed."
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


class ContactFilter(OfCustomerFilter):
    class Meta:
        model = Contact
        fields = ["customer", "channel", "direction", "outcome"]


class ContactList(MakingRows):
    queryset = queryset_of(Contact, prefetch=("invoices",))
    serializer_class = ContactSerializer
    filterset_class = ContactFilter
    asks = ContactAsk
    scope = CUSTOMERS
    permissions = {"GET": ("invoices.view_contact",), "POST": ("invoices.add_contact",)}
    orders = ("-at", "id")

    def make(self, **told: Any) -> Contact:
        return contact_record(**told)


class ContactDetail(Row):
    queryset = queryset_of(Contact, prefetch=("invoices",))
    serializer_class = ContactSerializer
    permissions = {"GET": ("invoices.view_contact",)}


class NoteSerializer(serializers.ModelSerializer[Note]):
    """What somebody wrote about a customer or one of the invoices."""

    class Meta:
        model = Note
        fields = ["id", "customer", "invoice", "text", "created_at"]
        read_only_fields = fields


class NoteAsk(serializers.Serializer[Any]):
    customer = RowField(customers)
    text = serializers.CharField(max_length=2000)
    invoice = RowField(invoices, required=False)


class NoteFilter(OfCustomerFilter):
    invoice = id_filter(field_name="invoice_id")

    class Meta:
        model = Note
        fields = ["customer", "invoice"]


class NoteList(MakingRows):
    queryset = queryset_of(Note)
    serializer_class = NoteSerializer
    filterset_class = NoteFilter
    asks = NoteAsk
    scope = CUSTOMERS
    permissions = {"GET": ("invoices.view_note",), "POST": ("invoices.add_note",)}

    def make(self, **told: Any) -> Note:
        return note_add(**told)


class NoteDetail(Row):
    queryset = queryset_of(Note)
    serializer_class = NoteSerializer
    permissions = {"GET": ("invoices.view_note",)}
