"""The agent and a person who asks for a human, or answers by keys: a real phone, judged by the rows and the carrier."""

import pytest
import requests

from tests.system.keypad import Phone
from tests.waiting import eventually

pytestmark = pytest.mark.stack
COLLEAGUE = "+442079460997"


class Talking(Phone):
    """A call in which the agent has made its disclosures and asked for the person."""

    def __init__(self, world):
        super().__init__(world)
        query = "SELECT 1 FROM invoices_event WHERE object_id = %s AND kind = 'disclosures_heard'"
        eventually(lambda: world.rows(query, self.call_id), within=60)

    def agent_says(self, words):
        """Wait until the agent has said this to its end."""

        def look():
            said = self.world.call(self.call_id)["transcript"]
            return any(words in line["text"] for line in said if line["speaker"] == "agent")

        eventually(look, within=60)

    def to_agent(self, what, **body):
        url = f"{self.world.control}/calls/{self.world.dial(self.call_id)['sid']}/{what}"
        assert requests.post(url, json=body, timeout=30).ok

    def legs(self):
        """The carrier's records of the colleague's phone, for this call."""
        parent = self.world.dial(self.call_id)["sid"]
        answer = requests.get(f"{self.world.control}/calls", params={"to": COLLEAGUE}, timeout=10)
        return [call for call in answer.json()["calls"] if call["parent_sid"] == parent]


@pytest.fixture
def office(world):
    """`office(persona)`: colleagues can be reached at a number at which that persona answers."""

    def opened(persona):
        person = requests.put(f"{world.control}/people/{COLLEAGUE}", json={"persona": persona}, timeout=10)
        assert person.ok
        world.execute(
            "UPDATE calls_houserules SET transfer_number = %s, transfer_from = '00:00', transfer_until = '23:59'",
            COLLEAGUE,
        )

    yield opened
    world.execute("UPDATE calls_houserules SET transfer_number = ''")


def test_a_human_asked_for_aloud_is_connected(world, office):
    office("quiet")
    person = Talking(world)
    person.to_agent("words", text="I want to speak to a human.")
    disposition = eventually(lambda: world.call(person.call_id)["disposition"], within=60)
    assert disposition == "transferred"
    (leg,) = person.legs()
    assert leg["status"] == "in-progress"
    world.put_down(person.call_id)
    call = world.settled(person.call_id)
    assert (call["status"], call["disposition"]) == ("completed", "transferred")
    assert "connecting you to a colleague" in " ".join(line["text"] for line in call["transcript"])


def test_a_colleague_who_does_not_come_means_a_call_back(world, office):
    office("busy")
    person = Talking(world)
    person.to_agent("keys", keys="0")
    assert person.came_to() == "callback"
    (leg,) = person.legs()
    assert leg["status"] == "busy"
    assert world.rows("SELECT next_action FROM calls_call WHERE id = %s", person.call_id) == [
        ("A colleague is to ring back.",)
    ]
    verbs = [event["verb"] for event in world.dial(person.call_id)["events"] if event["kind"] == "twiml"]
    assert verbs[-4:] == ["Say", "Dial", "Say", "Hangup"]


def test_a_person_who_does_not_speak_makes_a_promise_by_keys(world):
    person = Talking(world)
    person.to_agent("keys", keys="1")
    person.agent_says("the right person")
    person.to_agent("keys", keys=f"{person.birthday}#")
    person.agent_says("When can you pay it?")
    person.to_agent("keys", keys="1")
    # From here on the announcement's.
    for key in ("2", "1", "1"):
        person.press(key)
    assert person.came_to() == "promise_to_pay"
    query = "SELECT amount FROM invoices_promisetopay WHERE source_call_id = %s"
    assert world.rows(query, person.call_id) == [(person.total,)]
    said = [line["text"] for line in world.call(person.call_id)["transcript"] if line["speaker"] == "caller"]
    assert said.count("[pressed 1]") >= 3 and person.birthday not in " ".join(said)
