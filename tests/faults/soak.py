"""`make soak`: requests by the hundred while processes are killed at random and the carrier misbehaves.

The verdict comes from outside: the client's own list of what was acknowledged, the carrier's ledger, plain SQL.
"""

import argparse
import itertools
import random
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import requests

from stack.stack import Stack
from tests.faults.conftest import SHORT, SILENT_AGENT, UNPACED
from tests.faults.hands import Hands
from tests.waiting import eventually
from tests.world import LIVE

KINDS = ("web", "worker", "beat", "agent", "redis", "postgres", "livekit")
MISBEHAVING = 0.1
ANSWER_SECONDS = 8
SETTLE_SECONDS = 300.0


@dataclass
class Client:
    """Asks for calls, again and again until each is acknowledged, and keeps its own list of what was."""

    hands: Hands
    invoices: list[int]
    pause: float
    acknowledged: dict[int, str] = field(default_factory=dict)
    repeats: int = 0

    def run(self) -> None:
        for invoice in self.invoices:
            self._ask(invoice, str(uuid4()))
            time.sleep(self.pause)

    def _ask(self, invoice: int, key: str) -> None:
        url = f"{self.hands.stack.base_url}/api/invoices/{invoice}/calls/"
        while invoice not in self.acknowledged:
            try:
                answer = self.hands.api.post(
                    url, json={}, headers={"Idempotency-Key": key}, timeout=ANSWER_SECONDS
                )
            except requests.RequestException:
                answer = None
            if answer is not None and answer.status_code in (200, 201):
                self.acknowledged[invoice] = str(answer.json()["id"])
                return
            self.repeats += 1
            time.sleep(0.2)


@dataclass(frozen=True)
class Verdict:
    acknowledged: int
    repeats: int
    kills: Counter[str]
    dials: int
    double_dials: int
    lost: int
    left_open: int
    ends: Counter[str]
    seconds: float

    @property
    def survived(self) -> bool:
        return not (self.double_dials or self.lost or self.left_open)

    def __str__(self) -> str:
        kills = ", ".join(f"{name} {count}" for name, count in sorted(self.kills.items()))
        ends = ", ".join(f"{name} {count}" for name, count in self.ends.most_common())
        return (
            f"{self.acknowledged} requests acknowledged ({self.repeats} times asked again), {self.dials} dials\n"
            f"killed: {kills}\nended: {ends}\n"
            f"double dials {self.double_dials}, acknowledged requests lost {self.lost}, "
            f"left open {self.left_open}; {self.seconds:.0f} s"
        )


def soak(
    hands: Hands, *, seed: int, requests: int, kills_of_each: int, mean: float, kinds: tuple[str, ...] = KINDS
) -> Verdict:
    """Kills until each kind was killed often enough and all is acknowledged; then waits until all is over."""
    chance = random.Random(seed)
    begun = time.monotonic()
    personas = [chance.choice(("busy", "busy", "no_answer")) for _ in range(requests)]
    invoices = [hands.owing(persona) for persona in personas]
    hands.faults(mix={"share": MISBEHAVING, "seed": seed})
    pause = mean * kills_of_each * len(kinds) / requests
    client = Client(hands, invoices, pause)
    asking = threading.Thread(target=client.run, daemon=True)
    asking.start()
    kills = _kill(hands, chance, asking, kills_of_each, mean, kinds)
    hands.mend_all()
    _wait_for_ends(hands, client)
    return _judge(hands, client, kills, time.monotonic() - begun)


def _kill(
    hands: Hands,
    chance: random.Random,
    asking: threading.Thread,
    of_each: int,
    mean: float,
    kinds: tuple[str, ...],
) -> Counter[str]:
    kills: Counter[str] = Counter()
    order = list(kinds) * of_each
    chance.shuffle(order)
    for name in itertools.chain(order, iter(lambda: chance.choice(kinds), None)):
        if sum(kills.values()) >= len(order) and not asking.is_alive():
            return kills
        asking.join(chance.expovariate(1 / mean)) if asking.is_alive() else time.sleep(mean / 2)
        hands.kill_with_children(name)
        hands.stack.start_process(name)
        kills[name] += 1
    return kills


def _wait_for_ends(hands: Hands, client: Client) -> None:
    def over() -> bool:
        return not _open(hands, client)

    try:
        eventually(over, within=SETTLE_SECONDS)
    except AssertionError:
        sys.stderr.write("not all calls came to an end\n")


def _open(hands: Hands, client: Client) -> int:
    query = "SELECT count(*) FROM calls_call WHERE invoice_id = ANY(%s) AND (status = ANY(%s) OR disposition = '')"
    ((count,),) = hands.rows(query, client.invoices, list(LIVE))
    return int(count)


def _judge(hands: Hands, client: Client, kills: Counter[str], seconds: float) -> Verdict:
    rows = hands.rows(
        "SELECT id, to_number, status FROM calls_call WHERE invoice_id = ANY(%s)", client.invoices
    )
    ledger: list[dict[str, Any]] = requests.get(f"{hands.control}/calls", timeout=30).json()["calls"]
    ours = {number for _, number, _ in rows}
    dials = Counter(dial["to"] for dial in ledger if dial["to"] in ours)
    known = {str(call_id) for call_id, _, _ in rows}
    return Verdict(
        acknowledged=len(client.acknowledged),
        repeats=client.repeats,
        kills=kills,
        dials=sum(dials.values()),
        double_dials=sum(count > 1 for count in dials.values()),
        lost=len(set(client.acknowledged.values()) - known),
        left_open=_open(hands, client),
        ends=Counter(status for _, _, status in rows),
        seconds=seconds,
    )


def spoken(hands: Hands, *, seed: int, calls: int, kills: int) -> int:
    """Real conversations, some of whose processes die. How many were dialled twice or came to nothing."""
    chance = random.Random(seed)
    struck = set(chance.sample(range(calls), kills))
    bad = 0
    for index in range(calls):
        call_id = hands.ring(hands.owing("promises"))
        name = chance.choice(("agent", "web", "worker"))
        if index in struck:
            hands.heard_something(call_id)
            hands.kill_with_children(name)
            hands.stack.start_process(name)
        status, disposition, _ = hands.ended(call_id, within=240)
        dials = len(hands.dials(call_id))
        bad += dials > 1 or not disposition
        sys.stdout.write(
            f"spoken {index + 1}: {status}, {disposition}{f', {name} killed' if index in struck else ''}\n"
        )
        hands.mend_all()
    return bad


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--kills", type=int, default=20, help="of each kind of process")
    parser.add_argument("--seconds", type=float, default=10.0, help="between two kills, on average")
    parser.add_argument(
        "--spoken", type=int, default=10, help="spoken calls afterwards, 3 of them with a kill"
    )
    given = parser.parse_args()
    failed = False
    if given.requests:
        with Stack.start(database="own postgresql", env={**SHORT, **UNPACED}, agent=SILENT_AGENT) as stack:
            verdict = soak(
                Hands(stack),
                seed=given.seed,
                requests=given.requests,
                kills_of_each=given.kills,
                mean=given.seconds,
            )
        sys.stdout.write(f"seed {given.seed}\n{verdict}\n")
        failed = not verdict.survived
    if given.spoken:
        with Stack.start(database="own postgresql", env=UNPACED) as stack:
            bad = spoken(Hands(stack), seed=given.seed, calls=given.spoken, kills=min(3, given.spoken))
        sys.stdout.write(f"spoken calls without a true end: {bad} of {given.spoken}\n")
        failed = failed or bad > 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
