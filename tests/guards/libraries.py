"""What takes long to import and is no part of the product: once, for all processes of `tests.guards.taking`."""

import aiohttp.test_utils
import babel.numbers
import celery
import channels.db
import django.test
import hypothesis
import livekit.agents
import livekit.plugins.openai
import numpy
import openai
import pytest
import twilio.rest

__all__ = [
    "aiohttp",
    "babel",
    "celery",
    "channels",
    "django",
    "hypothesis",
    "livekit",
    "numpy",
    "openai",
    "pytest",
    "twilio",
]
