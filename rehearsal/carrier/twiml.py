"""TwiML read strictly: only what this network obeys is accepted, everything else is the application's error.

Twilio docs: "TwiML for Programmable Voice". Twilio's parser is case-sensitive and refuses unknown verbs;
verbs, nouns and attributes that exist at Twilio but not here are refused too, so that nothing is ever ignored
in silence.
"""

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from xml.etree import ElementTree

from .errors import ApplicationError

PARAMETER_LIMIT = 500  # characters of one <Parameter>'s name and value together
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
KEYS = "0123456789*#"
AUTO_SPEECH_TIMEOUT = 1.0  # seconds of silence; Twilio's own "auto" is not published
DIAL_EVENTS = frozenset(("initiated", "ringing", "answered", "completed"))
DIAL_TIMEOUT, DIAL_TIMEOUT_LIMIT, DIAL_TIME_LIMIT = 30, 600, 14_400


@dataclass(frozen=True)
class Say:
    text: str
    loop: int


@dataclass(frozen=True)
class Play:
    url: str
    loop: int


@dataclass(frozen=True)
class Pause:
    seconds: int


@dataclass(frozen=True)
class Redirect:
    url: str
    method: str


@dataclass(frozen=True)
class Hangup:
    pass


@dataclass(frozen=True)
class Stream:
    """<Connect><Stream>. `url` is what is connected to and signed: Twilio strips query strings."""

    url: str
    name: str | None
    status_callback: str | None
    status_callback_method: str
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Gather:
    """Times in seconds. `speech_timeout` is the silence that ends speech; `num_digits` None: as many as come."""

    prompts: tuple[Say | Play | Pause, ...]
    inputs: frozenset[str]
    action: str
    method: str
    timeout: int
    speech_timeout: float
    num_digits: int | None
    finish_on_key: str
    action_on_empty: bool


@dataclass(frozen=True)
class Dial:
    """One telephone number. Without an `action` the document goes on behind it."""

    number: str
    caller_id: str | None
    timeout: int
    time_limit: int
    action: str | None
    method: str
    status_callback: str | None
    status_callback_method: str
    status_callback_events: frozenset[str]


Verb = Say | Play | Pause | Redirect | Hangup | Stream | Gather | Dial


def parse(document: bytes) -> list[Verb]:
    """ApplicationError 12100 for what is no XML, 12102 for another root, 12200 for what does not fit the
    schema."""
    try:
        root = ElementTree.fromstring(document)  # noqa: S314 - the application under test; expat caps entity expansion
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise ApplicationError(12100, f"document parse failure: {error}") from error
    if root.tag != "Response":
        raise ApplicationError(12102, f"root element is {root.tag}, not Response")
    _attributes(root)
    return [_verb(element) for element in root]


def _verb(element: ElementTree.Element) -> Verb:
    match element.tag:
        case "Say":
            given = _attributes(element, "voice", "language", "loop")
            return Say(_text(element), _number(element, given.get("loop", "1")))
        case "Play":
            given = _attributes(element, "loop")
            return Play(_text(element), _number(element, given.get("loop", "1")))
        case "Pause":
            given = _attributes(element, "length")
            _empty(element)
            return Pause(_number(element, given.get("length", "1")))
        case "Redirect":
            given = _attributes(element, "method")
            return Redirect(_text(element), _method(element, given.get("method", "POST")))
        case "Hangup":
            _attributes(element)
            _empty(element)
            return Hangup()
        case "Connect":
            _attributes(element)
            if len(element) != 1 or element[0].tag != "Stream":
                raise _schema(element, "holds exactly one Stream here")
            return _stream(element[0])
        case "Gather":
            return _gather(element)
        case "Dial":
            return _dial(element)
    raise _schema(element, "is no verb that this network obeys")


def _stream(element: ElementTree.Element) -> Stream:
    given = _attributes(element, "url", "name", "track", "statusCallback", "statusCallbackMethod")
    if given.get("track", "inbound_track") != "inbound_track":
        raise ApplicationError(31941, "Stream - Invalid Track configuration")
    parameters: dict[str, str] = {}
    for child in element:
        if child.tag != "Parameter":
            raise _schema(child, "does not belong into Stream")
        pair = _attributes(child, "name", "value")
        _empty(child)
        if set(pair) != {"name", "value"}:
            raise _schema(child, "needs name and value")
        if len(pair["name"]) + len(pair["value"]) >= PARAMETER_LIMIT:
            raise _schema(child, f"is {PARAMETER_LIMIT} characters or longer")
        parameters[pair["name"]] = pair["value"]
    return Stream(
        url=_stream_url(given.get("url", "")),
        name=given.get("name"),
        status_callback=given.get("statusCallback"),
        status_callback_method=_method(element, given.get("statusCallbackMethod", "POST")),
        parameters=parameters,
    )


def _gather(element: ElementTree.Element) -> Gather:
    """Language and hints are taken as given: this network has one language."""
    given = _attributes(
        element,
        *("input", "action", "method", "timeout", "speechTimeout", "numDigits", "finishOnKey"),
        *("actionOnEmptyResult", "language", "hints"),
    )
    prompts = [_verb(child) for child in element]
    if wrong := [
        child
        for child, verb in zip(element, prompts, strict=True)
        if not isinstance(verb, Say | Play | Pause)
    ]:
        raise _schema(wrong[0], "does not belong into Gather")
    inputs = frozenset(given.get("input", "dtmf").split())
    if not inputs or inputs - {"dtmf", "speech"}:
        raise _schema(element, "takes dtmf, speech or both as input")
    timeout = _number(element, given.get("timeout", "5"))
    quiet = given.get("speechTimeout", str(timeout))
    finish = given.get("finishOnKey", "#")
    if len(finish) > 1 or finish not in KEYS:
        raise _schema(element, f"has {finish!r} where a key belongs")
    digits = _number(element, given["numDigits"]) if "numDigits" in given else None
    if digits == 0:
        raise _schema(element, "waits for no digit")
    return Gather(
        prompts=tuple(verb for verb in prompts if isinstance(verb, Say | Play | Pause)),
        inputs=inputs,
        action=given.get("action", ""),
        method=_method(element, given.get("method", "POST")),
        timeout=timeout,
        speech_timeout=AUTO_SPEECH_TIMEOUT if quiet == "auto" else _number(element, quiet),
        num_digits=digits,
        finish_on_key=finish,
        action_on_empty=_truth(element, given.get("actionOnEmptyResult", "false")),
    )


def _dial(element: ElementTree.Element) -> Dial:
    given = _attributes(element, "callerId", "timeout", "timeLimit", "action", "method")
    number, callback = element, dict[str, str]()
    if len(element):
        if len(element) > 1 or element[0].tag != "Number" or (element.text or "").strip():
            raise _schema(element, "holds one number here")
        number = element[0]
        callback = _attributes(number, "statusCallback", "statusCallbackMethod", "statusCallbackEvent")
    if not E164.fullmatch(_text(number)):
        raise ApplicationError(13223, "Dial: invalid phone number format")
    if "callerId" in given and not E164.fullmatch(given["callerId"]):
        raise ApplicationError(13214, "Dial: invalid callerId value")
    timeout = _number(element, given.get("timeout", str(DIAL_TIMEOUT)))
    if not 1 <= timeout <= DIAL_TIMEOUT_LIMIT:
        raise ApplicationError(13212, "Dial: invalid timeout value")
    events = frozenset(callback.get("statusCallbackEvent", "completed").split())
    if events - DIAL_EVENTS:
        raise _schema(number, "subscribes to an event that there is not")
    return Dial(
        number=_text(number),
        caller_id=given.get("callerId"),
        timeout=timeout,
        time_limit=_number(element, given.get("timeLimit", str(DIAL_TIME_LIMIT))),
        action=given.get("action"),
        method=_method(element, given.get("method", "POST")),
        status_callback=callback.get("statusCallback"),
        status_callback_method=_method(number, callback.get("statusCallbackMethod", "POST")),
        status_callback_events=events,
    )


def _stream_url(url: str) -> str:
    """wss only, as at Twilio; ws too for this machine itself, where nobody has a certificate."""
    try:
        parts = urlsplit(url)
        secure, near = parts.scheme == "wss", parts.scheme == "ws" and _is_loopback(parts.hostname or "")
    except ValueError:
        secure = near = False
    if not (secure or near) or not parts.hostname or url != url.strip() or " " in url:
        raise ApplicationError(31922, "Stream - WebSocket - Invalid URL schema: wss is the only protocol")
    return parts._replace(query="", fragment="").geturl()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _attributes(element: ElementTree.Element, *known: str) -> dict[str, str]:
    if unknown := set(element.attrib) - set(known):
        raise _schema(element, f"has an unknown attribute {min(unknown)}")
    return dict(element.attrib)


def _text(element: ElementTree.Element) -> str:
    if len(element):
        raise _schema(element[0], f"does not belong into {element.tag}")
    return (element.text or "").strip()


def _empty(element: ElementTree.Element) -> None:
    if len(element) or (element.text or "").strip():
        raise _schema(element, "must be empty")


def _number(element: ElementTree.Element, value: str) -> int:
    if not (value.isascii() and value.isdigit()):
        raise _schema(element, f"has {value!r} where a number belongs")
    return int(value)


def _truth(element: ElementTree.Element, value: str) -> bool:
    if value not in ("true", "false"):
        raise _schema(element, f"has {value!r} where true or false belongs")
    return value == "true"


def _method(element: ElementTree.Element, value: str) -> str:
    if value.upper() not in ("GET", "POST"):
        raise _schema(element, f"has {value!r} where GET or POST belongs")
    return value.upper()


def _schema(element: ElementTree.Element, what: str) -> ApplicationError:
    return ApplicationError(12200, f"schema validation: {element.tag} {what}")
