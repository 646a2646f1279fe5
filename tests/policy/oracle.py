"""A second opinion on whether a call is lawful, read from the citations, minute by minute.

It knows nothing of the product: its facts are JSON, its law is written down here once more, and the places of the
telephone numbers that the tests use are a table made by hand from the numbering plans. Slow and plain on purpose.

An objection has the name under which the product files it, so that both can be compared one by one.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from tests.policy.oracle_law import BLOCKED, CLOSED, HOLD_KINDS, HOURS, HOUSE_RULES, SATURDAY
from tests.policy.oracle_places import Whereabouts

DAYS_AHEAD = 40
MINUTES_A_DAY = 1440
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
EPOCH_DAY = date(2020, 1, 1)
WRITTEN = ("sms", "email", "letter")
NOBODY_SPOKE = ("message_left", "third_party", "no_answer", "not_connected")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def minute_of(at: datetime) -> int:
    return int((at - EPOCH).total_seconds() // 60)


def clock(text: str) -> int:
    hours, minutes, *_ = text.split(":")
    return 60 * int(hours) + int(minutes)


class Oracle:
    """One set of facts. `objections(at)` names what forbids the call then; `next_allowed()` walks."""

    def __init__(self, facts: dict, overridden: frozenset[str] = frozenset()) -> None:
        self.facts, self.house, self.person, self.number = (
            facts,
            facts["house"],
            facts["person"],
            facts["number"],
        )
        self.aside = overridden
        self.debts = [invoice["id"] for invoice in facts["invoices"]]
        where = Whereabouts(self.number["value"], self.person)
        self.places, self.zones, self.lost, self.timeless = (
            where.places,
            where.zones,
            where.lost,
            where.timeless,
        )
        self.ordinary, self.number_country = where.ordinary, where.number_country
        self._read_consent()
        self._read_contacts()
        self._read_moments()
        self._of_day: dict[tuple[str, int], frozenset[str]] = {}
        self._offsets: dict[tuple[str, int], int] = {}

    # What the person allowed.

    def _read_consent(self) -> None:
        here = self.number["value"]
        rows = [row for row in self.facts["consents"] if row["number"] in (None, here)]
        self.opted_out, self.consent, self.callback = False, None, None
        agreed = [
            row
            for row in rows
            if (row["act"], row["channel"]) == ("given", "voice")
            and row["basis"] in ("number_given", "oral", "written")
        ]
        taken_back = [row for row in rows if row["act"] != "given" and row["channel"] not in WRITTEN]
        for row in taken_back:
            # Only a later yes to calls about debts ends it, and for one number only a yes for that number.
            later = [
                yes
                for yes in agreed
                if yes["purpose"] == "collection" and yes["captured_at"] > row["captured_at"]
            ]
            if row["number"]:
                later = [yes for yes in later if yes["number"]]
            self.opted_out |= not later
        last_no = max((row["captured_at"] for row in taken_back), default="")
        for yes in sorted(agreed, key=lambda row: row["captured_at"]):
            if yes["captured_at"] > last_no and yes["purpose"] == "collection":
                self.consent = yes
            if yes["captured_at"] > last_no and yes["purpose"] == "callback":
                self.callback = yes

    # What never changes with the time.

    def standing(self) -> Iterator[str]:
        yield from self._about_us()
        yield from self._about_debts()
        yield from self._about_number()
        yield from self._about_places()
        yield from self._about_wishes()

    def _about_us(self) -> Iterator[str]:
        yield from ["kill_switch"] * self.house["kill_switch"]
        yield from ["registered_name"] * (not self.house["legal_name"].strip())
        yield from ["no_other_live_call"] * self.facts["other_live_call"]
        yield from ["line_free"] * (not self.facts["lines_free"])
        yield from ["budget_left"] * self.house["budget_spent"]
        yield from ["not_excluded"] * self.person["exclude_from_dunning"]

    def _about_debts(self) -> Iterator[str]:
        invoices, tolerance = self.facts["invoices"], Decimal(self.house["tolerance"])
        if not invoices:
            yield "invoice_open"
        if len({invoice["currency"] for invoice in invoices}) > 1:
            yield "one_currency"
        for invoice in invoices:
            balance, disputed = Decimal(invoice["balance"]), Decimal(invoice["disputed"])
            if invoice["status"] != "open" or balance <= 0:
                yield "invoice_open"
            if 0 < balance <= tolerance:
                yield "above_tolerance"
            if invoice["payment_pending"]:
                yield "no_payment_pending"
            if disputed > 0 and balance - disputed <= max(tolerance, Decimal(0)):
                yield "something_undisputed"
            consumer = self.person["kind"] != "business"
            if self.house["mode"] == "third_party" and consumer and "US" in self.places:
                yield from ["validation_notice"] * (not invoice["validation_notice_sent"])

    def _about_number(self) -> Iterator[str]:
        if not self.ordinary:
            yield "number_ordinary"
        if self.number["wrong"]:
            yield "number_theirs"
        if not {self.person["country"], self.number_country} <= set(self.house["countries"]):
            yield "country_served"
        if self.opted_out or not self.number["allows_voice"]:
            yield "not_opted_out"
        mobile = self.number["line_type"] != "landline"
        if self.consent is None and ("CA" in self.places or ("US" in self.places and mobile)):
            yield "consent_given"

    def _about_places(self) -> Iterator[str]:
        if self.lost:
            yield "place_supported"
        if self.places & BLOCKED or ("MA" in self.places and self.person["kind"] != "business"):
            yield "place_open"
        if "TX" in self.places and not self.house["confirmations"].get("texas_permit", "").strip():
            yield "owner_confirmed"

    def _about_wishes(self) -> Iterator[str]:
        for wish in self.facts["wishes"]:
            mine = wish["number"] in (None, self.number["value"])
            if wish["kind"] == "not_this_number" and mine:
                yield "number_welcome"
            elif wish["kind"] == "not_at_place":
                if wish["number"] == self.number["value"] or self._perhaps_at(wish["place"]):
                    yield "place_welcome"
            elif wish["kind"] in ("only_by", "not_by"):
                ours = (
                    wish["channel"] not in WRITTEN if wish["kind"] == "not_by" else wish["channel"] != "voice"
                )
                yield from ["voice_welcome"] * (mine and ours)
            elif wish["kind"] not in ("only_between", "not_before", "not_this_number"):
                yield "wish_understood"

    def _perhaps_at(self, place: str) -> bool:
        """A line may be at a place unless it is known to be elsewhere; a mobile is nowhere."""
        if self.number["place"]:
            return bool(self.number["place"] == place)
        return bool(self.number["line_type"] != "mobile")

    # What the minute decides.

    def local(self, minute: int, zone: str) -> tuple[int, int]:
        """(day, minute of the day) there. Clocks change at whole quarters of an hour, UTC."""
        quarter = minute // 15
        if (zone, quarter) not in self._offsets:
            at = EPOCH + timedelta(minutes=quarter * 15)
            offset = at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)
            self._offsets[zone, quarter] = int(offset.total_seconds() // 60)
        return divmod(minute + self._offsets[zone, quarter], MINUTES_A_DAY)

    def passing(self, minute: int) -> Iterator[str]:
        """The objections of this minute."""
        yield from self._by_the_instant(minute)
        if self.timeless:
            yield "lawful_hour"
        lawful = house = True
        for zone in self.zones:
            day, now = self.local(minute, zone)
            opens, closes = self.lawful[weekday_of(day)]
            if not opens <= now < closes:
                lawful = False
                yield "lawful_hour"
            house &= self.open_from <= now < self.open_until
            yield from self._by_the_clock(weekday_of(day), now)
        # Where the law already forbids the hour, the house says nothing.
        if lawful and not self.timeless and not house:
            yield "house_hours"
        for zone in self.zones:
            day, _ = self.local(minute, zone)
            if (zone, day) not in self._of_day:
                self._of_day[zone, day] = frozenset(self._by_the_day(zone, day))
            yield from self._of_day[zone, day]

    def _by_the_clock(self, weekday: int, now: int) -> Iterator[str]:
        if "AU" in self.places and self.number["place"] == "work":
            yield from ["workplace_hours"] * (weekday >= SATURDAY or not 540 <= now < 1020)
        for wish in self.between:
            yield from ["time_welcome"] * (not suits(wish, weekday, now))

    def _read_moments(self) -> None:
        self.open_from, self.open_until = clock(self.house["hours_from"]), clock(self.house["hours_until"])
        hours = [HOURS[place] for place in self.places & HOURS.keys()]
        self.lawful = [
            (
                max([0, *(each(day)[0] for each in hours)]),
                min([MINUTES_A_DAY, *(each(day)[1] for each in hours)]),
            )
            for day in range(7)
        ]
        self.between = self._timed_wishes("only_between")
        self.callbacks = [
            wish["not_before"] and minute_of(instant(wish["not_before"]))
            for wish in self._timed_wishes("not_before")
        ]
        self.holds = []
        for hold in self.facts["holds"]:
            personal = hold["kind"] in ("deceased", "minor", "cease_communication")
            if personal or hold["invoice"] is None or hold["invoice"] in self.debts:
                name = f"hold_{hold['kind']}" if hold["kind"] in HOLD_KINDS else "hold_unknown"
                ends = hold["ends_at"] and minute_of(instant(hold["ends_at"]))
                self.holds.append((name, minute_of(instant(hold["starts_at"])), ends))

    def _timed_wishes(self, kind: str) -> list[dict]:
        return [
            wish
            for wish in self.facts["wishes"]
            if wish["kind"] == kind
            and wish["channel"] not in WRITTEN
            and wish["number"] in (None, self.number["value"])
            and (not wish["place"] or self._perhaps_at(wish["place"]))
        ]

    def _by_the_instant(self, minute: int) -> Iterator[str]:
        for name, begins, ends in self.holds:
            if begins <= minute and (ends is None or minute < ends):
                yield name
        for callback in self.callbacks:
            if callback is None or minute < callback:
                yield "callback_reached"

    # What the day decides, where the person is.

    def _read_contacts(self) -> None:
        """What never was a contact is left out. A word that is not known is read as the one that forbids."""
        self.contacts = [
            contact
            | {
                "when": instant(contact["at"]),
                "channel": contact["channel"] if contact["channel"] in WRITTEN else "voice",
                "outcome": contact["outcome"] if contact["outcome"] in NOBODY_SPOKE else "conversation",
                "direction": contact["direction"] if contact["direction"] == "inbound" else "outbound",
            }
            for contact in self.facts["contacts"]
            if contact["reached_network"] and not contact["misdirected"]
        ]

    def _by_the_day(self, zone: str, day: int) -> Iterator[str]:
        today = EPOCH_DAY + timedelta(days=day)
        yield from self._closed_on(today)
        for promise in self.facts["promises"]:
            if promise["status"] in ("open", "odd") and self._mine(promise["invoices"]):
                yield from ["promise_due"] * (today <= date.fromisoformat(promise["due"]))
        for plan in self.facts["plans"]:
            if plan["status"] in ("active", "odd") and self._mine(plan["invoices"]):
                due = plan["next_unpaid"]
                yield from ["plan_behind"] * (due is None or today <= date.fromisoformat(due))
        yield from self._too_often(zone, today)

    def _closed_on(self, today: date) -> Iterator[str]:
        if "AU" in self.places and today in CLOSED["AU"]:
            yield "lawful_day"
        public = any(today in CLOSED[place] for place in self.places & CLOSED.keys())
        if today.isoformat() in self.house["holidays"] or (public and self.house["keeps_holidays"]):
            yield "house_holiday"

    def _mine(self, invoices: list[str]) -> bool:
        return bool(set(invoices) & set(self.debts))

    def _too_often(self, zone: str, today: date) -> Iterator[str]:
        """Windows end today: 7 days are today and the six before. The call asked for is one more."""
        ago = {
            id(each): (today - each["when"].astimezone(ZoneInfo(zone)).date()).days for each in self.contacts
        }
        voice = [each for each in self.contacts if each["channel"] == "voice"]
        week = [each for each in voice if ago[id(each)] <= 6]
        asked = self._asked_to_be_rung(zone, today)
        for debt in self.debts:
            of_debt = [each for each in week if self._of(each, debt)]
            if not asked and len([each for each in of_debt if not each["by_consent"]]) + 1 > 7:
                yield "debt_calls"
            if not asked and any(each["outcome"] == "conversation" for each in of_debt):
                yield "after_conversation"
        if len(week) + 1 > self.house["calls_per_person"]:
            yield "person_calls"
        attempts = [each for each in voice if each["direction"] == "outbound"]
        if not asked and any(ago[id(each)] < self.house["days_between"] for each in attempts):
            yield "days_between"
        yield from ["place_cap"] * any(self._caps(ago))

    def _asked_to_be_rung(self, zone: str, today: date) -> bool:
        """1006.14(b)(3)(i): direct consent, its day the first of seven; gone with the next conversation."""
        if not self.callback:
            return False
        said = instant(self.callback["captured_at"])
        for each in self.contacts:
            if each["channel"] == "voice" and each["outcome"] == "conversation" and each["when"] > said:
                return False
        return 0 <= (today - said.astimezone(ZoneInfo(zone)).date()).days <= 6

    def _of(self, contact: dict, debt: str) -> bool:
        return not contact["invoices"] or debt in contact["invoices"]

    def _caps(self, ago: dict[int, int]) -> Iterator[bool]:
        """law.md's caps: each says whether one more contact would be too many."""
        voice = [each for each in self.contacts if each["channel"] == "voice"]
        if "AU" in self.places:
            yield sum(ago[id(each)] <= 6 for each in self.contacts) + 1 > 3
            yield sum(ago[id(each)] <= 30 for each in self.contacts) + 1 > 10
        consumer = self.person["kind"] != "business"
        if "US" in self.places and self.number["line_type"] == "landline" and consumer and not self.consent:
            yield sum(ago[id(each)] <= 29 for each in voice) + 1 > 3
        spoken = [
            each
            for each in self.contacts
            if each["channel"] in ("voice", "sms") and self._left_something(each)
        ]
        for debt in self.debts:
            if "DC" in self.places:
                yield sum(ago[id(each)] <= 6 for each in voice if self._of(each, debt)) + 1 > 4
            if "NYC" in self.places:
                yield sum(ago[id(each)] <= 6 for each in self.contacts if self._of(each, debt)) + 1 > 2
            if "MA" in self.places:
                yield sum(ago[id(each)] <= 6 for each in spoken if self._of(each, debt)) + 1 > 2
                if self.number["place"] != "home":
                    yield sum(ago[id(each)] <= 29 for each in spoken if self._of(each, debt)) + 1 > 2

    def _left_something(self, contact: dict) -> bool:
        """Armata: an unanswered call counts where a message could be left."""
        unanswered = contact["channel"] == "voice" and contact["outcome"] == "no_answer"
        return not unanswered or bool(contact["message_possible"])

    def attempts(self) -> Iterator[str]:
        for debt in self.debts:
            run = 0
            for each in sorted(self.contacts, key=lambda each: each["when"]):
                if each["channel"] != "voice" or not self._of(each, debt):
                    continue
                if each["outcome"] == "conversation":
                    run = 0
                elif each["direction"] == "outbound":
                    run += 1
            if run >= self.house["most_attempts"]:
                yield "attempts_left"

    # The answers.

    def objections(self, at: datetime) -> frozenset[str]:
        everything = {*self.standing(), *self.attempts(), *self.passing(minute_of(at))}
        return frozenset(everything - (self.aside & HOUSE_RULES))

    def next_allowed(self) -> datetime | None:
        """The first whole minute after now at which nothing objects, within 40 days; None when now is allowed."""
        now = minute_of(instant(self.facts["now"]))
        if not self.objections(instant(self.facts["now"])):
            return None
        if {*self.standing(), *self.attempts()} - self.aside:
            return None
        for minute in range(now + 1, now + DAYS_AHEAD * MINUTES_A_DAY + 1):
            if all(each in self.aside for each in self.passing(minute)):
                return EPOCH + timedelta(minutes=minute)
        return None


def weekday_of(day: int) -> int:
    """Monday 0; 1 January 2020 was a Wednesday."""
    return (day + 2) % 7


def suits(wish: dict, weekday: int, now: int) -> bool:
    if wish["weekdays"] and weekday not in wish["weekdays"]:
        return False
    opens = clock(wish["time_from"]) if wish["time_from"] else 0
    closes = clock(wish["time_until"]) if wish["time_until"] else MINUTES_A_DAY
    if opens <= closes:
        return opens <= now < closes
    return now >= opens or now < closes
