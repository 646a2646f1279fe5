"""The people: how their phone rings and how they behave on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle
from random import Random

import numpy as np

from rehearsal.carrier.line import FRAME_MS, Line
from rehearsal.carrier.mulaw import RATE, encode
from rehearsal.carrier.people import Person, PersonEntry, Ringing

from .characters import WHEN_ASKED_FOR, WHEN_ASKED_TO_PAY, ChangesMind, Character, PaysInParts
from .conversation import Conversation
from .hearing import Asks, Heard, hear
from .promising import PATIENCE, SAY_AGAIN, Promising
from .speech import SpeechClient, SpeechError

ANSWERS_AFTER = 1.5  # seconds of ringing
GIVES_UP_AFTER = 8.0  # their network ends the ringing; a caller whose Timeout is shorter gives up before
VOICE = "nova"
MAILBOX_SECONDS = 60
BEEP_HERTZ, BEEP_SECONDS = 1000, 0.4
PAUSE_SECONDS = 0.5  # between a machine's greeting and its beep
SILENCE = b"\xff"  # mu-law
PROGRAMME = (
    "And now the weather for the weekend.",
    "The home team has won the game.",
    "Stay with us after the break.",
)
PROGRAMME_PAUSE_SECONDS = 2.5
RAMBLING = (
    "Who is this?",
    "Yes, speaking.",
    "What is this about?",
    "I can pay $100 on Friday.",
    "How much is it?",
    "My birthday is April 1st.",
    "I don't know.",
    "Yes.",
    "No.",
)
RAMBLING_TURNS = 6


class _Someone:
    """Who picks up and speaks. `meet` holds the conversation."""

    def __init__(self, entry: PersonEntry, speech: SpeechClient) -> None:
        self.entry = entry
        self._speech = speech

    def ring(self) -> Ringing:
        return Ringing("answer", ANSWERS_AFTER)

    async def talk(self, line: Line) -> None:
        async with Conversation(line, self._speech, VOICE) as conversation:
            await conversation.say("Hello?")
            await self.meet(conversation)

    async def meet(self, conversation: Conversation) -> None:
        raise NotImplementedError


class Promises(_Someone):
    """Says who they are, proves it, and promises what they have in mind."""

    mind: type[Promising] = Promising

    async def meet(self, conversation: Conversation) -> None:
        mind = self.mind(self.entry, datetime.now(UTC).date())
        while (text := await conversation.turn()) is not None:
            answer = mind.answer(text)
            if mind.intended is not None:
                amount, day = mind.intended
                conversation.line.intended(str(amount), day.isoformat())
            if answer:
                await conversation.say(answer)


class HasTheirSay(Promises):
    """Has something of their own to say, by the name of their persona."""

    mind = Character


class PaysInInstalments(Promises):
    mind = PaysInParts


class ThinksAgain(Promises):
    mind = ChangesMind


class RefusesRecording(Promises):
    """Wants not to be recorded; asked for a key, presses 9: no more calls."""

    async def meet(self, conversation: Conversation) -> None:
        while (text := await conversation.turn()) is not None:
            if hear(text, datetime.now(UTC).date()).asks is Asks.NAME:
                await conversation.say("I do not want to be recorded.")
                break
        if await conversation.turn() is not None:
            conversation.line.press("9")
        while await conversation.turn() is not None:
            pass


class Television(_Someone):
    """Nobody: a phone lying off the hook beside a television."""

    async def talk(self, line: Line) -> None:
        async with Conversation(line, self._speech, VOICE) as conversation:
            for programme in cycle(PROGRAMME):
                await conversation.say(programme)
                await line.say(SILENCE * round(RATE * PROGRAMME_PAUSE_SECONDS))


class _Stranger(_Someone):
    """Somebody without business here: waits what is to be waited out, asks again what they did not understand, and
    `turns_away` what is asked of them."""

    async def meet(self, conversation: Conversation) -> None:
        patience = PATIENCE
        while patience and (text := await conversation.turn()) is not None:
            heard = hear(text, datetime.now(UTC).date())
            if heard.asks is Asks.PATIENCE:
                continue
            patience -= 1
            if heard.asks is None:
                await conversation.say(SAY_AGAIN)
            elif await self.turns_away(conversation, heard):
                return

    async def turns_away(self, conversation: Conversation, heard: Heard) -> bool:
        """True when they have nothing more to say."""
        raise NotImplementedError


class HangsUp(_Stranger):
    """Hangs up as soon as they are asked for."""

    async def turns_away(self, conversation: Conversation, heard: Heard) -> bool:
        conversation.line.hang_up()
        return True


class WrongNumber(_Stranger):
    """Has never heard of the person who is asked for."""

    async def turns_away(self, conversation: Conversation, heard: Heard) -> bool:
        over = heard.asks is Asks.NOTHING_MORE
        await conversation.say("Goodbye." if over else _no_such_person(heard.name))
        return over


def _no_such_person(name: str | None) -> str:
    nobody = f"There is nobody called {name} here." if name else "Nobody by that name lives here."
    return f"Sorry, you have the wrong number. {nobody}"


class Rambles(_Someone):
    """Says whatever comes to mind, always the same for the same customer number, and proves nothing; one in three asks
    in the end not to be called, and stays on the line."""

    async def meet(self, conversation: Conversation) -> None:
        chance = Random(self.entry.customer_number)
        turns = RAMBLING_TURNS
        while turns and (text := await conversation.turn()) is not None:
            if hear(text, datetime.now(UTC).date()).asks is not Asks.PATIENCE:
                turns -= 1
                await conversation.say(chance.choice(RAMBLING))
        if chance.random() < 1 / 3:
            await conversation.say("Stop calling me.")
            while await conversation.turn() is not None:
                pass
        conversation.line.hang_up()


class Quiet(_Someone):
    """Picks up and says nothing by themselves: whoever holds the rehearsal's door presses and speaks for them."""

    async def talk(self, line: Line) -> None:
        async for _ in line.heard():
            pass


class Voicemail:
    """A machine: its greeting, a beep, and then it records what it hears until the line or the tape ends."""

    def __init__(self, entry: PersonEntry, speech: SpeechClient) -> None:
        self.entry = entry
        self._speech = speech

    def ring(self) -> Ringing:
        return Ringing("answer", ANSWERS_AFTER)

    async def talk(self, line: Line) -> None:
        greeting = (
            f"Hello. You have reached {self.entry.name or 'the voicemail'}. I am not available right now. "
            "Please leave your name and number and I will call you back. Please leave a message after the tone."
        )
        async with self._speech as speech:
            try:
                audio = await speech.speak(greeting, VOICE)
            except SpeechError as error:
                line.note("mouth_failed", why=str(error))
                audio = b""
        start_ms = line.now_ms
        await line.say(audio + SILENCE * round(RATE * PAUSE_SECONDS) + _beep())
        line.said(greeting, start_ms, line.now_ms)
        line.note("beep")
        left = MAILBOX_SECONDS * 1000 // FRAME_MS
        async for _ in line.heard():
            left -= 1
            if left <= 0:
                line.hang_up()
                return


def _beep() -> bytes:
    at = np.arange(int(RATE * BEEP_SECONDS)) / RATE
    return encode((8000 * np.sin(2 * np.pi * BEEP_HERTZ * at)).astype(np.int16))


class _Unreachable:
    """A phone that is never answered."""

    ringing: Ringing

    def __init__(self, entry: PersonEntry, speech: SpeechClient) -> None:
        self.entry = entry

    def ring(self) -> Ringing:
        return self.ringing

    async def talk(self, line: Line) -> None:
        raise RuntimeError("this phone is never answered")


class NoAnswer(_Unreachable):
    ringing = Ringing("no-answer", GIVES_UP_AFTER)


class Busy(_Unreachable):
    ringing = Ringing("busy", 0.0)


PERSONAS: dict[str, Callable[[PersonEntry, SpeechClient], Person]] = {
    "promises": Promises,
    "hangs_up": HangsUp,
    "quiet": Quiet,
    "no_answer": NoAnswer,
    "busy": Busy,
    "voicemail": Voicemail,
    "wrong_number": WrongNumber,
    "refuses_recording": RefusesRecording,
    "changes_mind": ThinksAgain,
    "television": Television,
    "rambles": Rambles,
    **dict.fromkeys([*WHEN_ASKED_FOR, *WHEN_ASKED_TO_PAY], HasTheirSay),
    "pays_in_parts": PaysInInstalments,
}
