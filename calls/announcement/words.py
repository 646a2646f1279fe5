"""What the announcement says. Nothing before `menu` tells of a debt, an amount or an invoice."""

from datetime import date, timedelta
from decimal import Decimal

from calls.announcement.steps import DAYS, Choice
from calls.conversation import DebtFacts, OpeningFacts
from invoices.addresses import phone_text
from invoices.money import amount_text

GOODBYE = "Goodbye."
STOPPED = f"You will not be called again. We are sorry for the disturbance. {GOODBYE}"
STOPPED_PERHAPS = (
    f"You may not want to be called. We will not call until somebody has looked into it. {GOODBYE}"
)
WRONG_NUMBER = f"We are sorry. We will not call this number again. {GOODBYE}"
THIRD_PARTY = f"Thank you. We will try again another time. {GOODBYE}"
NOT_VERIFIED = f"We are sorry, that does not match what we have on file. {GOODBYE}"
RIGHT_PERSON = "To make sure that we speak with the right person, please enter"
NO_KEYS = "We can't make sure by keys who you are, so a colleague will call you back."
NO_ANSWER = f"We did not get an answer. {GOODBYE}"
SETTLED = (
    f"Thank you. There is nothing to do on your side any more; we are sorry for the disturbance. {GOODBYE}"
)
CALL_BACK = f"A colleague will call you back. Thank you. {GOODBYE}"
NOT_UNDERSTOOD = "We did not understand that."
TRY_AGAIN = "That does not match what we have on file. Please try once more."
BY_KEYS = "We are sorry, our voice assistant leaves you now. Please go on with the keys of your phone."
DISPUTED = f"Thank you. We will look into it and get back to you. {GOODBYE}"
PAID = f"Thank you. We will look for your payment. {GOODBYE}"
SENT = f"We are sending you a text message with how to pay. Thank you. {GOODBYE}"
# 15 USC 1692e(11), for those who collect for somebody else.
MINI_MIRANDA = (
    "This is an attempt to collect a debt, and any information obtained will be used for that purpose."
)


def person(facts: OpeningFacts, *, callback_number: str) -> str:
    """Who calls, whom for, and how to make it stop: 47 CFR 64.1200(b)."""
    number = f" You can call us at {_spoken_number(callback_number)}." if callback_number else ""
    return (
        f"This is an automated call from {facts.business_name}. "
        f"You hear a machine, which understands keys and a few words.{number} "
        f"If you are {facts.customer_name}, press 1. If you are not, press 2. "
        "To stop these calls, press 9 at any time, or say stop."
    )


def who(facts: OpeningFacts) -> str:
    return (
        f"If {facts.customer_name} can be reached at this number another time, press 1. "
        "If this is the wrong number, press 2."
    )


def identity(facts: OpeningFacts) -> str:
    if facts.asked_fact == "customer number":
        return f"{RIGHT_PERSON} the digits of your customer number, then press the pound key."
    return (
        f"{RIGHT_PERSON} the month and the day of your birth as four digits, then press the pound key. "
        "For the fourth of July, that is 0 7 0 4. You may enter the digits of your customer number instead."
    )


def menu(debt: DebtFacts, *, third_party: bool, how_to_pay: str) -> str:
    """What is owed, and what can be done; `how_to_pay` is what key 1 does, "" where it does nothing."""
    due = _day(debt.due_date)
    pay = f"{how_to_pay}, press 1. " if how_to_pay else ""
    miranda = f"{MINI_MIRANDA} " if third_party else ""
    return (
        f"{miranda}Invoice {debt.invoice_number} of {debt.business_name} was due on {due}. "
        f"{debt.balance_text} is still open. {pay}To tell us when you will pay, press 2. If you dispute the invoice, "
        "press 3. To hear this again, press 4. For a human, press 0. To stop these calls, press 9."
    )


def day(debt: DebtFacts) -> str:
    keys = enumerate(DAYS.values(), 1)
    offers = " ".join(f"For {_when(debt, days)}, press {key}." for key, days in keys)
    return f"When will you pay {debt.balance_text}? {offers} To go back, press star."


def _when(debt: DebtFacts, days: int) -> str:
    return "today" if days == 0 else _day(debt.today + timedelta(days=days))


def confirm(proposed: dict[str, str], currency: str) -> str:
    return (
        f"You will pay {_promise(proposed, currency)}. Is that right? To confirm, press 1. "
        "For another day, press 2. To go back, press star."
    )


def promised(agreed: dict[str, str], *, written: bool) -> str:
    sent = " We will confirm it in writing." if written else ""
    return f"Thank you. You will pay {_promise(agreed, agreed['currency'])}.{sent} {GOODBYE}"


def _promise(promise: dict[str, str], currency: str) -> str:
    """`promise` has a decimal amount and an ISO date."""
    amount = amount_text(Decimal(promise["amount"]), currency)
    return f"{amount} by {_day(date.fromisoformat(promise['date']))}"


def dispute() -> str:
    return (
        "If it is paid already, press 1. If the amount is wrong, press 2. If you did not receive what it is for, "
        "press 3. For another reason, press 4. To go back, press star."
    )


def how_to_pay(instructions: str) -> str:
    return f"{instructions} Thank you. {GOODBYE}"


def heard(choice: Choice, *, digits: str) -> str:
    """The caller's turn as the transcript keeps it: what it meant, never the digits of a fact or other words."""
    if choice == Choice.FACT:
        return "[entered digits, which are not kept]"
    if digits and len(digits) == 1:
        return f"[pressed {digits}]"
    return f"[{'pressed keys' if digits else 'said'}: {choice.replace('_', ' ')}]"


def _day(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B %Y}"


def _spoken_number(number: str) -> str:
    """Digit by digit, with a pause between the groups."""
    return ", ".join(" ".join(group) for group in phone_text(number).lstrip("+").split())
