"""A tester's hands: the API, the carrier's control door, and the rows."""

import io
import wave
from typing import Any

import numpy as np
import psycopg
import requests

from phantompay.rehearsing.people import invent
from stack.stack import Stack
from tests.waiting import eventually

LIVE = ("requested", "placing", "unknown", "dialling", "ringing", "in_progress")


class World:
    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.api = requests.Session()
        self.api.headers["Authorization"] = f"Token {self._token()}"

    def _token(self) -> str:
        login = {"username": "collector", "password": self.stack.logins["collector"]}
        return str(requests.post(f"{self.stack.base_url}/api/token/", json=login, timeout=10).json()["token"])

    def owing(self, persona: str, **changes: Any) -> int:
        """A new customer played by `persona` with one open invoice; its id."""
        customer, invoice, person = invent(persona)
        number = customer["phone"] = self.number(customer["phone"])
        self._ok(requests.put(f"{self.control}/people/{number}", json={**person, **changes}, timeout=10))
        customer_id = self.post("customers/", customer)["id"]
        return int(self.post("invoices/", {**invoice, "customer": customer_id})["id"])

    def number(self, invented: str) -> str:
        """The number that a new customer gets, given the one that was made up."""
        return invented

    @property
    def control(self) -> str:
        return self.stack.carrier_url

    def post(
        self, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        url = f"{self.stack.base_url}/api/{path}"
        return dict(self._ok(self.api.post(url, json=body or {}, headers=headers, timeout=10)).json())

    def ring(self, invoice: int, key: str = "") -> str:
        """Press the button through the API; the call's id."""
        headers = {"Idempotency-Key": key} if key else {}
        return str(self.post(f"invoices/{invoice}/calls/", headers=headers)["id"])

    def call(self, call_id: str) -> dict[str, Any]:
        url = f"{self.stack.base_url}/api/calls/{call_id}/"
        return dict(self._ok(self.api.get(url, timeout=10)).json())

    def until(self, call_id: str, *statuses: str, within: float = 60) -> dict[str, Any]:
        """The call once it is in one of `statuses`."""

        def look() -> dict[str, Any] | None:
            call = self.call(call_id)
            return call if call["status"] in statuses else None

        return eventually(look, within=within)

    def settled(self, call_id: str, within: float = 150) -> dict[str, Any]:
        """The call once the phone is down and it is known what it came to."""

        def look() -> dict[str, Any] | None:
            call = self.call(call_id)
            return call if call["status"] not in LIVE and call["disposition"] else None

        return eventually(look, within=within)

    def heard_something(self, call_id: str, within: float = 60) -> None:
        """Wait until a line of the agent is in the transcript."""
        eventually(
            lambda: any(line["speaker"] == "agent" for line in self.call(call_id)["transcript"]),
            within=within,
        )

    def dials(self, call_id: str) -> list[dict[str, Any]]:
        """The carrier's own records of calls to this call's number, made since it was asked for."""
        (number, asked) = self.rows("SELECT to_number, requested_at FROM calls_call WHERE id = %s", call_id)[
            0
        ]
        answer = self._ok(requests.get(f"{self.control}/calls", params={"to": number}, timeout=10)).json()
        return [dial for dial in answer["calls"] if dial["created_at"] >= asked.timestamp()]

    def dial(self, call_id: str) -> dict[str, Any]:
        (dial,) = self.dials(call_id)
        return dial

    def put_down(self, call_id: str) -> None:
        """The phone is put down, as the carrier sees it."""
        env = self.stack.env
        account = f"{env['TWILIO_API_BASE_URL']}/2010-04-01/Accounts/{env['TWILIO_ACCOUNT_SID']}"
        url = f"{account}/Calls/{self.dial(call_id)['sid']}.json"
        login = (env["TWILIO_ACCOUNT_SID"], env["TWILIO_AUTH_TOKEN"])
        self._ok(requests.post(url, data={"Status": "completed"}, auth=login, timeout=10))

    def handset(self, sid: str) -> tuple[np.ndarray, np.ndarray]:
        """What went into and what came out of the handset, 8 kHz samples from the answer on."""
        return stereo(self._ok(requests.get(f"{self.control}/calls/{sid}/audio", timeout=30)).content)

    def recording(self, call_id: str) -> tuple[np.ndarray, np.ndarray]:
        """Caller and agent as recorded, 8 kHz samples."""
        url = self.call(call_id)["recording_url"]
        return stereo(self._ok(self.api.get(url, timeout=30)).content)

    def faults(self, **faults: Any) -> None:
        self._ok(requests.put(f"{self.control}/faults", json=faults, timeout=10))

    def mend(self) -> None:
        self._ok(requests.delete(f"{self.control}/faults", timeout=10))

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.stack.database_url.replace("postgresql", "postgres", 1)) as connection:
            return connection.execute(query, values).fetchall()

    def execute(self, statement: str, *values: Any) -> None:
        with psycopg.connect(self.stack.database_url.replace("postgresql", "postgres", 1)) as connection:
            connection.execute(statement, values)

    @staticmethod
    def _ok(answer: requests.Response) -> requests.Response:
        assert answer.ok, f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:500]}"
        return answer


def stereo(wav: bytes) -> tuple[np.ndarray, np.ndarray]:
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    return samples[:, 0].astype(float), samples[:, 1].astype(float)
