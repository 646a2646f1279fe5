from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "calls"

    def ready(self) -> None:
        from calls import interrupts, pace
        from calls.live.news import announce
        from invoices.events import subscribe

        subscribe(announce)
        subscribe(interrupts.look_again)
        subscribe(pace.look_again)
