"""Where the person may be: every place and every clock that the number, the address and the stated zone allow.

They may disagree; then all of them count (12 CFR 1006.6, comment 6(b)(1)(i)-2).
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from phonenumbers import geocoder
from phonenumbers import timezone as phone_zones

from calls.policy.packs import Cap, Pack, State, atlas
from calls.policy.snapshot import Person, Snapshot

UNKNOWN_ZONE = "Etc/Unknown"


@dataclass(frozen=True)
class Where:
    """`unknown` says in words what could not be resolved; `clock_known` is False when some zone is not known."""

    packs: tuple[Pack, ...]
    zones: tuple[ZoneInfo, ...]
    unknown: tuple[str, ...]
    clock_known: bool


@dataclass(frozen=True)
class Candidate:
    """One place that one of the facts points to."""

    packs: tuple[Pack, ...] = ()
    zones: tuple[str, ...] = ()
    unknown: str = ""


@dataclass(frozen=True)
class PlacePack:
    """What a place demands, in words, for people to read."""

    name: str
    source: str
    standing: str
    blocked: str
    demands: tuple[str, ...]
    # Those of the demands that are from memory or were read in part.
    doubtful: frozenset[str] = frozenset()

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """Each demand with its standing, "verified" or "unverified"."""
        return tuple((each, "unverified" if each in self.doubtful else "verified") for each in self.demands)


def whereabouts(facts: Snapshot) -> Where:
    return _resolve(facts.number.value, facts.person)


def told(at: datetime, facts: Snapshot) -> str:
    """An instant in words, by the person's stated clock; by UTC when that is not known."""
    zone = facts.person.time_zone if facts.person.time_zone in available() else "UTC"
    return f"{at.astimezone(ZoneInfo(zone)):%-d %B %Y, %H:%M} ({city_of(zone)} time)"


def clocks(facts: Snapshot) -> str:
    """What time it is where the person may be, each time once: “08:30 in Denver, 07:30 in Los Angeles”."""
    stated = facts.person.time_zone
    zones = sorted(whereabouts(facts).zones, key=lambda zone: (zone.key != stated, zone.key))
    cities: dict[str, str] = {}
    for zone in zones:
        cities.setdefault(f"{facts.now.astimezone(zone):%H:%M}", city_of(zone.key))
    return ", ".join(f"{at} in {city}" for at, city in cities.items())


def city_of(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


@lru_cache(maxsize=1024)
def _resolve(number: str, person: Person) -> Where:
    candidates = (_of_number(number, person), _of_address(person), _of_zone(person))
    packs = tuple(dict.fromkeys(pack for each in candidates for pack in each.packs))
    names = {zone for each in candidates for zone in each.zones}
    known = sorted(name for name in names if name in available())
    return Where(
        packs=packs,
        zones=tuple(ZoneInfo(name) for name in known),
        unknown=tuple(each.unknown for each in candidates if each.unknown),
        clock_known=bool(known) and len(known) == len(names),
    )


@lru_cache(maxsize=1)
def available() -> frozenset[str]:
    return frozenset(available_timezones())


def parse(number: str) -> phonenumbers.PhoneNumber | None:
    """None for what is no E.164 number."""
    try:
        return phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None


def region_of(number: str) -> str:
    """The country of a number, with the countries that share +1 told apart; "" when it has none."""
    parsed = parse(number)
    return (phonenumbers.region_code_for_number(parsed) if parsed else None) or ""


def _of_number(number: str, person: Person) -> Candidate:
    parsed, region = parse(number), region_of(number)
    if parsed is None or not region:
        return Candidate(zones=(UNKNOWN_ZONE,), unknown="The number belongs to no country that is known.")
    zones = tuple(phone_zones.time_zones_for_number(parsed))
    pack = atlas().pack_of_region(region)
    if pack is None:
        return Candidate(zones=zones, unknown=f"Numbers of {region} are not supported.")
    if region != "US":
        also = tuple(each for zone in zones for each in pack.also_zones.get(zone, ()))
        return Candidate(packs=(pack,), zones=(*zones, *also))
    state = atlas().state(region, geocoder.description_for_number(parsed, "en").rpartition(", ")[2])
    if state is None:
        return Candidate((pack,), zones, "It is not known which state the number belongs to.")
    packs = [pack, *_of_state(state)]
    area = str(parsed.national_number)[:3]
    packs += [each for each in atlas().packs.values() if area in each.area_codes]
    # The number's own data knows one zone for some states that have two.
    return Candidate(tuple(packs), (*zones, *_narrowed(state.zones, person)))


def _of_address(person: Person) -> Candidate:
    pack = atlas().pack_of_region(person.country)
    if pack is None:
        return Candidate(
            unknown=f"Calls to {person.country or 'a country that is not known'} are not supported."
        )
    state = atlas().state(person.country, person.state.strip()) if person.state.strip() else None
    if state is None:
        missing = "It is not known in which state the customer lives." if person.country == "US" else ""
        return Candidate((pack,), _narrowed(pack.zones, person), missing)
    if person.country != "US":
        return Candidate((pack,), _narrowed(state.zones, person))
    packs = (
        pack,
        *_of_state(state),
        *(city for city in atlas().packs.values() if _in_city(city, state, person)),
    )
    return Candidate(packs, _zones_in_state(state, person))


def _of_zone(person: Person) -> Candidate:
    """The stated zone is a clock, and a country; no state follows from it."""
    zone = person.time_zone
    pack = atlas().pack_of_zone(zone)
    if pack is not None:
        return Candidate((pack,), (zone,))
    if zone not in available():
        return Candidate(zones=(UNKNOWN_ZONE,))
    return Candidate(zones=(zone,), unknown=f"The stated time zone {zone} is in no place that is supported.")


def _of_state(state: State) -> tuple[Pack, ...]:
    code = f"US-{state.code}"
    source = "no rule of its own was read; the federal ones apply"
    plain = Pack(code, state.name, source, "unverified", within="US")
    return (atlas().packs.get(code, plain),)


def _zones_in_state(state: State, person: Person) -> tuple[str, ...]:
    city = _plain(person.city)
    for zone, cities in state.zone_of_city.items():
        if city in cities:
            return (zone,)
    return _narrowed(state.zones, person)


def _narrowed(zones: tuple[str, ...], person: Person) -> tuple[str, ...]:
    """Among the zones of a place the stated one decides; without it each of them may be."""
    return (person.time_zone,) if person.time_zone in zones else zones


def _in_city(pack: Pack, state: State, person: Person) -> bool:
    """Whether the address may be in the city of `pack`: an address with neither city nor postal code may."""
    if pack.state != state.code:
        return False
    city, postal = _plain(person.city), person.postal_code.strip()
    if not city and not postal:
        return True
    return city in pack.cities or postal.startswith(pack.postal_codes)


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def place_pack(facts: Snapshot) -> tuple[PlacePack, ...]:
    """The packs that apply to the customer and what each demands; places that are not supported come first."""
    where = whereabouts(facts)
    unsupported = tuple(
        PlacePack("Not supported", "house rule", "unverified", text, ()) for text in where.unknown
    )
    return (*unsupported, *(_in_words(pack) for pack in where.packs))


def _in_words(pack: Pack) -> PlacePack:
    words = [f"Calls from {pack.hours}, where the customer is."] if pack.hours else []
    words += [f"At weekends from {pack.weekend_hours}."] if pack.weekend_hours else []
    words += [f"At a workplace Monday to Friday from {pack.work_hours}."] if pack.work_hours else []
    words += ["No calls on national holidays."] if pack.closed_on_holidays else []
    words += [_sentence(cap) for cap in pack.caps]
    if pack.consent:
        lines = "every number" if pack.consent == "always" else "every number that is not surely a landline"
        words.append(f"Consent to calls by an artificial voice, for {lines}.")
    words += [f"The owner confirms {what}." for what in pack.confirm.values()]
    demands = (*words, *pack.demands)
    doubtful = [_sentence(cap) for cap in pack.caps if cap.standing != "verified"]
    return PlacePack(
        pack.name,
        pack.source,
        pack.standing,
        blocked_text(pack),
        demands,
        frozenset(doubtful if pack.standing == "verified" else demands),
    )


def blocked_text(pack: Pack) -> str:
    """Why nobody, or no person, is rung in the place; "" where they may be."""
    if not pack.blocked:
        return ""
    who = "Nobody is rung" if pack.blocks == "everybody" else "No person is rung"
    return f"{who} in {pack.place}: {pack.blocked}."


def _sentence(cap: Cap) -> str:
    return f"{str(cap).capitalize()}."
