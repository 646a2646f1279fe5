"""Deletes events that are older than the law and the house want them kept."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from invoices.services.retention import history_purge


class Command(BaseCommand):
    help = "Delete events older than --years (five at least); the deletion itself is recorded."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--years", type=int, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        before = timezone.now() - timedelta(days=366 * options["years"])
        try:
            deleted = history_purge(before=before, source="command")
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"{deleted} events deleted.")
