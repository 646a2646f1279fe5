"""The worked example of the documentation, run as it stands there by a real shell with curl."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from phantompay.rehearsing.people import invent

pytestmark = pytest.mark.stack
ROOT = Path(__file__).parents[2]


def commands():
    """All that the document has a reader type."""
    text = (ROOT / "docs" / "api-example.md").read_text()
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL))


def test_the_example_rings_a_phone_as_it_is_written(stack, world):
    # Somebody who is awake and answers; the document leaves open who it is.
    customer, invoice, person = invent("promises")
    person["plan"]["amount"] = "full"
    requests.put(f"{world.control}/people/{customer['phone']}", json=person, timeout=10).raise_for_status()
    chosen = {
        "API": f"{stack.base_url}/api",
        "CUSTOMER_NUMBER": customer["number"],
        "CUSTOMER_NAME": customer["name"],
        "PHONE": customer["phone"],
        "CITY": customer["city"],
        "STATE": customer["state"],
        "COUNTRY": customer["country"],
        "ZONE": customer["time_zone"],
        "BIRTH_MONTH": str(customer["birth_month"]),
        "BIRTH_DAY": str(customer["birth_day"]),
        "CURRENCY": invoice["currency"],
    }
    python = Path(sys.executable).parent
    env = {**stack.environment, **chosen, "PATH": f"{python}:{stack.environment['PATH']}"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands()],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    call = json.loads(done.stdout.splitlines()[-1])
    assert (call["status"], call["disposition"]) == ("completed", "promise_to_pay"), call
    assert call["invoice"] and call["transcript"] and call["agreed"][0]["invoice"] == "INV-4711"
    assert len(world.dials(call["id"])) == 1
