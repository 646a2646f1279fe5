"""X-Twilio-Signature (Twilio docs: "Validating signatures from Twilio")."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

HEADER = "X-Twilio-Signature"


def sign(auth_token: str, url: str, params: Mapping[str, str] | None = None) -> str:
    """HMAC-SHA1 over the exact URL followed by every form parameter's name and value, sorted by name. A GET
    and a WebSocket handshake have no form parameters: the URL alone is signed, with its query."""
    text = url + "".join(name + value for name, value in sorted((params or {}).items()))
    digest = hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
