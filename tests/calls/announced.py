"""A phone that the carrier holds for us: each of its requests signed, each answer read as the carrier would."""

from xml.etree import ElementTree

from django.test import Client

from tests.calls.conftest import twilio_signature

BASE = "https://pay.example.com"


class Phone:
    """One answered call. `said` is the text of the last document, `verbs` its verbs."""

    def __init__(self, settings, call_id):
        self.settings = settings
        self.call_id = call_id
        self.action: str | None = None
        self.said = ""
        self.verbs: list[str] = []
        self.document = ElementTree.Element("Response")
        self.everything: list[str] = []
        self.heard: list[str] = []

    def post(self, path, **params):
        params = {
            "AccountSid": self.settings.TWILIO_ACCOUNT_SID,
            "CallSid": f"CA{self.call_id.hex}",
            **params,
        }
        signature = twilio_signature(BASE + path, params, self.settings.TWILIO_AUTH_TOKEN)
        return Client().post(path, params, headers={"X-Twilio-Signature": signature})

    def answer(self):
        return self._read(self.post(f"/twilio/voice/{self.call_id}/", CallStatus="in-progress"))

    def press(self, digits="", **more):
        return self._go(Digits=digits, **more)

    def say(self, speech):
        return self._go(SpeechResult=speech, Confidence="0.9")

    def hang_up(self):
        self.post(f"/twilio/status/{self.call_id}/", CallStatus="completed")

    def _go(self, **params):
        assert self.action is not None, "nobody waits for an answer"
        return self._read(self.post(self.action.removeprefix(BASE), CallStatus="in-progress", **params))

    def _read(self, answer):
        assert answer.status_code == 200
        self.document = ElementTree.fromstring(answer.content)  # noqa: S314 (our own answer)
        self.verbs = [element.tag for element in self.document]
        self.said = " ".join(each.text or "" for each in self.document.iter("Say"))
        self.everything.append(answer.content.decode())
        self.heard.append(self.said)
        gather = self.document.find("Gather")
        self.action = gather.get("action") if gather is not None else None
        return self.said

    @property
    def ended(self):
        return self.verbs[-1:] == ["Hangup"]
