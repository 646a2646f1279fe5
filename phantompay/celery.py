"""The Celery application. Tasks live in `<app>/tasks.py`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "phantompay.settings")

app = Celery("phantompay")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
