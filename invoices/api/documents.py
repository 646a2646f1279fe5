"""Invoices and credit notes: made, issued, voided, written off, replaced, credited."""

from decimal import Decimal
from typing import Any

from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from invoices.api.door import Act, EditableRow, MakingRows, Row, queryset_of
from invoices.api.fields import (
    AmountField,
    MoneyField,
    ReasonField,
    RowField,
    SinceFilter,
    WhySerializer,
    id_filter,
)
from invoices.models import CreditNote, Customer, Invoice, InvoiceLine
from invoices.selectors import STATES
from invoices.services.credits import credit_note_issue
from invoices.services.documents import (
    Line,
    invoice_create,
    invoice_draft_edit,
    invoice_issue,
    invoice_reissue,
    invoice_void,
    invoice_write_off,
)

MOST_LINES = 500
FINISH, CORRECT = ("invoices.add_invoice",), ("invoices.change_invoice",)


def customers() -> Any:
    return Customer.objects.all()


def invoices() -> Any:
    return Invoice.objects.select_related("customer")


class InvoiceLineSerializer(serializers.ModelSerializer[InvoiceLine]):
    """One line. `net` is quantity times unit price, `tax` comes on top of it."""

    unit_price = MoneyField("invoice.currency")
    net = MoneyField("invoice.currency")
    tax = MoneyField("invoice.currency")

    class Meta:
        model = InvoiceLine
        fields = ["position", "description", "quantity", "unit_price", "tax_rate", "net", "tax"]
        read_only_fields = fields


class InvoiceSerializer(serializers.ModelSerializer[Invoice]):
    """An invoice. Amounts are decimal strings with the currency's own number of decimals; `balance` is still owed."""

    tax = MoneyField()
    total = MoneyField()
    balance = MoneyField()
    lines = InvoiceLineSerializer(many=True, read_only=True)

    class Meta:
        model = Invoice
        fields = [
            "id",
            "customer",
            "number",
            "status",
            "description",
            "currency",
            "tax",
            "total",
            "balance",
            "issue_date",
            "due_date",
            "replaces",
            "lines",
            "created_at",
        ]
        read_only_fields = fields


class LineAsk(serializers.Serializer[Any]):
    description = serializers.CharField(max_length=300)
    unit_price = AmountField()
    quantity = serializers.DecimalField(max_digits=12, decimal_places=4, default=Decimal(1))
    tax_rate = serializers.DecimalField(
        max_digits=6,
        decimal_places=3,
        default=Decimal(0),
        min_value=Decimal(0),
        max_value=Decimal(100),
        help_text="In percent.",
    )


class _LinesAsk(serializers.Serializer[Any]):
    lines = serializers.ListField(child=LineAsk(), required=False, max_length=MOST_LINES)

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[Line]:
        return [Line(**line) for line in lines]


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "With its lines",
            {
                "customer": 1,
                "number": "INV-4711",
                "currency": "GBP",
                "issue_date": "2026-03-02",
                "due_date": "2026-04-01",
                "lines": [
                    {"description": "Lantern", "quantity": "4", "unit_price": "25.00", "tax_rate": "20"},
                    {"description": "Delivery", "unit_price": "9.90"},
                ],
            },
            request_only=True,
        )
    ]
)
class InvoiceAsk(_LinesAsk):
    """What is sent to make an invoice: `total`, or `lines`, or both where they agree."""

    customer = RowField(customers)
    number = serializers.CharField(max_length=32)
    currency = serializers.CharField(min_length=3, max_length=3, help_text="ISO 4217, such as USD.")
    total = AmountField(required=False)
    issue_date = serializers.DateField()
    due_date = serializers.DateField(
        required=False, help_text="Left out: the issue date and the customer's payment terms."
    )
    description = serializers.CharField(required=False, allow_blank=True, max_length=300)
    issue = serializers.BooleanField(
        default=True, help_text="False makes a draft, which is neither owed nor rung about yet."
    )


class InvoiceChange(_LinesAsk):
    """What is sent to change a draft; what is left out stays."""

    issue_date = serializers.DateField(required=False)
    due_date = serializers.DateField(required=False)
    description = serializers.CharField(required=False, allow_blank=True, max_length=300)


class ReissueAsk(_LinesAsk):
    """The invoice that takes the place of a void one."""

    number = serializers.CharField(max_length=32)
    reason = ReasonField()
    total = AmountField(required=False)
    issue_date = serializers.DateField()
    due_date = serializers.DateField(required=False)
    description = serializers.CharField(required=False, allow_blank=True, max_length=300)


class InvoiceFilter(SinceFilter):
    number = filters.CharFilter()
    customer = id_filter(field_name="customer_id")
    currency = filters.CharFilter()
    due_from = filters.DateFilter(field_name="due_date", lookup_expr="gte")
    due_until = filters.DateFilter(field_name="due_date", lookup_expr="lte")
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


def _invoices() -> Any:
    return queryset_of(Invoice, prefetch=("lines",))


class InvoiceList(MakingRows):
    queryset = _invoices()
    serializer_class = InvoiceSerializer
    filterset_class = InvoiceFilter
    asks = InvoiceAsk
    keyed = True
    permissions = {"GET": ("invoices.view_invoice",), "POST": FINISH}
    orders = ("-due_date", "id", "issue_date", "number", "created_at")

    def make(self, **told: Any) -> Invoice:
        return invoice_create(**told)


class InvoiceDetail(EditableRow):
    queryset = _invoices()
    serializer_class = InvoiceSerializer
    asks = InvoiceChange
    permissions = {"GET": ("invoices.view_invoice",), "PATCH": FINISH}

    def edit(self, row: Invoice, **told: Any) -> Invoice:
        return invoice_draft_edit(invoice=row, **told)


class _InvoiceAct(Act):
    queryset = _invoices()
    serializer_class = InvoiceSerializer


class InvoiceIssue(_InvoiceAct):
    """A draft becomes an open invoice."""

    permissions = {"POST": FINISH}

    def act(self, row: Invoice, **told: Any) -> Invoice:
        return invoice_issue(invoice=row, **told)


class InvoiceVoid(_InvoiceAct):
    """The invoice should never have been: it owes nothing, and what was paid becomes the customer's credit."""

    permissions = {"POST": CORRECT}
    asks = WhySerializer

    def act(self, row: Invoice, **told: Any) -> Invoice:
        return invoice_void(invoice=row, **told)


class InvoiceWriteOff(_InvoiceAct):
    """An open invoice is given up as uncollectible. A payment can still settle it."""

    permissions = {"POST": CORRECT}
    asks = WhySerializer

    def act(self, row: Invoice, **told: Any) -> Invoice:
        return invoice_write_off(invoice=row, **told)


class InvoiceReissue(_InvoiceAct):
    """The invoice is voided and another takes its place, with what was paid. Answers the new one."""

    permissions = {"POST": CORRECT}
    asks = ReissueAsk

    def act(self, row: Invoice, **told: Any) -> Invoice:
        return invoice_reissue(invoice=row, **told)


class CreditNoteSerializer(serializers.ModelSerializer[CreditNote]):
    """A credit note; `tax` is in `amount`."""

    amount = MoneyField("invoice.currency")
    tax = MoneyField("invoice.currency")
    currency = serializers.CharField(source="invoice.currency", read_only=True)

    class Meta:
        model = CreditNote
        fields = [
            "id",
            "invoice",
            "number",
            "currency",
            "amount",
            "tax",
            "reason",
            "note",
            "issued_on",
            "created_at",
        ]
        read_only_fields = fields


class CreditNoteAsk(serializers.Serializer[Any]):
    invoice = RowField(invoices)
    number = serializers.CharField(max_length=32)
    amount = AmountField()
    reason = serializers.ChoiceField(choices=CreditNote.Reason.choices)
    issued_on = serializers.DateField()
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)


class CreditNoteFilter(SinceFilter):
    invoice = id_filter(field_name="invoice_id")
    customer = id_filter(field_name="invoice__customer_id")
    number = filters.CharFilter()

    class Meta:
        model = CreditNote
        fields = ["invoice", "customer", "number", "reason"]


class CreditNoteList(MakingRows):
    queryset = queryset_of(CreditNote, "invoice")
    serializer_class = CreditNoteSerializer
    filterset_class = CreditNoteFilter
    asks = CreditNoteAsk
    keyed = True
    permissions = {"GET": ("invoices.view_creditnote",), "POST": ("invoices.add_creditnote",)}
    orders = ("-issued_on", "id", "created_at")

    def make(self, **told: Any) -> CreditNote:
        return credit_note_issue(**told)


class CreditNoteDetail(Row):
    queryset = queryset_of(CreditNote, "invoice")
    serializer_class = CreditNoteSerializer
    permissions = {"GET": ("invoices.view_creditnote",)}
