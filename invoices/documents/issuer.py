"""Who issues the documents: the registered name, the address, and how to pay."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Issuer:
    name: str
    # Lines.
    address: list[str]
    payment: list[str]


_names: list[Callable[[], str]] = []


def name_by(find: Callable[[], str]) -> None:
    """Have `find()` say the registered name, where it knows one; else the setting does."""
    if find not in _names:
        _names.append(find)


def issuer() -> Issuer:
    found = next(filter(None, (find() for find in _names)), settings.BUSINESS_LEGAL_NAME)
    return Issuer(found, _lines(settings.BUSINESS_ADDRESS), _lines(settings.PAYMENT_INSTRUCTIONS))


def _lines(text: str) -> list[str]:
    """A setting in one line has its breaks as “|”."""
    return [line.strip() for line in text.replace("|", "\n").splitlines() if line.strip()]
