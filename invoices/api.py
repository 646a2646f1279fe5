"""The API of the ledger: customers and invoices are created, listed and read. Nothing is changed or deleted here."""

from decimal import Decimal
from typing import Any

from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import generics, serializers

from invoices.addresses import LONGEST_EMAIL
from invoices.api_door import CarefulJSONParser, MayViewOrAdd, refusals_at_the_field
from invoices.models import Consent, Customer, Invoice
from invoices.money import amount_exact
from invoices.selectors import STATES
from invoices.services.documents import invoice_create
from invoices.services.parties import customer_create

SOURCE = "api"
# SQLite and PostgreSQL both end here; what is larger names no row.
LARGEST_ID = 2**63 - 1


class CustomerSerializer(serializers.ModelSerializer[Customer]):
    """A customer. Month and day of birth verify the right party on the telephone and are never read back."""

    phone = PhoneNumberField(
        help_text="The number that is rung, in E.164, such as +12135550101. Read as empty where there is none."
    )
    phone_basis = serializers.ChoiceField(
        choices=Consent.Basis.choices,
        allow_blank=True,
        default=Consent.Basis.NUMBER_GIVEN,
        write_only=True,
        help_text=(
            "Why an automated voice may ring this number: number_given (the customer gave it for this account, the "
            "default), oral, written; or empty, where there is no such consent. It is kept as evidence."
        ),
    )
    email = serializers.EmailField(required=False, allow_blank=True, max_length=LONGEST_EMAIL)

    class Meta:
        model = Customer
        fields = [
            "id",
            "number",
            "name",
            "kind",
            "phone",
            "phone_basis",
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
            "birth_month",
            "birth_day",
            "created_at",
        ]
        read_only_fields = ["created_at"]
        extra_kwargs = {"birth_month": {"write_only": True}, "birth_day": {"write_only": True}}

    def to_representation(self, instance: Customer) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return {**shown, "phone": shown["phone"] or ""}

    def create(self, validated_data: dict[str, Any]) -> Customer:
        with refusals_at_the_field():
            return customer_create(source=SOURCE, actor=self.context["request"].user, **validated_data)


class InvoiceSerializer(serializers.ModelSerializer[Invoice]):
    """An invoice. `total` and `balance` are decimal strings with the currency's own number of decimals."""

    customer = serializers.IntegerField(source="customer_id", min_value=1, max_value=LARGEST_ID)
    total = serializers.DecimalField(max_digits=15, decimal_places=4)
    balance = serializers.SerializerMethodField()

    class Meta:
        model = Invoice
        fields = [
            "id",
            "customer",
            "number",
            "status",
            "description",
            "currency",
            "total",
            "balance",
            "issue_date",
            "due_date",
            "created_at",
        ]
        read_only_fields = ["status", "created_at"]

    @extend_schema_field(serializers.DecimalField(max_digits=15, decimal_places=4))
    def get_balance(self, invoice: Invoice) -> str:
        return str(invoice.balance_exact)

    def to_representation(self, instance: Invoice) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return {**shown, "total": str(amount_exact(Decimal(instance.total), instance.currency))}

    def create(self, validated_data: dict[str, Any]) -> Invoice:
        customer = Customer.objects.filter(pk=validated_data.pop("customer_id")).first()
        if customer is None:
            raise serializers.ValidationError({"customer": ["There is no such customer."]})
        with refusals_at_the_field():
            return invoice_create(
                source=SOURCE, actor=self.context["request"].user, customer=customer, **validated_data
            )


class CustomerFilter(filters.FilterSet):
    number = filters.CharFilter()
    name = filters.CharFilter(lookup_expr="icontains")

    class Meta:
        model = Customer
        fields = ["number", "name", "kind", "country"]


class InvoiceFilter(filters.FilterSet):
    number = filters.CharFilter()
    customer = filters.NumberFilter(field_name="customer_id", min_value=1, max_value=LARGEST_ID)
    state = filters.ChoiceFilter(
        choices=[(key, label) for key, (label, _) in STATES.items()],
        method="in_state",
        help_text="The stored states and those seen in dates and balance: overdue, part_paid.",
    )

    class Meta:
        model = Invoice
        fields = ["number", "customer", "status", "currency"]

    def in_state(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(STATES[value][1](timezone.localdate()))


class CustomerList(generics.ListCreateAPIView[Customer]):
    permission_classes = [MayViewOrAdd]
    parser_classes = [CarefulJSONParser]
    queryset = Customer.objects.prefetch_related("contact_points")
    serializer_class = CustomerSerializer
    filterset_class = CustomerFilter


class CustomerDetail(generics.RetrieveAPIView[Customer]):
    permission_classes = [MayViewOrAdd]
    parser_classes = [CarefulJSONParser]
    queryset = Customer.objects.prefetch_related("contact_points")
    serializer_class = CustomerSerializer


class InvoiceList(generics.ListCreateAPIView[Invoice]):
    permission_classes = [MayViewOrAdd]
    parser_classes = [CarefulJSONParser]
    queryset = Invoice.objects.all()
    serializer_class = InvoiceSerializer
    filterset_class = InvoiceFilter


class InvoiceDetail(generics.RetrieveAPIView[Invoice]):
    permission_classes = [MayViewOrAdd]
    parser_classes = [CarefulJSONParser]
    queryset = Invoice.objects.all()
    serializer_class = InvoiceSerializer
