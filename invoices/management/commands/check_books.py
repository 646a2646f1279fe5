"""Compares every stored balance with the documents and postings behind it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from invoices.books_check import balances_wrong


class Command(BaseCommand):
    help = "Compare balances with their postings; ends with an error when one differs."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for line in balances_wrong():
            wrong += 1
            self.stderr.write(line)
        if wrong:
            raise CommandError(f"{wrong} balances differ from their postings.")
        self.stdout.write("Every balance is what its postings say.")
