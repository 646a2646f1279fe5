"""The words that code speaks itself, as they stand. What law, ledger and goodbye depend on is left to no model."""

from datetime import date

from calls.conversation import DebtFacts, OpeningFacts, Promise
from invoices.money import amount_text

# A currency as the people who use it write it; elsewhere the American way.
_HOME = {"AUD": "en_AU", "CAD": "en_CA", "NZD": "en_NZ", "GBP": "en_GB"}

PROMISE_NOTED = "Thank you. Your promise is noted. Goodbye."
WRONG_NUMBER = "I apologize for the mistake. We will not call this number again. Goodbye."
THIRD_PARTY = "Thank you. We will try again another time. Goodbye."
NOT_VERIFIED = "I am sorry, I could not verify your identity. I cannot continue this call. Goodbye."
NOTHING_OWED = "Thank you for confirming. There is nothing to discuss today. Have a nice day. Goodbye."
REFUSED = "I understand. Thank you for letting us know. Goodbye."
CALLBACK = "Of course. We will call back another time. Goodbye."
STOP_CALLING = "I understand. I will make a note of that. Goodbye."
OTHER = "Thank you for your time. A colleague will contact you. Goodbye."
NO_RESPONSE = "I cannot hear you. We will try again another time. Goodbye."
TOO_LONG = "I am sorry, I have to end this call now. A colleague will contact you. Goodbye."
APOLOGY = "I am sorry, there is a problem on the line. A colleague will contact you. Goodbye."
NOT_RECORDED = "I am sorry, I could not note that. A colleague will contact you. Goodbye."

ARE_YOU_THERE = "Are you still there?"
SAY_AGAIN = "I am sorry, I did not catch that. Could you say that again please?"
TRY_IDENTITY_AGAIN = "I am sorry, that does not match our records. Could you try again please?"
ASK_CUSTOMER_NUMBER = "Please tell me your customer number."
ASK_BOTH = "Please tell me the day and month of your birth, or your customer number."
ASK_AMOUNT_AND_DATE = "I am sorry. How much can you pay and when?"


def greeting(facts: OpeningFacts) -> str:
    """The disclosures, and the question that asks for one person without saying why."""
    return (
        f"This is {facts.agent_name}, an AI assistant calling for {facts.business_name}. "
        f"This call is recorded. May I speak with {facts.customer_name}?"
    )


def statement(debt: DebtFacts) -> str:
    """The invoice, what is open, since when; and one question that takes a date."""
    when = "it was due on" if debt.due_date < debt.today else "it is due on"
    return (
        f"Thank you. I am calling about invoice {spelled(debt.invoice_number)}. "
        f"The balance is {money(debt)}, and {when} {day_spoken(debt.due_date, debt.today)}. "
        "When can you pay it?"
    )


def read_back(promise: Promise) -> str:
    return f"To confirm: you will pay {money(promise)} on {day_in_full(promise.due_date)}. Is that right?"


def money(of: DebtFacts | Promise) -> str:
    """“$120.50”: the form that voices read as dollars and cents."""
    amount = of.balance if isinstance(of, DebtFacts) else of.amount
    return amount_text(amount, of.currency, locale=_HOME.get(of.currency, "en_US"))


def spelled(code: str) -> str:
    """Letters and digits singly: “I N V 1 0 4 2”."""
    return " ".join(character for character in code.upper() if character.isalnum())


def day_spoken(day: date, today: date) -> str:
    """“November 3rd”, with the year when it is another one than today's."""
    text = f"{day:%B} {_ordinal(day.day)}"
    return text if day.year == today.year else f"{text}, {day.year}"


def day_in_full(day: date) -> str:
    """“Friday, December 4th”. No year: a promise is for the coming weeks, and a shorter sentence is heard better."""
    return f"{day:%A}, {day:%B} {_ordinal(day.day)}"


def _ordinal(day: int) -> str:
    suffix = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"
