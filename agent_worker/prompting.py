"""Prompts: one Markdown file a phase, with `$name` where a fact goes. Facts stand on lines `Key: value`."""

import hashlib
from functools import cache
from pathlib import Path
from string import Template

from agent_worker import lines
from calls.conversation import Debts, OpeningFacts

FOLDER = Path(__file__).parent / "prompts"


@cache
def prompts_version() -> str:
    """Which prompts a call was held with: twelve digits that change with any word of them."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.glob("*.md")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def _template(name: str) -> Template:
    return Template((FOLDER / f"{name}.md").read_text(encoding="utf-8"))


def _line(value: object) -> str:
    """A fact on one line, so that what somebody typed into a field can't pose as another fact."""
    return " ".join(str(value).split()) or "none"


def _render(name: str, **facts: object) -> str:
    """The prompt `name` filled in. Raises KeyError for a fact that the file asks for and nobody gave."""
    return _template(name).substitute({key: _line(value) for key, value in facts.items()})


def find_prompt(facts: OpeningFacts) -> str:
    return _render("find", **_who(facts))


def verify_prompt(facts: OpeningFacts) -> str:
    return _render("verify", asked_fact=facts.asked_fact, **_who(facts))


def _who(facts: OpeningFacts | Debts) -> dict[str, str]:
    return {
        "customer_name": facts.customer_name,
        "business_name": facts.business_name,
        "agent_name": facts.agent_name,
    }


def debt_prompt(debts: Debts) -> str:
    first, currency = debts.invoices[0], debts.currency
    limits = debts.plan_limits
    return _render(
        "debt",
        **_who(debts),
        today=_day(debts),
        invoice_number=first.number,
        description=first.description,
        balance=f"{first.balance} {currency}",
        due_date=first.due_date.isoformat(),
        open_invoices="; ".join(
            f"{each.position}: {lines.invoice_named(each, currency)}" for each in debts.invoices
        ),
        total=f"{debts.total} {currency}",
        invoice_lines="; ".join(f"{text} {lines.money(amount, currency)}" for text, amount in first.lines),
        unallocated=lines.money(debts.unallocated, currency) if debts.unallocated else "",
        how_to_pay=debts.payment_instructions,
        callback_number=debts.callback_number,
        plan_limits=(
            f"at most {limits.most_instalments} instalments within {limits.longest_days} days, "
            f"each at least {lines.money(limits.least_instalment, currency)}"
        ),
        promise_within_days=debts.promise_within_days,
    )


def close_prompt(debts: Debts) -> str:
    return _render("close", **_who(debts), today=_day(debts))


def _day(debts: Debts) -> str:
    return f"{debts.today.isoformat()} ({debts.today:%A})"
