"""How log records are written: a line for people, or one JSON object a line for machines."""

import logging
from typing import Any

from pythonjsonlogger.json import JsonFormatter


class LineFormatter(logging.Formatter):
    """Time, level, logger and message, and the call where the message does not name it."""

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        call_id = getattr(record, "call_id", "")
        return line if not call_id or call_id in line else f"{line} [call {call_id}]"


class ObjectFormatter(JsonFormatter):
    """Writes FIELDS, those that the record has. What a library adds to its records beside these may be about a person,
    and is left out."""

    FIELDS = ("timestamp", "level", "logger", "message", "process", "call_id", "exc_info", "stack_info")

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "message", "process", "call_id"],
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp=True,
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {name: log_data[name] for name in self.FIELDS if log_data.get(name) is not None}
