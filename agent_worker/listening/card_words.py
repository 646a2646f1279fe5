"""cards.toml, read once."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent_worker.spoken.phrases import compiled, plain

_DATA: dict[str, Any] = tomllib.loads(Path(__file__).with_name("cards.toml").read_text(encoding="utf-8"))

FILLERS = frozenset(plain(word) for word in _DATA["fillers"])
SOUNDS: dict[str, str] = _DATA["sounds"]
COUNTING = compiled(tuple(_DATA["counting"]))
LEGIBLE = compiled(tuple(_DATA["legible"]["labels"]))
IBAN_LENGTHS: dict[str, int] = {country.lower(): length for country, length in _DATA["iban"].items()}


@dataclass(frozen=True)
class Secret:
    """Numbers of `least` to `most` digits soon after `labels` are never kept."""

    kind: str
    least: int
    most: int
    labels: re.Pattern[str]


SECRETS = tuple(
    Secret(entry["kind"], entry["least"], entry["most"], compiled(tuple(entry["labels"])))
    for entry in _DATA["secret"]
)
