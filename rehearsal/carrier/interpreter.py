"""Obeys TwiML on an answered call, one verb after the other."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urljoin

from .dialled import Place, dial
from .equipment import Equipment
from .errors import ApplicationError
from .gather import Gathering
from .handset import Handset
from .media import MediaStream
from .playout import Playout
from .speech import SpeechFailed, fetch_wav
from .twiml import Dial, Gather, Hangup, Pause, Play, Redirect, Say, Stream, Verb, parse
from .webhooks import WebhookFailed

APOLOGY = "We are sorry. An application error has occurred. Goodbye."
LOOP_LIMIT = 1000  # Twilio docs: loop="0" plays until hang-up, 1000 times at most
XML_TYPES = ("text/xml", "application/xml", "text/html")


@dataclass(frozen=True)
class Fetch:
    """TwiML that is asked for at `url`."""

    url: str
    method: str
    params: Mapping[str, str] = field(default_factory=dict)
    """Beside those of the call."""


@dataclass(frozen=True)
class Inline:
    """TwiML that came with the REST request."""

    document: str


Program = Fetch | Inline


class Interpreter:
    """`params` gives the call's webhook parameters as they are at that moment."""

    def __init__(
        self,
        equipment: Equipment,
        handset: Handset,
        params: Callable[[], Mapping[str, str]],
        place: Place,
    ) -> None:
        self._equipment = equipment
        self._handset = handset
        self._record = handset.record
        self._params = params
        self._place = place

    async def run(self, program: Program) -> str:
        """Returns why the call is to be hung up: "hangup" (the verb), "end" (no verb left) or "error"."""
        try:
            base = ""
            while True:
                if isinstance(program, Fetch):
                    base = program.url
                verbs = parse(await self._document(program))
                redirect = await self._obey(verbs, base)
                if redirect is None:
                    return "hangup" if any(isinstance(verb, Hangup) for verb in verbs) else "end"
                program = redirect
        except ApplicationError as error:
            self._record.error(error.code, error.message)
            await self._say(APOLOGY)
            return "error"

    async def _document(self, program: Program) -> bytes:
        if isinstance(program, Inline):
            return program.document.encode()
        try:
            answer = await self._equipment.webhooks.send(
                program.method, program.url, {**self._params(), **program.params}
            )
        except WebhookFailed as failure:
            raise ApplicationError(11200, f"HTTP retrieval failure: {failure}") from failure
        if not answer.ok:
            raise ApplicationError(11200, f"HTTP retrieval failure: HTTP {answer.status}")
        if answer.content_type not in XML_TYPES:
            raise ApplicationError(12300, f"invalid Content-Type: {answer.content_type}")
        return answer.body

    async def _obey(self, verbs: list[Verb], base: str) -> Program | None:
        """Runs the verbs; a Redirect's program, or None when the call is to end."""
        for verb in verbs:
            self._record.event("twiml", verb=type(verb).__name__)
            match verb:
                case Say() | Play() | Pause():
                    await self._sound(verb, base)
                case Gather():
                    gathering = Gathering(verb, self._equipment, self._handset)
                    given = await gathering.run(partial(self._sounds, verb.prompts, base))
                    self._record.event("gathered", **given)
                    if given or verb.action_on_empty:
                        empty = {"Digits": ""} if "dtmf" in verb.inputs else {"SpeechResult": ""}
                        return Fetch(urljoin(base, verb.action), verb.method, given or empty)
                case Dial():
                    became = await dial(verb, self._place, self._handset, caller=self._params()["From"])
                    if verb.action is not None:
                        return Fetch(urljoin(base, verb.action), verb.method, became)
                case Stream():
                    await MediaStream(verb, self._equipment, self._handset, self._params).run()
                case Redirect(url, method):
                    return Fetch(urljoin(base, url), method)
                case Hangup():
                    return None
        return None

    async def _sounds(self, verbs: Sequence[Say | Play | Pause], base: str) -> None:
        for verb in verbs:
            await self._sound(verb, base)

    async def _sound(self, verb: Say | Play | Pause, base: str) -> None:
        match verb:
            case Say(text, loop):
                await self._say(text, loop)
            case Play(url, loop):
                await self._play(await fetch_wav(self._equipment.webhooks, urljoin(base, url)), loop)
            case Pause(seconds):
                await asyncio.sleep(seconds)

    async def _say(self, text: str, loop: int = 1) -> None:
        if not text:
            return
        try:
            spoken = await self._equipment.speech.say(text)
        except SpeechFailed as failure:
            self._record.event("speech_failed", why=str(failure))
            return
        await self._play(spoken, loop)

    async def _play(self, ulaw: bytes, loop: int) -> None:
        playout = Playout()
        self._handset.playout = playout
        try:
            for _ in range(loop or LOOP_LIMIT):
                await playout.play(ulaw)
        finally:
            self._handset.playout = None
