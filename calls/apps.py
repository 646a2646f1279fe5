from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "calls"

    def ready(self) -> None:
        from calls.house import legal_name
        from calls.interrupts import look_again
        from calls.live.news import announce
        from calls.message_types import CALL_ENDED
        from invoices.documents.issuer import name_by
        from invoices.events import subscribe
        from invoices.webhooks.types import types_add

        subscribe(announce)
        subscribe(look_again)
        types_add(CALL_ENDED)
        name_by(legal_name)
