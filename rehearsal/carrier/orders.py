"""Reads the form of a REST request into what a call needs (Twilio docs: "Call resource", "Create a call").

Parameters that Twilio knows and this network does not obey are refused rather than ignored: a request that
works here must mean the same there.
"""

import re
from urllib.parse import urlsplit

from multidict import MultiMapping

from .call import Order
from .callbacks import EVENTS
from .errors import bad_request
from .interpreter import Fetch, Inline, Program

Form = MultiMapping[str]

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
CREATE = frozenset(
    [
        *("To", "From", "Url", "Twiml", "Method", "Timeout", "TimeLimit"),
        *("StatusCallback", "StatusCallbackMethod", "StatusCallbackEvent"),
    ]
)
UPDATE = frozenset(("Url", "Twiml", "Method", "Status"))
TWIML_LIMIT = 4000
TIMEOUT, TIMEOUT_LIMIT = 60, 600
TIME_LIMIT = 14_400
PREMIUM = re.compile(r"\+1(900|976)[0-9]{7}|\+1?(911|112|999)")


def read_create(form: Form) -> Order:
    """RestError as Twilio gives it for what is missing or wrong."""
    refuse_unknown(form, CREATE)
    return Order(
        to=_to(form.get("To", "")),
        from_=_from(form.get("From", "")),
        program=read_program(form) or _no_program(),
        status_callback=read_url(form.get("StatusCallback"), 21609),
        status_callback_method=_method(form.get("StatusCallbackMethod")),
        status_callback_events=_events(form.getall("StatusCallbackEvent", [])),
        timeout=_seconds(form, "Timeout", TIMEOUT, TIMEOUT_LIMIT),
        time_limit=_seconds(form, "TimeLimit", TIME_LIMIT, 86_400),
    )


def read_program(form: Form) -> Program | None:
    """Url wins over Twiml."""
    if form.get("Url"):
        url = read_url(form["Url"], 21205)
        assert url is not None
        return Fetch(url, _method(form.get("Method")))
    twiml = form.get("Twiml")
    if not twiml:
        return None
    if len(twiml) > TWIML_LIMIT:
        raise bad_request(20001, f"Twiml is longer than {TWIML_LIMIT} characters")
    return Inline(twiml)


def refuse_unknown(form: Form, known: frozenset[str]) -> None:
    if unknown := sorted(set(form) - known):
        raise bad_request(20001, f"Parameters not supported by this network: {', '.join(unknown)}")


def _no_program() -> Program:
    raise bad_request(21205, "Url parameter is required")


def _to(number: str) -> str:
    if not number:
        raise bad_request(21201, "No 'To' number is specified")
    if PREMIUM.fullmatch(number):
        raise bad_request(21216, f"Account not allowed to call {number}.")
    if not E164.fullmatch(number):
        raise bad_request(21211, f"The phone number you are attempting to call, {number}, is not valid.")
    return number


def _from(number: str) -> str:
    if not number:
        raise bad_request(21213, "No 'From' number is specified")
    if not E164.fullmatch(number):
        raise bad_request(21212, f"The source phone number provided, {number}, is not valid.")
    return number


def read_url(url: str | None, code: int) -> str | None:
    if not url:
        return None
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        valid = False
    if not valid or not url.isascii() or " " in url:
        raise bad_request(code, f"Url is not a valid URL: {url}")
    return url


def _method(method: str | None) -> str:
    if method not in (None, "GET", "POST"):
        raise bad_request(20001, f"Method is GET or POST, not {method}")
    return method or "POST"


def _events(events: list[str]) -> frozenset[str]:
    if wrong := sorted(set(events) - set(EVENTS)):
        raise bad_request(21626, f"Invalid 'StatusCallbackEvent': {', '.join(wrong)}")
    return frozenset(events or ["completed"])


def _seconds(form: Form, name: str, default: int, most: int) -> int:
    value = form.get(name)
    if not value:
        return default
    if not re.fullmatch(r"[0-9]{1,6}", value) or not 1 <= int(value) <= most:
        raise bad_request(20001, f"{name} is 1 to {most} seconds, not {value}")
    return int(value)
