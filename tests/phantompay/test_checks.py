"""What a real installation must have before it starts."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from phantompay.checks import NEEDED, refuse_unsafe_start

COMPLETE = dict.fromkeys(NEEDED, "x" * 60)


@pytest.fixture
def production(settings):
    settings.DEBUG = False
    for name, value in COMPLETE.items():
        setattr(settings, name, value)
    return settings


def test_a_complete_installation_starts(production):
    refuse_unsafe_start()


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_setting_is_named(production, name):
    setattr(production, name, "")
    with pytest.raises(ImproperlyConfigured, match=f"{name} is not set"):
        refuse_unsafe_start()


@pytest.mark.parametrize("weak", ["short", "django-insecure-" + "x" * 60])
def test_a_weak_secret_key_is_refused(production, weak):
    production.DJANGO_SECRET_KEY = weak
    with pytest.raises(ImproperlyConfigured, match="DJANGO_SECRET_KEY"):
        refuse_unsafe_start()


@pytest.mark.parametrize(("name", "value"), [("AGENT_MODE", "shout"), ("PAYMENT_INSTRUCTIONS", "x" * 301)])
def test_a_value_that_nothing_can_be_made_of_is_refused(production, name, value):
    setattr(production, name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        refuse_unsafe_start()


def test_every_problem_is_said_at_once(production):
    production.OPENAI_API_KEY = production.TWILIO_AUTH_TOKEN = ""
    with pytest.raises(ImproperlyConfigured, match=r"TWILIO_AUTH_TOKEN.*OPENAI_API_KEY"):
        refuse_unsafe_start()
