"""The secrets of endpoints: made here, shown once, kept sealed, and used to sign.

Sealed with a key that is derived from DJANGO_SECRET_KEY: a copy of the database alone signs nothing.
"""

import base64
import hashlib
import secrets
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from standardwebhooks import Webhook

BYTES = 32
PREFIX = "whsec_"


class SecretLost(Exception):
    """It was sealed under another DJANGO_SECRET_KEY; the endpoint needs a new one."""


def secret_new() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def sealed(secret: str) -> str:
    return _seal().encrypt(secret.encode()).decode()


def unsealed(token: str) -> str:
    """Raises SecretLost."""
    try:
        return _seal().decrypt(token.encode()).decode()
    except InvalidToken:
        raise SecretLost from None


def signatures(*, secrets: list[str], message_id: str, at: datetime, body: str) -> str:
    """The header `webhook-signature`: one signature for each secret, the receiver is content with any of them."""
    return " ".join(Webhook(secret).sign(message_id, at, body) for secret in secrets)


def _seal() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(str(key))) for key in keys])


def _key(text: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"webhook secrets:" + text.encode()).digest())
