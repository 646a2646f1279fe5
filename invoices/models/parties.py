"""Who owes: customers, how they may be reached, what they allowed, asked for and were promised."""

from functools import cache
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from invoices.money import currency_validate

# Reads every file of the zone database: once is enough.
time_zones = cache(available_timezones)


def time_zone_validate(value: str) -> None:
    if value not in time_zones():
        raise ValidationError(f"“{value}” is not an IANA time zone such as Europe/London.", code="time_zone")


def country_validate(value: str) -> None:
    if len(value) != 2 or not value.isascii() or not value.isalpha() or not value.isupper():
        raise ValidationError("Enter a two-letter ISO country code such as US.", code="country")


class Channel(models.TextChoices):
    VOICE = "voice", "Telephone"
    SMS = "sms", "Text message"
    EMAIL = "email", "E-mail"
    LETTER = "letter", "Letter"


class Customer(models.Model):
    """A person or business that buys on account."""

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        BUSINESS = "business", "Business"

    number = models.CharField("customer number", max_length=32, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PERSON)
    address = models.CharField(max_length=300, blank=True)
    city = models.CharField(max_length=100, blank=True)
    # The part of the country whose law may differ: “TX”, “New South Wales”.
    state = models.CharField("state or county", max_length=50, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, validators=[country_validate])
    time_zone = models.CharField(max_length=64, validators=[time_zone_validate])
    locale = models.CharField(max_length=20, default="en_US")
    currency = models.CharField(max_length=3, blank=True, validators=[currency_validate])
    payment_terms_days = models.PositiveSmallIntegerField(default=30)
    # Kept out of every campaign and work queue; a large account that a human looks after.
    exclude_from_dunning = models.BooleanField(default=False)
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

    @property
    def phone(self) -> "ContactPoint | None":
        """The number that is rung: the primary one. Prefetch `contact_points` in lists."""
        return self._primary(ContactPoint.Kind.PHONE)

    @property
    def email(self) -> str:
        point = self._primary(ContactPoint.Kind.EMAIL)
        return point.value if point else ""

    def _primary(self, kind: str) -> "ContactPoint | None":
        points = [point for point in self.contact_points.all() if point.kind == kind and point.is_primary]
        return points[0] if points else None


class ContactPoint(models.Model):
    """A number or address at which a customer may be reached."""

    class Kind(models.TextChoices):
        PHONE = "phone", "Telephone"
        EMAIL = "email", "E-mail"

    class LineType(models.TextChoices):
        UNKNOWN = "unknown", "Unknown"
        MOBILE = "mobile", "Mobile"
        LANDLINE = "landline", "Landline"
        VOIP = "voip", "Internet telephone"

    class Place(models.TextChoices):
        UNKNOWN = "", "Not known"
        HOME = "home", "Home"
        WORK = "work", "Work"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contact_points")
    kind = models.CharField(max_length=5, choices=Kind)
    # E.164, or an address in small letters.
    value = models.CharField(max_length=254)
    is_primary = models.BooleanField(default=False)
    line_type = models.CharField(max_length=8, choices=LineType, default=LineType.UNKNOWN)
    place = models.CharField(max_length=4, choices=Place, blank=True)
    allows_voice = models.BooleanField(default=True)
    allows_messages = models.BooleanField(default=True)
    # Somebody has made sure that it is the customer's.
    verified_at = models.DateTimeField(null=True, blank=True)
    # It belongs to somebody else; it is never used again.
    wrong_at = models.DateTimeField("wrong since", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-is_primary", "id"]
        constraints = [
            models.UniqueConstraint(fields=["customer", "kind", "value"], name="contact_point_once"),
            models.UniqueConstraint(
                fields=["customer", "kind"], condition=Q(is_primary=True), name="contact_point_one_primary"
            ),
        ]
        indexes = [models.Index(fields=["value"])]

    def __str__(self) -> str:
        return self.value


class Consent(models.Model):
    """That a customer allowed a channel, or took it back. Append-only: the latest row of a channel counts."""

    class Act(models.TextChoices):
        GIVEN = "given", "Given"
        REVOKED = "revoked", "Revoked"

    class Basis(models.TextChoices):
        NUMBER_GIVEN = "number_given", "Number given for this account"
        ORAL = "oral", "Said so"
        WRITTEN = "written", "In writing"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="consents")
    # Absent: for every number and address of the customer.
    contact_point = models.ForeignKey(
        ContactPoint, null=True, blank=True, on_delete=models.PROTECT, related_name="consents"
    )
    channel = models.CharField(max_length=6, choices=Channel)
    purpose = models.CharField(max_length=40, default="collection")
    act = models.CharField(max_length=7, choices=Act)
    basis = models.CharField(max_length=12, choices=Basis)
    # When it was given or revoked, which may be before it was written down.
    captured_at = models.DateTimeField()
    evidence = models.CharField(max_length=500)
    source_call_id = models.UUIDField(null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["captured_at", "id"]
        indexes = [models.Index(fields=["customer", "channel", "captured_at"])]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.get_act_display().lower()}"


class Hold(models.Model):
    """Something that forbids contact, for a time or until it is lifted."""

    class Kind(models.TextChoices):
        CEASE_COMMUNICATION = "cease_communication", "Cease communication (in writing)"
        DISPUTE = "dispute", "Dispute"
        HARDSHIP = "hardship", "Hardship"
        ATTORNEY_REPRESENTED = "attorney_represented", "Represented by an attorney"
        BANKRUPTCY = "bankruptcy", "Bankruptcy"
        DECEASED = "deceased", "Deceased"
        MINOR = "minor", "Minor"
        BREATHING_SPACE = "breathing_space", "Breathing space"
        TIME_BARRED = "time_barred", "Time-barred debt"
        LEGAL = "legal", "Legal proceedings"
        MANUAL = "manual", "Set by hand"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="holds")
    # Absent: for everything that the customer owes.
    invoice = models.ForeignKey(
        "invoices.Invoice", null=True, blank=True, on_delete=models.PROTECT, related_name="holds"
    )
    kind = models.CharField(max_length=20, choices=Kind)
    starts_at = models.DateTimeField("from")
    ends_at = models.DateTimeField("until", null=True, blank=True)
    evidence = models.CharField(max_length=500)
    source_call_id = models.UUIDField(null=True, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="hold_ends_after_start",
            )
        ]
        indexes = [
            models.Index(fields=["customer"], condition=Q(lifted_at__isnull=True), name="hold_standing")
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Wish(models.Model):
    """What a customer asked for about being contacted. It forbids exactly what it names, nothing else."""

    class Kind(models.TextChoices):
        NOT_AT_PLACE = "not_at_place", "Not at this place"
        NOT_THIS_NUMBER = "not_this_number", "Not on this number"
        ONLY_BETWEEN = "only_between", "Only at these times"
        NOT_BEFORE = "not_before", "Not before this moment"
        ONLY_BY = "only_by", "Only by this channel"
        NOT_BY = "not_by", "Not by this channel"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="wishes")
    kind = models.CharField(max_length=15, choices=Kind)
    # "Not at work": the place; also every number that is known to be there.
    place = models.CharField(max_length=4, choices=ContactPoint.Place, blank=True)
    contact_point = models.ForeignKey(
        ContactPoint, null=True, blank=True, on_delete=models.PROTECT, related_name="wishes"
    )
    channel = models.CharField(max_length=6, choices=Channel, blank=True)
    # Where the customer is; "after five" leaves `until` empty.
    time_from = models.TimeField("from", null=True, blank=True)
    time_until = models.TimeField("until", null=True, blank=True)
    # The days that the times are for, Monday 0 to Sunday 6; none: every day. On other days the wish forbids calls.
    weekdays = models.JSONField(default=list, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    # In the customer's own words, or the reason as staff put it.
    said = models.CharField(max_length=300)
    source_call_id = models.UUIDField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name_plural = "wishes"
        indexes = [
            models.Index(fields=["customer"], condition=Q(withdrawn_at__isnull=True), name="wish_standing")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.said}"


class Contact(models.Model):
    """A contact that no machine placed: made by hand, or begun by the customer. It counts like a call."""

    class Direction(models.TextChoices):
        OUTBOUND = "outbound", "We contacted them"
        INBOUND = "inbound", "They contacted us"

    class Outcome(models.TextChoices):
        CONVERSATION = "conversation", "Spoke with the customer"
        MESSAGE_LEFT = "message_left", "Message left"
        THIRD_PARTY = "third_party", "Somebody else"
        NO_ANSWER = "no_answer", "No answer"
        NOT_CONNECTED = "not_connected", "Never reached the network"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contacts")
    contact_point = models.ForeignKey(
        ContactPoint, null=True, blank=True, on_delete=models.PROTECT, related_name="contacts"
    )
    # The debts that were spoken of; none: all of the customer's.
    invoices = models.ManyToManyField("invoices.Invoice", blank=True, related_name="contacts")
    channel = models.CharField(max_length=6, choices=Channel, default=Channel.VOICE)
    direction = models.CharField(max_length=8, choices=Direction)
    outcome = models.CharField(max_length=13, choices=Outcome)
    at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["customer", "at"])]

    def __str__(self) -> str:
        return f"{self.get_direction_display()}: {self.get_outcome_display().lower()}"
