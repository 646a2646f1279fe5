"""Random facts as JSON, from a seed: mostly lawful ones with a few things wrong, near the edges of the rules."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

Facts = dict[str, Any]

# (number, country, state, city, postal code, stated zone), nothing of which disagrees.
HOMES = (
    ("+16025550123", "US", "AZ", "Phoenix", "85001", "America/Phoenix"),
    ("+19287290123", "US", "AZ", "Window Rock", "86515", "America/Denver"),
    ("+12125550123", "US", "NY", "New York", "10001", "America/New_York"),
    ("+15185550123", "US", "New York", "Albany", "12201", "America/New_York"),
    ("+14155552671", "US", "CA", "San Francisco", "94101", "America/Los_Angeles"),
    ("+15125551234", "US", "TX", "Austin", "78701", "America/Chicago"),
    ("+19155551234", "US", "TX", "El Paso", "79901", "America/Denver"),
    ("+18505550123", "US", "Florida", "Pensacola", "32501", "America/Chicago"),
    ("+16175550123", "US", "MA", "Boston", "02108", "America/New_York"),
    ("+12025550123", "US", "DC", "Washington", "20001", "America/New_York"),
    ("+13125551234", "US", "IL", "Chicago", "60601", "America/Chicago"),
    ("+12065550123", "US", "Washington", "Seattle", "98101", "America/Los_Angeles"),
    ("+13035550123", "US", "CO", "Denver", "80201", "America/Denver"),
    ("+442079460018", "GB", "", "London", "N1 9ZZ", "Europe/London"),
    ("+447400123456", "GB", "", "Leeds", "LS1 1AA", "Europe/London"),
    ("+61291234567", "AU", "New South Wales", "Sydney", "2000", "Australia/Sydney"),
    ("+61882220123", "AU", "SA", "Adelaide", "5000", "Australia/Adelaide"),
    ("+61882220123", "AU", "NT", "Darwin", "0800", "Australia/Darwin"),
    ("+61733330123", "AU", "QLD", "Brisbane", "4000", "Australia/Brisbane"),
    ("+61412345678", "AU", "", "Sydney", "2000", "Australia/Sydney"),
)
ODD_NUMBERS = [
    "+14165550123", "+18765550123", "+17875550123", "+18005551212", "+19005551234", "+12129761234",
    "+33142345678", "+551132345678", "+15555550100", "12345", "+17185551212", "+13055551234",
]  # fmt: skip
ODD_ZONES = [
    "America/New_York", "America/Los_Angeles", "America/Phoenix", "America/Denver", "Pacific/Honolulu",
    "Europe/London", "Europe/Berlin", "Australia/Darwin", "Australia/Adelaide", "Asia/Kathmandu",
    "Etc/Unknown", "Mars/Olympus",
]  # fmt: skip
HOLDS = [
    "cease_communication", "dispute", "hardship", "attorney_represented", "bankruptcy", "deceased", "minor",
    "breathing_space", "time_barred", "legal", "manual", "something_new",
]  # fmt: skip
EDGES = [
    time(hour, minute)
    for hour, minute in [
        (0, 0), (7, 29), (7, 30), (7, 59), (8, 0), (8, 59), (9, 0), (10, 0), (12, 0), (15, 30), (16, 59), (17, 0),
        (19, 59), (20, 0), (20, 59), (21, 0), (21, 1), (23, 59),
    ]
]  # fmt: skip
# Days on which clocks change, holidays, ends of months and years.
DAYS = [
    date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 3), date(2026, 4, 5), date(2026, 4, 25), date(2026, 4, 27),
    date(2026, 7, 3), date(2026, 10, 4), date(2026, 10, 25), date(2026, 11, 1), date(2026, 11, 26),
    date(2026, 12, 24), date(2027, 1, 26), date(2027, 2, 28),
]  # fmt: skip


def make(random: Random) -> Facts:
    """One set of facts."""
    facts = _lawful(random)
    for _ in range(random.choice((0, 0, 1, 1, 1, 2, 3))):
        random.choice(SPOILERS)(random, facts)
    return facts


def _moment(random: Random, zone: str) -> datetime:
    """A whole minute of 2026 or 2027, mostly in the daytime of `zone` or at an edge of it."""
    day = date(2026, 1, 1) + timedelta(days=random.randrange(680))
    if random.random() < 0.2:
        day = random.choice(DAYS) + timedelta(days=random.choice((-1, 0, 0, 1)))
    at = time(random.randrange(9, 20), random.randrange(60))
    if random.random() < 0.3:
        at = random.choice(EDGES)
    return datetime.combine(day, at, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _lawful(random: Random) -> Facts:
    number, country, state, city, postal_code, zone = random.choice(HOMES)
    now = _moment(random, zone)
    return {
        "now": now.isoformat(),
        "house": _house(random),
        "invoices": [_invoice(random, str(n + 1)) for n in range(random.choice((1, 1, 1, 2, 3)))],
        "person": {
            "kind": random.choice(("person", "person", "person", "business")),
            "country": country,
            "state": state,
            "city": city,
            "postal_code": postal_code,
            "time_zone": zone,
            "exclude_from_dunning": False,
        },
        "number": {
            "value": number,
            "line_type": random.choice(("mobile", "landline", "unknown", "voip")),
            "place": random.choice(("", "home", "home", "work")),
            "wrong": False,
            "allows_voice": True,
            "verified": random.random() < 0.5,
        },
        "consents": [_consent(now - timedelta(days=200))],
        "holds": [],
        "wishes": [],
        "promises": [],
        "plans": [],
        "contacts": [],
        "other_live_call": False,
        "lines_free": True,
    }


def _house(random: Random) -> Facts:
    opens, closes = random.choice(
        [("09:00:00", "20:00:00")] * 3 + [("07:00:00", "22:00:00"), ("10:20:00", "16:45:00")]
    )
    return {
        "legal_name": "Moonlight Supplies Limited",
        "mode": "creditor",
        "hours_from": opens,
        "hours_until": closes,
        "keeps_holidays": random.random() < 0.6,
        "holidays": [],
        "calls_per_person": random.choice((3, 3, 20)),
        "days_between": random.choice((0, 1, 1, 2, 4)),
        "most_attempts": random.choice((3, 10, 40)),
        "tolerance": "0",
        "countries": ["US", "GB", "AU"],
        "confirmations": {"texas_permit": "23-0042"},
        "kill_switch": False,
        "budget_spent": False,
    }


def _invoice(random: Random, name: str) -> Facts:
    return {
        "id": name,
        "number": f"INV-{name}",
        "status": "open",
        "currency": "USD",
        "balance": random.choice(("0.50", "40.00", "120.5")),
        "due": "2025-12-01",
        "disputed": "0",
        "payment_pending": False,
        "validation_notice_sent": random.random() < 0.5,
    }


def _consent(at: datetime, **changes: Any) -> Facts:
    given = {
        "channel": "voice",
        "act": "given",
        "basis": "number_given",
        "purpose": "collection",
        "number": None,
    }
    return {**given, "captured_at": at.isoformat(), **changes}


# What may be wrong.


def _set(part: str, name: str, *values: Any) -> Callable[[Random, Facts], None]:
    def spoil(random: Random, facts: Facts) -> None:
        target = facts[part] if part else facts
        target[name] = random.choice(values)

    return spoil


def _of_invoice(name: str, *values: Any) -> Callable[[Random, Facts], None]:
    def spoil(random: Random, facts: Facts) -> None:
        if facts["invoices"]:
            random.choice(facts["invoices"])[name] = random.choice(values)

    return spoil


def _now(facts: Facts) -> datetime:
    return datetime.fromisoformat(facts["now"])


def _today(facts: Facts) -> date:
    zone = facts["person"]["time_zone"]
    return (
        _now(facts).astimezone(ZoneInfo(zone if "/" in zone and zone not in ODD_ZONES[-2:] else "UTC")).date()
    )


def _some_invoices(random: Random, facts: Facts) -> list[str]:
    names = [invoice["id"] for invoice in facts["invoices"]] + ["another"]
    return random.sample(names, random.randrange(1, len(names) + 1))


def _contact(random: Random, facts: Facts, days: int) -> None:
    at = _now(facts) - timedelta(days=random.uniform(0, days))
    facts["contacts"].append(
        {
            "at": at.replace(microsecond=0).isoformat(),
            "direction": random.choice(("outbound", "outbound", "outbound", "inbound", "odd")),
            "channel": random.choice(("voice",) * 8 + ("sms", "email", "odd")),
            "outcome": random.choice(
                ("no_answer",) * 6 + ("conversation", "message_left", "third_party", "odd")
            ),
            "invoices": [] if random.random() < 0.4 else _some_invoices(random, facts),
            "reached_network": random.random() < 0.9,
            "message_possible": random.random() < 0.6,
            "misdirected": random.random() < 0.1,
            "by_consent": random.random() < 0.1,
        }
    )


def contacts(random: Random, facts: Facts) -> None:
    days = random.choice((3, 8, 8, 33))
    for _ in range(random.choice((1, 2, 3, 4, 8, 12))):
        _contact(random, facts, days)


def conversation(random: Random, facts: Facts) -> None:
    """On the edge of the seven days."""
    _contact(random, facts, 1)
    at = _now(facts) - timedelta(days=random.choice((5, 6, 7, 8)), minutes=random.randrange(-700, 700))
    facts["contacts"][-1] |= {
        "channel": "voice",
        "outcome": "conversation",
        "reached_network": True,
        "misdirected": False,
        "at": at.isoformat(),
    }


def eighth_call(random: Random, facts: Facts) -> None:
    """Six, seven or eight calls about one debt in about a week, where the house would not mind."""
    facts["house"]["calls_per_person"] = 20
    for _ in range(random.choice((6, 7, 8))):
        _contact(random, facts, random.choice((6, 7)))
        facts["contacts"][-1] |= {
            "channel": "voice",
            "outcome": "no_answer",
            "reached_network": True,
            "misdirected": False,
            "by_consent": False,
            "invoices": ["1"],
        }


def hold(random: Random, facts: Facts) -> None:
    starts = _now(facts) + timedelta(minutes=random.randrange(-90000, 3000))
    ends = starts + timedelta(minutes=random.randrange(60, 120000))
    facts["holds"].append(
        {
            "kind": random.choice(HOLDS),
            "starts_at": starts.isoformat(),
            "ends_at": random.choice((None, ends.isoformat(), ends.isoformat())),
            "invoice": random.choice((None, "1", "another")),
        }
    )


def wish(random: Random, facts: Facts) -> None:
    kinds = [
        "not_at_place",
        "not_this_number",
        "only_between",
        "only_between",
        "not_before",
        "only_by",
        "not_by",
        "odd",
    ]
    between = [(None, "12:00:00"), ("17:00:00", None), ("09:30:00", "11:00:00"), ("19:00:00", "09:15:00")]
    opens, closes = random.choice(between)
    later = _now(facts) + timedelta(minutes=random.randrange(-2000, 9000))
    facts["wishes"].append(
        {
            "kind": random.choice(kinds),
            "number": random.choice((None, None, facts["number"]["value"], "+12025550999")),
            "place": random.choice(("work", "home")),
            "channel": random.choice(("", "voice", "email", "odd")),
            "time_from": opens,
            "time_until": closes,
            "weekdays": random.choice(([], [], [0, 2, 4], [5, 6])),
            "not_before": later.isoformat(),
        }
    )
    made = facts["wishes"][-1]
    if made["kind"] != "not_at_place" and random.random() < 0.8:
        made["place"] = ""


def consents(random: Random, facts: Facts) -> None:
    if random.random() < 0.3:
        facts["consents"] = []
    for _ in range(random.randrange(1, 4)):
        facts["consents"].append(
            _consent(
                _now(facts) - timedelta(minutes=random.randrange(0, 20000)),
                act=random.choice(("given", "given", "given", "revoked", "revoked", "odd")),
                number=random.choice((None, facts["number"]["value"], "+12025550999")),
                purpose=random.choice(("collection", "collection", "callback", "marketing")),
                basis=random.choice(("oral", "written", "number_given", "guessed")),
                channel=random.choice(("voice", "voice", "voice", "sms", "odd")),
            )
        )


def callback(random: Random, facts: Facts) -> None:
    at = _now(facts) - timedelta(minutes=random.randrange(0, 12000))
    facts["consents"].append(_consent(at, purpose="callback", basis="oral"))
    conversation(random, facts)


def promise(random: Random, facts: Facts) -> None:
    due = _today(facts) + timedelta(days=random.choice((-2, -1, 0, 1, 9)))
    facts["promises"].append(
        {
            "status": random.choice(("open", "open", "open", "broken", "kept", "odd")),
            "due": due.isoformat(),
            "invoices": _some_invoices(random, facts),
        }
    )


def plan(random: Random, facts: Facts) -> None:
    due = _today(facts) + timedelta(days=random.choice((-2, -1, 0, 1, 9)))
    facts["plans"].append(
        {
            "status": random.choice(("active", "active", "active", "defaulted", "odd")),
            "next_unpaid": random.choice((None, due.isoformat(), due.isoformat())),
            "invoices": _some_invoices(random, facts),
        }
    )


def elsewhere(random: Random, facts: Facts) -> None:
    """The address is at home somewhere else than the number."""
    _, country, state, city, postal_code, zone = random.choice(HOMES)
    facts["person"] |= {
        "country": country,
        "state": state,
        "city": city,
        "postal_code": postal_code,
        "time_zone": random.choice((zone, facts["person"]["time_zone"])),
    }


def navajo(random: Random, facts: Facts) -> None:
    """An address on the Navajo Nation, or near it, with a number of Phoenix, around opening and closing."""
    _, country, state, _, _, phoenix = HOMES[0]
    city, zone = (
        random.choice(("Chinle", "Tuba City", "Flagstaff", "")),
        random.choice((phoenix, "America/Denver")),
    )
    facts["number"]["value"] = HOMES[0][0]
    facts["person"] |= {"country": country, "state": state, "city": city, "time_zone": zone}
    hour, minute = random.choice((7, 8, 9, 19, 20)), random.randrange(60)
    local = _now(facts).astimezone(ZoneInfo(phoenix)).replace(hour=hour, minute=minute)
    facts["now"] = max(local.astimezone(UTC), _now(facts)).isoformat()


def house_closed(random: Random, facts: Facts) -> None:
    first = _today(facts) + timedelta(days=random.choice((-1, 0)))
    facts["house"]["holidays"] = [
        (first + timedelta(days=n)).isoformat() for n in range(random.choice((1, 3)))
    ]


SPOILERS: list[Callable[[Random, Facts], None]] = [
    *[contacts] * 6, *[conversation] * 4, *[eighth_call] * 3, *[hold] * 4, *[wish] * 6, *[consents] * 4,
    *[callback] * 3, *[promise] * 2, *[plan] * 2, *[elsewhere] * 4, *[house_closed] * 2, *[navajo] * 3,
    _set("number", "value", *ODD_NUMBERS),
    _set("person", "time_zone", *ODD_ZONES),
    _set("person", "time_zone", *ODD_ZONES),
    _set("person", "state", "", "Atlantis"),
    _set("person", "city", "", "Chinle", "Tuba City", "Brooklyn"),
    _set("person", "postal_code", ""),
    _set("person", "country", "CA", "FR", "BR", "JM", ""),
    _set("person", "exclude_from_dunning", True),
    _set("house", "legal_name", "", " "),
    _set("house", "mode", "third_party"),
    _set("house", "tolerance", "0.50", "0.49", "40", "-1"),
    _set("house", "countries", ["US"], ["GB", "AU"], []),
    _set("house", "confirmations", {}, {"texas_permit": " "}),
    _set("house", "kill_switch", True),
    _set("house", "budget_spent", True),
    _set("", "other_live_call", True),
    _set("", "lines_free", False),
    _set("", "invoices", []),
    _set("number", "wrong", True),
    _set("number", "allows_voice", False),
    _of_invoice("status", "draft", "paid", "void", "uncollectible"),
    _of_invoice("balance", "0", "0.50"),
    _of_invoice("currency", "USD", "GBP"),
    _of_invoice("payment_pending", True),
    _of_invoice("disputed", "0.49", "40.00", "39.99", "200"),
]  # fmt: skip
