from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "calls"

    def ready(self) -> None:
        from calls.interrupts import look_again
        from calls.live.news import announce
        from calls.retries import withdraw_moot
        from invoices.events import subscribe

        subscribe(announce)
        subscribe(look_again)
        subscribe(withdraw_moot)
