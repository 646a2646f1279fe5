"""Conversations as people write them down. One line is one thing; `#` starts a comment.

    Given: invoice INV-2 80.00 due 2026-11-10  one more open invoice of Robert Blake, born on March 14th
    Given: invoice INV-2 8000 JPY due {+3}     in another currency than dollars
    Given: customer Zoë O'Brien-Smith          instead of Robert Blake
    Given: owes 12345.678 KWD due {-1}         instead of $8,641.97
    Meanwhile: paid 100                        that much is posted now, while the talk goes on
    Given: house callback_number=+12135550199  what staff have set
    Caller: Yes, this is Robert.               what is recognised of the caller's words
    Keys: 0314#                                what the caller presses, once the disclosures were heard
    Model: Please tell me more.                what the model answers, in words
    Model: check_identity birth_month=3        or the function that it calls, arguments as JSON
    Agent: Thank you. ...                      what is spoken; "..." stands for anything
    Then: disposition promise_to_pay           what has come of it
    Then: promise 120.50 on {+7}               a row of the ledger
    Then: no promise                           none stands; so also "no plan", "no more calls"
    Then: nothing                              the ledger is as it was

`{+7}` is the date in 7 days as the ledger writes it, `{day+7}` as the voice says it.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases"
CALL = re.compile(r"([a-z]+_[a-z_]+|confirm)((?: [a-z_]+=(?:\"[^\"]*\"|\[[^\]]*\]|\S+))*)")
ARGUMENT = re.compile(r"([a-z_]+)=(\"[^\"]*\"|\[[^\]]*\]|\S+)")
DATE = re.compile(r"\{(day)?([+-]\d+)\}")
# What is posted to the books before the caller's next words.
MEANWHILE = "(meanwhile) "


@dataclass
class Turn:
    """The caller's words or keys, the model's answers to them, and what is heard then."""

    said: str
    keys: str = ""
    model: list[Any] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)


@dataclass
class Case:
    """One file. `shows` names the rows of the matrix that it stands for."""

    name: str
    about: str
    shows: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    then: list[str] = field(default_factory=list)


def read_all(day: Callable[[int], date], in_full: Callable[[date], str]) -> Iterator[Case]:
    """Every case of the folder. `day` answers the date in so many days, `in_full` how the voice says a date."""

    def dated(found: re.Match[str]) -> str:
        when = day(int(found[2]))
        return in_full(when) if found[1] else when.isoformat()

    for path in sorted(CASES.glob("*.txt")):
        yield read(path.stem, DATE.sub(dated, path.read_text(encoding="utf-8")))


def read(name: str, text: str) -> Case:
    """Raises ValueError for a line that is none of the kinds above."""
    case = Case(name, about="")
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            case.about = case.about or line.lstrip("# ")
        elif line.strip():
            kind, colon, rest = line.partition(": ")
            if not colon or not _take(case, kind.strip(), rest.strip()):
                raise ValueError(f"{name}.txt:{number}: not a line of a conversation: {line!r}")
    return case


def _take(case: Case, kind: str, rest: str) -> bool:
    match kind:
        case "Shows":
            case.shows += [each.strip() for each in rest.split(",")]
        case "Given":
            case.given.append(rest)
        case "Caller":
            case.turns.append(Turn(rest))
        case "Meanwhile":
            case.turns.append(Turn(MEANWHILE + rest))
        case "Keys":
            case.turns.append(Turn("", keys=rest))
        case "Model" if case.turns:
            case.turns[-1].model.append(answer(rest))
        case "Agent" if case.turns:
            case.turns[-1].heard.append(rest)
        case "Then":
            case.then.append(rest)
        case _:
            return False
    return True


def answer(text: str) -> Any:
    """Words, or `{"name": ..., "arguments": {...}}` for a call of a function."""
    found = CALL.fullmatch(text)
    if not found:
        return text
    arguments = {name: _value(value) for name, value in ARGUMENT.findall(found[2])}
    return {"name": found[1], "arguments": arguments}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def matches(expected: str, spoken: str) -> bool:
    """Whether what was spoken is as expected, where "..." stands for anything."""
    pattern = ".*".join(re.escape(part) for part in expected.split("..."))
    return re.fullmatch(pattern, spoken, re.DOTALL) is not None
