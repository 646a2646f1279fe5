"""Customers: listed, created, read, corrected."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from invoices.addresses import LONGEST_EMAIL
from invoices.api.door import EditableRow, MakingRows, queryset_of
from invoices.api.fields import ReasonField, SinceFilter
from invoices.models import ApiToken, Consent, Customer
from invoices.services.parties import customer_create, customer_edit

FIELDS = [
    "id",
    "number",
    "name",
    "kind",
    "phone",
    "email",
    "address",
    "city",
    "state",
    "postal_code",
    "country",
    "time_zone",
    "locale",
    "currency",
    "payment_terms_days",
    "exclude_from_dunning",
    "created_at",
]


class CustomerSerializer(serializers.ModelSerializer[Customer]):
    """A customer. Month and day of birth verify the right party on the telephone and are never read back."""

    phone = serializers.SerializerMethodField(
        help_text="The number that is rung, in E.164; empty where there is none."
    )
    email = serializers.CharField(read_only=True, help_text="Empty where there is none.")

    class Meta:
        model = Customer
        fields = FIELDS
        read_only_fields = FIELDS

    def get_phone(self, customer: Customer) -> str:
        return customer.phone.value if customer.phone else ""


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A person whose number may be rung",
            {
                "number": "10001",
                "name": "Alice Walker",
                "phone": "+442079460101",
                "phone_basis": "number_given",
                "city": "London",
                "country": "GB",
                "time_zone": "Europe/London",
                "birth_month": 3,
                "birth_day": 14,
            },
            request_only=True,
        )
    ]
)
class CustomerAsk(serializers.ModelSerializer[Customer]):
    """What is sent to create a customer."""

    phone = PhoneNumberField(help_text="The number that is rung, in E.164, such as +12135550101.")
    phone_basis = serializers.ChoiceField(
        choices=Consent.Basis.choices,
        allow_blank=True,
        default=Consent.Basis.NUMBER_GIVEN,
        help_text=(
            "Why an automated voice may ring this number: number_given (the customer gave it for this account, the "
            "default), oral, written; or empty, where there is no such consent. It is kept as evidence."
        ),
    )
    email = serializers.EmailField(required=False, allow_blank=True, max_length=LONGEST_EMAIL)

    class Meta:
        model = Customer
        fields = [
            *(name for name in FIELDS if name not in ("id", "created_at")),
            "phone_basis",
            "birth_month",
            "birth_day",
        ]


class CustomerChange(CustomerAsk):
    """What is sent to correct a customer; what is left out stays. A new number needs its own ground."""

    reason = ReasonField(required=False, allow_blank=True, help_text="Kept in the history.")

    class Meta(CustomerAsk.Meta):
        fields = [*CustomerAsk.Meta.fields, "reason"]


class CustomerFilter(SinceFilter):
    number = filters.CharFilter()
    name = filters.CharFilter(lookup_expr="icontains", help_text="A part of the name.")

    class Meta:
        model = Customer
        fields = ["number", "name", "kind", "country"]


def _customers() -> Any:
    return queryset_of(Customer, prefetch=("contact_points",))


class CustomerList(MakingRows):
    queryset = _customers()
    serializer_class = CustomerSerializer
    filterset_class = CustomerFilter
    asks = CustomerAsk
    scope = ApiToken.Scope.CUSTOMERS
    permissions = {"GET": ("invoices.view_customer",), "POST": ("invoices.add_customer",)}
    orders = ("name", "id", "number", "created_at")

    def make(self, **told: Any) -> Customer:
        return customer_create(**told)


class CustomerDetail(EditableRow):
    queryset = _customers()
    serializer_class = CustomerSerializer
    asks = CustomerChange
    scope = ApiToken.Scope.CUSTOMERS
    permissions = {"GET": ("invoices.view_customer",), "PATCH": ("invoices.change_customer",)}

    def customer_of(self, row: Customer) -> int:
        return row.pk

    def edit(self, row: Customer, **told: Any) -> Customer:
        return customer_edit(customer=row, **told)
