"""The Celery application. Tasks live in `<app>/tasks.py`."""

import inspect
import os
from contextvars import Token
from typing import Any

from celery import Celery, Task
from celery.signals import beat_init, task_postrun, task_prerun, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "phantompay.settings")

app = Celery("phantompay")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_unsafe_start(**kwargs: Any) -> None:
    from phantompay.checks import refuse_unsafe_start

    refuse_unsafe_start()


_before: dict[str, Token[str]] = {}


@task_prerun.connect
def name_the_call(task_id: str, task: Task, args: Any, kwargs: Any, **_: Any) -> None:
    """While a task with an argument `call_id` runs, log records name that call."""
    from calls.log_context import call_is

    given = inspect.signature(task.run).bind_partial(*args, **kwargs).arguments
    _before[task_id] = call_is(given.get("call_id", ""))


@task_postrun.connect
def forget_the_call(task_id: str, **_: Any) -> None:
    from calls.log_context import call_was

    if (token := _before.pop(task_id, None)) is not None:
        call_was(token)
