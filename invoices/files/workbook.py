"""Rows of an XLSX workbook's first sheet, read by openpyxl as they lie in the file.

openpyxl keeps all texts of a workbook in memory; here they lie in a temporary file. Formulas are told, not computed.
"""

import re
import tempfile
import zlib
from array import array
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import IO, Any
from zipfile import BadZipFile

from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

# A workbook that is larger than this when unpacked is a bomb, or no list of invoices.
MOST_UNPACKED = 1 << 30
MOST_CELLS = 500
FORMULA = "It holds a formula. Put its value there (copy, then “paste values”)."
# What a damaged archive or strange XML makes openpyxl raise.
BROKEN = (
    BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
)


class WorkbookBroken(Exception):
    """It can't be read; the text is for whoever sent it."""


class _Texts:
    """The texts of a workbook by their number, in a file without a name; read as far as somebody asks."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the object)
        self._ends = array("Q", [0])

    def __getitem__(self, index: int) -> str:
        while len(self._ends) - 1 <= index:
            self._append(next(self._texts, None))
        start, end = self._ends[index], self._ends[index + 1]
        self._file.seek(start)
        return self._file.read(end - start).decode("utf-8", "surrogatepass")

    def _append(self, text: str | None) -> None:
        if text is None:
            raise IndexError("No such text in the workbook.")
        data = text.encode("utf-8", "surrogatepass")
        self._file.seek(self._ends[-1])
        self._file.write(data)
        self._ends.append(self._ends[-1] + len(data))


class _Reader(ExcelReader):
    def read_strings(self) -> None:
        self.shared_strings = _Texts(self._strings())

    def _strings(self) -> Iterator[str]:
        part = self.package.find(SHARED_STRINGS)
        if part is None:
            return
        tag = f"{{{SHEET_MAIN_NS}}}si"
        with self.archive.open(part.PartName[1:]) as source:
            root = None
            for event, node in iterparse(source, ["start", "end"]):
                if root is None:
                    root = node
                if event == "end" and node.tag == tag:
                    yield Text.from_tree(node).content
                    root.clear()


def workbook_rows(file: IO[bytes]) -> Iterator[tuple[int, list[Any]]]:
    """(number, cells) of the first sheet; a cell that holds no value is a tuple with the reason.

    Raises WorkbookBroken.
    """
    try:
        reader = _Reader(file, read_only=True, data_only=False, keep_links=False)
        if sum(part.file_size for part in reader.archive.infolist()) > MOST_UNPACKED:
            raise WorkbookBroken("The workbook is too large.")
        reader.read()
        sheet = reader.wb.worksheets[0]
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            yield number, [_value(cell) for cell in cells[:MOST_CELLS]]
    except BROKEN:
        raise WorkbookBroken("The workbook is damaged, or it is none. Save it again as .xlsx.") from None


def _value(cell: Any) -> Any:
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        return (FORMULA,)
    if cell.data_type == "e":
        return (f"It holds the error {value}.",)
    if isinstance(value, int) and not isinstance(value, bool) and re.fullmatch("0{2,}", cell.number_format):
        # Shown with leading zeros: a number of something, not an amount.
        return str(value).zfill(len(cell.number_format))
    if isinstance(value, (str, int, float, bool, datetime, date, time)):
        return value
    return ("It holds something that is neither text, number nor date.",)
