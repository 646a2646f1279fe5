"""The words that code speaks itself, as they stand. What law, ledger and goodbye depend on is left to no model."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from calls.conversation import Debts, OpeningFacts, OpenInvoice, Plan, Promise, VoiceFacts
from invoices.money import amount_text

# A currency as the people who use it write it; elsewhere the American way.
_HOME = {"AUD": "en_AU", "CAD": "en_CA", "NZD": "en_NZ", "GBP": "en_GB"}

# The language that is spoken.
LANGUAGE = "en"

ANYTHING_ELSE = "Is there anything else?"
PROMISE_NOTED = "Thank you. Your promise is noted."
TAKEN_BACK = "Of course. That is taken back."
PLAN_NOTED = "Thank you. Your payment plan is noted."
GOODBYE = "Thank you for your time. Goodbye."
WRONG_NUMBER = "I apologize for the mistake. We will not call this number again. Goodbye."
THIRD_PARTY = "Thank you. We will try again another time. Goodbye."
I_WILL_WAIT = "Thank you. I will wait."
NOT_VERIFIED = "I am sorry, I could not verify your identity. I cannot continue this call. Goodbye."
NOTHING_OWED = "Thank you for confirming. There is nothing to discuss today. Have a nice day. Goodbye."
REFUSED = "I understand. Thank you for letting us know. Goodbye."
CALLBACK = "Of course. We will call back another time. Goodbye."
STOP_CALLING = "I understand. I will make a note of that. Goodbye."
ASK_STOP = "Would you like us to stop calling you?"
NOTED = "I understand. I will make a note of that."
CRISIS = (
    "I am very sorry. Nothing matters as much as you do. Please call your local emergency number, or somebody "
    "who is close to you. We will not call you about anything else. Goodbye."
)
NOT_AT_WORK = "I understand. We will not call you there again. Goodbye."
NOT_AT_THIS_TIME = "I understand. I am sorry. We will not call you at that time again. Goodbye."
COLLEAGUE_LOOKS = "Thank you for telling me. I am sorry. A colleague will look into this. Goodbye."
OTHER = "Thank you for your time. A colleague will contact you. Goodbye."
PAID_NOTED = "Thank you. I have noted that you have paid, and a colleague will check it."
PAID_FOUND = "Thank you. I can see a payment of yours, and a colleague will match it."
DISPUTE_NOTED = "Thank you. I have noted your objection, and a colleague will look into it."
HARDSHIP_NOTED = "I am sorry to hear that. I have noted it, and a colleague will see what we can do."
COPY_NOTED = "Of course. A colleague will send you a copy."
COMPLAINT_NOTED = "I am sorry about that. I have noted your complaint."
CONNECTING = "One moment. I am connecting you to a colleague."
NOBODY_FREE = "I am sorry, nobody is free to talk right now. A colleague will call you back. Goodbye."
OTHER_LANGUAGE = "I am sorry, I only speak English. A colleague will contact you. Goodbye."
NO_RESPONSE = "I cannot hear you. We will try again another time. Goodbye."
TOO_LONG = "I am sorry, I have to end this call now. A colleague will contact you. Goodbye."
APOLOGY = "I am sorry, there is a problem on the line. A colleague will contact you. Goodbye."
NOT_RECORDED = "I am sorry, I could not note that. A colleague will contact you. Goodbye."
NO_CARDS = "Please do not tell me that number. I have not kept it."
PLEASE_CALM = "I am sorry that this upsets you. I would like to help."
RECORDING_ENDS = (
    "I understand. This call is no longer recorded, and I have stopped listening. "
    "Press 0 to speak to a colleague, or 9 if you do not want to be called again. Otherwise, goodbye."
)
NOT_DISCLOSED = "I am sorry. We will try again another time. Goodbye."

ONE_MOMENT = "One moment, please."
ARE_YOU_THERE = "Are you still there?"
# For whoever says nothing.
KEYS_YES_NO = "You can also press 1 for yes, 2 for no, 0 for a colleague, or 9 to stop these calls."
KEYS_ONLY = "You can also press 1 to go on with keys, 0 for a colleague, or 9 to stop these calls."
KEYS_BIRTHDAY = "You can also enter it with the keys, as four digits, the month first."
KEYS_NUMBER = "You can also enter its digits with the keys."
NO_KEYS = "I am sorry, we can't go on with keys just now."
SAY_AGAIN = "I am sorry, I did not catch that. Could you say that again please?"
TRY_IDENTITY_AGAIN = "I am sorry, that does not match our records. Could you try again please?"
ASK_BIRTHDAY = "Please tell me the day and month of your birth."
ASK_CUSTOMER_NUMBER = "Please tell me your customer number."
ASK_BOTH = "Please tell me the day and month of your birth, or your customer number."
ASK_AMOUNT_AND_DATE = "I am sorry. How much can you pay and when?"
WHEN = "When can you pay it?"
PERSONAL = "I am sorry, I can only speak about this with the person I am calling."
AGAIN = "I am sorry, let me put that differently."


def greeting(facts: OpeningFacts, voice: VoiceFacts | None = None) -> str:
    """The disclosures, and the question that asks for one person without saying why. Staff may have written it."""
    written = voice.opening_lines.get(LANGUAGE) if voice is not None else None
    if written:
        return written.format(
            agent=facts.agent_name, business=facts.business_name, customer=facts.customer_name
        )
    return (
        f"This is {facts.agent_name}, an AI assistant calling for {facts.business_name}. "
        f"This call is recorded. {ask_for(facts)}"
    )


def ask_for(facts: OpeningFacts) -> str:
    return f"May I speak with {facts.customer_name}?"


def robot(facts: OpeningFacts) -> str:
    """The truth, whenever asked."""
    return f"Yes. I am an AI assistant calling for {facts.business_name}."


def call_us_back(number: str) -> str:
    return f"You can call us back on {spelled(number)}."


def screening(facts: OpeningFacts) -> str:
    """To an assistant that asks who calls and why: who, and for whom."""
    return f"This is {facts.agent_name}, an AI assistant calling for {facts.business_name}, for {facts.customer_name}."


def ask_proof(facts: OpeningFacts) -> str:
    ask = ASK_CUSTOMER_NUMBER if "number" in facts.asked_fact else ASK_BIRTHDAY
    return f"Thank you. I need to make sure I am speaking with the right person. {ask}"


def voicemail(facts: OpeningFacts, number: str) -> str:
    """All that a limited-content message may say in the creditor's own name (12 CFR 1006.2(j))."""
    return (
        f"This is {facts.agent_name}, an AI assistant calling for {facts.business_name} with a message for "
        f"{facts.customer_name}. Please call us back on {spelled(number)}. Thank you. Goodbye."
    )


def statement(debts: Debts) -> str:
    """The invoice, what is open, since when, what else there is; and one question that takes a date."""
    first = debts.invoices[0]
    when = "it was due on" if first.due_date < debts.today else "it is due on"
    text = (
        f"Thank you. I am calling about invoice {spelled(first.number)}. The balance is "
        f"{money(first.balance, debts.currency)}, and {when} {day_spoken(first.due_date, debts.today)}."
    )
    others = len(debts.invoices) - 1
    if others:
        more = "one more invoice is open" if others == 1 else f"{others} more invoices are open"
        text += f" {more.capitalize()}, {money(debts.total, debts.currency)} in all."
    return f"{text} {WHEN}"


def read_back(promise: Promise) -> str:
    return (
        f"To confirm: you will pay {money(promise.amount, promise.currency)} on {day_in_full(promise.due_date)}"
        f"{_for_invoices(promise.invoices)}. Is that right?"
    )


def read_back_plan(plan: Plan) -> str:
    """“three payments: $40.00 on …, $40.00 on …, and $40.50 on …”."""
    parts = [f"{money(amount, plan.currency)} on {day_in_full(day)}" for day, amount in plan.parts]
    listed = f"{', '.join(parts[:-1])}, and {parts[-1]}" if len(parts) > 1 else parts[0]
    return f"To confirm: you will pay {len(parts)} instalments: {listed}. Is that right?"


def _for_invoices(numbers: Sequence[str]) -> str:
    """Named only where a promise is for more than one: one alone is the one that was talked about."""
    if len(numbers) < 2:
        return ""
    return f" for invoices {' and '.join(spelled(number) for number in numbers)}"


def callback_at(when: datetime) -> str:
    hour = f"{when:%I:%M %p}".lstrip("0").replace(":00", "")
    return f"Of course. We will call you on {day_in_full(when.date())} at {hour}. Goodbye."


def invoice_named(invoice: OpenInvoice, currency: str) -> str:
    """One invoice in a prompt's list."""
    return f"{invoice.number}, {money(invoice.balance, currency)}, due {invoice.due_date.isoformat()}"


def money(amount: Decimal, currency: str) -> str:
    """“$120.50”: the form that voices read as dollars and cents."""
    return amount_text(amount, currency, locale=_HOME.get(currency, "en_US"))


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
