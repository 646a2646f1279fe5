"""What the importers of customers, invoices and payments have alike."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from invoices.files.columns import Columns, Problem, Read
from invoices.files.values import Rules
from invoices.models import Customer, Invoice

Outcome = Literal["new", "unchanged", "changed", "refused"]
OUTCOMES: tuple[Outcome, ...] = ("new", "unchanged", "changed", "refused")
SOURCE = "import"


@dataclass
class Item:
    """One thing that the file asks for: a row, or several that follow one another."""

    reads: list[Read]

    @property
    def last(self) -> int:
        return self.reads[-1].number

    @property
    def values(self) -> dict[str, Any]:
        return self.reads[0].values

    @property
    def problems(self) -> list[Problem]:
        return [problem for read in self.reads for problem in read.problems]


class Importer:
    """Hands the rows of one file to the ledger's services. `corrects`: rows that are here may be corrected."""

    columns: ClassVar[Columns]
    # The column of the natural key.
    key: ClassVar[str]
    permissions: ClassVar[Sequence[str]]
    # Fields of the services that a column calls by another name.
    renamed: ClassVar[dict[str, str]] = {}

    def __init__(
        self, *, rules: Rules, sha256: str, corrects: bool = False, actor: User | None = None
    ) -> None:
        self.rules, self.sha256, self.corrects = rules, sha256, corrects
        self.who: dict[str, Any] = {"source": SOURCE, "actor": actor}

    def items(self, reads: Iterable[Read]) -> Iterator[Item]:
        """Each row by itself."""
        return (Item([read]) for read in reads)

    def look(self, items: Sequence[Item]) -> None:
        """Read what is here already of what these items name, in few statements."""
        raise NotImplementedError

    def post(self, item: Item) -> Outcome:
        """Do what the item asks for. Raises ValidationError keyed by column, with nothing written."""
        raise NotImplementedError


def customers_by_number(numbers: Iterable[str]) -> dict[str, Customer]:
    found = Customer.objects.filter(number__in=set(numbers)).prefetch_related("contact_points")
    return {customer.number: customer for customer in found}


def invoices_by_number(numbers: Iterable[str]) -> dict[str, Invoice]:
    found = Invoice.objects.filter(number__in=set(numbers)).select_related("customer")
    return {invoice.number: invoice for invoice in found}


def said(items: Sequence[Item], column: str) -> set[str]:
    """The values of a column."""
    return {str(item.values[column]) for item in items if column in item.values}


def conflicts_refuse(what: str, pairs: dict[str, tuple[Any, Any]]) -> None:
    """Raise ValidationError at each column whose value here differs from the one in the file, where there is one."""
    differing = {
        column: f"This {what} is here with “{here}”."
        for column, (here, told) in pairs.items()
        if told is not None and told != here
    }
    if differing:
        raise ValidationError(differing)
