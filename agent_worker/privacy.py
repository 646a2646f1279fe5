"""Logs carry ids, never what was said, who it was or how much: livekit's own do, at the lower levels and in extras."""

import logging
from typing import Any

# Loggers whose INFO and DEBUG records quote transcripts, tool arguments, prompts or requests.
TALKATIVE = ("livekit", "livekit.agents", "livekit.plugins", "openai", "httpx2", "httpcore2")


class NoPersonalExtras(logging.Filter):
    """Removes livekit's fields of personal data from records, and never drops one."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name in [name for name in record.__dict__ if name.startswith("lk.pii")]:
            delattr(record, name)
        return True


def keep_quiet(*, in_job: bool) -> None:
    """Raise the talkative loggers to WARNING. A job's records reach the worker's log by a queue, and by it only."""
    for name in TALKATIVE:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
        if not any(isinstance(each, NoPersonalExtras) for each in logger.filters):
            logger.addFilter(NoPersonalExtras())
    if in_job:
        root: Any = logging.getLogger()
        for handler in [handler for handler in root.handlers if type(handler) is logging.StreamHandler]:
            root.removeHandler(handler)
