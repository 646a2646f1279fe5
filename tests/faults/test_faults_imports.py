"""A file comes in while its worker dies, and comes in twice."""

import pytest
import requests

from bench.import_files import rows
from tests.waiting import eventually

pytestmark = pytest.mark.stack
COUNT = 600


def csv_of(first, count):
    lines = [",".join(cells) for cells in rows("customers", first + count - 1)]
    return "\n".join([lines[0], *lines[first:]]).encode()


class Desk:
    """Somebody who sends files."""

    def __init__(self, hands):
        self.hands = hands
        self.browser = hands.browser("collector")

    def send(self, data):
        """The id of the import."""
        url = self.hands.stack.base_url
        page = self.browser.get("/imports/?kind=customers").text
        token = page.split('name="csrfmiddlewaretoken" value="', 1)[1].split('"', 1)[0]
        answer = self.browser.session.post(
            f"{url}/imports/?kind=customers",
            data={"csrfmiddlewaretoken": token, "decimal_mark": "auto", "day_order": "iso"},
            files={"file": ("customers.csv", data)},
            headers={"Referer": f"{url}/imports/"},
            timeout=30,
        )
        assert answer.ok, answer.status_code
        return int(answer.url.rstrip("/").rsplit("/", 1)[1])

    def until(self, run, *statuses):
        def look():
            ((status, position, made),) = self.hands.rows(
                "SELECT status, position, made FROM invoices_importrun WHERE id = %s", run
            )
            return (status, position, made) if status in statuses else None

        return eventually(look, within=120)

    def run(self, run):
        self.until(run, "ready")
        self.browser.post(f"/imports/{run}/run/", on=f"/imports/{run}/")

    def customers(self, first):
        query = "SELECT count(*), count(DISTINCT number) FROM invoices_customer WHERE number >= %s AND number < %s"
        ((count, distinct),) = self.hands.rows(query, f"C-{first:07}", f"C-{first + COUNT:07}")
        return count, distinct


def test_the_worker_of_an_import_is_killed_in_the_middle(hands, stack):
    desk = Desk(hands)
    run = desk.send(csv_of(1, COUNT))
    desk.run(run)

    def in_the_middle():
        query = "SELECT 1 FROM invoices_importrun WHERE id = %s AND status = 'running' AND position > 100"
        return hands.rows(query, run)

    eventually(in_the_middle, within=60)
    hands.kill_with_children("worker")
    query = (
        "SELECT status, position, (SELECT count(*) FROM invoices_customer WHERE number BETWEEN %s AND %s)"
        " FROM invoices_importrun WHERE id = %s"
    )
    ((status, position, count),) = hands.rows(query, "C-0000001", f"C-{COUNT:07}", run)
    assert status == "running" and position < COUNT
    assert count == position - 1, "the rows that are in are those that the position tells"
    assert desk.browser.get(f"/imports/{run}/").status_code == 200
    stack.start_process("worker")
    status, _, made = desk.until(run, "done", "stopped")
    assert (status, made["new"], made["refused"]) == ("done", COUNT, 0)
    assert desk.customers(1) == (COUNT, COUNT)
    events = (
        "SELECT count(*) FROM invoices_event WHERE source = 'import' AND kind = 'created'"
        " AND after->>'number' LIKE %s"
    )
    assert hands.rows(events, "C-0000%")[0][0] == COUNT


def test_a_file_is_imported_twice(hands):
    desk = Desk(hands)
    data = csv_of(5001, 40)
    for expected in ({"new": 40, "unchanged": 0}, {"new": 0, "unchanged": 40}):
        run = desk.send(data)
        desk.run(run)
        _, _, made = desk.until(run, "done", "stopped")
        assert {name: made[name] for name in expected} == expected
        assert desk.customers(5001) == (40, 40)


def test_pages_answer_while_a_file_comes_in(hands, stack):
    desk = Desk(hands)
    run = desk.send(csv_of(7001, 300))
    desk.run(run)
    answers = []

    def done():
        answers.append(requests.get(f"{stack.base_url}/healthz", timeout=5).ok)
        answers.append(desk.browser.get("/invoices/").ok)
        return desk.hands.rows("SELECT 1 FROM invoices_importrun WHERE id = %s AND status = 'done'", run)

    eventually(done, within=120)
    assert all(answers)
