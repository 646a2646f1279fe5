"""What the person allowed and took back, as far as the voice on this number is concerned."""

from datetime import datetime
from zoneinfo import ZoneInfo

from calls.policy import calendar
from calls.policy.snapshot import OTHER_CHANNELS, Consent, Snapshot

BASES = frozenset({"number_given", "oral", "written"})
PURPOSE = "collection"
CALLBACK = "callback"
# 12 CFR 1006.14(b)(3)(i): "no longer than seven consecutive days after", its own day counted.
CALLBACK_DAYS = 7


def opted_out(facts: Snapshot) -> bool:
    """Whether a revocation stands. One for any purpose ends all of them (64.1200(a)(10)).

    A later consent to calls about debts lifts it: for all numbers or this one if it was for all, else for this one.
    """
    return any(not _lifted(row, facts) for row in _voice(facts) if row.act != "given")


def voice_consent(facts: Snapshot) -> Consent | None:
    """The latest consent to be rung on this number for a debt, not revoked since."""
    return _latest(facts, PURPOSE)


def asked_to_be_rung(facts: Snapshot, zone: ZoneInfo) -> bool:
    """Whether the person has said so directly within seven days: such a call is in excess of the frequencies.

    The next conversation uses the consent up (comment 14(b)(3)(i)).
    """
    callback = _latest(facts, CALLBACK)
    if callback is None or _talked_since(facts, callback.captured_at):
        return False
    return 0 <= calendar.days_since(callback.captured_at, facts.now, zone) < CALLBACK_DAYS


def _latest(facts: Snapshot, purpose: str) -> Consent | None:
    given = [row for row in _voice(facts) if row.purpose == purpose and _given(row, facts.now)]
    latest = max(given, key=lambda row: row.captured_at, default=None)
    revoked = [row.captured_at for row in _voice(facts) if row.act != "given"]
    return latest if latest and all(at < latest.captured_at for at in revoked) else None


def _voice(facts: Snapshot) -> list[Consent]:
    """Rows for the voice on this number. A channel that is not known can be revoked, but not given."""
    return [
        row
        for row in facts.consents
        if row.number in (None, facts.number.value)
        and (row.channel == "voice" or (row.act != "given" and row.channel not in OTHER_CHANNELS))
    ]


def _lifted(revoked: Consent, facts: Snapshot) -> bool:
    return any(
        _given(row, facts.now) and row.purpose == PURPOSE and row.captured_at > revoked.captured_at
        for row in _voice(facts)
        if revoked.number is None or row.number is not None
    )


def _given(row: Consent, now: datetime) -> bool:
    return row.act == "given" and row.basis in BASES and row.captured_at <= now


def _talked_since(facts: Snapshot, at: datetime) -> bool:
    return any(contact.talked and contact.at > at for contact in facts.contacts)
