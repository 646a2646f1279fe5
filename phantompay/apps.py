from django.apps import AppConfig


class PhantomPayConfig(AppConfig):
    name = "phantompay"

    def ready(self) -> None:
        from phantompay import checks  # noqa: F401 (registers the check)
