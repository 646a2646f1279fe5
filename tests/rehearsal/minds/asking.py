"""What is sent to the rehearsal's model, and what it answers: a request of each phase, and what comes back."""

import json
from typing import Any

from rehearsal.models.brain import Reply, ToolCall, complete

FIND = (
    "person_found",
    "report_wrong_number",
    "report_third_party",
    "report_machine",
    "report_language",
    "end_call",
)
VERIFY = ("check_identity", "report_wrong_number", "report_third_party", "end_call")
DEBT = (
    "propose_promise",
    "propose_plan",
    "confirm",
    "claim_paid",
    "open_dispute",
    "report_hardship",
    "send_copy",
    "ask_callback",
    "transfer_to_human",
    "end_call",
)
CLOSE = ("go_back", "end_call")
GREETING = "This is Casper, an AI assistant calling for Phantom Pay. May I speak with Robert Blake?"
ASKED_BIRTH = "Thank you. Please tell me the month and day of your birth."
STATEMENT = (
    "Thank you. I am calling about invoice 1007. "
    "The balance is $120.50 and was due on November 3rd. When can you pay it?"
)
READ_BACK = "To confirm: you will pay $120.50 on Friday, December 4th, 2026. Is that right?"


def request(*turns, tools, facts):
    prompt = "You are a polite voice.\n" + "\n".join(f"{key}: {value}" for key, value in facts.items())
    roles = {"agent": "assistant", "caller": "user", "tool": "tool"}
    messages: list[dict[str, Any]] = [{"role": "system", "content": prompt}]
    for speaker, said in turns:
        if isinstance(said, ToolCall):
            function = {"name": said.name, "arguments": json.dumps(said.arguments)}
            messages.append(
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [{"id": "1", "type": "function", "function": function}],
                }
            )
        else:
            messages.append({"role": roles[speaker], "content": said})
    described = [{"type": "function", "function": {"name": name, "parameters": {}}} for name in tools]
    return {"model": "gpt-test", "messages": messages, "tools": described}


def identify(*turns, name="Robert Blake", fact="month and day of birth", tools=FIND):
    facts = {"Customer name": name, "Business name": "Phantom Pay", "Asked fact": fact}
    return complete(request(*turns, tools=tools, facts=facts))


def negotiate(*turns, balance="120.50 USD", today="2026-11-24 (Tuesday)", number="1007"):
    facts = {
        "Customer name": "Robert Blake",
        "Business name": "Phantom Pay",
        "Invoice number": number,
        "Balance": balance,
        "Due date": "2026-11-03",
        "Today": today,
    }
    return complete(request(*turns, tools=DEBT, facts=facts))


def called(name, **arguments):
    return Reply("", (ToolCall(name, arguments),))


def answers(said, asked=GREETING, **kwargs):
    return identify(("agent", asked), ("caller", said), **kwargs)


def proves(said, asked=ASKED_BIRTH, **kwargs):
    return answers(said, asked, tools=VERIFY, **kwargs)


def closes(said):
    facts = {"Customer name": "Robert Blake", "Business name": "Phantom Pay", "Today": "2026-11-24 (Tuesday)"}
    asked = "Thank you. Your promise is noted. Is there anything else?"
    return complete(request(("agent", asked), ("caller", said), tools=CLOSE, facts=facts))


def offers(said, *earlier, **kwargs):
    return negotiate(("agent", STATEMENT), *earlier, ("caller", said), **kwargs)


def settles(said):
    proposed = ToolCall("propose_promise", {"amount": "120.50", "date": "2026-12-04"})
    return offers(said, ("caller", "I can pay on December 4th"), ("agent", proposed), ("agent", READ_BACK))
