"""Facts for tests: somebody at home somewhere, with whom nothing is wrong, and what a test changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from calls.policy import Snapshot
from calls.policy.snapshot import Consent, Contact, House, Invoice, Number, Person

# Name: (number, country, state, city, postal code, stated zone).
PLACES = {
    "phoenix": ("+16025550123", "US", "AZ", "Phoenix", "85001", "America/Phoenix"),
    "new york": ("+12125550123", "US", "NY", "New York", "10001", "America/New_York"),
    "albany": ("+15185550123", "US", "NY", "Albany", "12201", "America/New_York"),
    "chicago": ("+13125551234", "US", "IL", "Chicago", "60601", "America/Chicago"),
    "denver": ("+13035550123", "US", "CO", "Denver", "80201", "America/Denver"),
    "austin": ("+15125551234", "US", "TX", "Austin", "78701", "America/Chicago"),
    "miami": ("+13055551234", "US", "FL", "Miami", "33101", "America/New_York"),
    "boston": ("+16175550123", "US", "MA", "Boston", "02108", "America/New_York"),
    "washington": ("+12025550123", "US", "DC", "Washington", "20001", "America/New_York"),
    "san francisco": ("+14155552671", "US", "CA", "San Francisco", "94101", "America/Los_Angeles"),
    "london": ("+442079460018", "GB", "", "London", "N1 9ZZ", "Europe/London"),
    "sydney": ("+61291234567", "AU", "NSW", "Sydney", "2000", "Australia/Sydney"),
    "adelaide": ("+61882220123", "AU", "SA", "Adelaide", "5000", "Australia/Adelaide"),
    "darwin": ("+61889220123", "AU", "NT", "Darwin", "0800", "Australia/Darwin"),
    "toronto": ("+14165550123", "CA", "ON", "Toronto", "", "America/Toronto"),
    "kingston": ("+18765550123", "JM", "", "Kingston", "", "America/Jamaica"),
    "paris": ("+33142345678", "FR", "", "Paris", "75001", "Europe/Paris"),
    "sao paulo": ("+551132345678", "BR", "SP", "São Paulo", "", "America/Sao_Paulo"),
}
HOUSE = House(
    legal_name="Moonlight Supplies Limited",
    # As wide as settings go, so that it is the law that forbids.
    hours_from=datetime.min.time(),
    hours_until=datetime.max.time(),
    keeps_holidays=False,
    calls_per_person=99,
    days_between=0,
    most_attempts=99,
    countries=("US", "GB", "AU", "CA", "JM", "FR", "BR"),
    confirmations={"texas_permit": "23-0042"},
)
INVOICE = Invoice("1", "INV-1", "open", "USD", Decimal("120.50"), date(2026, 1, 31))


def there(place: str, text: str) -> datetime:
    """The UTC instant of a local time “2026-06-10 12:00” at a place."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(PLACES[place][5])).astimezone(UTC)


def somebody(place: str = "denver", local: str = "2026-06-10 12:00", **changes: Any) -> Snapshot:
    """A person at `place` who may be rung at the local time, with `changes`.

    A mapping changes single facts of house, person or number; `invoice` those of the one invoice.
    """
    number, country, state, city, postal_code, zone = PLACES[place]
    now = there(place, local)
    given = Consent("voice", "given", "number_given", now - timedelta(days=300))
    facts = Snapshot(
        now=now,
        house=HOUSE,
        invoices=(INVOICE,),
        person=Person("person", country, zone, state, city, postal_code),
        number=Number(number, "mobile", "home"),
        consents=(given,),
    )
    if "invoice" in changes:
        changes["invoices"] = (replace(INVOICE, **changes.pop("invoice")),)
    for part in ("house", "person", "number"):
        if part in changes:
            changes[part] = replace(getattr(facts, part), **changes[part])
    return replace(facts, **changes)


def contact(place: str, local: str, **changes: Any) -> Contact:
    """A call of ours that nobody answered, at a local time."""
    return Contact(**{"at": there(place, local), "direction": "outbound", **changes})


def calls(place: str, *days: str, **changes: Any) -> tuple[Contact, ...]:
    """One call at noon of each day."""
    return tuple(contact(place, f"{day} 12:00", **changes) for day in days)
