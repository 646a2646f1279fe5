"""TwiML read strictly: only what this network obeys is accepted, everything else is the application's error.

Twilio docs: "TwiML for Programmable Voice". Twilio's parser is case-sensitive and refuses unknown verbs;
verbs, nouns and attributes that exist at Twilio but not here are refused too, so that nothing is ever ignored
in silence.
"""

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from xml.etree import ElementTree

from .errors import ApplicationError

PARAMETER_LIMIT = 500  # characters of one <Parameter>'s name and value together


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


Verb = Say | Play | Pause | Redirect | Hangup | Stream


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


def _method(element: ElementTree.Element, value: str) -> str:
    if value.upper() not in ("GET", "POST"):
        raise _schema(element, f"has {value!r} where GET or POST belongs")
    return value.upper()


def _schema(element: ElementTree.Element, what: str) -> ApplicationError:
    return ApplicationError(12200, f"schema validation: {element.tag} {what}")
