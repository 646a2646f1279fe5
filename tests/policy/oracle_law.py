"""The law as the oracle knows it: numbers, places, holidays, hours, written down by hand."""

from datetime import date

SATURDAY = 5

# Number: (country, state, in New York City, what the numbering plan says of its zone, ordinary line).
WHOLE_PLUS_ONE = (
    "America/Adak", "America/Anchorage", "America/Los_Angeles", "America/Vancouver", "America/Phoenix",
    "America/Denver", "America/Boise", "America/Edmonton", "America/Fort_Nelson", "America/Regina",
    "America/Chicago", "America/Winnipeg", "America/Cayman", "America/Jamaica", "America/Nassau",
    "America/Toronto", "America/New_York", "America/Grand_Turk", "America/Halifax", "America/Puerto_Rico",
    "America/Barbados", "America/Santo_Domingo", "America/St_Johns", "Pacific/Guam", "Pacific/Saipan",
    "Pacific/Honolulu", "Pacific/Pago_Pago", "Atlantic/Bermuda",
)  # fmt: skip
ALL_AUSTRALIA = [
    "Australia/Perth", "Australia/Eucla", "Australia/Darwin", "Australia/Adelaide", "Australia/Brisbane",
    "Australia/Sydney", "Australia/Hobart", "Australia/Lord_Howe", "Indian/Christmas", "Indian/Cocos",
]  # fmt: skip
NUMBERS = {
    "+16025550123": ("US", "AZ", False, ("America/Phoenix",), True),
    "+19287290123": ("US", "AZ", False, ("America/Phoenix", "America/Denver"), True),
    "+12125550123": ("US", "NY", True, ("America/New_York",), True),
    "+17185551212": ("US", "NY", True, ("America/New_York",), True),
    "+15185550123": ("US", "NY", False, ("America/New_York",), True),
    "+14155552671": ("US", "CA", False, ("America/Los_Angeles",), True),
    "+15125551234": ("US", "TX", False, ("America/Chicago",), True),
    "+19155551234": ("US", "TX", False, ("America/Denver",), True),
    "+13055551234": ("US", "FL", False, ("America/New_York",), True),
    "+18505550123": ("US", "FL", False, ("America/New_York",), True),
    "+16175550123": ("US", "MA", False, ("America/New_York",), True),
    "+12025550123": ("US", "DC", False, ("America/New_York",), True),
    "+13125551234": ("US", "IL", False, ("America/Chicago",), True),
    "+12065550123": ("US", "WA", False, ("America/Los_Angeles",), True),
    "+13035550123": ("US", "CO", False, ("America/Denver",), True),
    "+442079460018": ("GB", "", False, ("Europe/London",), True),
    "+447400123456": ("GB", "", False, ("Europe/London",), True),
    "+61291234567": ("AU", "", False, ("Australia/Sydney",), True),
    "+61733330123": ("AU", "", False, ("Australia/Brisbane",), True),
    "+61882220123": ("AU", "", False, ("Australia/Adelaide", "Australia/Darwin", "Australia/Perth"), True),
    "+61412345678": ("AU", "", False, tuple(ALL_AUSTRALIA), True),
    "+14165550123": ("CA", "", False, ("America/Toronto",), True),
    "+18765550123": ("JM", "", False, WHOLE_PLUS_ONE, True),
    "+17875550123": ("PR", "", False, ("America/Puerto_Rico",), True),
    "+18005551212": ("US", "?", False, WHOLE_PLUS_ONE, False),
    "+19005551234": ("US", "?", False, WHOLE_PLUS_ONE, False),
    "+12129761234": ("US", "NY", True, ("America/New_York",), False),
    "+33142345678": ("FR", "", False, ("Europe/Paris",), True),
    "+551132345678": ("BR", "", False, ("America/Sao_Paulo",), True),
    "+15555550100": ("", "", False, (), False),
    "12345": ("", "", False, (), False),
}

STATES = {
    "AZ": ("Arizona", ("America/Phoenix", "America/Denver")),
    "NY": ("New York", ("America/New_York",)),
    "CA": ("California", ("America/Los_Angeles",)),
    "TX": ("Texas", ("America/Chicago", "America/Denver")),
    "FL": ("Florida", ("America/New_York", "America/Chicago")),
    "MA": ("Massachusetts", ("America/New_York",)),
    "DC": ("District of Columbia", ("America/New_York",)),
    "IL": ("Illinois", ("America/Chicago",)),
    "WA": ("Washington", ("America/Los_Angeles",)),
    "CO": ("Colorado", ("America/Denver",)),
}
AUSTRALIAN_STATES = {
    "New South Wales": ("Australia/Sydney", "Australia/Broken_Hill", "Australia/Lord_Howe"),
    "SA": ("Australia/Adelaide",),
    "NT": ("Australia/Darwin",),
    "QLD": ("Australia/Brisbane",),
}
AUSTRALIA_ITSELF = [*(zone for zone in ALL_AUSTRALIA if zone.startswith("Aus")), "Australia/Broken_Hill"]
AMERICAN = {
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "America/Adak", "Pacific/Honolulu", "America/Detroit", "America/Boise",
}  # fmt: skip
NAVAJO = {"window rock", "chinle", "kayenta", "tuba city"}
BOROUGHS = {"new york", "new york city", "manhattan", "brooklyn", "queens", "bronx", "staten island"}

# Public holidays of 2026, 2027 and the start of 2028, from the governments' own lists; with a fixed day at a weekend
# goes the weekday on which it is kept.
HOLIDAYS = {
    "US": [
        "2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-04", "2026-07-03",
        "2026-09-07", "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25", "2027-01-01", "2027-01-18",
        "2027-02-15", "2027-05-31", "2027-06-19", "2027-06-18", "2027-07-04", "2027-07-05", "2027-09-06",
        "2027-10-11", "2027-11-11", "2027-11-25", "2027-12-25", "2027-12-24", "2028-01-01", "2027-12-31",
        "2028-01-17",
    ],
    "GB": [
        "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31", "2026-12-25",
        "2026-12-26", "2026-12-28", "2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03", "2027-05-31",
        "2027-08-30", "2027-12-25", "2027-12-26", "2027-12-27", "2027-12-28", "2028-01-01", "2028-01-03",
    ],
    "AU": [
        "2026-01-01", "2026-01-26", "2026-04-03", "2026-04-06", "2026-04-25", "2026-04-27", "2026-12-25",
        "2026-12-26", "2026-12-28", "2027-01-01", "2027-01-26", "2027-03-26", "2027-03-29", "2027-04-25",
        "2027-04-26", "2027-12-25", "2027-12-26", "2027-12-27", "2027-12-28", "2028-01-01", "2028-01-03",
    ],
}  # fmt: skip
CLOSED = {place: {date.fromisoformat(day) for day in days} for place, days in HOLIDAYS.items()}

# law.md: US federal 08:00-21:00; California bars 21:00-09:00; Florida 08:00-21:00; no hour found for the United
# Kingdom, so the same floor; Australia 7:30-21:00 Monday to Friday, 9:00-21:00 at weekends.
HOURS = {
    "US": lambda weekday: (480, 1260),
    "CA": lambda weekday: (540, 1260),
    "FL": lambda weekday: (480, 1260),
    "GB": lambda weekday: (480, 1260),
    "AU": lambda weekday: (540, 1260) if weekday >= SATURDAY else (450, 1260),
}
BLOCKED = {"Canada", "Caribbean", "EU"}
HOLD_KINDS = [
    "cease_communication", "dispute", "hardship", "attorney_represented", "bankruptcy", "deceased", "minor",
    "breathing_space", "time_barred", "legal", "manual",
]  # fmt: skip
HOUSE_RULES = {
    "above_tolerance", "no_payment_pending", "not_excluded", "promise_due", "plan_behind", "house_hours",
    "house_holiday", "person_calls", "days_between", "attempts_left",
}  # fmt: skip
