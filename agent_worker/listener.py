"""What a caller may demand at any moment is done by code, on the words as recognised, before anything is answered."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils import timezone

from agent_worker import lines, wishes
from agent_worker.listening import Heard, Kind, hear
from calls.models import Disposition

if TYPE_CHECKING:
    from agent_worker.talk import Talk

logger = logging.getLogger(__name__)

# A longer turn says more than the question whether this is a robot: the model answers all of it.
SHORT_WORDS = 12
# So often somebody may be abusive before the call ends, kindly.
ABUSES = 2
YES = re.compile(
    r"^\W*(?:(?:um|uh|er|well|oh|so|hm)\W+)*(yes|yeah|yep|yup|aye|please|correct|right|exactly|absolutely|definitely|certainly"
    r"|of course|i would|i do|do that|that('s| is) (right|correct|what i)|sure|mhm|uh.huh)\b",
    re.IGNORECASE,
)

# What is heard, in the order in which it counts when several are said at once.
ORDER = (
    Kind.HARDSHIP,
    Kind.WRONG_NUMBER,
    Kind.STOP_CALLING,
    Kind.REFUSES_RECORDING,
    Kind.DECEASED,
    Kind.MINOR,
    Kind.BANKRUPTCY,
    Kind.LAWYER,
    Kind.NOT_AT_WORK,
    Kind.ASKS_HUMAN,
    Kind.NOT_AT_THIS_TIME,
    Kind.ABUSE,
    Kind.ASKS_ROBOT,
)
# The kind of hold, and what the call came to.
RESTRICTIONS = {
    Kind.DECEASED: ("deceased", Disposition.DECEASED),
    Kind.MINOR: ("minor", Disposition.THIRD_PARTY),
    Kind.BANKRUPTCY: ("bankruptcy", Disposition.BANKRUPTCY),
    Kind.LAWYER: ("attorney_represented", Disposition.ATTORNEY),
}
# Who has heard the goodbye begin, or had another thing done that they said in the same breath, may still be owed a
# hold; an answer no more.
ONLY_ANSWERED = frozenset({Kind.ASKS_HUMAN, Kind.ABUSE, Kind.ASKS_ROBOT})
# What the ears call a scope, and the records.
SCOPES = {
    "this_number": "number",
    "any_phone": "phone",
    "messages": "messages",
    "all_contact": "all_contact",
    "all_media": "all_contact",
}


class Listener:
    """One call's ears for demands. Each piece of speech is heard once, as soon as its words are known."""

    def __init__(self, talk: "Talk") -> None:
        self._talk = talk
        self._pieces: list[asyncio.Task[bool]] = []
        self._dealt_with: set[str] = set()
        self._abuses = 0
        self._stop_asked = False

    def said(self, text: str, *, card: bool = False) -> None:
        """Act on a piece of a turn at once; `turn` waits for that."""
        if text or card:
            self._pieces.append(asyncio.create_task(self._act(text, card=card), name="listening"))

    async def turn(self, message_id: str, text: str) -> bool:
        """The whole turn is over. True if code has dealt with it and no model answers."""
        pieces, self._pieces = self._pieces, []
        self._dealt_with.add(message_id)
        done = [await piece for piece in pieces]
        # A demand may have been said in two breaths; where nothing was heard in pieces, the turn came as text.
        dealt_with = any(done) or (len(pieces) != 1 and await self._act(text))
        await self._talk.answer()
        return dealt_with

    async def ahead(self, message_id: str, text: str, *, card: bool = False) -> bool:
        """A model is about to be asked to answer this turn. True if code has dealt with it."""
        if message_id in self._dealt_with:
            return False
        if self._pieces:
            return any([await piece for piece in self._pieces])
        self._dealt_with.add(message_id)
        dealt_with = await self._act(text, card=card)
        await self._talk.answer()
        return dealt_with

    async def _act(self, text: str, *, card: bool = False) -> bool:
        found = self._heard(text)
        if self._stop_asked and not self._talk.has_to_answer:
            self._stop_asked = False
            if YES.search(text):
                found[Kind.STOP_CALLING] = Heard(Kind.STOP_CALLING, "any_phone", "sure", 0, len(text))
        done = False
        for kind in ORDER:
            heard = found.get(kind)
            if heard is None or self._is_for_the_model(heard, text):
                continue
            if (done or self._talk.ending) and kind in ONLY_ANSWERED:
                continue
            done = await self._acts[kind](self, heard, text[heard.start : heard.end]) or done
        if card and not done:
            self._talk.will_answer(lines.NO_CARDS)
        return card or done

    def _heard(self, text: str) -> dict[Kind, Heard]:
        """The first wish of each kind."""
        names = (self._talk.facts.customer_name,) if self._talk.facts is not None else ()
        found = {each.kind: each for each in reversed(hear(text, names=names, year=timezone.now().year))}
        stop = found.get(Kind.STOP_CALLING)
        if stop is not None and self._is_wrong_number(found.get(Kind.WRONG_NUMBER)):
            # Whose number it is can speak for that number alone.
            found[Kind.STOP_CALLING] = replace(stop, scope="this_number", certainty="sure")
        return found

    def _is_wrong_number(self, heard: Heard | None) -> bool:
        return heard is not None and heard.certainty == "sure" and not self._talk.verified

    def _is_for_the_model(self, heard: Heard, text: str) -> bool:
        """A question after the robot in a long turn; a time for another call, or an answer to what was read back."""
        if heard.kind is Kind.ASKS_ROBOT:
            return len(text.split()) > SHORT_WORDS
        if heard.kind is not Kind.NOT_AT_THIS_TIME or heard.scope == "standing":
            return False
        return self._talk.proposal is not None or (self._talk.verified and heard.scope == "later")

    async def _hardship(self, heard: Heard, quote: str) -> bool:
        """What people say of their money is the model's to hear; a danger to their life comes before everything."""
        if heard.scope != "crisis":
            return False
        await wishes.crisis(self._talk, wording=quote)
        return True

    async def _stop_calling(self, heard: Heard, quote: str) -> bool:
        scope = SCOPES[heard.scope]
        if heard.certainty == "doubtful":
            await wishes.maybe_stop_calling(self._talk, scope=scope, wording=quote)
            self._stop_asked = True
            self._talk.will_answer(lines.ASK_STOP, ask=False)
        elif scope == "messages":
            await wishes.stop_messages(self._talk, wording=quote)
        else:
            await wishes.stop_calling(self._talk, scope=scope, wording=quote)
        return True

    async def _refuses_recording(self, heard: Heard, quote: str) -> bool:
        await wishes.refuse_recording(self._talk)
        return True

    async def _restricts(self, heard: Heard, quote: str) -> bool:
        kind, disposition = RESTRICTIONS[heard.kind]
        await wishes.restrict(self._talk, kind, disposition, certainty=heard.certainty, wording=quote)
        return True

    async def _wrong_number(self, heard: Heard, quote: str) -> bool:
        if not self._is_wrong_number(heard):
            return False
        self._talk.end(Disposition.WRONG_NUMBER, line=lines.WRONG_NUMBER)
        return True

    async def _not_at_work(self, heard: Heard, quote: str) -> bool:
        await wishes.not_here(self._talk, wording=quote)
        return True

    async def _not_at_this_time(self, heard: Heard, quote: str) -> bool:
        if heard.certainty != "sure":
            return False
        if heard.scope == "standing":
            await wishes.not_at_these_hours(self._talk, wording=quote)
        else:
            self._talk.end(Disposition.CALLBACK, line=lines.CALLBACK, reason="It was not a good time.")
        return True

    async def _asks_human(self, heard: Heard, quote: str) -> bool:
        if heard.certainty != "sure":
            return False
        await wishes.transfer(self._talk)
        return True

    async def _abuse(self, heard: Heard, quote: str) -> bool:
        self._abuses += 1
        if self._abuses >= ABUSES:
            self._talk.end(Disposition.REFUSED, line=lines.REFUSED, reason="The caller was abusive.")
        else:
            self._talk.will_answer(lines.PLEASE_CALM)
        return True

    async def _asks_robot(self, heard: Heard, quote: str) -> bool:
        facts = self._talk.facts
        if facts is None:
            return False
        self._talk.will_answer(lines.robot(facts))
        return True

    _acts: dict[Kind, Callable[["Listener", Heard, str], Awaitable[bool]]] = {
        Kind.HARDSHIP: _hardship,
        Kind.STOP_CALLING: _stop_calling,
        Kind.REFUSES_RECORDING: _refuses_recording,
        Kind.DECEASED: _restricts,
        Kind.MINOR: _restricts,
        Kind.BANKRUPTCY: _restricts,
        Kind.LAWYER: _restricts,
        Kind.WRONG_NUMBER: _wrong_number,
        Kind.NOT_AT_WORK: _not_at_work,
        Kind.NOT_AT_THIS_TIME: _not_at_this_time,
        Kind.ASKS_HUMAN: _asks_human,
        Kind.ABUSE: _abuse,
        Kind.ASKS_ROBOT: _asks_robot,
    }
