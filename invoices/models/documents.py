"""What is owed: invoices with their lines, and the credit notes that correct them."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from invoices.models.keyed import Keyed
from invoices.models.parties import Customer
from invoices.money import amount_exact, amount_text, currency_validate


class Invoice(Keyed):
    """An invoice. `balance` is what is still owed: total - credit notes - allocations, or zero when void.

    Only the posting services write `balance`, in the transaction of the posting.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        OPEN = "open", "Open"
        PAID = "paid", "Paid"
        VOID = "void", "Void"
        UNCOLLECTIBLE = "uncollectible", "Uncollectible"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="invoices")
    number = models.CharField(max_length=32, unique=True)
    status = models.CharField(max_length=15, choices=Status, default=Status.DRAFT)
    description = models.CharField(max_length=300, blank=True)
    currency = models.CharField(max_length=3, validators=[currency_validate])
    # `tax` is in `total`.
    tax = models.DecimalField(max_digits=15, decimal_places=4, default=Decimal(0))
    total = models.DecimalField(max_digits=15, decimal_places=4)
    balance = models.DecimalField(max_digits=15, decimal_places=4)
    issue_date = models.DateField()
    due_date = models.DateField()
    # The void invoice in whose place this one was issued.
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-due_date", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(total__gt=0), name="invoice_total_positive"),
            models.CheckConstraint(
                condition=Q(balance__gte=0) & Q(balance__lte=F("total")), name="invoice_balance_within_total"
            ),
            models.CheckConstraint(
                condition=Q(due_date__gte=F("issue_date")), name="invoice_due_after_issue"
            ),
            models.CheckConstraint(
                condition=Q(tax__gte=0) & Q(tax__lte=F("total")), name="invoice_tax_within_total"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["paid", "void"]) | Q(balance=0), name="invoice_settled_owes_nothing"
            ),
        ]
        indexes = [
            models.Index(F("due_date").desc(), F("id").desc(), name="invoice_newest_due"),
            models.Index(fields=["customer", "-due_date", "-id"], name="invoice_of_customer"),
            models.Index(fields=["status", "-due_date", "-id"], name="invoice_in_state"),
            # What aging and the dashboard sum up: grows with what is open, not with what was ever issued.
            models.Index(
                fields=["currency", "due_date"],
                include=["balance", "customer"],
                condition=Q(status="open"),
                name="invoice_open_by_due",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def total_text(self) -> str:
        return amount_text(self.total, self.currency)

    @property
    def balance_text(self) -> str:
        return amount_text(self.balance, self.currency)

    @property
    def balance_exact(self) -> Decimal:
        return amount_exact(self.balance, self.currency)


class InvoiceLine(models.Model):
    """One line: `net` is quantity times unit price, `tax` its tax, both rounded half up to the minor unit."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=300)
    quantity = models.DecimalField(max_digits=12, decimal_places=4, default=Decimal(1))
    unit_price = models.DecimalField(max_digits=15, decimal_places=4)
    # In percent.
    tax_rate = models.DecimalField(
        max_digits=6,
        decimal_places=3,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    net = models.DecimalField(max_digits=15, decimal_places=4)
    tax = models.DecimalField(max_digits=15, decimal_places=4)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_position_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="invoice_line_quantity_positive"),
            models.CheckConstraint(condition=Q(tax__gte=0), name="invoice_line_tax_not_negative"),
        ]

    def __str__(self) -> str:
        return self.description


class CreditNote(Keyed):
    """Takes back a part or the whole of one issued invoice. What was paid beyond becomes the customer's credit."""

    class Reason(models.TextChoices):
        CORRECTION = "correction", "Wrong amount"
        RETURN = "return", "Goods returned"
        DISPUTE = "dispute", "Dispute upheld"
        GOODWILL = "goodwill", "Goodwill"
        OTHER = "other", "Other"

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    number = models.CharField(max_length=32, unique=True)
    amount = models.DecimalField(max_digits=15, decimal_places=4)
    # The tax in `amount`, in the invoice's own proportion.
    tax = models.DecimalField(max_digits=15, decimal_places=4)
    reason = models.CharField(max_length=10, choices=Reason)
    note = models.CharField(max_length=300, blank=True)
    issued_on = models.DateField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-issued_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="credit_note_amount_positive"),
            models.CheckConstraint(
                condition=Q(tax__gte=0) & Q(tax__lte=F("amount")), name="credit_note_tax_within_amount"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def amount_text(self) -> str:
        return amount_text(self.amount, self.invoice.currency)
