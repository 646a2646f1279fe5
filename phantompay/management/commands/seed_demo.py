"""Demo users, customers and a year of invoices. A second run finds them and adds nothing."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import environ
from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from calls.house import house_rules_change
from invoices.models import Customer, Event, Invoice
from phantompay.demo.office import SOURCE
from phantompay.demo.tell import tell
from phantompay.roles import MAY_COLLECT, MAY_VIEW

DEFAULT_PASSWORD = "moonlight"  # noqa: S105 (a demo's, printed on purpose)
LOCAL_HOSTS = {"127.0.0.1", "localhost", "::1", ""}


@dataclass(frozen=True)
class Role:
    """A demo login and what it may do."""

    username: str
    permissions: Q | None = None
    is_superuser: bool = False


ROLES = (
    Role("admin", is_superuser=True),
    Role("collector", MAY_COLLECT),
    Role("viewer", MAY_VIEW),
)


class Command(BaseCommand):
    help = "Create the demo: users, two dozen customers and a year of their invoices. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        password = environ.Env().str("DEMO_PASSWORD", default=DEFAULT_PASSWORD)
        if _demo_is_here():
            _logins_seed(password)
        else:
            _refuse_outside_a_demo(password)
            self._seed(password)
        for role in ROLES:
            self.stdout.write(f"login: {role.username} / {password}")

    @transaction.atomic
    def _seed(self, password: str) -> None:
        _logins_seed(password)
        people = json.loads((settings.BASE_DIR / "demo" / "people.json").read_text())
        tell(people, today=timezone.localdate(), clerk=User.objects.get(username="collector"))
        house_rules_change(
            source=SOURCE, actor=None, reason="The demo rings on every day.", keeps_holidays=False
        )
        self.stdout.write(f"demo: {len(people)} customers and {Invoice.objects.count()} invoices of theirs")


def _demo_is_here() -> bool:
    """The audit trail knows who made the customers, whatever has become of them since."""
    return Event.objects.filter(object_type="customer", kind="created", source=SOURCE).exists()


def _refuse_outside_a_demo(password: str) -> None:
    """Logins with a printed password and invented debts have no place beside real customers."""
    if Customer.objects.exists():
        raise CommandError("There are customers here that no demo made. The demo is for an empty database.")
    host = urlsplit(settings.PUBLIC_BASE_URL).hostname or ""
    if password == DEFAULT_PASSWORD and host not in LOCAL_HOSTS:
        raise CommandError(f"Set DEMO_PASSWORD: with the one everybody knows, no demo is put on {host}.")


@transaction.atomic
def _logins_seed(password: str) -> None:
    for role in ROLES:
        user, created = User.objects.get_or_create(
            username=role.username,
            defaults={
                "is_staff": True,
                "is_superuser": role.is_superuser,
                "first_name": role.username.title(),
            },
        )
        if created or not user.check_password(password):
            user.set_password(password)
            user.save(update_fields=["password"])
        if role.permissions is not None:
            group, made = Group.objects.get_or_create(name=role.username)
            if made:
                group.permissions.set(Permission.objects.filter(role.permissions))
            user.groups.add(group)
