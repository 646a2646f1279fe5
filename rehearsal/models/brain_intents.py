"""What a person on the telephone means, by the phrases they use: one table, read from the top."""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum, auto

from .brain_words import Words, contains_any


class Intent(Enum):
    """A meaning. The order is the order of precedence: who is wrong here outweighs who is polite."""

    WRONG_NUMBER = auto()
    STOP_CALLING = auto()
    THIRD_PARTY = auto()
    LANGUAGE = auto()
    VOICEMAIL = auto()
    HUMAN = auto()
    CALL_BACK = auto()
    ROBOT = auto()
    WHO = auto()
    WILL_NOT_PROVE = auto()
    COPY = auto()
    ALREADY_PAID = auto()
    DISPUTES = auto()
    IN_PARTS = auto()
    VAGUE = auto()
    HARDSHIP = auto()
    REFUSES = auto()
    ABOUT_THE_DEBT = auto()
    REPEAT = auto()
    AGREES = auto()
    DENIES = auto()
    GOODBYE = auto()
    GREETS = auto()


RELATIVES = ("wife", "husband", "mother", "father", "son", "daughter", "brother", "sister", "partner")
_ALL = ("it all", "all of it", "everything", "the full", "the whole", "in full")

PHRASES: dict[Intent, tuple[str, ...]] = {
    Intent.WRONG_NUMBER: (
        "wrong number",
        "wrong person",
        "nobody called",
        "no one called",
        "nobody here is called",
        "nobody by that name",
        "no one by that name",
        "anyone by that name",
        "nobody named",
        "no one named",
        "nobody with that name",
        "does not live here",
        "doesn't live here",
        "i do not know him",
        "i do not know her",
        "i don't know him",
        "i don't know her",
    ),
    Intent.STOP_CALLING: (
        "stop calling",
        "not call me again",
        "don't call me again",
        "don't ever call",
        "do not call me",
        "don't call me",
        "never call",
        "off your list",
        "remove my number",
        "leave me alone",
    ),
    Intent.THIRD_PARTY: (
        "passed away",
        "has died",
        "is dead",
        "is deceased",
        "take a message",
        "is not here",
        "isn't here",
        "not here right now",
        "is not home",
        "isn't home",
        "not at home",
        "is not in",
        "isn't in",
        "he is not available",
        "she is not available",
        "he's not here",
        "she's not here",
        "he's not home",
        "she's not home",
        "is at work",
        "he's at work",
        "she's at work",
        *(f"{whose} {who}" for whose in ("his", "her") for who in RELATIVES),
    ),
    Intent.LANGUAGE: ("only speak", "don't speak english", "do not speak english", "no english"),
    Intent.VOICEMAIL: (
        "leave a message",
        "leave your message",
        "leave your name",
        "record your message",
        "after the tone",
        "after the beep",
        "at the tone",
        "voicemail",
        "voice mail",
        "mailbox",
        "you have reached",
        "i am not available",
        "i'm not available",
        "is not available",
        "not available right now",
        "take your call",
        "come to the phone",
        "answer the phone right now",
    ),
    Intent.HUMAN: (
        "speak to a person",
        "speak to a human",
        "talk to a person",
        "talk to a human",
        "speak to someone",
        "speak with a human",
        "your manager",
    ),
    Intent.CALL_BACK: (
        "call me back",
        "call back",
        "call me later",
        "call me tomorrow",
        "call me next week",
        "not a good time",
        "bad time",
        "i am busy",
        "i'm busy",
        "i am driving",
        "i'm driving",
        "i am at work",
        "i'm at work",
    ),
    Intent.ROBOT: (
        "a robot",
        "real person",
        "a recording",
        "a machine",
        "a computer",
        "a bot",
        "an a i",
        "are you human",
        "are you real",
    ),
    Intent.WHO: (
        "state your name",
        "say your name",
        "who is this",
        "who's this",
        "who is calling",
        "who's calling",
        "who are you",
        "this about",
        "this call about",
        "calling about",
        "calling from",
        "what company",
        "which company",
        "a scam",
        "get this number",
        "get my number",
    ),
    Intent.WILL_NOT_PROVE: (
        "rather not say",
        "not give you",
        "won't give you",
        "not telling you",
        "not going to tell you",
        "why do you need",
        "don't have my customer number",
        "do not have my customer number",
        "don't know my customer number",
        "none of your business",
    ),
    Intent.COPY: ("a copy", "send me the invoice", "resend"),
    Intent.ALREADY_PAID: (
        "sent a check",
        "sent a cheque",
        "already sent",
        "already paid",
        "i paid it",
        "i paid that",
        "have paid",
        "was paid",
        "paid already",
    ),
    Intent.DISPUTES: (
        "dispute",
        "never received",
        "never ordered",
        "not owe",
        "don't owe",
        "amount is wrong",
        "amount isn't right",
        "my lawyer",
    ),
    Intent.IN_PARTS: (
        "half",
        "in parts",
        "instalments",
        "installments",
        "payment plan",
        "a plan",
        "part of it",
        "not all of it",
        *(f"{cannot} pay {all_of_it}" for cannot in ("can't", "cannot", "not") for all_of_it in _ALL),
    ),
    Intent.VAGUE: (
        "until",
        "not before",
        "next week",
        "next month",
        "soon",
        "some day",
        "someday",
        "pay later",
        "some time",
        "sometime",
    ),
    Intent.HARDSHIP: ("lost my job", "laid off", "in hospital", "in the hospital", "i am ill", "i'm ill"),
    Intent.REFUSES: (
        "don't have any money",
        "no money",
        "don't have the money",
        "i am broke",
        "i'm broke",
        "not pay",
        "won't pay",
        "can't pay",
        "cannot pay",
        "not paying",
        "not going to pay",
        "never pay",
        "refuse",
        "can't afford",
        "cannot afford",
        "not want to talk",
        "don't want to talk",
        "no way",
        "not interested",
    ),
    Intent.ABOUT_THE_DEBT: (
        "how much",
        "what do i owe",
        "what is it for",
        "what's it for",
        "what is the invoice",
        "what invoice",
        "which invoice",
        "when was it due",
    ),
    Intent.REPEAT: (
        "say that again",
        "say again",
        "repeat",
        "not catch",
        "not hear",
        "not understand",
        "didn't catch",
        "didn't hear",
        "didn't understand",
        "pardon",
        "excuse me",
        "can't hear",
        "cannot hear",
        "what did you say",
        "still there",
    ),
    Intent.GOODBYE: ("goodbye", "good bye", "bye"),
    Intent.DENIES: (
        "not exactly",
        "not really",
        "never said",
        "not what i said",
        "did not say",
        "didn't say",
        "no",
        "nope",
        "wrong",
        "not right",
        "not correct",
        "isn't right",
        "isn't correct",
        "incorrect",
        "not quite",
    ),
    Intent.AGREES: (
        "perfect",
        "that works",
        "works for me",
        "sounds good",
        "you got it",
        "uh huh",
        "yes",
        "yeah",
        "yep",
        "yup",
        "correct",
        "right",
        "that's it",
        "okay",
        "ok",
        "sure",
        "of course",
        "exactly",
        "absolutely",
        "all right",
        "fine",
        "confirm",
        "agree",
        "speaking",
        "i am",
        "it is",
        "it's me",
        "it is me",
        "this is he",
        "this is she",
        "this is me",
        "no problem",
    ),
    Intent.GREETS: ("hello", "hi", "good morning", "good afternoon", "good evening"),
}

# Said with a "no" in it and meant as a yes; and what makes a "right" or an "I am" in the same breath no yes.
_NO_DENIAL = ("no problem", "no worries", "not a problem")
_NO_AGREEMENT = ("right now", "right person", "not", "don't", "can't", "cannot", "won't", "never")


def means(words: Words, among: Collection[Intent] | None = None) -> Intent | None:
    """The first intent of the table whose phrase is said; only of those in `among`, when that is given."""
    for intent in Intent:
        if (among is None or intent in among) and _says(words, intent):
            return intent
    return None


def agrees(words: Words) -> bool | None:
    """True for a yes, False for a no, None for neither. A no outweighs a yes: what is said of money must
    be sure."""
    if contains_any(words, _NO_DENIAL):
        return True
    if _says(words, Intent.DENIES):
        return False
    return True if _says(words, Intent.AGREES) else None


def _says(words: Words, intent: Intent) -> bool:
    if intent is Intent.AGREES and contains_any(words, _NO_AGREEMENT):
        return False
    return contains_any(words, PHRASES[intent])
