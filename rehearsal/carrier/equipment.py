"""What every call of this carrier shares."""

from dataclasses import dataclass

import aiohttp

from .background import Background
from .config import CarrierConfig
from .faults import Faults
from .speech import Speech
from .webhooks import Webhooks


@dataclass(frozen=True)
class Equipment:
    config: CarrierConfig
    session: aiohttp.ClientSession
    webhooks: Webhooks
    speech: Speech
    faults: Faults
    background: Background
