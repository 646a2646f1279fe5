"""Makes up customers: who they are, what they owe, and how they mean to answer."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

FIRST = (
    "Robert",
    "Maria",
    "Susan",
    "Peter",
    "Helen",
    "David",
    "Alice",
    "George",
    "Emma",
    "Jack",
    "Grace",
    "Henry",
)
LAST = (
    "Blake",
    "Carter",
    "Morgan",
    "Parker",
    "Turner",
    "Walker",
    "Harris",
    "Wright",
    "Wilson",
    "Taylor",
    "Scott",
)


@dataclass(frozen=True)
class Place:
    """A place to live in. `numbers` are reserved for fiction by the country's regulator: prefix and how many digits."""

    zone: str
    country: str
    currency: str
    city: str
    prefix: str
    digits: int
    # Where the law of a part of the country may differ.
    state: str = ""


PLACES = (
    Place("Europe/London", "GB", "GBP", "London", "+4420794600", 2),
    Place("America/Los_Angeles", "US", "USD", "Los Angeles", "+121355501", 2, "CA"),
    Place("America/New_York", "US", "USD", "New York", "+121255501", 2, "NY"),
    Place("Australia/Sydney", "AU", "AUD", "Sydney", "+61255505", 3),
)


def lawful_places(now: datetime) -> list[Place]:
    """Where it is between 09:00 and 20:00. Together the places cover every minute of the day, in every season."""
    return [place for place in PLACES if 540 <= _minute(now, place) < 1200]


def _minute(now: datetime, place: Place) -> int:
    local = now.astimezone(ZoneInfo(place.zone))
    return local.hour * 60 + local.minute


def invent(
    persona: str, *, now: datetime | None = None
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A new (customer, invoice, person): bodies for the two API calls and for the carrier's directory."""
    chance = random.SystemRandom()
    now = now or datetime.now(UTC)
    place = chance.choice(lawful_places(now))
    today = now.astimezone(ZoneInfo(place.zone)).date()
    total = chance.randrange(9_000, 90_000)
    person = {
        "persona": persona,
        "name": f"{chance.choice(FIRST)} {chance.choice(LAST)}",
        "birth_month": chance.randint(1, 12),
        "birth_day": chance.randint(1, 28),
        "customer_number": str(chance.randrange(10_000_000, 99_999_999)),
        "plan": _plan(chance, total, today),
    }
    phone = place.prefix + "".join(chance.choices("0123456789", k=place.digits))
    return _customer(person, place, phone), _invoice(chance, place, total, today), person


def _plan(chance: random.Random, total: int, today: date) -> dict[str, str]:
    full = chance.random() < 0.5
    part = f"{max(10, total // 300)}.00"
    return {
        "amount": "full" if full else part,
        "date": (today + timedelta(days=chance.randint(3, 25))).isoformat(),
    }


def _customer(person: dict[str, Any], place: Place, phone: str) -> dict[str, Any]:
    return {
        "number": person["customer_number"],
        "name": person["name"],
        "phone": phone,
        "address": "1 Rehearsal Street",
        "city": place.city,
        "state": place.state,
        "country": place.country,
        "time_zone": place.zone,
        "birth_month": person["birth_month"],
        "birth_day": person["birth_day"],
    }


def _invoice(chance: random.Random, place: Place, total: int, today: date) -> dict[str, Any]:
    issued = today - timedelta(days=chance.randint(40, 90))
    return {
        "number": f"R-{chance.randrange(10_000_000, 99_999_999)}",
        "currency": place.currency,
        "total": f"{total // 100}.{total % 100:02}",
        "issue_date": issued.isoformat(),
        "due_date": (issued + timedelta(days=30)).isoformat(),
        "description": "Rehearsal",
    }
