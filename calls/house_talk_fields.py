"""What staff may set for the conversation.

A cleaner gets the field's name and a value, and answers what the column holds; it raises ValidationError keyed by that
name. An opening line can't drop a disclosure, and can't say what the call is about.
"""

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from invoices.addresses import phone_at
from invoices.fields import text_at

LONGEST_LINE = 300
PLACES = frozenset({"agent", "business", "customer"})


@dataclass(frozen=True)
class Language:
    """What an opening line in this language has to say, and which words would tell a stranger of the debt."""

    name: str
    machine: re.Pattern[str]
    recorded: re.Pattern[str]
    debt: re.Pattern[str]


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})", re.IGNORECASE)


# Those that the voice speaks: first words in another one would promise a talk in it.
LANGUAGES = {
    "en": Language(
        "English",
        machine=_words(r"ai\b|artificial intelligence|automated|virtual assistant"),
        recorded=_words(r"record(?:ed|ing)\b"),
        debt=_words(
            r"debt|invoice|bill|owe|owing|overdue|past due|balance|pay|paid|amount|account|collect|arrears|due\b|"
            r"outstanding|money|settle|credit|loan|legal|attorney|court"
        ),
    ),
}


def opening_lines_at(name: str, value: Mapping[str, Any]) -> dict[str, str]:
    """Lines by language; an empty one is left out: the installation's own is said then."""
    if unknown := set(value) - set(LANGUAGES):
        raise ValidationError({name: f"Not offered: {', '.join(sorted(map(str, unknown)))[:60]}."})
    lines = {
        code: text_at(name, " ".join(str(value[code]).split()), longest=LONGEST_LINE)
        for code in LANGUAGES
        if value.get(code)
    }
    for code, line in lines.items():
        _line_check(name, line, LANGUAGES[code])
    return {code: line for code, line in lines.items() if line}


def _line_check(name: str, line: str, language: Language) -> None:
    places = _places(name, line)
    problems = []
    if missing := sorted(PLACES - set(places)):
        problems.append(f"It has to name {', '.join(f'{{{place}}}' for place in missing)}.")
    if unknown := sorted(set(places) - PLACES):
        problems.append(f"It can't name {', '.join(f'{{{place}}}' for place in unknown)}.")
    # A name in a place is nobody's word for a debt.
    plain = re.sub(r"\{[^{}]*\}", " ", line)
    if not language.machine.search(plain):
        problems.append("It has to say that a machine speaks, such as “an AI assistant”.")
    if not language.recorded.search(plain):
        problems.append("It has to say that the call is recorded.")
    if found := language.debt.search(plain):
        problems.append(f"“{found.group()}” tells whoever answers what the call is about.")
    if re.search(r"\d", plain):
        problems.append("It can't have digits.")
    if problems:
        raise ValidationError({name: [f"{language.name}: {problem}" for problem in problems]})


def _places(name: str, line: str) -> list[str]:
    """The names in braces. Anything that is not a plain name there is refused."""
    try:
        parts = list(string.Formatter().parse(line))
    except ValueError:
        raise ValidationError({name: "A brace is open, or closed too much."}) from None
    places = [place for _, place, _, _ in parts if place is not None]
    if any(spec or conversion for _, _, spec, conversion in parts) or not all(
        place.isidentifier() for place in places
    ):
        raise ValidationError({name: "Only {agent}, {business} and {customer} can stand in braces."})
    return places


def callback_number_at(name: str, value: Any) -> str:
    """E.164 or empty. 47 CFR 64.1200(b)(2): not the number of the dialler."""
    text = str(value or "").strip()
    if not text:
        return ""
    number = phone_at(name, text)
    if settings.TWILIO_PHONE_NUMBER and number == settings.TWILIO_PHONE_NUMBER:
        raise ValidationError({name: "That is the number that dials; the law wants another one here."})
    return number


def name_at(name: str, value: Any) -> str:
    """A name that a voice can say, or empty."""
    text = text_at(name, str(value or ""), longest=40)
    if text and not re.fullmatch(r"[^\W\d_][^\d_{}<>]*", text):
        raise ValidationError({name: "Enter a name without digits and signs."})
    return text


def tts_voice_at(name: str, value: Any) -> str:
    text = text_at(name, str(value or ""), longest=40)
    if text and not re.fullmatch(r"[A-Za-z0-9_.-]+", text):
        raise ValidationError({name: "Enter the voice's name as the speech service has it, such as alloy."})
    return text


def instructions_at(name: str, value: Any) -> str:
    return text_at(name, " ".join(str(value or "").split()), longest=500)
