"""One whole rehearsal call for each persona: real processes, real audio, asserted rows."""

import json

import pytest

from phantompay.rehearsing.run import EXPECTED, as_expected

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("persona", sorted(EXPECTED))
def test_a_call_ends_as_its_persona_leads_to(rehearse, world, persona):
    code, output = rehearse("--persona", persona)
    assert code == 0, output
    (result,) = json.loads(output)["calls"]
    status, disposition = world.rows(
        "SELECT status, disposition FROM calls_call WHERE id = %s", result["call_id"]
    )[0]
    assert as_expected(persona, status, disposition), (status, disposition)
    assert len(world.dials(result["call_id"])) == 1
    promises = world.rows(
        "SELECT amount, due_date::text FROM invoices_promisetopay WHERE source_call_id = %s",
        result["call_id"],
    )
    if persona == "promises":
        meant = world.dial(result["call_id"])["intended"]
        assert [(f"{amount:.2f}", due) for amount, due in promises] == [(meant["amount"], meant["date"])]
    else:
        assert promises == []
    if status in ("busy", "no_answer"):
        assert world.call(result["call_id"])["transcript"] == []


def test_the_debt_is_not_said_before_the_person_is_verified(world):
    for persona in ("hangs_up", "wrong_number", "voicemail"):
        invoice = world.owing(persona)
        call = world.settled(world.ring(invoice))
        (total, number) = world.rows("SELECT total, number FROM invoices_invoice WHERE id = %s", invoice)[0]
        said = " ".join(line["text"] for line in call["transcript"] if line["speaker"] == "agent")
        assert said or persona == "voicemail"
        assert "invoice" not in said.lower() and str(number) not in said
        assert str(int(total)) not in said
