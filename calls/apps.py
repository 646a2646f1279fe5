from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "calls"

    def ready(self) -> None:
        from calls import interrupts, log_context, pace
        from calls.live.news import announce
        from calls.retries import withdraw_moot
        from invoices.events import subscribe

        log_context.install()
        subscribe(announce)
        subscribe(interrupts.look_again)
        subscribe(pace.look_again)
        subscribe(withdraw_moot)
