"""What each place demands, as places.toml says it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any

from calls.policy.holidays import holidays_of

DATA = Path(__file__).with_name("places.toml")

PER = frozenset({"debt", "person"})
MEDIA = frozenset({"voice", "messages", "all"})
ELSEWHERE = "elsewhere than at home"
LANDLINE = "to a residential landline without consent"
ONLY = frozenset({"", ELSEWHERE, LANDLINE})
STANDINGS = frozenset({"verified", "unverified"})
CONSENT_KINDS = frozenset({"", "mobile", "always"})
BLOCKS = frozenset({"", "everybody", "persons"})


@dataclass(frozen=True)
class Hours:
    """Local times; `until` is out."""

    opens: time
    until: time

    def hold(self, local: time) -> bool:
        return self.opens <= local < self.until

    def __str__(self) -> str:
        return f"{self.opens:%H:%M} to {self.until:%H:%M}"


@dataclass(frozen=True)
class Cap:
    """At most `contacts` in `days` calendar days, with the call that is asked for. Fields as in places.toml."""

    contacts: int
    days: int
    per: str
    media: str
    source: str
    only: str = ""
    standing: str = "verified"
    skips_unreachable: bool = False

    def __post_init__(self) -> None:
        _one_of(self.per, PER)
        _one_of(self.media, MEDIA)
        _one_of(self.only, ONLY)
        _one_of(self.standing, STANDINGS)

    def __str__(self) -> str:
        what = {"voice": "calls", "messages": "calls and texts", "all": "contacts of any kind"}[self.media]
        whose = "about one debt" if self.per == "debt" else "with one person"
        where = f" {self.only}" if self.only else ""
        return f"at most {self.contacts} {what}{where} {whose} in {self.days} days"


@dataclass(frozen=True)
class Pack:
    """The rules of one place. `within` names the pack that applies together with this one."""

    code: str
    name: str
    source: str
    standing: str
    article: str = ""
    within: str = ""
    blocked: str = ""
    blocks: str = ""
    hours: Hours | None = None
    hours_source: str = ""
    weekend_hours: Hours | None = None
    work_hours: Hours | None = None
    closed_on_holidays: bool = False
    consent: str = ""
    confirm: Mapping[str, str] = field(default_factory=dict, hash=False)
    caps: tuple[Cap, ...] = ()
    demands: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    also_zones: Mapping[str, list[str]] = field(default_factory=dict, hash=False)
    holidays: tuple[str, ...] = ()
    observed: str = "next weekday"
    state: str = ""
    area_codes: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    postal_codes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _one_of(self.standing, STANDINGS)
        _one_of(self.consent, CONSENT_KINDS)
        _one_of(self.blocks, BLOCKS)

    @property
    def place(self) -> str:
        """The name within a sentence: “the United States”."""
        return f"{self.article}{self.name}"

    def is_holiday(self, day: date) -> bool:
        return bool(self.holidays) and day in holidays_of(day.year, self.holidays, self.observed)


@dataclass(frozen=True)
class State:
    code: str
    name: str
    zones: tuple[str, ...]
    also: tuple[str, ...] = ()
    # Zone -> the cities (small letters) that are in it, where the state has an exception.
    zone_of_city: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    def called(self, name: str) -> bool:
        return name.casefold() in {each.casefold() for each in (self.code, self.name, *self.also)}


@dataclass(frozen=True)
class Atlas:
    packs: Mapping[str, Pack]
    states: Mapping[str, tuple[State, ...]]

    def pack_of_region(self, region: str) -> Pack | None:
        """The pack of an ISO country or telephone region."""
        return next((pack for pack in self.packs.values() if region in pack.regions), None)

    def pack_of_zone(self, zone: str) -> Pack | None:
        return next((pack for pack in self.packs.values() if zone in pack.zones), None)

    def state(self, country: str, name: str) -> State | None:
        return next((state for state in self.states.get(country, ()) if state.called(name)), None)


@cache
def atlas() -> Atlas:
    """places.toml, read once. Raises KeyError, TypeError or ValueError when it is not as its head says."""
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    cities = data["zone_of_city"]
    return Atlas(
        packs={code: _pack(code, entry) for code, entry in data["packs"].items()},
        states={
            country: tuple(
                _state(code, entry, cities.get(country, {}).get(code, {})) for code, entry in states.items()
            )
            for country, states in data["states"].items()
        },
    )


def _pack(code: str, entry: dict[str, Any]) -> Pack:
    read: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    for key in ("hours", "weekend_hours", "work_hours"):
        if key in entry:
            read[key] = Hours(*(time.fromisoformat(text) for text in entry[key]))
    read["caps"] = tuple(Cap(**cap) for cap in entry.get("caps", ()))
    return Pack(code=code, **read)


def _state(code: str, entry: dict[str, Any], cities: dict[str, list[str]]) -> State:
    return State(
        code=code,
        name=entry["name"],
        zones=tuple(entry["zones"]),
        also=tuple(entry.get("also", ())),
        zone_of_city={zone: tuple(names) for zone, names in cities.items()},
    )


def _one_of(word: str, known: frozenset[str]) -> None:
    if word not in known:
        raise ValueError(f"places.toml: “{word}” is none of {sorted(known)}")
