"""How many messages one socket may send: a token bucket in front of the parser."""

# A telephone sends 50 messages a second; after a stall of ours a few seconds of them arrive at once.
PER_SECOND = 100
AT_ONCE = 300


class Allowance:
    """Times are milliseconds of the session's clock."""

    def __init__(self) -> None:
        self._left, self._at = float(AT_ONCE), 0.0

    def clock_begins(self) -> None:
        """The session's clock stands at 0 again; what is left stays as it is."""
        self._at = 0.0

    def take(self, now: float) -> bool:
        """Whether one more message is let in."""
        refill = (now - self._at) * PER_SECOND / 1000
        self._left, self._at = min(float(AT_ONCE), self._left + refill), now
        if self._left < 1:
            return False
        self._left -= 1
        return True
