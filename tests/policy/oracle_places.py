"""Where the oracle thinks that a person may be. Number, address and stated zone all count (comment 6(b)(1)(i)-2)."""

from tests.policy.oracle_law import (
    AMERICAN,
    AUSTRALIA_ITSELF,
    AUSTRALIAN_STATES,
    BOROUGHS,
    NAVAJO,
    NUMBERS,
    STATES,
)


class Whereabouts:
    """`lost`: some fact points to a place without rules. `timeless`: some zone is not known.

    The zones of a number always count; among those of a state the stated one decides, else all of them do.
    """

    def __init__(self, number: str, person: dict) -> None:
        self.person = person
        self.places: set[str] = set()
        self.zones: set[str] = set()
        self.lost = self.timeless = False
        country, state, city, zones, self.ordinary = NUMBERS[number]
        self.number_country = country
        self.zones |= set(zones)
        self.timeless |= not zones
        self._country(country)
        if country == "US":
            self._state(state)
            if city:
                self.places.add("NYC")
        self._address()
        self._stated()

    def _country(self, country: str) -> None:
        known = {
            "US": "US",
            "GB": "GB",
            "AU": "AU",
            "CA": "Canada",
            "JM": "Caribbean",
            "PR": "Caribbean",
            "FR": "EU",
        }
        if country in known:
            self.places.add(known[country])
        else:
            self.lost = True

    def _state(self, state: str) -> None:
        if state not in STATES:
            self.lost = True
            return
        self.places.add(state)
        self._among(STATES[state][1])

    def _among(self, zones: tuple[str, ...] | list[str]) -> None:
        stated = self.person["time_zone"]
        self.zones |= {stated} if stated in zones else set(zones)

    def _address(self) -> None:
        country, state, city = self.person["country"], self.person["state"], self.person["city"].lower()
        self._country(country)
        if country == "GB":
            self.zones.add("Europe/London")
        if country == "AU":
            self._among(AUSTRALIAN_STATES.get(state, AUSTRALIA_ITSELF))
        if country != "US":
            return
        code = next((code for code, (name, _) in STATES.items() if state in (code, name)), "?")
        if code == "?":
            self.lost = True
            self._among(sorted(AMERICAN))
            return
        if code == "AZ" and city in NAVAJO:
            self.places.add("AZ")
            self.zones.add("America/Denver")
        else:
            self._state(code)
        postal = self.person["postal_code"]
        nowhere = not city and not postal
        if code == "NY" and (nowhere or city in BOROUGHS or postal[:3] in ("100", "104", "112", "113")):
            self.places.add("NYC")

    def _stated(self) -> None:
        zone = self.person["time_zone"]
        if zone in AMERICAN:
            self.places.add("US")
        elif zone in AUSTRALIA_ITSELF:
            self.places.add("AU")
        elif zone == "Europe/London":
            self.places.add("GB")
        elif zone in ("", "Etc/Unknown", "Mars/Olympus"):
            self.timeless = True
            return
        else:
            self.lost = True
        self.zones.add(zone)
