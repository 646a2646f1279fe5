"""What came in: payments, which invoices they settle, and what was given back."""

from django.db import models
from django.db.models import F, Q

from invoices.models.documents import CreditNote, Invoice
from invoices.models.keyed import Keyed
from invoices.models.parties import Customer
from invoices.money import amount_text, currency_validate


class Payment(Keyed):
    """Money from a customer. `unallocated` is the customer's credit: amount - allocations - refunds.

    A pending payment is on its way and settles nothing yet; a failed one never came.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        CLEARED = "cleared", "Cleared"
        FAILED = "failed", "Failed"

    class Method(models.TextChoices):
        BANK_TRANSFER = "bank_transfer", "Bank transfer"
        CARD = "card", "Card"
        DIRECT_DEBIT = "direct_debit", "Direct debit"
        CHEQUE = "cheque", "Cheque"
        CASH = "cash", "Cash"
        OTHER = "other", "Other"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="payments")
    status = models.CharField(max_length=7, choices=Status, default=Status.CLEARED)
    currency = models.CharField(max_length=3, validators=[currency_validate])
    amount = models.DecimalField(max_digits=15, decimal_places=4)
    unallocated = models.DecimalField(max_digits=15, decimal_places=4)
    # The day it reached us; promises are judged by it, whenever it is posted.
    received_on = models.DateField()
    method = models.CharField(max_length=13, choices=Method, default=Method.BANK_TRANSFER)
    reference = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-received_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(unallocated__gte=0) & Q(unallocated__lte=F("amount")),
                name="payment_unallocated_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(status="cleared") | Q(unallocated=0), name="payment_credit_only_when_cleared"
            ),
        ]
        indexes = [
            models.Index(F("received_on").desc(), F("id").desc(), name="payment_newest"),
            models.Index(fields=["customer", "-received_on"], name="payment_of_customer"),
            models.Index(fields=["reference"], name="payment_reference"),
            models.Index(
                fields=["customer", "currency"], condition=Q(unallocated__gt=0), name="payment_with_credit"
            ),
        ]

    def __str__(self) -> str:
        return self.reference or f"Payment {self.pk}"

    @property
    def amount_text(self) -> str:
        return amount_text(self.amount, self.currency)

    @property
    def unallocated_text(self) -> str:
        return amount_text(self.unallocated, self.currency)


class Refund(Keyed):
    """Money given back from a payment; what it had settled is owed again."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount = models.DecimalField(max_digits=15, decimal_places=4)
    refunded_on = models.DateField()
    reason = models.CharField(max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-refunded_on", "-id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive")]

    def __str__(self) -> str:
        return f"{self.amount_text} back"

    @property
    def amount_text(self) -> str:
        return amount_text(self.amount, self.payment.currency)


class Allocation(models.Model):
    """A part of a payment put to an invoice, or with a negative amount taken from it again. Append-only.

    What a payment has settled of an invoice is the sum of their rows.
    """

    class Cause(models.TextChoices):
        INSTRUCTION = "instruction", "As instructed"
        OLDEST_FIRST = "oldest_first", "Oldest due first"
        REFUND = "refund", "Refund"
        CREDIT_NOTE = "credit_note", "Credit note"
        VOID = "void", "Invoice voided"
        RELEASED = "released", "Taken off by hand"

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations")
    amount = models.DecimalField(max_digits=15, decimal_places=4)
    cause = models.CharField(max_length=12, choices=Cause)
    refund = models.ForeignKey(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="allocations"
    )
    credit_note = models.ForeignKey(
        CreditNote, null=True, blank=True, on_delete=models.PROTECT, related_name="allocations"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="allocation_amount_not_zero")]

    def __str__(self) -> str:
        return f"{self.amount_text} of {self.payment} to {self.invoice}"

    @property
    def amount_text(self) -> str:
        return amount_text(self.amount, self.payment.currency)
