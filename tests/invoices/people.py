"""What tests of customers ask again and again."""

from invoices.models import Consent
from invoices.party_selectors import consent_for, customer_events


def fields_of(error):
    """The fields at which a service refused."""
    return list(error.value.message_dict)


def last_event(customer):
    """The newest event of the customer's timeline."""
    return customer_events(customer)[0]


def last_word(customer, point) -> Consent:
    """The consent that counts for ringing this number."""
    consent = consent_for(customer, channel="voice", contact_point=point)
    assert consent is not None
    return consent


def events_of(customer):
    return customer.events.count()
