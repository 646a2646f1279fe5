"""Days where the person is."""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=8192)
def local(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone)


def day(at: datetime, zone: ZoneInfo) -> date:
    return local(at, zone).date()


def days_since(then: datetime, now: datetime, zone: ZoneInfo) -> int:
    """Calendar days from `then` to `now` where the person is; 0 on the same day."""
    return (day(now, zone) - day(then, zone)).days
