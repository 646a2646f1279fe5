"""Money: payments, what they settle, refunds."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from invoices.api.documents import customers, invoices
from invoices.api.door import Act, MakingRows, Row, Rows, queryset_of
from invoices.api.fields import (
    AmountField,
    MoneyField,
    ReasonField,
    RowField,
    SinceFilter,
    WhySerializer,
    id_filter,
)
from invoices.models import Allocation, Payment, Refund
from invoices.services.payments import (
    Instruction,
    payment_allocate,
    payment_clear,
    payment_fail,
    payment_record,
    payment_refund,
    payment_release,
)

MOST_INSTRUCTIONS = 200
VIEW, ADD, MOVE = ("invoices.view_payment",), ("invoices.add_payment",), ("invoices.change_payment",)


def payments() -> Any:
    return Payment.objects.select_related("customer")


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    """Money from a customer. `unallocated` is the customer's credit."""

    amount = MoneyField()
    unallocated = MoneyField()

    class Meta:
        model = Payment
        fields = [
            "id",
            "customer",
            "status",
            "currency",
            "amount",
            "unallocated",
            "received_on",
            "method",
            "reference",
            "created_at",
        ]
        read_only_fields = fields


class InstructionAsk(serializers.Serializer[Any]):
    """What the payer says the payment is for."""

    invoice = RowField(invoices)
    amount = AmountField(required=False, help_text="Left out: all that the invoice owes.")


class InstructionsAsk(serializers.Serializer[Any]):
    """Without instructions the invoices that are due first are settled."""

    instructions = serializers.ListField(child=InstructionAsk(), required=False, max_length=MOST_INSTRUCTIONS)

    def validate_instructions(self, rows: list[dict[str, Any]]) -> list[Instruction]:
        return [Instruction(**row) for row in rows]


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "As a bank feed reports it",
            {
                "customer": 1,
                "currency": "GBP",
                "amount": "129.90",
                "received_on": "2026-04-03",
                "method": "bank_transfer",
                "reference": "INV-4711",
                "instructions": [{"invoice": 7}],
            },
            request_only=True,
        )
    ]
)
class PaymentAsk(InstructionsAsk):
    customer = RowField(customers)
    currency = serializers.CharField(min_length=3, max_length=3, help_text="ISO 4217, such as USD.")
    amount = AmountField()
    received_on = serializers.DateField(help_text="The day it reached you; promises are judged by it.")
    method = serializers.ChoiceField(choices=Payment.Method.choices, default=Payment.Method.BANK_TRANSFER)
    reference = serializers.CharField(required=False, allow_blank=True, max_length=64)
    pending = serializers.BooleanField(
        default=False, help_text="On its way: it settles nothing until it is cleared."
    )


class ReleaseAsk(serializers.Serializer[Any]):
    invoice = RowField(invoices)
    amount = AmountField(required=False, help_text="Left out: all of it.")
    reason = ReasonField()


class PaymentFilter(SinceFilter):
    customer = id_filter(field_name="customer_id")
    reference = filters.CharFilter()
    currency = filters.CharFilter()
    received_from = filters.DateFilter(field_name="received_on", lookup_expr="gte")
    received_until = filters.DateFilter(field_name="received_on", lookup_expr="lte")

    class Meta:
        model = Payment
        fields = ["customer", "status", "currency", "method", "reference"]


class PaymentList(MakingRows):
    queryset = queryset_of(Payment)
    serializer_class = PaymentSerializer
    filterset_class = PaymentFilter
    asks = PaymentAsk
    keyed = True
    permissions = {"GET": VIEW, "POST": ADD}
    orders = ("-received_on", "id", "created_at")

    def make(self, **told: Any) -> Payment:
        return payment_record(**told)


class PaymentDetail(Row):
    queryset = queryset_of(Payment)
    serializer_class = PaymentSerializer
    permissions = {"GET": VIEW}


class _PaymentAct(Act):
    queryset = queryset_of(Payment)
    serializer_class = PaymentSerializer
    permissions = {"POST": MOVE}


class PaymentClear(_PaymentAct):
    """A pending payment has come."""

    asks = InstructionsAsk

    def act(self, row: Payment, **told: Any) -> Payment:
        return payment_clear(payment=row, **told)


class PaymentFail(_PaymentAct):
    """A pending payment did not come."""

    asks = WhySerializer

    def act(self, row: Payment, **told: Any) -> Payment:
        return payment_fail(payment=row, **told)


class PaymentAllocate(_PaymentAct):
    """What is left of the payment is put to invoices."""

    asks = InstructionsAsk

    def act(self, row: Payment, **told: Any) -> Payment:
        return payment_allocate(payment=row, **told)


class PaymentRelease(_PaymentAct):
    """The payment is taken off an invoice again and is the customer's credit."""

    asks = ReleaseAsk

    def act(self, row: Payment, **told: Any) -> Payment:
        return payment_release(payment=row, **told)


class RefundSerializer(serializers.ModelSerializer[Refund]):
    """Money given back; what it had settled is owed again."""

    amount = MoneyField("payment.currency")
    currency = serializers.CharField(source="payment.currency", read_only=True)

    class Meta:
        model = Refund
        fields = ["id", "payment", "currency", "amount", "refunded_on", "reason", "created_at"]
        read_only_fields = fields


class RefundAsk(serializers.Serializer[Any]):
    payment = RowField(payments)
    amount = AmountField()
    refunded_on = serializers.DateField()
    reason = ReasonField()


class RefundFilter(SinceFilter):
    payment = id_filter(field_name="payment_id")
    customer = id_filter(field_name="payment__customer_id")

    class Meta:
        model = Refund
        fields = ["payment", "customer"]


class RefundList(MakingRows):
    queryset = queryset_of(Refund, "payment")
    serializer_class = RefundSerializer
    filterset_class = RefundFilter
    asks = RefundAsk
    keyed = True
    permissions = {"GET": ("invoices.view_refund",), "POST": ("invoices.add_refund",)}
    orders = ("-refunded_on", "id", "created_at")

    def make(self, **told: Any) -> Refund:
        return payment_refund(**told)


class RefundDetail(Row):
    queryset = queryset_of(Refund, "payment")
    serializer_class = RefundSerializer
    permissions = {"GET": ("invoices.view_refund",)}


class AllocationSerializer(serializers.ModelSerializer[Allocation]):
    """A part of a payment put to an invoice; negative where it was taken off again. The sum of a pair's rows counts."""

    amount = MoneyField("payment.currency")
    currency = serializers.CharField(source="payment.currency", read_only=True)

    class Meta:
        model = Allocation
        fields = [
            "id",
            "payment",
            "invoice",
            "currency",
            "amount",
            "cause",
            "refund",
            "credit_note",
            "created_at",
        ]
        read_only_fields = fields


class AllocationFilter(SinceFilter):
    payment = id_filter(field_name="payment_id")
    invoice = id_filter(field_name="invoice_id")
    customer = id_filter(field_name="payment__customer_id")

    class Meta:
        model = Allocation
        fields = ["payment", "invoice", "customer", "cause"]


class AllocationList(Rows):
    queryset = queryset_of(Allocation, "payment")
    serializer_class = AllocationSerializer
    filterset_class = AllocationFilter
    permissions = {"GET": ("invoices.view_allocation",)}
