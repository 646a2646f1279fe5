"""What the carrier is told to do with an answered call."""

from django.conf import settings
from django.urls import reverse
from twilio.twiml.voice_response import Connect, VoiceResponse

from calls.house import legal_name
from calls.models import Call


def connect(call: Call, *, token: str) -> str:
    """Say who is calling, then hand the audio to the stream; what follows runs when the stream has closed."""
    response = VoiceResponse()
    response.say(introduction())
    stream_url = settings.PUBLIC_BASE_URL.replace("http", "ws", 1) + "/twilio-stream"
    connect_verb = Connect()
    connect_verb.stream(url=stream_url).parameter(name="token", value=token)
    response.append(connect_verb)
    response.redirect(settings.PUBLIC_BASE_URL + reverse("twilio-after", args=[call.pk]), method="POST")
    return str(response)


def introduction() -> str:
    """The words that open every call: an automated call, in the registered name (47 CFR 64.1200(b)(1))."""
    return f"This is an automated call from {legal_name()}. {settings.CONNECTING_MESSAGE}"


def apology() -> str:
    """Nobody can talk now: say so kindly and put the phone down."""
    response = VoiceResponse()
    response.say(
        f"This is an automated call from {legal_name()}. "
        "We are sorry, we can't talk just now. There is nothing that you need to do. Goodbye."
    )
    response.hangup()
    return str(response)


def hang_up() -> str:
    response = VoiceResponse()
    response.hangup()
    return str(response)
