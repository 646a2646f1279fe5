"""Prompts: one Markdown file a phase, with `$name` where a fact goes. Facts stand on lines `Key: value`."""

from functools import cache
from pathlib import Path
from string import Template

from calls.conversation import DebtFacts, OpeningFacts

FOLDER = Path(__file__).parent / "prompts"


@cache
def _template(name: str) -> Template:
    return Template((FOLDER / f"{name}.md").read_text(encoding="utf-8"))


def _line(value: object) -> str:
    """A fact on one line, so that what somebody typed into a field can't pose as another fact."""
    return " ".join(str(value).split())


def _render(name: str, **facts: object) -> str:
    """The prompt `name` filled in. Raises KeyError for a fact that the file asks for and nobody gave."""
    return _template(name).substitute({key: _line(value) for key, value in facts.items()})


def identify_prompt(facts: OpeningFacts) -> str:
    return _render(
        "identify",
        customer_name=facts.customer_name,
        business_name=facts.business_name,
        agent_name=facts.agent_name,
        asked_fact=facts.asked_fact,
    )


def debt_prompt(debt: DebtFacts) -> str:
    return _render(
        "debt",
        customer_name=debt.customer_name,
        business_name=debt.business_name,
        agent_name=debt.agent_name,
        invoice_number=debt.invoice_number,
        description=debt.description or "none",
        balance=f"{debt.balance} {debt.currency}",
        due_date=debt.due_date.isoformat(),
        today=f"{debt.today.isoformat()} ({debt.today:%A})",
    )
