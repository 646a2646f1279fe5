"""The first half of a call: is this the right person? Nothing of a debt is known here, and nothing is said
of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .brain_dates import month_day
from .brain_intents import RELATIVES, Intent, means
from .brain_request import Reply, Request, ToolCall
from .brain_words import Words, contains_any, digits, negated, split

# Phrases that end the conversation, if the tool that does it is on offer.
_REPORTS = {
    Intent.WRONG_NUMBER: ToolCall("report_wrong_number", {}),
    Intent.STOP_CALLING: ToolCall("end_call", {"reason": "stop_calling"}),
    Intent.THIRD_PARTY: ToolCall("report_third_party", {"coming": False}),
    Intent.VOICEMAIL: ToolCall("report_machine", {"kind": "voicemail"}),
    Intent.CALL_BACK: ToolCall("end_call", {"reason": "callback"}),
    Intent.REFUSES: ToolCall("end_call", {"reason": "refused"}),
    Intent.GOODBYE: ToolCall("end_call", {"reason": "other"}),
}
_LANGUAGES = ("spanish", "french", "german", "polish", "chinese")
_ASK_BIRTH = "Please tell me the month and day of your birth."
_ASK_NUMBER = "Please tell me your customer number."
_NOBODY = ("there is no", "there's no", "no such person", "don't have a", "do not have a")
_UNKNOWN = ("i do not know", "i don't know", "never heard of")
_BIRTH_QUESTION = (
    "of your birth",
    "month and day",
    "day and month",
    "your birthday",
    "date of birth",
    "you born",
)
_NUMBER_QUESTION = ("customer number", "account number")


def find(request: Request) -> Reply:
    """What to say or to call while nobody knows who is on the line."""
    words = split(request.said)
    if not words:
        return Reply(_question(request))
    ending = _report(request, words)
    if ending is not None:
        return ending
    meant = _meant(request, words)
    named = _names_customer(request, words)
    if meant is Intent.AGREES or (meant in (None, Intent.GREETS) and named) or _check(request.said, words):
        return Reply(tool_calls=(ToolCall("person_found", {}),))
    speaks = _SPEECH.get(meant) if meant is not None else None
    if speaks is not None:
        return Reply(speaks(request))
    return Reply(f"I am sorry, I did not catch that. {_question(request)}")


def verify(request: Request) -> Reply:
    """What to say or to call while the right party is not verified."""
    words = split(request.said)
    if not words:
        return Reply(_question(request))
    ending = _report(request, words)
    if ending is not None:
        return ending
    check = _check(request.said, words)
    if check is not None:
        return Reply(tool_calls=(check,))
    meant = _meant(request, words)
    speaks = _SPEECH.get(meant) if meant is not None else None
    if speaks is not None:
        return Reply(speaks(request))
    return Reply(f"I am sorry, I did not catch that. {_question(request)}")


def _report(request: Request, words: Words) -> Reply | None:
    """The tool that ends the conversation for what was said, if it is on offer."""
    meant = _meant(request, words)
    call = _foreign(words) if meant is Intent.LANGUAGE else _REPORTS.get(meant or Intent.AGREES)
    if call is None or call.name not in request.tools:
        return None
    if call.name == "report_third_party" and "check_identity" in request.tools:
        return Reply(tool_calls=(ToolCall(call.name, {}),))
    return Reply(tool_calls=(call,))


def _foreign(words: Words) -> ToolCall:
    named = next((word.capitalize() for word in words if word in _LANGUAGES), "another one")
    return ToolCall("report_language", {"language": named})


def _meant(request: Request, words: Words) -> Intent | None:
    if _denies_the_name(request, words):
        return Intent.WRONG_NUMBER
    if any(word in RELATIVES and words[at - 1].endswith("'s") for at, word in enumerate(words) if at):
        return Intent.THIRD_PARTY  # "I'm Robert's brother"
    return means(words)


def _check(said: str, words: Words) -> ToolCall | None:
    """The call that hands the fact just given to the code that compares it."""
    born = month_day(said)
    number = None if born else digits(words)
    if born is None and (number is None or not 4 <= len(number) <= 8):
        return None
    month, day = born or (None, None)
    return ToolCall("check_identity", {"birth_month": month, "birth_day": day, "customer_number": number})


def _question(request: Request) -> str:
    """The question that is open: the one asked last, or who is on the phone."""
    if "check_identity" in request.tools and not _says(request.asked, (*_BIRTH_QUESTION, *_NUMBER_QUESTION)):
        return _ASK_NUMBER if "number" in request.fact("asked fact") else _ASK_BIRTH
    if _says(request.asked, _NUMBER_QUESTION) and not _says(request.asked, _BIRTH_QUESTION):
        return _ASK_NUMBER
    if _says(request.asked, _BIRTH_QUESTION):
        return _ASK_BIRTH
    name = request.fact("customer name")
    return f"May I speak with {name}?" if name else "May I ask who is speaking?"


def _ask_proof(request: Request) -> str:
    """`Asked fact:` is what the person can prove themselves with."""
    return _question(request)


def _ask_number(request: Request) -> str:
    return f"I understand. {_ASK_NUMBER}"


def _introduce(request: Request) -> str:
    return f"{_behalf(request)} I am calling about a personal matter. {_question(request)}"


def _admit(request: Request) -> str:
    return f"Yes, I am an automated assistant. {_behalf(request)} {_question(request)}"


def _repeat(request: Request) -> str:
    return f"Of course. {_question(request)}"


def _greet(request: Request) -> str:
    return f"Hello. {_question(request)}"


def _not_them(request: Request) -> str:
    return f"I am sorry. {_question(request)}"


def _promise_quiet(request: Request) -> str:
    """No tool for it on offer, so the wish is at least acknowledged."""
    return "I understand. I will make a note of that."


_SPEECH: dict[Intent, Callable[[Request], str]] = {
    Intent.STOP_CALLING: _promise_quiet,
    Intent.CALL_BACK: _promise_quiet,
    Intent.GOODBYE: lambda request: "Goodbye.",
    Intent.ROBOT: _admit,
    Intent.WHO: _introduce,
    Intent.WILL_NOT_PROVE: _ask_number,
    Intent.REPEAT: _repeat,
    Intent.AGREES: _ask_proof,
    Intent.DENIES: _not_them,
    Intent.GREETS: _greet,
}


def _says(text: str, phrases: Sequence[str]) -> bool:
    return contains_any(split(text), phrases)


def _behalf(request: Request) -> str:
    return f"I am calling on behalf of {request.fact('business name', 'our office')}."


def _names(request: Request) -> set[str]:
    return set(split(request.fact("customer name")))


def _names_customer(request: Request, words: Words) -> bool:
    """ "Robert Blake here", but not "I am not Robert"."""
    return any(word in _names(request) and not negated(words, at) for at, word in enumerate(words))


def _denies_the_name(request: Request, words: Words) -> bool:
    """ "There is no Robert here", "I don't know Robert Blake": the name is what makes these a wrong
    number."""
    return bool(_names(request) & set(words)) and contains_any(words, (*_NOBODY, *_UNKNOWN))
