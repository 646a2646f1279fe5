"""What a recognised turn asks for that code must act on, whatever a model makes of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from agent_worker.listening import wish_tables as tables
from agent_worker.listening.turn_text import as_said, calmed
from agent_worker.listening.wish_tables import Certainty, Wish
from agent_worker.spoken.folding import MASK, Folded
from agent_worker.spoken.numbers import quantities
from agent_worker.spoken.phrases import found

_WORD = re.compile(r"[a-z0-9]+")
_NOT_ME = ("you", "it", "that")
_OBJECT = re.compile(r"(?:me|us)$")
# So many words after “my wife said” are still hers.
_QUOTED_REACH = 7
# “Stop” in a longer sentence is about something else.
_FEW_WORDS = 3
_WIDE = "any_phone"
_WHOSE = ("my", "our", "the")
_AGES = range(4, 18)
_ADULT = 18
# Where the number says that it is no child, another phrase may still say that it is one.
_NUMBERED = ("age", "born")
_THING = re.compile(
    r"\b(?:(?:the|my|your|our|his|her|their|its|a|an|all|half|these|those|this|that|both|some|of|two|three|four|many)"
    r" (?:\w+ ){1,3}|(?:it|that|this|which|everything) (?:[a-z]+ )?)\Z"
)
_OWN_LIFE = re.compile(
    r"\bi (?:could|can|had|have to|was|need|lost|did|will|would|still|just|am (?:not able|unable|still))\b"
)
_AGE_GOES_ON = re.compile(
    r"(?:years? old|years?|yrs?|and|but|so|i|my|man|sir|maam|please|okay|dude|stop|you|can)\b|$"
)
_PLURAL = re.compile(r"[a-z]+s\b")
_NO_AGE = re.compile(
    r"(?:minutes?|hours?|days?|weeks?|months?|seconds?|percent|dollars?|euros?|pounds?|bucks?|miles?|blocks?|"
    r"kilometers?|kilometres?|km|feet|foot|short|late|behind|away|times?|thousand|hundred|o clock|th|of|on|in|to|till|"
    r"until)\b"
)
# Who is called, and words after which it is somebody spoken of before: “he had a stroke and died”.
_NO_THING = frozenset({MASK, "and", "but", "then", "before", "since"})


class Kind(StrEnum):
    STOP_CALLING = "stop_calling"
    REFUSES_RECORDING = "refuses_recording"
    WRONG_NUMBER = "wrong_number"
    NOT_AT_WORK = "not_at_work"
    NOT_AT_THIS_TIME = "not_at_this_time"
    LAWYER = "lawyer"
    BANKRUPTCY = "bankruptcy"
    DECEASED = "deceased"
    MINOR = "minor"
    ASKS_HUMAN = "asks_human"
    ASKS_ROBOT = "asks_robot"
    ABUSE = "abuse"
    HARDSHIP = "hardship"


# What is asked for about a place, an hour or the recording is no wish to end all calls.
_NARROWER = (Kind.NOT_AT_WORK, Kind.NOT_AT_THIS_TIME, Kind.REFUSES_RECORDING)


@dataclass(frozen=True, slots=True)
class Heard:
    """One wish in a turn, from `start` to `end` of its text.

    `scope` by kind. stop_calling: "any_phone", "this_number", "messages", "all_contact", "all_media". not_at_work:
    "work", "place". not_at_this_time: "now", "later" (to be called another time), "standing" (hours or days to be kept
    from now on). hardship: "person", "crisis" (a danger to the caller's own life). refuses_recording: "recording".
    Otherwise "person", "this_number" or "now". `certainty`: "doubtful" is honoured like "sure" where that is the safe
    side, and reviewed by a person.
    """

    kind: Kind
    scope: str
    certainty: Certainty
    start: int
    end: int


def hear(
    text: str, *, language: str = "en", names: Sequence[str] = (), year: int | None = None
) -> tuple[Heard, ...]:
    """All wishes in a recognised turn, in its order. `language`: BCP 47; English is always listened for too.

    `names`: who is called, so that “Mary Stop” asks for nothing and “Mary has died” is about the customer. `year`: this
    one, by which a year of birth is a child's; without it none is. A kind that was heard for sure is not reported as
    doubtful as well.
    """
    said = as_said(text, names)
    calm = calmed(said)
    heard: list[tuple[Wish, Certainty, int, int]] = []
    settled: list[tuple[str, int, int]] = []
    brief = len(_WORD.findall(calm.text)) <= _FEW_WORDS
    for wish in tables.wishes(language.split("-")[0].lower()):
        if wish.check == "alone" and not brief:
            continue
        words = said.text if wish.kind == Kind.ABUSE else calm.text
        for start, end in found(wish.pattern, words):
            certainty = _certainty(wish, words, start, end, year)
            if certainty is not None:
                heard.append((wish, certainty, start, _quote_end(wish, words, end)))
            elif wish.check not in _NUMBERED:
                settled.append((wish.kind, start, end))
    return tuple(_reported(said, calm, list(_unsettled(_in_their_place(heard), settled))))


def _quote_end(wish: Wish, text: str, end: int) -> int:
    """An age stands after the phrase and belongs to the quote."""
    age = _WORD.search(text, end) if wish.check == "age" else None
    return age.end() if age else end


def _in_their_place(
    heard: list[tuple[Wish, Certainty, int, int]],
) -> list[tuple[Wish, Certainty, int, int]]:
    """“I told you not to call me at work” holds “told you not to call”, and asks for no more than it says."""
    places = [
        (start, end)
        for wish, certainty, start, end in heard
        if wish.kind in _NARROWER and certainty == "sure"
    ]
    return [
        item
        for item in heard
        if item[0].kind != Kind.STOP_CALLING
        or not any(item[2] < end and start < item[3] <= end for start, end in places)
    ]


def _certainty(wish: Wish, text: str, start: int, end: int, year: int | None) -> Certainty | None:
    """How sure this match is; None if it means something else altogether."""
    before = text[max(0, start - 60) : start]
    if wish.before.search(before):
        return None
    after = _after(text, end)
    if any(pattern.match(text, after) for pattern in wish.after):
        return None
    certainty: Certainty | None = wish.certainty
    if wish.check == "object":
        certainty = _by_next_word(text, start, end)
    elif wish.check == "age":
        certainty = _by_age(text, after)
    elif wish.check == "born":
        certainty = _by_birth(text, after, year)
    elif wish.check == "death" and _is_thing(before, text[start:end]):
        return None
    elif wish.check == "death" and tables.KIN.search(text) and _OWN_LIFE.search(text):
        certainty = "doubtful"
    if certainty == "sure" and wish.unsure.search(before):
        return "doubtful"
    if certainty == "sure" and wish.kind in (Kind.STOP_CALLING, Kind.REFUSES_RECORDING):
        denied = tables.NEGATED.search(before) and not tables.RHETORICAL.search(before)
        if denied or _is_quoted(text, start):
            return "doubtful"
    return certainty


def _after(text: str, end: int) -> int:
    """Where the next word begins."""
    following = _WORD.search(text, end)
    return following.start() if following else len(text)


def _by_next_word(text: str, start: int, end: int) -> Certainty | None:
    """“stop calling me” is a wish, “stop calling me robert” may be none, “stop calling me stupid” is none."""
    following = _WORD.match(text, _after(text, end))
    if following is not None and following[0] in _NOT_ME and not _OBJECT.search(text, start, end):
        # “I'll never call you a liar”, “stop calling it that”.
        return None if text[start:end].endswith("call") else "doubtful"
    if following is not None and following[0] in _WHOSE and not _OBJECT.search(text, start, end):
        # “Stop calling my house”; “don't call my bank”.
        what = _WORD.match(text, _after(text, following.end()))
        return "sure" if what is None or what[0] in tables.LINES else "doubtful"
    if following is None or following[0] in tables.FINE:
        return "sure"
    # After a full stop something new begins.
    if re.search(r"[.,]", text[end : following.start()]) and following[0] not in tables.ADDRESS:
        return "sure"
    if _OBJECT.search(text, start, end) and following[0] in tables.ADDRESS:
        return None
    return "doubtful"


def _by_age(text: str, position: int) -> Certainty | None:
    numbers = quantities(text[position : position + 40])
    if not numbers or numbers[0].start != 0 or numbers[0].unit or len(numbers[0].chunks) != 1:
        return None
    value, rest = numbers[0].chunks[0], text[position + numbers[0].end :].lstrip(" .,!?-")
    if value not in _AGES or numbers[0].ordinal or _NO_AGE.match(rest):
        return None
    if _AGE_GOES_ON.match(rest):
        return "sure"
    # “I'm seventeen invoices behind.”
    return None if _PLURAL.match(rest) else "doubtful"


def _by_birth(text: str, position: int, year: int | None) -> Certainty | None:
    """“… two thousand and twelve”, “… 2012”."""
    numbers = quantities(text[position : position + 40])
    if year is None or not numbers or numbers[0].start != 0:
        return None
    ages = {year - int(born) for born in numbers[0].readings if 1900 <= born <= year}
    if not ages or min(ages) > _ADULT:
        return None
    return "doubtful" if min(ages) == _ADULT else "sure"


def _is_thing(before: str, match: str) -> bool:
    """“The pump died”, “the deadline has passed”: no person is named right before it, but something is."""
    named = _THING.search(before)
    told = set(_WORD.findall(f"{named[0]} {match}")) if named is not None else _NO_THING
    return not told & (tables.PERSONS | _NO_THING)


def _is_quoted(text: str, start: int) -> bool:
    for quote in tables.QUOTED.finditer(text, 0, start):
        if len(_WORD.findall(text, quote.end(), start)) <= _QUOTED_REACH and quote.end() <= start:
            return True
    return False


def _unsettled(
    heard: list[tuple[Wish, Certainty, int, int]], settled: list[tuple[str, int, int]]
) -> Iterator[tuple[Wish, Certainty, int, int]]:
    """Without the doubts about words that an exact entry has explained, or has heard for sure."""
    sure = {wish.kind for wish, certainty, _, _ in heard if certainty == "sure"}
    for wish, certainty, start, end in heard:
        explained = any(kind == wish.kind and begin < end and start < stop for kind, begin, stop in settled)
        if certainty == "sure" or not (wish.kind in sure or explained):
            yield wish, certainty, start, end


def _reported(said: Folded, calm: Folded, heard: list[tuple[Wish, Certainty, int, int]]) -> Iterator[Heard]:
    """One report for each kind and scope that overlaps another, the longest; a wider scope gives way to a named one."""
    kept: list[tuple[Wish, Certainty, int, int]] = []
    for item in sorted(heard, key=lambda each: (each[0].scope == _WIDE, each[2] - each[3], each[2])):
        wish, certainty, start, end = item
        if not any(
            other.kind == wish.kind
            and (other.scope == wish.scope or (wish.scope == _WIDE and known == certainty))
            and begin < end
            and start < stop
            for other, known, begin, stop in kept
        ):
            kept.append(item)
    for wish, certainty, start, end in sorted(kept, key=lambda each: each[2]):
        folded = said if wish.kind == Kind.ABUSE else calm
        yield Heard(Kind(wish.kind), wish.scope, certainty, *folded.span(start, end))
