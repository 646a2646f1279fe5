from django.apps import AppConfig


class PhantomPayConfig(AppConfig):
    name = "phantompay"
