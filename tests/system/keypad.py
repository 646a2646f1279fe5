"""A phone on which the test presses the keys and says the words."""

import requests

from tests.waiting import eventually


class Phone:
    """The phone of a person who does as the test says."""

    def __init__(self, world):
        self.world = world
        self.invoice = world.owing("quiet")
        self.call_id = world.ring(self.invoice)
        self.answered = 0
        (self.birthday, self.total, self.customer, self.number) = world.rows(
            "SELECT to_char(birth_month, 'FM00') || to_char(birth_day, 'FM00'), total, c.id, i.number "
            "FROM invoices_invoice i JOIN invoices_customer c ON c.id = i.customer_id WHERE i.id = %s",
            self.invoice,
        )[0]

    def _asked(self):
        """The carrier's record, once it waits for the next answer."""

        def look():
            dials = self.world.dials(self.call_id)
            asked = [event for dial in dials for event in dial["events"] if event["kind"] == "gather"]
            return dials[0] if len(asked) > self.answered else None

        dial = eventually(look, within=60)
        self.answered += 1
        return dial

    def press(self, keys):
        self._send("keys", {"keys": keys})

    def say(self, text):
        self._send("words", {"text": text})

    def _send(self, what, body):
        url = f"{self.world.control}/calls/{self._asked()['sid']}/{what}"
        assert requests.post(url, json=body, timeout=30).ok

    def verified(self):
        self.press("1")
        self.press(f"{self.birthday}#")
        return self

    def came_to(self):
        return self.world.settled(self.call_id)["disposition"]
