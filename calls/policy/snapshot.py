"""The facts a decision rests on."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Snapshot:
    """Facts at one instant. `zones` are all IANA zones the person may be in; `now` is aware.

    `number_usable`: there is a number to ring, and it is the one that the call was asked for with.
    """

    now: datetime
    invoice_status: str
    balance_positive: bool
    number_usable: bool
    zones: tuple[str, ...]
    other_live_call: bool

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "now": self.now.isoformat(), "zones": list(self.zones)}
