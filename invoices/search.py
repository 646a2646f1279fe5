"""What staff type into a search box: a number, a word of a description, a name, a telephone number, an e-mail address.

On PostgreSQL every part of a search is answered by an index (migration 0005), in time that depends on what is found
and not on what is stored. SQLite reads the tables. Both find the same.
"""

import re
from functools import reduce
from operator import or_

from django.db import connections
from django.db.models import BooleanField, F, Func, Q, QuerySet, Subquery

from invoices.models import ContactPoint, Customer, Invoice

# A search shows no more invoices than these, the latest due.
FOUND_AT_MOST = 250
# With fewer letters only the beginning of numbers is looked at.
SHORT = 3
# What a trigram is made of: three letters or digits, or the first or the last two of a word.
TRIGRAM = re.compile(r"[^\W_]{3}|[\W_][^\W_]|[^\W_]{2}[\W_]")
# Nothing that is searched is longer.
LONGEST = 300


class _AnyOf(Func):
    """`key = ANY (ARRAY(subquery))`: rows are fetched by their key, however many the planner believes there are."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY ("
    output_field = BooleanField()


class _Array(Subquery):
    template = "ARRAY(%(subquery)s)"


def invoices_matching(query: str, among: QuerySet[Invoice] | None = None) -> QuerySet[Invoice]:
    """Invoices, of `among` if given, whose number, description or customer holds `query`; all for an empty one.

    On PostgreSQL at most the FOUND_AT_MOST latest due, so narrow `among` first: a filter put on the answer misses
    what lies beyond these. Lists say “250 or more” by a BoundedPaginator with this limit.
    """
    rows = Invoice.objects.all() if among is None else among
    text = _text(query)
    if not text:
        return rows
    if len(text) > LONGEST:
        return rows.none()
    own = Q(number__istartswith=text)
    if not _is_short(text):
        own = Q(number__icontains=text) | Q(description__icontains=text)
    wanted = [own, *(Q(customer__in=ids) for ids in _customer_ids(text, rows.db))]
    if connections[rows.db].vendor != "postgresql":
        return rows.filter(reduce(or_, wanted))
    # Each part by itself may walk the list's order or gather what fits and sort it; together they could do neither.
    first, *others = (_latest(rows.select_related(None).filter(part)) for part in wanted)
    found = Invoice.objects.using(rows.db).filter(_AnyOf(F("pk"), _Array(first.union(*others))))
    return rows.filter(_AnyOf(F("pk"), _Array(_latest(found))))


def customers_matching(query: str, among: QuerySet[Customer] | None = None) -> QuerySet[Customer]:
    """Customers, of `among` if given, whose name, number, telephone or e-mail holds `query`; all for an empty one."""
    rows = Customer.objects.all() if among is None else among
    text = _text(query)
    if not text:
        return rows
    if len(text) > LONGEST:
        return rows.none()
    first, *others = _customer_ids(text, rows.db)
    return rows.filter(pk__in=first.union(*others) if others else first)


def _text(query: str) -> str:
    """No stored text has a NUL in it, and PostgreSQL takes none."""
    return query.replace("\0", "").strip()


def _is_short(text: str) -> bool:
    """No index can help to find it inside of words: it is too short, or hardly more than signs."""
    return len(text) < SHORT or not TRIGRAM.search(text)


def _latest(rows: QuerySet[Invoice]) -> QuerySet:
    return rows.order_by("-due_date", "-id").values("pk")[:FOUND_AT_MOST]


def _customer_ids(text: str, using: str) -> list[QuerySet]:
    """The customers that a search finds, by what they are called and by how they are reached."""
    customers = Customer.objects.using(using).order_by()
    if _is_short(text):
        return [customers.filter(number__istartswith=text).values("pk")]
    called = customers.filter(Q(name__icontains=text) | Q(number__icontains=text)).values("pk")
    reached = Q(value__icontains=text)
    if digits := _dialled(text):
        reached |= Q(value__icontains=digits)
    points = ContactPoint.objects.using(using).filter(reached).order_by()
    return [called, points.values("customer_id")]


def _dialled(text: str) -> str:
    """The digits of a telephone number as people write it, as far as they are in its E.164 form; else nothing.

    “020 7946 0107” is stored as +442079460107, “(213) 555-0101” as +12135550101.
    """
    if not re.fullmatch(r"[\d\s()+./-]+", text, re.ASCII):
        return ""
    digits = re.sub(r"\D", "", text).lstrip("0")
    return digits if len(digits) >= SHORT else ""
