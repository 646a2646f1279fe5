"""Text messages: what was sent, and what became of it (Twilio docs: "Messages resource")."""

import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Literal

from .equipment import Equipment
from .errors import bad_request
from .orders import E164, Form, read_url, refuse_unknown
from .people import Directory

MESSAGE_LIMIT = 5_000
LONGEST = 1600
CREATE = frozenset(("To", "From", "Body", "StatusCallback"))
SEGMENT, PART = 160, 153  # characters of GSM-7; UCS-2 is not counted apart
UNREACHABLE = 30003

MessageStatus = Literal["queued", "sent", "delivered", "undelivered"]


@dataclass
class Message:
    """Times are Unix seconds. `error_code` says why it was not delivered."""

    to: str
    from_: str
    body: str
    status_callback: str | None
    sid: str = field(default_factory=lambda: "SM" + secrets.token_hex(16))
    status: MessageStatus = "queued"
    error_code: int | None = None
    created_at: float = field(default_factory=time.time)
    updated_at: float = field(default_factory=time.time)
    sent_at: float | None = None
    callbacks: list[dict[str, object]] = field(default_factory=list)

    @property
    def segments(self) -> int:
        return 1 if len(self.body) <= SEGMENT else -(-len(self.body) // PART)

    def as_json(self) -> dict[str, object]:
        """For the rehearsal's own door."""
        return {
            "sid": self.sid,
            "to": self.to,
            "from": self.from_,
            "body": self.body,
            "status": self.status,
            "error_code": self.error_code,
            "created_at": self.created_at,
            "callbacks": self.callbacks,
        }


class Messages:
    """Every message of this carrier, oldest first; bounded like the ledger of calls."""

    def __init__(self, equipment: Equipment, directory: Directory) -> None:
        self._equipment = equipment
        self._directory = directory
        self._messages: dict[str, Message] = {}

    def send(self, form: Form) -> Message:
        """Takes a message. RestError as Twilio gives it for what it does not take."""
        message = self._read(form)
        self._messages[message.sid] = message
        if len(self._messages) > MESSAGE_LIMIT:
            del self._messages[next(iter(self._messages))]
        self._equipment.background.start(self._carry(message))
        return message

    def find(self, sid: str) -> Message | None:
        return self._messages.get(sid)

    def all(self) -> list[Message]:
        return list(self._messages.values())

    def _read(self, form: Form) -> Message:
        refuse_unknown(form, CREATE)
        to, sender, body = form.get("To", ""), form.get("From", ""), form.get("Body", "")
        if not to:
            raise bad_request(21604, "A 'To' phone number is required.")
        if not sender:
            raise bad_request(21603, "A 'From' phone number is required.")
        if not body.strip():
            raise bad_request(21602, "Message body is required.")
        if not E164.fullmatch(to):
            raise bad_request(21211, f"Invalid 'To' Phone Number: {_hidden(to)}")
        if not E164.fullmatch(sender):
            raise bad_request(21212, f"Invalid From Number: {sender}")
        if len(body) > LONGEST:
            raise bad_request(21617, f"The concatenated message body exceeds the {LONGEST} character limit.")
        outcome = self._directory.look_up(to).messages
        if outcome == "unsubscribed":
            raise bad_request(21610, "Attempt to send to unsubscribed recipient")
        if outcome == "landline":
            raise bad_request(21614, f"'To' number is not a valid mobile number: {_hidden(to)}")
        return Message(to, sender, body, read_url(form.get("StatusCallback"), 21609))

    async def _carry(self, message: Message) -> None:
        """The statuses in their order, each callback delivered or given up before the next."""
        outcome = self._directory.look_up(message.to).messages
        message.sent_at = time.time()
        await self._enter(message, "sent")
        if outcome == "undelivered":
            message.error_code = UNREACHABLE
        await self._enter(message, "undelivered" if message.error_code else "delivered")

    async def _enter(self, message: Message, status: MessageStatus) -> None:
        message.status, message.updated_at = status, time.time()
        if message.status_callback is None:
            return
        params = {
            "AccountSid": self._equipment.config.account_sid,
            "ApiVersion": "2010-04-01",
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "To": message.to,
            "From": message.from_,
            **({"ErrorCode": str(message.error_code)} if message.error_code else {}),
        }
        http, attempts = await self._equipment.webhooks.deliver("POST", message.status_callback, params)
        message.callbacks.append({"status": status, "http": http, "attempts": attempts})


def _hidden(number: str) -> str:
    """As Twilio writes numbers into its errors: most digits hidden."""
    return re.sub(r"\d(?=\d{4})", "X", number)
