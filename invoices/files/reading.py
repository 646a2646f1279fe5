"""The rows of a file one by one, in constant memory: CSV as office programs write it, and XLSX.

`layout_find` looks at a file as a whole once; `rows_of` reads it. The header is a row like any other. Rows have the
numbers that a spreadsheet shows for them, blank ones are left out, and a cell with line breaks is one cell.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from pathlib import PurePath
from typing import IO, Any

from invoices.files.workbook import WorkbookBroken, workbook_rows

# The signatures of XLSX, which is a zip archive, and of the Excel files before 2007.
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
CHUNK = 1 << 16
SAMPLE_CHARACTERS = 20_000
DELIMITERS = ",;\t"


class FileRefused(Exception):
    """The file as a whole can't be taken; the text is for whoever sent it."""


@dataclass(frozen=True)
class Unreadable:
    """A cell that holds no value: a formula, an error. `reason` is for whoever sent it."""

    reason: str


Cell = str | int | float | bool | date | datetime | time | Unreadable | None


@dataclass(frozen=True)
class Row:
    number: int
    cells: list[Cell]


@dataclass(frozen=True)
class Layout:
    """How a file is read. `skip` are lines before the header that are none of the table's."""

    format: str
    encoding: str = ""
    delimiter: str = ""
    skip: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def layout_find(file: IO[bytes], *, name: str, known: set[str]) -> Layout:
    """What `file` is, by its content and its name, which must agree. `known` are names of columns.

    Raises FileRefused.
    """
    file.seek(0)
    head = file.read(8)
    suffix = PurePath(name).suffix.lower()
    if not head:
        raise FileRefused("The file is empty.")
    if head.startswith(OLE) or suffix == ".xls":
        raise FileRefused("That is a file of an old Excel. Save it as .xlsx or as CSV.")
    if head.startswith(ZIP) != (suffix == ".xlsx"):
        raise FileRefused(
            "The name says .xlsx, but it is no Excel workbook."
            if suffix == ".xlsx"
            else "It is an Excel workbook under another name. Name it .xlsx, or save it as CSV."
        )
    if suffix == ".xlsx":
        return Layout("xlsx")
    encoding = _encoding(file, head)
    file.seek(0)
    sample = codecs.getincrementaldecoder(encoding)().decode(file.read(4 * SAMPLE_CHARACTERS))
    return _delimited(sample[:SAMPLE_CHARACTERS], encoding, known)


def _encoding(file: IO[bytes], head: bytes) -> str:
    """The first encoding in which every byte of the file has a meaning."""
    if head.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif head[1:2] == b"\0":
        candidates = ["utf-16-le"]
    elif head[:1] == b"\0":
        candidates = ["utf-16-be"]
    else:
        candidates = ["utf-8", "cp1252"]
    for encoding in candidates:
        if _decodes(file, encoding):
            return encoding
    raise FileRefused("The text is neither UTF-8, UTF-16 nor Windows-1252. Save it as “CSV UTF-8”.")


def _decodes(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimited(sample: str, encoding: str, known: set[str]) -> Layout:
    """The delimiter under which the header names most columns that we know."""
    told = re.match(r"sep=(.)\r?\n", sample)
    if told:
        return Layout("csv", encoding, told[1], skip=1)
    best = max(DELIMITERS, key=lambda each: _promise(sample, each, known))
    return Layout("csv", encoding, best)


def _promise(sample: str, delimiter: str, known: set[str]) -> tuple[int, int]:
    try:
        header = next(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return 0, 0
    return sum(column_name(cell) in known for cell in header), len(header)


def column_name(cell: object) -> str:
    """A heading as columns are named: “Customer number” is customer_number."""
    return re.sub(r"[\s\-]+", "_", str(cell or "").strip().lower())


def rows_of(file: IO[bytes], layout: Layout) -> Iterator[Row]:
    """The rows that are not blank, the header first. Raises FileRefused where the file can't be read on."""
    file.seek(0)
    rows = _workbook(file) if layout.format == "xlsx" else _text(file, layout)
    for row in rows:
        if any(cell is not None and (not isinstance(cell, str) or cell.strip()) for cell in row.cells):
            yield row


def _text(file: IO[bytes], layout: Layout) -> Iterator[Row]:
    text = io.TextIOWrapper(file, encoding=layout.encoding, newline="")
    try:
        for _ in range(layout.skip):
            text.readline()
        reader = csv.reader(text, delimiter=layout.delimiter, strict=True)
        number = layout.skip
        while True:
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, UnicodeError) as error:
                raise FileRefused(
                    f"Row {number} can't be read: its quotation marks don't match ({error})."
                ) from None
            yield Row(number, list(cells))
    finally:
        # The file stays open for whoever opened it.
        if not file.closed:
            text.detach()


def _workbook(file: IO[bytes]) -> Iterator[Row]:
    try:
        for number, cells in workbook_rows(file):
            yield Row(number, [Unreadable(cell[0]) if isinstance(cell, tuple) else cell for cell in cells])
    except WorkbookBroken as error:
        raise FileRefused(str(error)) from None
