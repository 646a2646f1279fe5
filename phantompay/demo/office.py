"""What the diaries of all customers have in common: days, numbers, and rows that are not there yet.

Days count from today: -30 is thirty days ago. Nothing is done when it is noted; `tell` does it when its day comes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User

from invoices.models import Customer
from phantompay.demo.goods import PLACES

SOURCE = "seed"
Row = TypeVar("Row")


@dataclass
class Office:
    """Which day it is, who writes down what customers say, and the next numbers."""

    today: date
    clerk: User | None = None
    invoice_numbers: Iterator[int] = field(default_factory=lambda: count(3001))
    credit_note_numbers: Iterator[int] = field(default_factory=lambda: count(101))

    def date(self, day: int) -> date:
        return self.today + timedelta(days=day)

    def invoice_number(self) -> str:
        return f"INV-{next(self.invoice_numbers)}"

    def credit_note_number(self) -> str:
        return f"CN-{next(self.credit_note_numbers)}"


@dataclass
class Made(Generic[Row]):
    """A row that is there once its day has been told."""

    made: Row | None = None

    @property
    def row(self) -> Row:
        assert self.made is not None, "the diary speaks of it before it happens"
        return self.made


class Pages:
    """The pages of one customer's diary: what is done on which day, in any order."""

    def __init__(self, office: Office, person: Mapping[str, Any]) -> None:
        self.office = office
        self.person = person
        self.place = PLACES[person["city"]]
        self.random = Random(person["customer_number"])
        self.customer: Made[Customer] = Made()
        self.scenes: list[tuple[int, Callable[[], object]]] = []

    def on(self, day: int, act: Callable[[], object]) -> None:
        self.scenes.append((day, act))

    def moment(self, day: int, hour: int) -> datetime:
        """That hour of that day where the customer is."""
        return datetime.combine(self.office.date(day), time(hour), ZoneInfo(self.person["time_zone"]))
