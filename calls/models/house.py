"""What holds for all calls: the owner's rules, and the pace."""

from datetime import time
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q

from calls.models.calls import Call


def countries_at_first() -> list[str]:
    return ["US", "GB", "AU"]


class HouseRules(models.Model):
    """What the owner has set for all calls: one row, written by `calls.house` alone. Stricter than the law, or as it.

    Where the row is missing, the defaults hold.
    """

    class Mode(models.TextChoices):
        CREDITOR = "creditor", "We collect our own invoices"
        THIRD_PARTY = "third_party", "We collect for others"

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    # Empty: BUSINESS_LEGAL_NAME of the settings.
    legal_name = models.CharField(max_length=200, blank=True)
    mode = models.CharField("whose invoices", max_length=12, choices=Mode, default=Mode.CREDITOR)
    # Local times of the customer; the end is out.
    hours_from = models.TimeField(default=time(9))
    hours_until = models.TimeField(default=time(20))
    keeps_holidays = models.BooleanField("no calls on public holidays", default=True)
    # Days on which the house is closed, each as ISO text.
    holidays = models.JSONField(default=list, blank=True)
    # In 7 days.
    calls_per_person = models.PositiveSmallIntegerField("calls to one person in 7 days", default=3)
    days_between = models.PositiveSmallIntegerField("days between two attempts", default=0)
    most_attempts = models.PositiveSmallIntegerField("attempts before a human takes over", default=10)
    # Further calls that are made by themselves after one that nobody answered; 0: none.
    retries = models.PositiveSmallIntegerField("retries of an unanswered call", default=0, db_default=0)
    retry_after_days = models.PositiveSmallIntegerField("days before a retry", default=1, db_default=1)
    # What is left to pay must be more than this, in the invoice's currency.
    tolerance = models.DecimalField(max_digits=15, decimal_places=4, default=Decimal(0))
    # ISO 3166 codes.
    countries = models.JSONField(default=countries_at_first)
    # What a place demands of the owner, by its name in places.toml: {"texas_permit": "23-0042"}.
    confirmations = models.JSONField(default=dict, blank=True)
    # None: no limit.
    daily_budget = models.DecimalField(max_digits=15, decimal_places=4, null=True, blank=True)
    # An estimate of what one begun minute of a call costs.
    cost_per_minute = models.DecimalField(max_digits=15, decimal_places=4, default=Decimal("0.15"))
    budget_currency = models.CharField(max_length=3, default="USD")
    # What the models that listen, think and speak may cost on a day; then calls are announced. None: no limit.
    models_budget = models.DecimalField(max_digits=15, decimal_places=4, null=True, blank=True)
    # An estimate of what they cost in one begun minute of a conversation.
    models_cost_per_minute = models.DecimalField(
        max_digits=15, decimal_places=4, default=Decimal("0.10"), db_default=Decimal("0.10")
    )
    # None: as many as the installation's settings allow (CALLS_PER_SECOND, CALLS_AT_ONCE); never more than those.
    most_calls_per_second = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    most_calls_at_once = models.PositiveSmallIntegerField("calls at the same time", null=True, blank=True)

    # How the voice speaks. Empty: as in the settings of the installation.
    agent_voice_name = models.CharField(
        "the voice’s name", max_length=40, blank=True, default="", db_default=""
    )
    tts_voice = models.CharField("the voice’s sound", max_length=40, blank=True, default="", db_default="")
    # The first words by language, with {agent}, {business} and {customer}: {"en": "This is {agent}, ..."}.
    opening_lines = models.JSONField(default=dict, blank=True, db_default={})
    # E.164; said in calls, and never the number that dials (47 CFR 64.1200(b)(2)).
    callback_number = models.CharField(max_length=20, blank=True, default="", db_default="")
    payment_instructions = models.CharField(max_length=500, blank=True, default="", db_default="")
    # What the voice may agree to. The least instalment is in the invoice's currency.
    promise_within_days = models.PositiveSmallIntegerField(default=60, db_default=60)
    plan_most_instalments = models.PositiveSmallIntegerField(default=6, db_default=6)
    plan_longest_days = models.PositiveSmallIntegerField(default=183, db_default=183)
    plan_least_instalment = models.DecimalField(
        max_digits=15, decimal_places=4, default=Decimal(10), db_default=Decimal(10)
    )
    # Whoever asks for a human is connected to this number, within these hours of that zone's clock.
    transfer_number = models.CharField(max_length=20, blank=True, default="", db_default="")
    transfer_from = models.TimeField(default=time(9), db_default=time(9))
    transfer_until = models.TimeField(default=time(17), db_default=time(17))
    transfer_zone = models.CharField("time zone of transfers", max_length=64, default="UTC", db_default="UTC")
    announcement_fallback = models.BooleanField(
        "scripted announcement where there is no agent", default=True, db_default=True
    )

    kill_switch = models.BooleanField("all calls stopped", default=False)
    kill_switch_reason = models.CharField("why stopped", max_length=300, blank=True)
    kill_switch_since = models.DateTimeField("stopped since", null=True, blank=True)
    kill_switch_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="stopped by",
    )

    class Meta:
        verbose_name = verbose_name_plural = "house rules"
        default_permissions = ("view", "change")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="house_rules_one_row")]

    def __str__(self) -> str:
        return "House rules"


class Pace(models.Model):
    """When the last call was placed, and the breaker that pauses placing: one row, locked by every claim of a call.

    Written by `calls.pace` and `calls.breaker` alone. Lines in use are no column: they are counted from the calls.
    """

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    last_placed_at = models.DateTimeField(null=True)
    # None: closed, calls are placed. In the future: open, none is. Past: half open, one call is tried.
    breaker_until = models.DateTimeField(null=True)
    breaker_since = models.DateTimeField(null=True)
    breaker_reason = models.CharField(max_length=200, blank=True)
    trial = models.ForeignKey(Call, null=True, on_delete=models.PROTECT, related_name="+")
    # What was placed before this no longer counts against the carrier.
    counted_from = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "pace"
        default_permissions = ("view",)
        permissions = [("close_breaker", "Can end the pause after failed calls")]
        constraints = [models.CheckConstraint(condition=Q(id=1), name="pace_one_row")]

    def __str__(self) -> str:
        return "Pace"
