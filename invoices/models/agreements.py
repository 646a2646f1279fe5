"""What was agreed and what is contested: promises, plans, disputes."""

from django.db import models
from django.db.models import Q

from invoices.models.documents import CreditNote, Invoice
from invoices.models.keyed import Keyed
from invoices.models.parties import Customer
from invoices.models.payments import Payment
from invoices.money import amount_text, currency_validate


class PromiseToPay(Keyed):
    """What a customer said they would pay for the named invoices, and by when.

    Judged by the money allocated to these invoices since, received on or before `due_date`.
    """

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        KEPT = "kept", "Kept"
        PARTIALLY_KEPT = "partially_kept", "Partially kept"
        BROKEN = "broken", "Broken"
        CANCELLED = "cancelled", "Cancelled"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="promises")
    invoices = models.ManyToManyField(Invoice, related_name="promises")
    status = models.CharField(max_length=15, choices=Status, default=Status.OPEN)
    currency = models.CharField(max_length=3, validators=[currency_validate])
    amount = models.DecimalField(max_digits=15, decimal_places=4)
    due_date = models.DateField()
    method = models.CharField(max_length=13, choices=Payment.Method, blank=True)
    # The call it was made in. No foreign key: invoices know nothing of calls.
    source_call_id = models.UUIDField(null=True, blank=True, db_index=True)
    # The newest allocation when it was made: what was settled before is not counted again.
    baseline_allocation_id = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "promise to pay"
        verbose_name_plural = "promises to pay"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="promise_amount_positive"),
            models.UniqueConstraint(
                fields=["source_call_id"],
                condition=Q(source_call_id__isnull=False) & ~Q(status="cancelled"),
                name="promise_once_per_call",
            ),
        ]
        indexes = [
            models.Index(fields=["due_date"], condition=Q(status="open"), name="promise_open_by_due"),
            models.Index(fields=["customer", "status"], name="promise_of_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_text} by {self.due_date}"

    @property
    def amount_text(self) -> str:
        return amount_text(self.amount, self.currency)


class PaymentPlan(Keyed):
    """Instalments for the named invoices. Judged like a promise, each instalment by all that came in until its day."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        COMPLETED = "completed", "Completed"
        DEFAULTED = "defaulted", "Defaulted"
        CANCELLED = "cancelled", "Cancelled"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="plans")
    invoices = models.ManyToManyField(Invoice, related_name="plans")
    status = models.CharField(max_length=9, choices=Status, default=Status.ACTIVE)
    currency = models.CharField(max_length=3, validators=[currency_validate])
    total = models.DecimalField(max_digits=15, decimal_places=4)
    source_call_id = models.UUIDField(null=True, blank=True, db_index=True)
    # The newest allocation when it was made: what was settled before is not counted again.
    baseline_allocation_id = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(total__gt=0), name="plan_total_positive"),
            models.UniqueConstraint(
                fields=["source_call_id"],
                condition=Q(source_call_id__isnull=False) & ~Q(status="cancelled"),
                name="plan_once_per_call",
            ),
        ]
        indexes = [models.Index(fields=["customer", "status"], name="plan_of_customer")]

    def __str__(self) -> str:
        return f"{self.total_text} in instalments"

    @property
    def total_text(self) -> str:
        return amount_text(self.total, self.currency)


class Instalment(models.Model):
    """One part of a plan. Whether it is paid is derived."""

    plan = models.ForeignKey(PaymentPlan, on_delete=models.PROTECT, related_name="instalments")
    position = models.PositiveSmallIntegerField()
    due_date = models.DateField(db_index=True)
    amount = models.DecimalField(max_digits=15, decimal_places=4)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="instalment_position_once"),
            models.UniqueConstraint(fields=["plan", "due_date"], name="instalment_day_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="instalment_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_text} on {self.due_date}"

    @property
    def amount_text(self) -> str:
        return amount_text(self.amount, self.plan.currency)


class Dispute(Keyed):
    """A part or the whole of an invoice that the customer contests. While it is open, that part is not asked for."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        UPHELD = "upheld", "Upheld"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Reason(models.TextChoices):
        NOT_MINE = "not_mine", "Not their debt"
        ALREADY_PAID = "already_paid", "Already paid"
        WRONG_AMOUNT = "wrong_amount", "Wrong amount"
        NOT_RECEIVED = "not_received", "Nothing was received"
        FAULTY = "faulty", "Faulty goods or service"
        CANCELLED_ORDER = "cancelled_order", "Order was cancelled"
        FRAUD = "fraud", "Fraud"
        OTHER = "other", "Other"

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="disputes")
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    reason = models.CharField(max_length=15, choices=Reason)
    amount = models.DecimalField(max_digits=15, decimal_places=4)
    description = models.CharField(max_length=1000, blank=True)
    evidence = models.CharField(max_length=500, blank=True)
    source_call_id = models.UUIDField(null=True, blank=True, db_index=True)
    resolution = models.CharField(max_length=500, blank=True)
    credit_note = models.OneToOneField(
        CreditNote, null=True, blank=True, on_delete=models.PROTECT, related_name="dispute"
    )
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="dispute_amount_positive"),
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(status="open"), name="dispute_one_open_per_invoice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_text}: {self.get_reason_display()}"

    @property
    def amount_text(self) -> str:
        return amount_text(self.amount, self.invoice.currency)
