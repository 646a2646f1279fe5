"""What was agreed and what is contested: promises, plans, disputes."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from invoices.api.documents import invoices
from invoices.api.door import Act, MakingRows, Row, queryset_of
from invoices.api.fields import (
    AmountField,
    MoneyField,
    RowField,
    SinceFilter,
    WhySerializer,
    choice_or_none,
    id_filter,
)
from invoices.models import Dispute, Instalment, Payment, PaymentPlan, PromiseToPay
from invoices.services.disputes import dispute_open, dispute_reject, dispute_uphold, dispute_withdraw
from invoices.services.plans import MOST_INSTALMENTS, Part, plan_cancel, plan_create
from invoices.services.promises import promise_cancel, promise_record

MOST_INVOICES = 100
VIEW_PROMISE, VIEW_PLAN, VIEW_DISPUTE = (
    ("invoices.view_promisetopay",),
    ("invoices.view_paymentplan",),
    ("invoices.view_dispute",),
)
DECIDE = ("invoices.change_dispute",)


class PromiseSerializer(serializers.ModelSerializer[PromiseToPay]):
    """A promise to pay. Its status is judged by what came in for its invoices on or before `due_date`."""

    amount = MoneyField()
    method = choice_or_none(Payment.Method.choices)

    class Meta:
        model = PromiseToPay
        fields = [
            "id",
            "customer",
            "invoices",
            "status",
            "currency",
            "amount",
            "due_date",
            "method",
            "source_call_id",
            "created_at",
        ]
        read_only_fields = fields


class InvoicesAsk(serializers.Serializer[Any]):
    invoices = serializers.ListField(
        child=RowField(invoices),
        min_length=1,
        max_length=MOST_INVOICES,
        help_text="Open ones of one customer, in one currency.",
    )


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "One invoice, in part",
            {"invoices": [7], "amount": "50.00", "due_date": "2026-12-04", "method": "bank_transfer"},
            request_only=True,
        )
    ]
)
class PromiseAsk(InvoicesAsk):
    amount = AmountField()
    due_date = serializers.DateField(help_text="Where the customer is; today or later.")
    method = serializers.ChoiceField(choices=Payment.Method.choices, allow_blank=True, default="")


class PromiseFilter(SinceFilter):
    customer = id_filter(field_name="customer_id")
    invoice = id_filter(field_name="invoices")
    due_from = filters.DateFilter(field_name="due_date", lookup_expr="gte")
    due_until = filters.DateFilter(field_name="due_date", lookup_expr="lte")

    class Meta:
        model = PromiseToPay
        fields = ["customer", "invoice", "status"]


class PromiseList(MakingRows):
    queryset = queryset_of(PromiseToPay, prefetch=("invoices",))
    serializer_class = PromiseSerializer
    filterset_class = PromiseFilter
    asks = PromiseAsk
    keyed = True
    permissions = {"GET": VIEW_PROMISE, "POST": ("invoices.add_promisetopay",)}
    orders = ("-created_at", "id", "due_date")

    def make(self, **told: Any) -> PromiseToPay:
        return promise_record(**told)


class PromiseDetail(Row):
    queryset = queryset_of(PromiseToPay, prefetch=("invoices",))
    serializer_class = PromiseSerializer
    permissions = {"GET": VIEW_PROMISE}


class PromiseCancel(Act):
    """An open promise is taken back."""

    queryset = queryset_of(PromiseToPay, prefetch=("invoices",))
    serializer_class = PromiseSerializer
    asks = WhySerializer
    permissions = {"POST": ("invoices.change_promisetopay",)}

    def act(self, row: PromiseToPay, **told: Any) -> PromiseToPay:
        return promise_cancel(promise=row, **told)


class InstalmentSerializer(serializers.ModelSerializer[Instalment]):
    amount = MoneyField("plan.currency")

    class Meta:
        model = Instalment
        fields = ["position", "due_date", "amount"]
        read_only_fields = fields


class PlanSerializer(serializers.ModelSerializer[PaymentPlan]):
    """Instalments for the named invoices."""

    total = MoneyField()
    instalments = InstalmentSerializer(many=True, read_only=True)

    class Meta:
        model = PaymentPlan
        fields = [
            "id",
            "customer",
            "invoices",
            "status",
            "currency",
            "total",
            "instalments",
            "source_call_id",
            "created_at",
        ]
        read_only_fields = fields


class PartAsk(serializers.Serializer[Any]):
    due_date = serializers.DateField()
    amount = AmountField()


class PlanAsk(InvoicesAsk):
    instalments = serializers.ListField(
        child=PartAsk(),
        min_length=2,
        max_length=MOST_INSTALMENTS,
        help_text="Each falls due after the one before.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        parts = [Part(**each) for each in attrs["instalments"]]
        return {"invoices": attrs["invoices"], "instalments": parts}


class PlanFilter(SinceFilter):
    customer = id_filter(field_name="customer_id")
    invoice = id_filter(field_name="invoices")

    class Meta:
        model = PaymentPlan
        fields = ["customer", "invoice", "status"]


def _plans() -> Any:
    return queryset_of(PaymentPlan, prefetch=("invoices", "instalments"))


class PlanList(MakingRows):
    queryset = _plans()
    serializer_class = PlanSerializer
    filterset_class = PlanFilter
    asks = PlanAsk
    keyed = True
    permissions = {"GET": VIEW_PLAN, "POST": ("invoices.add_paymentplan",)}
    orders = ("-created_at", "id")

    def make(self, **told: Any) -> PaymentPlan:
        return plan_create(parts=told.pop("instalments"), **told)


class PlanDetail(Row):
    queryset = _plans()
    serializer_class = PlanSerializer
    permissions = {"GET": VIEW_PLAN}


class PlanCancel(Act):
    """A plan that runs, or is in default, ends."""

    queryset = _plans()
    serializer_class = PlanSerializer
    asks = WhySerializer
    permissions = {"POST": ("invoices.change_paymentplan",)}

    def act(self, row: PaymentPlan, **told: Any) -> PaymentPlan:
        return plan_cancel(plan=row, **told)


class DisputeSerializer(serializers.ModelSerializer[Dispute]):
    """A part or the whole of an invoice that the customer contests. While it is open, that part is not asked for."""

    amount = MoneyField("invoice.currency")
    currency = serializers.CharField(source="invoice.currency", read_only=True)

    class Meta:
        model = Dispute
        fields = [
            "id",
            "invoice",
            "status",
            "reason",
            "currency",
            "amount",
            "description",
            "evidence",
            "resolution",
            "credit_note",
            "source_call_id",
            "opened_at",
            "closed_at",
        ]
        read_only_fields = fields


class DisputeAsk(serializers.Serializer[Any]):
    invoice = RowField(invoices)
    reason = serializers.ChoiceField(choices=Dispute.Reason.choices)
    amount = AmountField(required=False, help_text="Left out: all that is owed.")
    description = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    evidence = serializers.CharField(required=False, allow_blank=True, max_length=500)


class ResolutionAsk(serializers.Serializer[Any]):
    resolution = serializers.CharField(max_length=500, help_text="What was found.")


class UpholdAsk(ResolutionAsk):
    number = serializers.CharField(max_length=32, help_text="Of the credit note.")
    issued_on = serializers.DateField(help_text="The credit note's day.")
    amount = AmountField(required=False, help_text="Left out: all that is contested.")


class DisputeFilter(filters.FilterSet):
    invoice = id_filter(field_name="invoice_id")
    customer = id_filter(field_name="invoice__customer_id")

    class Meta:
        model = Dispute
        fields = ["invoice", "customer", "status", "reason"]


def _disputes() -> Any:
    return queryset_of(Dispute, "invoice")


class DisputeList(MakingRows):
    queryset = _disputes()
    serializer_class = DisputeSerializer
    filterset_class = DisputeFilter
    asks = DisputeAsk
    keyed = True
    permissions = {"GET": VIEW_DISPUTE, "POST": ("invoices.add_dispute",)}
    orders = ("-opened_at", "id")

    def make(self, **told: Any) -> Dispute:
        return dispute_open(**told)


class DisputeDetail(Row):
    queryset = _disputes()
    serializer_class = DisputeSerializer
    permissions = {"GET": VIEW_DISPUTE}


class _DisputeAct(Act):
    queryset = _disputes()
    serializer_class = DisputeSerializer
    asks = ResolutionAsk
    permissions = {"POST": DECIDE}


class DisputeUphold(_DisputeAct):
    """The customer was right: a credit note is issued."""

    asks = UpholdAsk
    permissions = {"POST": (*DECIDE, "invoices.add_creditnote")}

    def act(self, row: Dispute, **told: Any) -> Dispute:
        return dispute_uphold(dispute=row, credit_note_number=told.pop("number"), **told)


class DisputeReject(_DisputeAct):
    """The invoice was right."""

    def act(self, row: Dispute, **told: Any) -> Dispute:
        return dispute_reject(dispute=row, **told)


class DisputeWithdraw(_DisputeAct):
    """The customer takes the dispute back."""

    permissions = {"POST": ("invoices.add_dispute",)}

    def act(self, row: Dispute, **told: Any) -> Dispute:
        return dispute_withdraw(dispute=row, **told)
