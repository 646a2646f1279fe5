"""Whether a turn says yes or no to what was read back. A model's word alone makes no promise."""

import tomllib
from pathlib import Path
from typing import Literal

from agent_worker.listening.turn_text import as_said, calmed
from agent_worker.spoken.phrases import compiled

_DATA = tomllib.loads(Path(__file__).with_name("answers.toml").read_text(encoding="utf-8"))
_IDIOMS = compiled(tuple(_DATA["idioms"]))
_DENIALS = compiled(tuple(_DATA["denials"]))
_YES = compiled(tuple(_DATA["yes"]))
_NO = compiled(tuple(_DATA["no"]))

Answer = Literal["yes", "no", "unclear"]


def answer_to(text: str) -> Answer:
    """What is said to “Is that right?”: both at once, or neither, is unclear."""
    words = calmed(as_said(text, ())).text
    agrees = _IDIOMS.search(words) is not None
    words = _IDIOMS.sub("", words)
    denies = _DENIALS.search(words) is not None
    words = _DENIALS.sub("", words)
    denies = denies or _NO.search(words) is not None
    agrees = agrees or _YES.search(words) is not None
    if agrees == denies:
        return "unclear"
    return "yes" if agrees else "no"
