"""What a carrier is started with."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class CarrierConfig:
    """`models_url` ends in /v1. The token signs every webhook and guards REST, as an account's auth token
    does."""

    account_sid: str
    auth_token: str = field(repr=False)
    models_url: str
    people_file: Path | None = None
    calls_per_second: float = 5.0
    webhook_timeout: float = 15.0
    """Twilio docs: a webhook must answer within 15 seconds."""
    retry_delays: tuple[float, ...] = (0.5, 1.0, 2.0)
    """Pauses before a status callback that failed is sent again."""
