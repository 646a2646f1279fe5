"""The facts a decision rests on. Choices are the ledger's own words; a word that no rule knows forbids.

Invoices are named by their id as text, numbers by their E.164 text, wherever facts refer to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from calls.policy import jsonable

# The words that let a fact pass; any other word counts as the one that forbids.
OTHER_CHANNELS = frozenset({"sms", "email", "letter"})
NOBODY_SPOKE = frozenset({"message_left", "third_party", "no_answer", "not_connected"})
NO_LONGER_PROMISED = frozenset({"kept", "partially_kept", "broken", "cancelled"})
NO_LONGER_PAID_BY = frozenset({"completed", "defaulted", "cancelled"})


@dataclass(frozen=True)
class House:
    """What the owner has set. It can make the rules stricter, never looser."""

    legal_name: str = ""
    # "creditor" collects its own invoices; anything else is held to what binds a third party.
    mode: str = "creditor"
    hours_from: time = time(9)
    hours_until: time = time(20)
    # Keep the public holidays of the customer's country; `holidays` are the house's own.
    keeps_holidays: bool = True
    holidays: tuple[date, ...] = ()
    calls_per_person: int = 3
    days_between: int = 1
    # Calls without a conversation after which a human takes over.
    most_attempts: int = 10
    # What is left to pay must be more than this, in the invoice's currency.
    tolerance: Decimal = Decimal(0)
    countries: tuple[str, ...] = ()
    # What a place demands of the owner, by the name it has in places.toml: {"texas_permit": "23-0042"}.
    confirmations: Mapping[str, str] = field(default_factory=dict)
    kill_switch: bool = False
    budget_spent: bool = False


@dataclass(frozen=True)
class Invoice:
    """One debt to be spoken of. `disputed` is the amount of its open dispute, zero without one."""

    id: str
    number: str
    status: str
    currency: str
    balance: Decimal
    due: date
    disputed: Decimal = Decimal(0)
    payment_pending: bool = False
    # 12 CFR 1006.34; matters in third-party mode.
    validation_notice_sent: bool = False


@dataclass(frozen=True)
class Person:
    kind: str
    country: str
    time_zone: str
    state: str = ""
    city: str = ""
    postal_code: str = ""
    exclude_from_dunning: bool = False


@dataclass(frozen=True)
class Number:
    """The number to be rung. `place` is "home", "work" or "" when that is not known."""

    value: str
    line_type: str = "unknown"
    place: str = ""
    wrong: bool = False
    allows_voice: bool = True
    verified: bool = False


@dataclass(frozen=True)
class Consent:
    """Given or revoked for one number, or for all (None). Purpose "callback": asked to be rung again."""

    channel: str
    act: str
    basis: str
    captured_at: datetime
    purpose: str = "collection"
    number: str | None = None


@dataclass(frozen=True)
class Hold:
    """Stands from `starts_at` until `ends_at` (None: until lifted); `invoice` None is for all debts."""

    kind: str
    starts_at: datetime
    ends_at: datetime | None = None
    invoice: str | None = None


@dataclass(frozen=True)
class Wish:
    """Forbids exactly what it names. `number`, `place` and `channel` narrow it; times are local, `until` is out."""

    kind: str
    number: str | None = None
    place: str = ""
    channel: str = ""
    time_from: time | None = None
    time_until: time | None = None
    # Monday 0 to Sunday 6; none: every day.
    weekdays: tuple[int, ...] = ()
    not_before: datetime | None = None


@dataclass(frozen=True)
class Promise:
    status: str
    due: date
    invoices: tuple[str, ...]

    @property
    def open(self) -> bool:
        return self.status not in NO_LONGER_PROMISED


@dataclass(frozen=True)
class Plan:
    """`next_unpaid` is the due day of the first instalment that is not paid in full, None when all are."""

    status: str
    next_unpaid: date | None
    invoices: tuple[str, ...]

    @property
    def active(self) -> bool:
        return self.status not in NO_LONGER_PAID_BY


@dataclass(frozen=True)
class Contact:
    """A contact that was: a placed call, one by hand, or one that the customer began. No `invoices`: about all.

    `at` is when it began.
    """

    at: datetime
    direction: str
    channel: str = "voice"
    outcome: str = "no_answer"
    invoices: tuple[str, ...] = ()
    # False only for a call that surely never reached the telephone network.
    reached_network: bool = True
    # False only when it is sure that no message could have been left.
    message_possible: bool = True
    # Somebody else's number.
    misdirected: bool = False
    # Placed with the person's direct prior consent of the 7 days before, 12 CFR 1006.14(b)(3)(i).
    by_consent: bool = False

    @property
    def counts(self) -> bool:
        """Neither the network nor the wrong person kept it from being a contact."""
        return self.reached_network and not self.misdirected

    @property
    def rang(self) -> bool:
        return self.channel not in OTHER_CHANNELS and self.counts

    @property
    def talked(self) -> bool:
        return self.rang and self.outcome not in NOBODY_SPOKE

    @property
    def attempted(self) -> bool:
        """A call of ours."""
        return self.rang and self.direction != "inbound"

    def about(self, invoice: str) -> bool:
        return not self.invoices or invoice in self.invoices


@dataclass(frozen=True)
class Snapshot:
    """Everything the rules look at, at one instant. Raises ValueError for instants without a zone."""

    now: datetime
    house: House
    invoices: tuple[Invoice, ...]
    person: Person
    number: Number
    consents: tuple[Consent, ...] = ()
    # Only what stands: lifted holds and withdrawn wishes are left out.
    holds: tuple[Hold, ...] = ()
    wishes: tuple[Wish, ...] = ()
    promises: tuple[Promise, ...] = ()
    plans: tuple[Plan, ...] = ()
    # All of the last 31 days, and all later than the last conversation.
    contacts: tuple[Contact, ...] = ()
    other_live_call: bool = False
    lines_free: bool = True

    def __post_init__(self) -> None:
        if self.now.utcoffset() != timedelta(0):
            raise ValueError("the instant of a decision is aware UTC")
        moments = [*(each.at for each in self.contacts), *(each.captured_at for each in self.consents)]
        if any(moment.tzinfo is None for moment in moments):
            raise ValueError("a contact and a consent have aware instants")

    def at(self, instant: datetime) -> "Snapshot":
        """The same facts at another instant."""
        return replace(self, now=instant.astimezone(UTC))

    def as_json(self) -> dict[str, Any]:
        written: dict[str, Any] = jsonable.to_json(self)
        return written

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Snapshot":
        """The facts as `as_json` wrote them."""
        return jsonable.from_json(cls, written)
