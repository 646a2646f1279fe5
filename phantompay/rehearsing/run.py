"""Rehearsal calls, some at the same time, each judged by what its persona should have led to."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

import requests

from phantompay.rehearsing.people import invent
from phantompay.rehearsing.where import Where

# What each persona's call must have ended as: status and disposition. Who promises may promise a part.
EXPECTED = {
    "promises": ("completed", "promise_to_pay"),
    "hangs_up": ("completed", "hung_up_before_verification"),
    "no_answer": ("no_answer", "no_answer"),
    "busy": ("busy", "busy"),
    "voicemail": ("completed", "voicemail_not_left"),
    "wrong_number": ("completed", "wrong_number"),
    "asks_robot": ("completed", "promise_to_pay"),
    "reads_card": ("completed", "promise_to_pay"),
    "changes_mind": ("completed", "partial_promise"),
    "pays_in_parts": ("completed", "payment_plan"),
    "already_paid": ("completed", "paid_claimed"),
    "disputes": ("completed", "dispute"),
    "hardship": ("completed", "hardship"),
    "refuses": ("completed", "refused"),
    "wants_copy": ("completed", "unresolved"),
    "callback": ("completed", "callback"),
    # No number for transfers is set in a rehearsal: a colleague calls back.
    "asks_human": ("completed", "callback"),
    "stops_calling": ("completed", "stop_calling"),
    "refuses_recording": ("completed", "stop_calling"),
    "has_lawyer": ("completed", "attorney"),
    "third_party": ("completed", "third_party"),
    "other_language": ("completed", "language_barrier"),
    "television": ("completed", "no_response"),
}
PROMISING = ("promises", "asks_robot", "reads_card", "changes_mind")
IN_PART = {"promise_to_pay": "partial_promise"}
TIMEOUT_SECONDS = 10.0
CALL_SECONDS = 180.0
LOOK_SECONDS = 0.5
# Of a number that is still new in a run.
DRAWS = 100


class RehearsalError(Exception):
    """The running system did not do as asked; the text says what."""


@dataclass(frozen=True)
class Result:
    persona: str
    call_id: str
    status: str
    disposition: str
    as_expected: bool
    seconds: float
    problem: str

    def as_json(self) -> dict[str, Any]:
        return dict(self.__dict__)


def rehearse(where: Where, personas: list[str], *, at_once: int = 1) -> Iterator[Result]:
    """Ring one new customer for each persona, `at_once` of them at a time; results in the order of `personas`."""
    token, numbers = _token(where), Numbers()

    def one(persona: str) -> Result:
        with requests.Session() as session, numbers.invented(persona) as (customer, invoice, person):
            session.headers["Authorization"] = f"Token {token}"
            return _one(session, where, customer, invoice, person)

    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(one, personas)


class Numbers:
    """Which are in use: those reserved for fiction are few, and a phone has one owner at a time."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._rung: set[str] = set()
        self._lock = Lock()

    @contextmanager
    def invented(self, persona: str) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
        """A new customer with their invoice and person, whose number nobody else has meanwhile, nor had before in
        this run unless nearly all were rung."""
        with self._lock:
            made = self._new(persona)
            self._used.add(made[0]["phone"])
            self._rung.add(made[0]["phone"])
        try:
            yield made
        finally:
            with self._lock:
                self._used.discard(made[0]["phone"])

    def _new(self, persona: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        for _ in range(DRAWS):
            made = invent(persona)
            if made[0]["phone"] not in self._rung:
                return made
        while made[0]["phone"] in self._used:
            made = invent(persona)
        return made


def _token(where: Where) -> str:
    answer = requests.post(
        f"{where.base_url}/api/token/",
        json={"username": where.username, "password": where.password},
        timeout=TIMEOUT_SECONDS,
    )
    return str(_body(answer)["token"])


def _one(
    session: requests.Session,
    where: Where,
    customer: dict[str, Any],
    invoice: dict[str, Any],
    person: dict[str, Any],
) -> Result:
    persona = person["persona"]
    api = f"{where.base_url}/api"
    number = customer["phone"]
    _body(requests.put(f"{where.control_url}/people/{number}", json=person, timeout=TIMEOUT_SECONDS))
    customer_id = _body(session.post(f"{api}/customers/", json=customer, timeout=TIMEOUT_SECONDS))["id"]
    body = {**invoice, "customer": customer_id}
    invoice_id = _body(session.post(f"{api}/invoices/", json=body, timeout=TIMEOUT_SECONDS))["id"]
    began = time.monotonic()
    call = _body(
        session.post(
            f"{api}/invoices/{invoice_id}/calls/",
            headers={"Idempotency-Key": invoice["number"]},
            timeout=TIMEOUT_SECONDS,
        )
    )
    call = _settled(session, f"{api}/calls/{call['id']}/", began + CALL_SECONDS)
    problem = _problem(call, persona, where)
    return Result(
        persona=persona,
        call_id=call["id"],
        status=call["status"],
        disposition=call["disposition"],
        as_expected=not problem,
        seconds=round(time.monotonic() - began, 1),
        problem=problem,
    )


def _settled(session: requests.Session, url: str, deadline: float) -> dict[str, Any]:
    """The call once its phone is down and its disposition known, or as it stands at the deadline."""
    while True:
        call = _body(session.get(url, timeout=TIMEOUT_SECONDS))
        if (call["ended_at"] and call["disposition"]) or time.monotonic() > deadline:
            return call
        time.sleep(LOOK_SECONDS)


def as_expected(persona: str, status: str, disposition: str) -> bool:
    expected_status, expected = EXPECTED[persona]
    return status == expected_status and disposition in (expected, IN_PART.get(expected))


def _problem(call: dict[str, Any], persona: str, where: Where) -> str:
    ended_as = (call["status"], call["disposition"])
    if not as_expected(persona, *ended_as):
        return f"ended as {ended_as[0]}/{ended_as[1] or 'nothing'}: {call['end_reason'] or 'no reason given'}"
    if persona in PROMISING:
        return _wrong_promise(call, where)
    return ""


def _wrong_promise(call: dict[str, Any], where: Where) -> str:
    """Empty if exactly what the customer meant was agreed."""
    record = _body(requests.get(f"{where.control_url}/calls/{call['twilio_sid']}", timeout=TIMEOUT_SECONDS))
    meant, agreed = record["intended"], call["agreed"]
    if not meant or len(agreed) != 1:
        return f"{len(agreed)} agreements where one was meant"
    if (agreed[0]["amount"], agreed[0]["date"]) != (meant["amount"], meant["date"]):
        return "the agreed amount or date is not what the customer meant"
    return ""


def _body(answer: requests.Response) -> dict[str, Any]:
    if not answer.ok:
        raise RehearsalError(
            f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:300]}"
        )
    body: dict[str, Any] = answer.json()
    return body
