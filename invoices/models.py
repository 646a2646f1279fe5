"""Who owes what, and what has been agreed. Rows are written by `services` only."""

from decimal import Decimal
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from phonenumber_field.modelfields import PhoneNumberField

from invoices.money import amount_exact, amount_text, currency_validate


def time_zone_validate(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(f"“{value}” is not an IANA time zone such as Europe/London.", code="time_zone")


def country_validate(value: str) -> None:
    if len(value) != 2 or not value.isascii() or not value.isalpha() or not value.isupper():
        raise ValidationError("Enter a two-letter ISO country code such as US.", code="country")


class Customer(models.Model):
    """A person or business that buys on account."""

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        BUSINESS = "business", "Business"

    number = models.CharField("customer number", max_length=32, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PERSON)
    phone = PhoneNumberField()
    email = models.EmailField(blank=True)
    address = models.CharField(max_length=300, blank=True)
    city = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2, validators=[country_validate])
    time_zone = models.CharField(max_length=64, validators=[time_zone_validate])
    # A fact that the household of the customer is not likely to give away; the right party is verified by it.
    birth_month = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    birth_day = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Invoice(models.Model):
    """An invoice. `balance` is what is still owed, kept by the services that post to it."""

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
    total = models.DecimalField(max_digits=15, decimal_places=4)
    balance = models.DecimalField(max_digits=15, decimal_places=4)
    issue_date = models.DateField()
    due_date = models.DateField()
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


class Payment(models.Model):
    """Money received for one invoice."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="payments")
    amount = models.DecimalField(max_digits=15, decimal_places=4)
    received_on = models.DateField()
    reference = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-received_on", "-id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive")]

    def __str__(self) -> str:
        return self.reference


class PromiseToPay(models.Model):
    """What a customer said they would pay, and by when."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        KEPT = "kept", "Kept"
        PARTIALLY_KEPT = "partially_kept", "Partially kept"
        BROKEN = "broken", "Broken"
        CANCELLED = "cancelled", "Cancelled"

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="promises")
    amount = models.DecimalField(max_digits=15, decimal_places=4)
    due_date = models.DateField()
    status = models.CharField(max_length=15, choices=Status, default=Status.OPEN)
    # The call it was made in. No foreign key: invoices know nothing of calls.
    source_call_id = models.UUIDField(null=True, blank=True, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "promise to pay"
        verbose_name_plural = "promises to pay"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="promise_amount_positive"),
            models.UniqueConstraint(
                fields=["invoice", "source_call_id"],
                condition=Q(source_call_id__isnull=False),
                name="promise_once_per_call",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_text} by {self.due_date}"

    @property
    def amount_text(self) -> str:
        return amount_text(self.amount, self.invoice.currency)


class Event(models.Model):
    """One change of one object: who, what, before and after, why. Append-only."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    source = models.CharField(max_length=20)
    object_type = models.CharField(max_length=20)
    object_id = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["object_type", "object_id", "id"])]

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_id}: {self.kind}"
