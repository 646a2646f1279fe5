"""The Celery application. Tasks live in `<app>/tasks.py`."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "phantompay.settings")

app = Celery("phantompay")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_unsafe_start(**kwargs: Any) -> None:
    from phantompay.checks import refuse_unsafe_start

    refuse_unsafe_start()
