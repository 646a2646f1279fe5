"""Hands that break the running system and look at it from outside: signals, SQL, the carrier's ledger."""

import contextlib
import os
import re
import signal
from collections.abc import Iterator
from typing import Any

import psutil
import psycopg
import redis
import requests
from celery import Celery

from rehearsal.carrier.signature import HEADER, sign
from stack.stack import Stack
from tests.waiting import eventually
from tests.world import LIVE, World

# The rules as they are where nobody has set any.
HOUSE = """
INSERT INTO calls_houserules (id, legal_name, mode, hours_from, hours_until, keeps_holidays, holidays, calls_per_person,
  days_between, most_attempts, tolerance, countries, confirmations, cost_per_minute, budget_currency, kill_switch,
  kill_switch_reason)
VALUES (1, '', 'creditor', '09:00', '20:00', true, '[]', 3, 0, 10, 0, '["US", "GB", "AU"]', '{}', 0.15, 'USD',
  false, '')
ON CONFLICT DO NOTHING
"""
EVERY = ("redis", "livekit", "postgres", "carrier", "models", "web", "worker", "beat", "agent")


# Numbers reserved for fiction, by the beginning of the place's other numbers: one for each customer, so that the
# carrier's ledger tells whose dial it was.
NUMBERS: dict[str, Iterator[str]] = {
    "+4420": (f"+442079460{each:03}" for each in range(1000)),
    "+1213": (f"+1{area}55501{each:02}" for area in (213, 323, 310, 818, 424, 747) for each in range(100)),
    "+1212": (f"+1{area}55501{each:02}" for area in (212, 646, 718, 347, 929, 332) for each in range(100)),
    "+6125": (f"+61255505{each:03}" for each in range(1000)),
}


class Hands(World):
    def number(self, invented: str) -> str:
        return next(NUMBERS[invented[:5]])

    # Breaking and mending

    def kill_with_children(self, name: str) -> None:
        """SIGKILL to the process and to each of its children, as when their machine dies."""
        parent = psutil.Process(self.stack.pid(name))
        for process in [parent, *parent.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        eventually(lambda: not self.stack.is_running(name))

    def dialling_child(self) -> psutil.Process:
        """The worker's process that has the carrier on the line."""
        port = int(self.stack.env["TWILIO_API_BASE_URL"].rsplit(":", 1)[1])

        def look() -> psutil.Process | None:
            for child in psutil.Process(self.stack.pid("worker")).children(recursive=True):
                if any(each.raddr and each.raddr.port == port for each in child.net_connections("tcp")):
                    return child
            return None

        return eventually(look)

    def mend_all(self) -> None:
        """Start what does not run, and wait until calls could be made."""
        self.mend()
        for name in EVERY:
            if not self.stack.is_running(name):
                self.stack.start_process(name)
        self.ready()

    def ready(self) -> None:
        """Wait until every part is there; says which is not."""
        last = {}

        def look() -> bool:
            answer = requests.get(f"{self.stack.base_url}/readyz", timeout=10)
            last.update(answer.json())
            return answer.ok

        try:
            eventually(look, within=60)
        except AssertionError as error:
            raise AssertionError(f"not ready: {last}\n{self.stack.log('worker')[-3000:]}") from error

    def database_answers(self) -> None:
        """Wait until PostgreSQL takes connections again: its port is open before it has recovered."""

        def look() -> bool:
            with contextlib.suppress(psycopg.OperationalError):
                return bool(self.rows("SELECT 1"))
            return False

        eventually(look, within=30)

    # What the carrier holds

    def hold(self, at: str, **more: Any) -> None:
        self.faults(create={"mode": "hold", "at": at, "times": 1}, **more)

    def held(self) -> None:
        """Wait until the carrier holds a request open."""
        eventually(
            lambda: requests.get(f"{self.control}/faults", timeout=10).json()["holding"] == 1, within=30
        )

    def release(self) -> None:
        self._ok(requests.delete(f"{self.control}/faults/held", timeout=10))

    def posts(self, call_id: str) -> int:
        """How often the carrier was asked to ring this call's number."""
        ((number,),) = self.rows("SELECT to_number FROM calls_call WHERE id = %s", call_id)
        return int(requests.get(f"{self.control}/requests/{number}", timeout=10).json()["requests"])

    # By SQL

    def status(self, call_id: str) -> str:
        ((status,),) = self.rows("SELECT status FROM calls_call WHERE id = %s", call_id)
        return str(status)

    def ended(self, call_id: str, within: float = 60) -> tuple[str, str, str]:
        """Status, disposition and reason of the call once it is over."""

        def look() -> tuple[str, str, str] | None:
            query = "SELECT status, disposition, end_reason FROM calls_call WHERE id = %s"
            (row,) = self.rows(query, call_id)
            return row if row[0] not in LIVE and row[1] else None

        return eventually(look, within=within)

    def moves(self, call_id: str, kind: str) -> int:
        query = "SELECT count(*) FROM invoices_event WHERE object_id = %s AND kind = %s"
        ((count,),) = self.rows(query, call_id, kind)
        return int(count)

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.stack.database_url, autocommit=True) as connection:
            connection.execute(statement)

    @contextlib.contextmanager
    def house_closed(self) -> Iterator[None]:
        """The house's hours end this minute, wherever the customer is; written past the product, as time passes."""
        self.execute(HOUSE)
        self.execute("UPDATE calls_houserules SET hours_from = '00:00', hours_until = '00:00:01'")
        try:
            yield
        finally:
            self.execute("UPDATE calls_houserules SET hours_from = '09:00', hours_until = '20:00'")

    # As others would

    def queue_again(self, call_id: str, times: int = 1) -> None:
        """The same message once more, as a broker that delivers twice."""
        with Celery(broker=self.stack.env["REDIS_URL"]) as celery:
            for _ in range(times):
                celery.send_task("calls.tasks.place_call", args=[call_id])

    def redis(self) -> "redis.Redis":
        return redis.Redis.from_url(self.stack.env["REDIS_URL"])

    def callback(self, call_id: str, sid: str, status: str) -> requests.Response:
        """A status callback, signed as the carrier signs."""
        env = self.stack.env
        url = f"{env['PUBLIC_BASE_URL']}/twilio/status/{call_id}/"
        form = {"CallSid": sid, "AccountSid": env["TWILIO_ACCOUNT_SID"], "CallStatus": status}
        headers = {HEADER: sign(env["TWILIO_AUTH_TOKEN"], url, form)}
        return requests.post(url, data=form, headers=headers, timeout=10)

    def browser(self, user: str) -> "Browser":
        return Browser(self.stack, user)


class Browser:
    """Somebody at the pages."""

    def __init__(self, stack: Stack, user: str) -> None:
        self._url = stack.base_url
        self.session = requests.Session()
        self.post("/login/", username=user, password=stack.logins[user])

    def post(self, path: str, *, on: str = "", **fields: Any) -> requests.Response:
        """Send the form at `path`, with the token of the page `on`."""
        page = self.session.get(self._url + (on or path), timeout=30)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token is not None, f"{path}: {page.status_code}"
        return self.send(path, token[1], on or path, **fields)

    def send(self, path: str, token: str, referer: str, **fields: Any) -> requests.Response:
        answer = self.session.post(
            self._url + path,
            data={"csrfmiddlewaretoken": token, **fields},
            headers={"Referer": self._url + referer},
            timeout=30,
        )
        assert answer.ok, f"{path} was refused: {answer.status_code}"
        return answer

    def get(self, path: str) -> requests.Response:
        return self.session.get(self._url + path, timeout=30)


def until_stopped(pid: int) -> None:
    """Halt a process and its children: it is there and does nothing."""
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        os.kill(process.pid, signal.SIGSTOP)


def go_on(pid: int) -> None:
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        os.kill(process.pid, signal.SIGCONT)
