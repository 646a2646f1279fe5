from django.apps import AppConfig
from django.db.models.signals import post_migrate


class InvoicesConfig(AppConfig):
    name = "invoices"

    def ready(self) -> None:
        from invoices.append_only import append_only, triggers_create
        from invoices.events import subscribe_within
        from invoices.models import Allocation, Consent, Event, Note
        from invoices.webhooks.ledger_types import LEDGER_TYPES
        from invoices.webhooks.outbox import messages_write
        from invoices.webhooks.types import types_add

        append_only(Event, Consent, Allocation, Note)
        post_migrate.connect(triggers_create, sender=self, dispatch_uid="append_only")
        types_add(*LEDGER_TYPES)
        subscribe_within(messages_write)
