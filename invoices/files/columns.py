"""Columns of files that are read: what they are called, whether they must be there, what their cells mean.

Columns are fields of a django-import-export Resource, whose widgets read the cells. The rest of its import is not
used: it holds the whole file in memory and saves rows past the services.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from import_export.fields import Field
from import_export.resources import Resource

from invoices.files.reading import Cell, FileRefused, Row, column_name
from invoices.files.values import Rules, TextCell

MOST_REASON = 300


@dataclass(frozen=True)
class Problem:
    """Why a row was refused; `column` is empty where it is the row as a whole."""

    row: int
    column: str
    reason: str


@dataclass
class Read:
    """A row as it was understood; absent where the cell is empty or the column not there."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class Column(Field):
    """`needed`: no row is without it. `example` is what the sample file shows."""

    def __init__(self, cell: TextCell, help_text: str, *, example: str = "", needed: bool = False) -> None:
        super().__init__(widget=cell)
        self.help_text, self.example, self.needed = help_text, example, needed


class Columns(Resource):
    """The columns of one kind of file."""

    # Columns of our own exports that say nothing to an import.
    told_only: ClassVar[frozenset[str]] = frozenset()
    # Without one of these a file is no file of this kind.
    one_of: ClassVar[Sequence[str]] = ()

    def listed(self) -> Iterator[tuple[str, Column]]:
        yield from self.fields.items()

    def known(self) -> set[str]:
        return set(self.fields) | self.told_only

    def header(self, row: Row) -> list[str]:
        """The names of a file's columns, "" for one that is not read. Raises FileRefused."""
        names = [column_name(cell) for cell in row.cells]
        for name in names:
            if name in self.fields and names.count(name) > 1:
                raise FileRefused(f"The column “{name}” is there twice.")
        missing = [name for name, column in self.listed() if column.needed and name not in names]
        if self.one_of and not set(self.one_of) & set(names):
            missing.append(" or ".join(self.one_of))
        if missing:
            raise FileRefused(f"The first row must name the columns. Missing: {', '.join(missing)}.")
        return [name if name in self.fields else "" for name in names]

    def ignored(self, row: Row) -> list[str]:
        """The headings of what is not read."""
        return [str(cell)[:40] for cell in row.cells if cell and column_name(cell) not in self.fields]

    def read(self, row: Row, header: Sequence[str], rules: Rules) -> Read:
        """The row's values, and a problem for each cell that has none."""
        cells: dict[str, Cell] = {
            name: cell for name, cell in zip(header, row.cells, strict=False) if name and cell is not None
        }
        read = Read(row.number)
        if any(cell not in (None, "") for cell in row.cells[len(header) :]):
            read.problems.append(Problem(row.number, "", "It has more cells than the first row has columns."))
        for name, column in self.fields.items():
            try:
                value = column.clean(cells, rules=rules) if name in cells else None
            except ValueError as error:
                read.problems.append(Problem(row.number, name, str(error)[:MOST_REASON]))
                continue
            if value is not None:
                read.values[name] = value
            elif column.needed:
                read.problems.append(Problem(row.number, name, "It is empty."))
        return read
