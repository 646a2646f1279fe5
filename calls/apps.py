from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "calls"

    def ready(self) -> None:
        from calls import interrupts, log_context, pace
        from calls.house import legal_name
        from calls.live.news import announce
        from calls.message_types import CALL_ENDED
        from calls.retries import withdraw_moot
        from invoices.documents.issuer import name_by
        from invoices.events import subscribe
        from invoices.webhooks.types import types_add

        log_context.install()
        subscribe(announce)
        subscribe(interrupts.look_again)
        subscribe(pace.look_again)
        subscribe(withdraw_moot)
        types_add(CALL_ENDED)
        name_by(legal_name)
