"""What the carrier is told to do with an answered call."""

from django.conf import settings
from django.urls import reverse
from twilio.twiml.voice_response import Connect, Dial, Gather, VoiceResponse

from calls.announcement.prompt import Prompt
from calls.announcement.steps import Name
from calls.house import legal_name
from calls.models import Call

# How long a person may think before the next key, and how long a colleague's phone rings.
ANSWER_SECONDS = 6
TRANSFER_RING_SECONDS = 20
HINTS = "stop, stop calling, yes, no, human, wrong number"


def connect(call: Call, *, token: str) -> str:
    """Say who is calling, then hand the audio to the stream; what follows runs when the stream has closed."""
    response = VoiceResponse()
    response.say(introduction())
    stream_url = settings.PUBLIC_BASE_URL.replace("http", "ws", 1) + "/twilio-stream"
    connect_verb = Connect()
    connect_verb.stream(url=stream_url).parameter(name="token", value=token)
    response.append(connect_verb)
    response.redirect(_url("twilio-after", call.pk), method="POST")
    return str(response)


def introduction() -> str:
    """The words that open every call: an automated call, in the registered name (47 CFR 64.1200(b)(1))."""
    return f"This is an automated call from {legal_name()}. {settings.CONNECTING_MESSAGE}"


def announcement(call: Call, prompt: Prompt) -> str:
    """Say what the announcement says, then wait for keys or words, connect a colleague, or hang up."""
    response = VoiceResponse()
    if prompt.step is None:
        response.say(prompt.text)
        if prompt.transfer_to:
            response.append(_dial(call, prompt.transfer_to))
        else:
            response.hangup()
        return str(response)
    gather = Gather(
        input="dtmf speech",
        action=_url("twilio-announcement", call.pk, prompt.step.slug),
        method="POST",
        timeout=ANSWER_SECONDS,
        speech_timeout="auto",
        finish_on_key="#",
        action_on_empty_result=True,
        hints=HINTS,
        **({} if prompt.step.name == Name.IDENTITY else {"num_digits": 1}),
    )
    gather.say(prompt.text)
    response.append(gather)
    return str(response)


def announcement_instead(call: Call) -> str:
    """Leave the stream and ask for the announcement in the agent's place."""
    response = VoiceResponse()
    response.redirect(_url("twilio-instead", call.pk), method="POST")
    return str(response)


def _dial(call: Call, number: str) -> Dial:
    """The second leg tells when it is answered, and the document goes on when it has ended."""
    dial = Dial(
        caller_id=settings.TWILIO_PHONE_NUMBER,
        timeout=TRANSFER_RING_SECONDS,
        action=_url("twilio-transferred", call.pk),
        method="POST",
    )
    dial.number(
        number,
        status_callback=_url("twilio-colleague", call.pk),
        status_callback_event="answered",
        status_callback_method="POST",
    )
    return dial


def _url(name: str, *args: object) -> str:
    return f"{settings.PUBLIC_BASE_URL}{reverse(name, args=args)}"


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
