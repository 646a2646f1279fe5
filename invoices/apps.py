from django.apps import AppConfig
from django.db.models.signals import post_migrate


class InvoicesConfig(AppConfig):
    name = "invoices"

    def ready(self) -> None:
        from invoices.append_only import append_only, triggers_create
        from invoices.models import Allocation, Consent, Event, Note

        append_only(Event, Consent, Allocation, Note)
        post_migrate.connect(triggers_create, sender=self, dispatch_uid="append_only")
