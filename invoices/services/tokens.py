"""Tokens of the API: made with a secret that is shown once, revoked, looked up."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from invoices.events import event_record
from invoices.fields import text_at
from invoices.models import ApiToken

Scope = ApiToken.Scope
PREFIX = "pp_"
LONGEST = timedelta(days=366)
# How exactly the last use is known; a row is not written with every request.
USE_SHOWN = timedelta(minutes=1)

# A user's token may have a scope when the user has any of these permissions.
PERMISSIONS_OF_SCOPE: dict[str, tuple[str, ...]] = {
    Scope.READ: (
        "invoices.view_customer",
        "invoices.view_invoice",
        "invoices.view_payment",
        "calls.view_call",
    ),
    Scope.CUSTOMERS: (
        "invoices.add_customer",
        "invoices.change_customer",
        "invoices.add_contactpoint",
        "invoices.change_contactpoint",
        "invoices.add_consent",
        "invoices.add_hold",
        "invoices.change_hold",
        "invoices.add_wish",
        "invoices.change_wish",
        "invoices.add_contact",
        "invoices.add_note",
    ),
    Scope.LEDGER: (
        "invoices.add_invoice",
        "invoices.change_invoice",
        "invoices.add_creditnote",
        "invoices.add_payment",
        "invoices.change_payment",
        "invoices.add_refund",
        "invoices.add_promisetopay",
        "invoices.change_promisetopay",
        "invoices.add_paymentplan",
        "invoices.change_paymentplan",
        "invoices.add_dispute",
        "invoices.change_dispute",
    ),
    Scope.CALLS: ("calls.place_call",),
}


def scopes_open_to(user: User) -> list[str]:
    """The scopes of which `user` may use anything at all."""
    return [str(scope) for scope, names in PERMISSIONS_OF_SCOPE.items() if any(map(user.has_perm, names))]


@transaction.atomic
def token_create(
    *,
    user: User,
    name: str,
    scopes: Collection[str],
    expires_at: datetime,
    source: str,
    actor: User | None = None,
) -> tuple[ApiToken, str]:
    """Make a token with which a client acts as `user`; answers the row and the secret, which is kept nowhere.

    Raises ValidationError keyed by field.
    """
    if unknown := set(scopes) - set(Scope.values):
        raise ValidationError({"scopes": f"There is no such scope: {', '.join(sorted(unknown))}."})
    now = timezone.now()
    if not now < expires_at <= now + LONGEST:
        raise ValidationError({"expires_at": f"It expires later than now, and within {LONGEST.days} days."})
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=text_at("name", name, longest=80, required=True),
        scopes=[scope for scope in Scope.values if scope in scopes],
        hint=secret[: len(PREFIX) + 6],
        digest=_digest(secret),
        expires_at=expires_at,
    )
    after = {"user": user.pk, "scopes": token.scopes, "expires_at": expires_at.isoformat()}
    event_record(
        object_type="api_token",
        object_id=token.pk,
        kind="token_created",
        source=source,
        actor=actor,
        after=after,
    )
    return token, secret


@transaction.atomic
def token_revoke(*, token: ApiToken, reason: str, source: str, actor: User | None = None) -> ApiToken:
    """From now on it opens nothing. Raises ValidationError without a reason, or if it was revoked already."""
    why = text_at("reason", reason, longest=300, required=True)
    standing = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
    if not standing.update(revoked_at=timezone.now()):
        raise ValidationError({"token": "It was revoked already."})
    event_record(
        object_type="api_token",
        object_id=token.pk,
        kind="token_revoked",
        source=source,
        actor=actor,
        reason=why,
    )
    token.refresh_from_db()
    return token


def token_use(secret: str) -> ApiToken | None:
    """The token that this secret opens the API with, and note that it was used; None for any other text."""
    if not secret.startswith(PREFIX):
        return None
    now = timezone.now()
    usable = ApiToken.objects.filter(digest=_digest(secret), revoked_at=None, expires_at__gt=now)
    token = usable.filter(user__is_active=True).select_related("user").first()
    if token is not None and (token.last_used_at is None or token.last_used_at < now - USE_SHOWN):
        seldom = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_SHOWN)
        ApiToken.objects.filter(seldom, pk=token.pk).update(last_used_at=now)
    return token


def _digest(secret: str) -> str:
    # The secret is as random as a key can be: nothing slower than a plain hash is needed.
    return hashlib.sha256(secret.encode()).hexdigest()
