"""The diaries of all customers told as one: day after day, through the services that staff and callers use."""

from collections.abc import Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from invoices.services.judging import agreements_judge_due
from phantompay.demo.diary import Diary
from phantompay.demo.neighbours import NEIGHBOURS
from phantompay.demo.office import SOURCE, Office
from phantompay.demo.story import DOZEN

STORIES = DOZEN | NEIGHBOURS


@transaction.atomic
def tell(people: Sequence[Mapping[str, Any]], *, today: date, clerk: User | None = None) -> None:
    """Write the year until `today` of these people (objects of demo/people.json) into an empty ledger."""
    office = Office(today, clerk)
    diaries = [Diary(office, person) for person in people]
    for diary in diaries:
        STORIES[diary.person["customer_number"]](diary)
    scenes = sorted((scene for diary in diaries for scene in diary.scenes), key=itemgetter(0))
    for _, act in scenes:
        act()
    agreements_judge_due(source=SOURCE)
