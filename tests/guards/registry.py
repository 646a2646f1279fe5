"""The guards of a conversation, read from tables/*.toml: each with the lines of code that are it.

    [name]
    guards = "what can't happen while it is there"
    file = "agent_worker/talk.py"
    take = "the text that is taken out of the file, where it stands once"
    leave = "what stands there without the guard; nothing if this is left out"
    noticed_by = ["a test, or a file of them, that fails then", ...]

In `noticed_by`, "case NAME" is the conversation tests/conversations/cases/NAME.txt, "agent FILE" a file of
tests/agent_worker and "calls FILE" one of tests/calls.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLES = Path(__file__).parent / "tables"
CASE = "tests/conversations/test_conversations.py::test_a_conversation_ends_as_it_is_written[{}]"
SHORT = {"agent": "tests/agent_worker/", "calls": "tests/calls/"}


@dataclass(frozen=True)
class Guard:
    """`tests` are pytest's arguments."""

    name: str
    guards: str
    file: str
    take: str
    leave: str
    tests: tuple[str, ...]

    @property
    def module(self) -> str:
        return self.file.removesuffix(".py").replace("/", ".")

    def taken_out(self, source: str) -> str:
        """The file's text without the guard. Raises LookupError where it does not stand there exactly once."""
        if (count := source.count(self.take)) != 1:
            raise LookupError(
                f"{self.name}: {self.file} has these lines {count} times, not once: {self.take!r}"
            )
        return source.replace(self.take, self.leave)


@cache
def guards() -> dict[str, Guard]:
    """Every guard by its name. Raises ValueError for a name that two tables have."""
    found: dict[str, Guard] = {}
    for path in sorted(TABLES.glob("*.toml")):
        for name, row in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if name in found:
                raise ValueError(f"two guards are called {name}")
            tests = tuple(_in_full(test) for test in row["noticed_by"])
            found[name] = Guard(name, row["guards"], row["file"], row["take"], row.get("leave", ""), tests)
    return found


def _in_full(test: str) -> str:
    kind, _, rest = test.partition(" ")
    if kind == "case":
        return CASE.format(rest)
    return SHORT[kind] + rest if kind in SHORT else test
