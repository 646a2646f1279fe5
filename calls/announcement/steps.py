"""The steps of an announcement and what a person may answer at each: plain tables, without a database or a clock.

A step travels in the signed URL of the carrier's next request, as a word and a number: nothing in it tells of a person.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

# How often a step is asked again when nothing, or nothing that fits, was answered.
ASKED_AGAIN = 2


class Name(StrEnum):
    """What is being asked."""

    PERSON = "person"
    WHO = "who"
    IDENTITY = "identity"
    MENU = "menu"
    DAY = "day"
    CONFIRM = "confirm"
    DISPUTE = "dispute"


class Choice(StrEnum):
    """What an answer means."""

    NOTHING = "nothing"
    UNKNOWN = "unknown"
    STOP = "stop"
    STOP_PERHAPS = "stop_perhaps"
    HUMAN = "human"
    BACK = "back"
    IS_ME = "is_me"
    NOT_ME = "not_me"
    NOT_NOW = "not_now"
    WRONG_NUMBER = "wrong_number"
    FACT = "fact"
    HOW_TO_PAY = "how_to_pay"
    PROMISE = "promise"
    DISPUTE = "dispute"
    AGAIN = "again"
    TODAY = "today"
    IN_3_DAYS = "in_3_days"
    IN_7_DAYS = "in_7_days"
    IN_14_DAYS = "in_14_days"
    CONFIRM = "confirm"
    OTHER_DAY = "other_day"
    PAID = "paid"
    WRONG_AMOUNT = "wrong_amount"
    NOT_RECEIVED = "not_received"
    OTHER_REASON = "other_reason"


DAYS: dict[Choice, int] = {
    Choice.TODAY: 0,
    Choice.IN_3_DAYS: 3,
    Choice.IN_7_DAYS: 7,
    Choice.IN_14_DAYS: 14,
}
# The keys of each step. Key 9 stops all calls at every one of them, 0 is a human once the person is known.
KEYS: dict[Name, dict[str, Choice]] = {
    Name.PERSON: {"1": Choice.IS_ME, "2": Choice.NOT_ME},
    Name.WHO: {"1": Choice.NOT_NOW, "2": Choice.WRONG_NUMBER},
    Name.IDENTITY: {},
    Name.MENU: {
        "1": Choice.HOW_TO_PAY,
        "2": Choice.PROMISE,
        "3": Choice.DISPUTE,
        "4": Choice.AGAIN,
        "0": Choice.HUMAN,
    },
    Name.DAY: {
        "1": Choice.TODAY,
        "2": Choice.IN_3_DAYS,
        "3": Choice.IN_7_DAYS,
        "4": Choice.IN_14_DAYS,
        "*": Choice.BACK,
        "0": Choice.HUMAN,
    },
    Name.CONFIRM: {"1": Choice.CONFIRM, "2": Choice.OTHER_DAY, "*": Choice.BACK, "0": Choice.HUMAN},
    Name.DISPUTE: {
        "1": Choice.PAID,
        "2": Choice.WRONG_AMOUNT,
        "3": Choice.NOT_RECEIVED,
        "4": Choice.OTHER_REASON,
        "*": Choice.BACK,
        "0": Choice.HUMAN,
    },
}
STOP_KEY = "9"

# Words in a key's place, for each step.
WORDS: dict[Name, dict[str, str]] = {
    Name.PERSON: {"yes": "1", "yeah": "1", "speaking": "1", "no": "2", "wrong": "2"},
    Name.WHO: {"yes": "1", "later": "1", "no": "2", "wrong": "2"},
    Name.IDENTITY: {},
    Name.MENU: {
        "text": "1",
        "promise": "2",
        "dispute": "3",
        "again": "4",
        "repeat": "4",
        "human": "0",
        "person": "0",
        "somebody": "0",
    },
    Name.DAY: {"today": "1", "back": "*", "human": "0", "person": "0"},
    Name.CONFIRM: {"yes": "1", "confirm": "1", "correct": "1", "no": "2", "human": "0", "person": "0"},
    Name.DISPUTE: {"paid": "1", "amount": "2", "received": "3", "back": "*", "human": "0", "person": "0"},
}
SPOKEN_KEYS = {
    **{word: str(number) for number, word in enumerate(("zero", "one", "two", "three", "four"))},
    "nine": "9",
    "star": "*",
}

# Said alone, these are a wish to end all calls; among other words they may be one.
_STOPS = re.compile(
    r"(please |just )*(stop|stop (it|calling|the calls|these calls)( me)?|(do not|don't|never) (call|ring|phone)( me)?"
    r"|unsubscribe|opt out|take me off (your|the) list|remove (me|my number)|no more calls|leave me alone)"
    r"( again| ever again| anymore| any more| please| now)*"
)
_MAY_STOP = re.compile(
    r"\b(stop|quit|unsubscribe|opt|(do not|don't|never) (call|ring|phone|contact)|take me off|remove|no more"
    r"|leave me|cease)\b"
)


@dataclass(frozen=True)
class Step:
    """What is asked, and for which time: `misses` answers did not fit."""

    name: Name
    misses: int = 0

    @property
    def slug(self) -> str:
        return f"{self.name}-{self.misses}"

    @property
    def again(self) -> "Step | None":
        """The same once more; None when it was asked often enough."""
        return Step(self.name, self.misses + 1) if self.misses < ASKED_AGAIN else None

    @classmethod
    def of(cls, slug: str) -> "Step | None":
        """The step of a URL; None for what is none."""
        name, _, misses = slug.partition("-")
        if name not in Name.__members__.values() or misses not in tuple("012"):
            return None
        return cls(Name(name), int(misses))


def understood(name: Name, *, digits: str, speech: str) -> Choice:
    """What was answered at a step by keys (`*`, 0-9) or, where none were pressed, by words."""
    if digits:
        return _by_keys(name, digits)
    said = _plain(speech)
    if not said:
        return Choice.NOTHING
    stop = stop_said(said)
    if stop is not None:
        return Choice.STOP if stop == "certain" else Choice.STOP_PERHAPS
    keys = {**SPOKEN_KEYS, **WORDS[name]}
    meant = {keys[word] for word in said.split() if word in keys}
    return _by_keys(name, meant.pop()) if len(meant) == 1 and name != Name.IDENTITY else Choice.UNKNOWN


def _by_keys(name: Name, digits: str) -> Choice:
    if digits == STOP_KEY:
        return Choice.STOP
    if name == Name.IDENTITY:
        return Choice.FACT
    return KEYS[name].get(digits, Choice.UNKNOWN)


def stop_said(speech: str) -> Literal["certain", "doubtful"] | None:
    """Whether these words end the calls; "doubtful" where somebody has to look at them."""
    said = _plain(speech)
    if _STOPS.fullmatch(said):
        return "certain"
    return "doubtful" if _MAY_STOP.search(said) else None


def _plain(speech: str) -> str:
    """Small letters, apostrophes and single spaces."""
    return " ".join(re.sub(r"[^a-z' ]", " ", speech.lower().replace("’", "'")).split())
