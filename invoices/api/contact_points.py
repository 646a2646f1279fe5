"""Numbers and addresses of customers: added, made primary, verified, found wrong, allowed for channels."""

from typing import Any

from django_filters import rest_framework as filters
from rest_framework import serializers

from invoices.api.documents import customers
from invoices.api.door import Act, EditableRow, MakingRows, queryset_of
from invoices.api.fields import RowField, SinceFilter, choice_or_none, id_filter
from invoices.models import ApiToken, Consent, ContactPoint
from invoices.services.contact_points import (
    contact_point_add,
    contact_point_allow,
    contact_point_make_primary,
    contact_point_mark_wrong,
    contact_point_verify,
)

CUSTOMERS = ApiToken.Scope.CUSTOMERS
CHANGE_POINT = ("invoices.change_contactpoint",)
PLACES = [choice for choice in ContactPoint.Place.choices if choice[0]]


class ContactPointSerializer(serializers.ModelSerializer[ContactPoint]):
    """A telephone number in E.164, or an e-mail address. The primary one of each kind is used."""

    place = choice_or_none(PLACES)

    class Meta:
        model = ContactPoint
        fields = [
            "id",
            "customer",
            "kind",
            "value",
            "is_primary",
            "line_type",
            "place",
            "allows_voice",
            "allows_messages",
            "verified_at",
            "wrong_at",
            "created_at",
        ]
        read_only_fields = fields


class ContactPointAsk(serializers.Serializer[Any]):
    customer = RowField(customers)
    kind = serializers.ChoiceField(choices=ContactPoint.Kind.choices)
    value = serializers.CharField(max_length=254, help_text="E.164 such as +12135550101, or an address.")
    basis = serializers.ChoiceField(
        choices=Consent.Basis.choices,
        allow_blank=True,
        default="",
        help_text="Why an automated voice may ring this number; empty: it may not yet.",
    )
    place = serializers.ChoiceField(choices=PLACES, allow_blank=True, default="")
    line_type = serializers.ChoiceField(
        choices=ContactPoint.LineType.choices, default=ContactPoint.LineType.UNKNOWN
    )
    primary = serializers.BooleanField(default=False)


class ContactPointChange(serializers.Serializer[Any]):
    """Whether it may be rung and written to; what is left out stays."""

    allows_voice = serializers.BooleanField(required=False)
    allows_messages = serializers.BooleanField(required=False)


class ContactPointFilter(SinceFilter):
    customer = id_filter(field_name="customer_id")
    value = filters.CharFilter()

    class Meta:
        model = ContactPoint
        fields = ["customer", "kind", "value", "is_primary"]


class ContactPointList(MakingRows):
    queryset = queryset_of(ContactPoint)
    serializer_class = ContactPointSerializer
    filterset_class = ContactPointFilter
    asks = ContactPointAsk
    scope = CUSTOMERS
    permissions = {"GET": ("invoices.view_contactpoint",), "POST": ("invoices.add_contactpoint",)}
    orders = ("-id", "created_at")

    def make(self, **told: Any) -> ContactPoint:
        return contact_point_add(**told)


class ContactPointDetail(EditableRow):
    queryset = queryset_of(ContactPoint)
    serializer_class = ContactPointSerializer
    asks = ContactPointChange
    scope = CUSTOMERS
    permissions = {"GET": ("invoices.view_contactpoint",), "PATCH": CHANGE_POINT}

    def edit(self, row: ContactPoint, **told: Any) -> ContactPoint:
        return contact_point_allow(contact_point=row, **told)


class _PointAct(Act):
    queryset = queryset_of(ContactPoint)
    serializer_class = ContactPointSerializer
    scope = CUSTOMERS
    permissions = {"POST": CHANGE_POINT}


class ContactPointPrimary(_PointAct):
    """From now on the customer is rung, or written to, here."""

    def act(self, row: ContactPoint, **told: Any) -> ContactPoint:
        return contact_point_make_primary(contact_point=row, **told)


class ContactPointVerify(_PointAct):
    """Somebody has made sure that it is the customer's."""

    def act(self, row: ContactPoint, **told: Any) -> ContactPoint:
        return contact_point_verify(contact_point=row, **told)


class ContactPointWrong(_PointAct):
    """It is somebody else's and is never used again."""

    def act(self, row: ContactPoint, **told: Any) -> ContactPoint:
        return contact_point_mark_wrong(contact_point=row, **told)
