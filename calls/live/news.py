"""Tells open pages that something changed. Messages carry ids only; whoever gets one reads the rows again."""

from invoices.models import Event


def announce(event: Event) -> None:
    """Send the news of an event about a call to the pages that show it."""
