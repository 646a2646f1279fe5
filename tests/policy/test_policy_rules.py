"""The rules, one row each side of an edge: citation, facts, local instant, the rules that forbid."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from calls.policy import decide
from calls.policy.rules import RULES
from calls.policy.snapshot import Consent, Hold, Plan, Promise, Wish
from tests.policy.people import INVOICE, PLACES, calls, contact, somebody, there

NOON = "2026-06-10 12:00"
AT_NOON = there("denver", NOON)
DAY = timedelta(days=1)
TALK = {"outcome": "conversation", "invoices": ("1",)}
SEVEN = calls("denver", *[f"2026-06-{day:02}" for day in range(4, 11)], invoices=("1",))
WEEK_OF_FOUR = calls("washington", "2026-06-04", "2026-06-05", "2026-06-06", "2026-06-10")
TWO_DAYS = ("2026-06-04", "2026-06-09")
LANDLINE = {"line_type": "landline"}


def consent(**changes):
    return replace(Consent("voice", "given", "oral", AT_NOON - DAY), **changes)


def hold(kind, **changes):
    return {"holds": (replace(Hold(kind, AT_NOON - DAY), **changes),)}


def wish(kind, **changes):
    return {"wishes": (Wish(kind=kind, **changes),)}


def promise(due, status="open", invoices=("1",)):
    return {"promises": (Promise(status, date.fromisoformat(due), invoices),)}


def plan(due, status="active", invoices=("1",)):
    return {"plans": (Plan(status, date.fromisoformat(due) if due else None, invoices),)}


def row(citation, place="denver", local=NOON, forbids="", **changes):
    """Nothing in `forbids`: the call is allowed."""
    return pytest.param(
        place, local, changes, set(forbids.split()), id=f"{citation}: {place} {local} {forbids}"
    )


def second(**changes):
    return replace(INVOICE, id="2", number="INV-2", **changes)


# fmt: off
OURS = [
    row("house"),
    row("house", house={"kill_switch": True}, forbids="kill_switch"),
    row("47 CFR 64.1200(b)(1)", house={"legal_name": " "}, forbids="registered_name"),
    row("house", other_live_call=True, forbids="no_other_live_call"),
    row("house", lines_free=False, forbids="line_free"),
    row("house", house={"budget_spent": True}, forbids="budget_left"),
    row("house", person={"exclude_from_dunning": True}, forbids="not_excluded"),
]
DEBTS = [
    *[row("house", invoice={"status": status}, forbids="invoice_open") for status in ("draft", "paid",
        "void", "uncollectible")],
    row("house", invoice={"balance": Decimal(0)}, forbids="invoice_open"),
    row("house", invoices=(), forbids="invoice_open"),
    row("house", invoices=(INVOICE, second(status="paid")), forbids="invoice_open"),
    row("house", invoices=(INVOICE, second())),
    row("house", invoices=(INVOICE, second(currency="GBP")), forbids="one_currency"),
    row("house", house={"tolerance": Decimal("120.50")}, forbids="above_tolerance"),
    row("house", house={"tolerance": Decimal("120.49")}),
    row("house", invoice={"payment_pending": True}, forbids="no_payment_pending"),
    row("1006.38(d)(2)", invoice={"disputed": Decimal("120.50")}, forbids="something_undisputed"),
    row("1006.38(d)(2)", invoice={"disputed": Decimal("120.49")}),
    row("1006.38(d)(2)", invoice={"disputed": Decimal("120.49")}, house={"tolerance": Decimal("0.01")},
        forbids="something_undisputed"),
    row("1006.34", house={"mode": "third_party"}, forbids="validation_notice"),
    row("1006.34", house={"mode": "third_party"}, invoice={"validation_notice_sent": True}),
    row("1006.34", house={"mode": "third_party"}, person={"kind": "business"}),
    row("1006.34", "london", house={"mode": "third_party"}),
]
AGREED = [
    row("promise", forbids="promise_due", **promise("2026-06-10")),
    row("promise", **promise("2026-06-09")),
    row("promise", **promise("2026-06-20", status="broken")),
    row("promise", **promise("2026-06-20", invoices=("9",))),
    # Its day is over where the person is, not in Greenwich.
    row("promise", local="2026-06-10 19:00", forbids="promise_due", **promise("2026-06-10")),
    row("plan", forbids="plan_behind", **plan("2026-06-10")),
    row("plan", **plan("2026-06-09")),
    row("plan", forbids="plan_behind", **plan(None)),
    row("plan", **plan("2026-06-20", status="defaulted")),
    row("plan", **plan("2026-06-20", invoices=("9",))),
]
HELD = [
    *[
        row(citation, forbids=f"hold_{kind}", **hold(kind))
        for citation, kind in [
            ("1006.6(b)(2)", "attorney_represented"), ("1006.6(c)", "cease_communication"), ("11 USC 362",
            "bankruptcy"),
            ("1006.38(d)(2)", "dispute"), ("house", "hardship"), ("1006.6(a)(4)", "deceased"),
            ("1006.6(a)(2)", "minor"),
            ("SI 2020/1311", "breathing_space"), ("1006.26(b)", "time_barred"), ("house", "legal"), ("house", "manual"),
        ]
    ],
    row("fail closed", forbids="hold_unknown", **hold("something_new")),
    row("hold", **hold("bankruptcy", invoice="9")),
    row("hold", forbids="hold_bankruptcy", **hold("bankruptcy", invoice="1")),
    row("hold", forbids="hold_deceased", **hold("deceased", invoice="9")),
    row("SI 2020/1311", forbids="hold_breathing_space",
        **hold("breathing_space", ends_at=AT_NOON + timedelta(seconds=1))),
    row("SI 2020/1311", **hold("breathing_space", ends_at=AT_NOON)),
    row("hold", **hold("manual", starts_at=AT_NOON + timedelta(seconds=1))),
]
NUMBERS = [
    row("number", number={"wrong": True}, forbids="number_theirs"),
    row("number", number={"value": "+12129761234"}, forbids="number_ordinary"),
    row("number", number={"value": "+19005551234"}, forbids="number_ordinary place_supported lawful_hour"),
    row("number", number={"value": "+18005551212"}, forbids="number_ordinary place_supported lawful_hour"),
    row("number", number={"value": "911"},
        forbids="number_ordinary country_served place_supported lawful_hour"),
    row("number", "london", number={"value": "+448431234567"}, forbids="number_ordinary"),
    row("number", "london", number={"value": "+447012345678"}, forbids="number_ordinary"),
    row("country", house={"countries": ("GB",)}, forbids="country_served"),
    row("1006.14(h)", number={"allows_voice": False}, forbids="not_opted_out"),
]
REVOKED = consent(act="revoked")
CONSENTS = [
    row("64.1200(a)(1)", consents=(), forbids="consent_given"),
    row("64.1200(a)(1): unknown is mobile", consents=(), number={"line_type": "unknown"},
        forbids="consent_given"),
    row("64.1200(a)(3): landline", consents=(), number=LANDLINE),
    row("64.1200(a)(1)", "london", consents=()),
    row("PUC 2874", "san francisco", consents=(), number=LANDLINE, forbids="consent_given"),
    row("64.1200(a)(1)", consents=(consent(number="+12025550999"),), forbids="consent_given"),
    row("64.1200(a)(1)", consents=(consent(number=PLACES["denver"][0]),)),
    row("64.1200(a)(1)", consents=(consent(channel="sms"),), forbids="consent_given"),
    row("64.1200(a)(1)", consents=(consent(purpose="marketing"),), forbids="consent_given"),
    row("64.1200(a)(1): caller ID", consents=(consent(basis="caller_id"),), forbids="consent_given"),
    row("64.1200(a)(1): later", consents=(consent(captured_at=AT_NOON + DAY),), forbids="consent_given"),
    row("64.1200(a)(10)", consents=(consent(captured_at=AT_NOON - 2 * DAY), REVOKED),
        forbids="not_opted_out consent_given"),
    row("64.1200(a)(10)", consents=(REVOKED, consent(captured_at=AT_NOON))),
    row("64.1200(a)(10): one number",
        consents=(consent(act="revoked", number=PLACES["denver"][0]), consent(captured_at=AT_NOON)),
        forbids="not_opted_out"),
    row("64.1200(a)(10): other number",
        consents=(consent(captured_at=AT_NOON - 2 * DAY), consent(act="revoked", number="+12025550999"))),
    row("64.1200(a)(10): any purpose",
        consents=(consent(captured_at=AT_NOON - 2 * DAY), consent(act="revoked", purpose="marketing")),
        forbids="not_opted_out consent_given"),
    row("1006.14(h): everywhere", "london", consents=(REVOKED,), forbids="not_opted_out"),
]
HOURS = [
    row("1006.6(b)(1)(i)", local="2026-06-10 07:59", forbids="lawful_hour"),
    row("1006.6(b)(1)(i)", local="2026-06-10 08:00"),
    row("1006.6(b)(1)(i)", local="2026-06-10 20:59"),
    row("1006.6(b)(1)(i)", local="2026-06-10 21:00", forbids="lawful_hour"),
    row("PUC 2872(c)", "san francisco", "2026-06-10 08:59", forbids="lawful_hour"),
    row("PUC 2872(c)", "san francisco", "2026-06-10 09:00"),
    row("RG 96", "sydney", "2026-06-10 07:29", forbids="lawful_hour"),
    row("RG 96", "sydney", "2026-06-10 07:30"),
    row("RG 96: weekend", "sydney", "2026-06-13 08:59", forbids="lawful_hour"),
    row("RG 96: weekend", "sydney", "2026-06-13 09:00"),
    row("RG 96: Anzac Day kept on Monday", "sydney", "2026-04-27 12:00", forbids="lawful_day"),
    row("RG 96: Good Friday", "sydney", "2026-04-03 12:00", forbids="lawful_day"),
    row("RG 96: workplace", "sydney", "2026-06-10 08:59", number={"place": "work"},
        forbids="workplace_hours"),
    row("RG 96: workplace", "sydney", "2026-06-10 16:59", number={"place": "work"}),
    row("RG 96: workplace", "sydney", "2026-06-10 17:00", number={"place": "work"},
        forbids="workplace_hours"),
    row("RG 96: workplace", "sydney", "2026-06-13 12:00", number={"place": "work"},
        forbids="workplace_hours"),
    row("no statutory hour", "london", "2026-06-10 07:59", forbids="lawful_hour"),
    row("house hours", local="2026-06-10 08:59", house={"hours_from": time(9)}, forbids="house_hours"),
    row("house hours", local="2026-06-10 20:00", house={"hours_until": time(20)}, forbids="house_hours"),
    row("house holidays", "london", "2026-12-28 12:00", house={"keeps_holidays": True},
        forbids="house_holiday"),
    row("house holidays", "chicago", "2026-07-03 12:00", house={"keeps_holidays": True},
        forbids="house_holiday"),
    row("house holidays", "chicago", "2026-11-26 12:00", house={"keeps_holidays": True},
        forbids="house_holiday"),
    row("house holidays", house={"holidays": (date(2026, 6, 10),)}, forbids="house_holiday"),
    row("fail closed", person={"time_zone": "Etc/Unknown"}, forbids="lawful_hour"),
    row("fail closed", person={"time_zone": "../etc/passwd"}, forbids="lawful_hour"),
]
FREQUENCY = [
    row("1006.14(b)(2)(i)(A)", contacts=SEVEN, forbids="debt_calls"),
    row("1006.14(b)(2)(i)(A)", contacts=SEVEN[1:]),
    row("1006.14(b)(2)(i)(A)", contacts=(*SEVEN[1:], *calls("denver", "2026-06-03"))),
    row("1006.14(b)(2)(i)(A): another debt",
        contacts=(*SEVEN[1:], *calls("denver", "2026-06-04", invoices=("9",)))),
    row("1006.14(b)(2)(i)(A): all debts", contacts=(*SEVEN[1:], *calls("denver", "2026-06-04")),
        forbids="debt_calls"),
    row("1006.14(b)(2)(i)(A): inbound",
        contacts=(*SEVEN[1:], *calls("denver", "2026-06-04", direction="inbound")), forbids="debt_calls"),
    row("1006.14(b)(3)(ii): no network",
        contacts=(*SEVEN[1:], *calls("denver", "2026-06-04", reached_network=False))),
    row("1006.14(b)(2), comment: misdirected",
        contacts=(*SEVEN[1:], *calls("denver", "2026-06-04", misdirected=True))),
    row("1006.14(b)(3)(i): by consent",
        contacts=(*SEVEN[1:], *calls("denver", "2026-06-04", by_consent=True))),
    row("1006.14(b)(3)(i): asked to be rung", contacts=SEVEN,
        consents=(consent(), consent(purpose="callback"))),
    row("1006.14(b)(2)(i)(B)", contacts=calls("denver", "2026-06-04", **TALK), forbids="after_conversation"),
    row("1006.14(b)(2)(i)(B)", contacts=calls("denver", "2026-06-03", **TALK)),
    row("1006.14(b)(2)(i)(B): inbound", contacts=calls("denver", "2026-06-04", direction="inbound", **TALK),
        forbids="after_conversation"),
    row("1006.14(b)(2)(i)(B): another debt",
        contacts=calls("denver", "2026-06-04", outcome="conversation", invoices=("9",))),
    row("1006.14(b)(3)(i): callback", contacts=calls("denver", "2026-06-09", **TALK),
        consents=(consent(), consent(purpose="callback"))),
    row("comment 14(b)(3)(i): used up", contacts=calls("denver", "2026-06-09", **TALK),
        consents=(consent(), consent(purpose="callback", captured_at=AT_NOON - 2 * DAY)),
        forbids="after_conversation"),
    row("1006.14(b)(3)(i): eighth day", contacts=calls("denver", "2026-06-09", **TALK),
        consents=(consent(), consent(purpose="callback", captured_at=AT_NOON - 7 * DAY)),
        forbids="after_conversation"),
    row("940 CMR 7.04: business", "boston", person={"kind": "business"}, contacts=calls("boston", *TWO_DAYS),
        forbids="place_cap"),
    row("Armata: a text", "boston", person={"kind": "business"},
        contacts=calls("boston", "2026-06-04", "2026-06-09", channel="sms"), forbids="place_cap"),
    row("Armata: no message possible", "boston", person={"kind": "business"},
        contacts=calls("boston", *TWO_DAYS, message_possible=False)),
    row("940 CMR 7.04: elsewhere", "boston", person={"kind": "business"}, number={"place": "work"},
        contacts=calls("boston", "2026-05-12", "2026-05-13"), forbids="place_cap"),
    row("DC 28-3814", "washington", contacts=WEEK_OF_FOUR, forbids="place_cap"),
    row("DC 28-3814", "washington", contacts=WEEK_OF_FOUR[1:]),
    row("6 RCNY 5-77", "new york", contacts=calls("new york", *TWO_DAYS), forbids="place_cap"),
    row("6 RCNY 5-77: e-mail", "new york", contacts=calls("new york", *TWO_DAYS, channel="email"),
        forbids="place_cap"),
    row("6 RCNY 5-77: not the state", "albany", contacts=calls("albany", *TWO_DAYS)),
    row("RG 96: 3 a week", "sydney", contacts=calls("sydney", "2026-06-04", "2026-06-05", "2026-06-09"),
        forbids="place_cap"),
    row("RG 96: 3 a week", "sydney", contacts=calls("sydney", "2026-06-03", "2026-06-05", "2026-06-09")),
    row("RG 96: 10 a month", "sydney", contacts=calls("sydney", "2026-05-11", *["2026-05-12"] * 9),
        forbids="place_cap"),
    row("RG 96: 10 a month", "sydney", contacts=calls("sydney", "2026-05-10", *["2026-05-12"] * 9)),
    row("64.1200(a)(3)", consents=(), number=LANDLINE, contacts=calls("denver", *["2026-05-12"] * 3),
        forbids="place_cap"),
    row("64.1200(a)(3)", consents=(), number=LANDLINE, contacts=calls("denver", *["2026-05-11"] * 3)),
    row("64.1200(a)(3): consent", number=LANDLINE, contacts=calls("denver", *["2026-05-12"] * 3)),
    row("house: per person", house={"calls_per_person": 3},
        contacts=calls("denver", "2026-06-04", "2026-06-05", "2026-06-06", invoices=("9",)),
        forbids="person_calls"),
    row("house: days between", house={"days_between": 2}, contacts=calls("denver", "2026-06-09"),
        forbids="days_between"),
    row("house: days between", house={"days_between": 1}, contacts=calls("denver", "2026-06-09")),
    row("house: most attempts", house={"most_attempts": 2},
        contacts=calls("denver", "2026-01-01", "2026-01-02"), forbids="attempts_left"),
    row("house: most attempts", house={"most_attempts": 2},
        contacts=(*calls("denver", "2026-01-01", "2026-01-03"), *calls("denver", "2026-01-02", **TALK))),
]
WISHES = [
    row("1006.6(b)(3)", number={"place": "work"}, forbids="place_welcome",
        **wish("not_at_place", place="work")),
    row("1006.6(b)(3)", number={"place": "home"}, **wish("not_at_place", place="work")),
    row("1006.6(b)(3): may be there", number={"place": "", "line_type": "unknown"}, forbids="place_welcome",
        **wish("not_at_place", place="work")),
    row("1006.6(b)(3): a mobile", number={"place": ""}, **wish("not_at_place", place="work")),
    row("wish", forbids="number_welcome", **wish("not_this_number", number=PLACES["denver"][0])),
    row("wish", **wish("not_this_number", number="+12025550999")),
    row("1006.14(h)", forbids="voice_welcome", **wish("only_by", channel="email")),
    row("1006.14(h)", forbids="voice_welcome", **wish("not_by", channel="voice")),
    row("1006.14(h)", **wish("not_by", channel="sms")),
    row("1006.6(b)(1): after five", local="2026-06-10 16:59", forbids="time_welcome",
        **wish("only_between", time_from=time(17))),
    row("1006.6(b)(1): after five", local="2026-06-10 17:00", **wish("only_between", time_from=time(17))),
    row("1006.6(b)(1): until noon", forbids="time_welcome", **wish("only_between", time_until=time(12))),
    row("1006.6(b)(1): Mondays", forbids="time_welcome", **wish("only_between", weekdays=(0,))),
    row("1006.6(b)(1): Wednesdays", **wish("only_between", weekdays=(2,))),
    row("1006.6(b)(1): overnight", local="2026-06-10 08:30",
        **wish("only_between", time_from=time(20), time_until=time(9))),
    row("1006.6(b)(1): callback", forbids="callback_reached",
        **wish("not_before", not_before=AT_NOON + timedelta(seconds=1))),
    row("1006.6(b)(1): callback", **wish("not_before", not_before=AT_NOON)),
    row("1006.6(b)(1): other number", **wish("not_before", number="+12025550999", not_before=AT_NOON + DAY)),
    row("fail closed", forbids="callback_reached", **wish("not_before")),
    row("fail closed", forbids="wish_understood", **wish("something_new")),
]
WHERE = [
    row("940 CMR 7.05", "boston", forbids="place_open"),
    row("940 CMR 7.05: business", "boston", person={"kind": "business"}),
    row("940 CMR 7.05: their number", number={"value": "+16175550123"}, forbids="place_open"),
    row("Util. Code 55.129", "austin", house={"confirmations": {}}, forbids="owner_confirmed"),
    row("Util. Code 55.129", "austin"),
    row("FL 559.72", "miami"),
    row("CRTC 2015-117", "toronto", forbids="place_open place_supported"),
    row("toll fraud", "kingston", forbids="place_open place_supported"),
    row("no pack", "paris", forbids="place_open place_supported"),
    row("no pack", "sao paulo", forbids="place_supported"),
    row("fail closed", person={"state": ""}, forbids="place_supported"),
    row("fail closed", person={"state": "Atlantis"}, forbids="place_supported"),
    row("fail closed", person={"time_zone": "Europe/Berlin"}, forbids="place_supported"),
]
# fmt: on
FAMILIES = [*OURS, *DEBTS, *AGREED, *HELD, *NUMBERS, *CONSENTS, *HOURS, *FREQUENCY, *WISHES, *WHERE]


@pytest.mark.parametrize(("place", "local", "changes", "forbids"), FAMILIES)
def test_the_rules_that_forbid_are_these(place, local, changes, forbids):
    decision = decide(somebody(place, local, **dict(changes)))
    assert {reason.rule for reason in decision.reasons} == forbids
    assert decision.allowed is not bool(forbids)


def test_every_rule_has_a_row():
    assert {rule.id for rule in RULES} == {rule for each in FAMILIES for rule in each.values[3]}


def test_a_reason_is_a_sentence_with_a_citation():
    for each in FAMILIES:
        place, local, changes, _ = each.values
        for reason in decide(somebody(place, local, **dict(changes))).reasons:
            assert reason.text[0].isupper() and reason.text.endswith("."), reason
            assert len(reason.citation) > 5, reason


def test_a_call_from_the_future_counts_as_one_of_today():
    ahead = contact("denver", "2026-06-10 13:00", **TALK)
    assert [reason.rule for reason in decide(somebody(contacts=(ahead,))).reasons] == ["after_conversation"]


@pytest.mark.parametrize(
    ("changes", "forbids"),
    [
        ({"contacts": calls("denver", "2026-06-09", outcome="odd")}, {"after_conversation"}),
        ({"contacts": calls("denver", *["2026-06-09"] * 7, channel="odd")}, {"debt_calls"}),
        (
            {"consents": (consent(), consent(act="odd", captured_at=AT_NOON))},
            {"not_opted_out", "consent_given"},
        ),
        ({"consents": (consent(channel="odd"),)}, {"consent_given"}),
        ({"promises": (Promise("odd", date(2026, 6, 20), ("1",)),)}, {"promise_due"}),
        ({"plans": (Plan("odd", None, ("1",)),)}, {"plan_behind"}),
        ({"house": {"mode": "odd"}}, {"validation_notice"}),
        ({"wishes": (Wish("not_by", channel="odd"),)}, {"voice_welcome"}),
    ],
)
def test_a_word_that_no_rule_knows_forbids(changes, forbids):
    assert {reason.rule for reason in decide(somebody(**dict(changes))).reasons} == forbids


def test_a_contact_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="aware"):
        somebody(contacts=(replace(contact("denver", NOON), at=datetime(2026, 6, 9, 12)),))


def test_the_instant_has_to_be_aware_utc():
    with pytest.raises(ValueError, match="aware UTC"):
        somebody(now=datetime(2026, 6, 10, 12))
    assert somebody(now=datetime(2026, 6, 10, 12, tzinfo=UTC)).now.tzinfo is UTC
