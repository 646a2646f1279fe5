"""Files as office programs write them: encodings, delimiters, quotes, spreadsheets' habits."""

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest
from openpyxl import Workbook

from invoices.files.kinds import columns_of, header_of, reads_of
from invoices.files.reading import FileRefused, layout_find
from invoices.files.values import AmountCell, DayCell, Rules, amount_read

HEADER = "customer_number,name,phone,country,time_zone"
RULES = Rules()
ROW = "C-1,Zoë Müller,+442079460107,GB,Europe/London"


def read(data, name="customers.csv", kind="customers", rules=RULES):
    """(values, problems) of each row."""
    file = io.BytesIO(data)
    columns = columns_of(kind)
    layout = layout_find(file, name=name, known=columns.known())
    header_of(file, layout, columns)
    return list(reads_of(file, layout, columns, rules))


def one(data, **how):
    [row] = read(data, **how)
    return row


def workbook(*rows, formats=None):
    book = Workbook()
    for cells in rows:
        book.active.append(cells)
    for cell, number_format in (formats or {}).items():
        book.active[cell].number_format = number_format
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_encoding_and_delimiter_reads_the_same(encoding, delimiter):
    text = f"{HEADER}\r\n{ROW}\r\n".replace(",", delimiter)
    row = one(text.encode(encoding))
    assert (row.values["name"], row.values["time_zone"], row.problems) == ("Zoë Müller", "Europe/London", [])


def test_excels_line_about_its_delimiter_is_no_header():
    row = one(f"sep=;\r\n{HEADER}\r\n{ROW}\r\n".replace(",", ";").encode())
    assert (row.number, row.values["customer_number"]) == (3, "C-1")


def test_a_cell_with_line_breaks_is_one_row_and_rows_keep_their_numbers():
    data = f'{HEADER},address\n{ROW},"12 Lantern Row\r\nLondon"\n,,,,,\n{ROW},x\n'.encode()
    assert [(row.number, row.values["address"]) for row in read(data)] == [
        (2, "12 Lantern Row\r\nLondon"),
        (4, "x"),
    ]


def test_headings_are_read_as_people_write_them():
    assert one(f"Customer Number,NAME,Phone,Country,Time-Zone\n{ROW}\n".encode()).problems == []


def test_leading_zeros_stay():
    assert (
        one(f"{HEADER}\n0012,A,+442079460107,GB,Europe/London\n".encode()).values["customer_number"] == "0012"
    )
    cells = [[*HEADER.split(",")], [12, "A", "+442079460107", "GB", "Europe/London"]]
    row = one(workbook(*cells, formats={"A2": "00000"}), name="a.xlsx")
    assert row.values["customer_number"] == "00012"


@pytest.mark.parametrize("shortened", ["4.9E+11", "4,91713E+11", "4.4208E+11"])
def test_a_number_that_excel_has_shortened_is_refused_by_its_reason(shortened):
    lines = [HEADER.replace(",", ";"), f"C-1;A;{shortened};GB;Europe/London"]
    row = one("\n".join(lines).encode())
    [problem] = row.problems
    assert (problem.row, problem.column) == (2, "phone")
    assert "shortened" in problem.reason and "text" in problem.reason


@pytest.mark.parametrize("phone", ["020 7946 0107", "442079460107", "+44 20 7946 0107", "'+442079460107"])
def test_a_telephone_number_may_be_written_as_in_its_country(phone):
    assert one(f"{HEADER}\nC-1,A,{phone},GB,Europe/London\n".encode()).values["phone"] == "+442079460107"


def test_a_telephone_number_of_no_country_is_refused():
    assert one(f"{HEADER}\nC-1,A,12345,GB,Europe/London\n".encode()).problems[0].column == "phone"


def test_a_workbook_reads_like_its_csv_and_computes_nothing():
    cells = [
        ["invoice_number", "customer_number", "currency", "total", "issue_date", "due_date"],
        ["INV-1", 77, "GBP", 1234.5, date(2026, 3, 1), datetime(2026, 3, 31, 0, 0)],
        ["INV-2", "77", "GBP", "=D2*2", 46082, "2026-03-31"],
    ]
    first, second = read(workbook(*cells), name="a.xlsx", kind="invoices")
    assert first.problems == []
    assert first.values == {
        "invoice_number": "INV-1",
        "customer_number": "77",
        "currency": "GBP",
        "total": Decimal("1234.5"),
        "issue_date": date(2026, 3, 1),
        "due_date": date(2026, 3, 31),
    }
    assert [(each.column, "formula" in each.reason) for each in second.problems] == [("total", True)]
    assert second.values["issue_date"] == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "a.csv", "empty"),
        (b"\n\n", "a.csv", "empty"),
        (b"PK\x03\x04 and so on", "a.csv", "another name"),
        (b"a,b\n", "a.xlsx", "no Excel workbook"),
        (b"PK\x03\x04 and so on", "a.xlsx", "damaged"),
        (b"\xd0\xcf\x11\xe0rest", "a.xls", "old Excel"),
        (b"\x81\x8d\x8f,\x90", "a.csv", "neither UTF-8"),
        (f"{HEADER},name\n".encode(), "a.csv", "there twice"),
        (b"customer_number,name,phone\n", "a.csv", "Missing: country, time_zone"),
    ],
)
def test_what_is_no_such_file_is_refused_with_the_reason(data, name, reason):
    with pytest.raises(FileRefused, match=reason):
        read(data, name=name)


def test_quotation_marks_that_do_not_match_are_told_by_row():
    with pytest.raises(FileRefused, match="Row 3"):
        read(f'{HEADER}\n{ROW}\n"C-2,B\n'.encode())


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1.234,56", "comma", "1234.56"),
        ("1,234.56", "point", "1234.56"),
        ("1.234,56", "auto", "1234.56"),
        ("1,234.56", "auto", "1234.56"),
        ("1234,5", "auto", "1234.5"),
        ("1.234", "comma", "1234"),
        ("1.234", "point", "1.234"),
        ("1 234 567,89", "comma", "1234567.89"),
        ("1'234.50", "point", "1234.50"),
        ("0.125", "auto", "0.125"),
        ("120", "auto", "120"),
    ],
)
def test_an_amount_is_read_by_the_rule_that_was_chosen(text, mark, value):
    assert amount_read(text, mark) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("1.234", "auto"),
        ("1,234", "auto"),
        ("1.234,56", "point"),
        ("1,234.56", "comma"),
        ("1,23", "point"),
        ("12,34,56", "auto"),
        ("1.2E+05", "point"),
        ("£120", "point"),
        ("NaN", "point"),
        ("1e400", "point"),
        ("١٢٠", "point"),
        ("0,125", "point"),
    ],
)
def test_an_amount_that_the_rule_gives_no_one_meaning_is_refused(text, mark):
    with pytest.raises(ValueError, match=text[:2]):
        amount_read(text, mark)


def test_a_number_of_the_spreadsheet_is_what_excel_shows():
    assert AmountCell().clean(0.1 + 0.2) == Decimal("0.3")


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2026-03-04", "iso", date(2026, 3, 4)),
        ("2026-03-04 00:00:00", "iso", date(2026, 3, 4)),
        ("46085", "iso", date(2026, 3, 4)),
        ("04.03.2026", "day", date(2026, 3, 4)),
        ("3/4/2026", "month", date(2026, 3, 4)),
        ("04/03/2026", "iso", None),
        ("31.02.2026", "day", None),
        ("03/04/26", "month", None),
        ("soon", "day", None),
    ],
)
def test_days_are_read_by_the_order_that_was_chosen(text, order, day):
    rules = Rules(day_order=order)
    if day:
        assert DayCell().clean(text, {}, rules=rules) == day
    else:
        with pytest.raises(ValueError, match=text):
            DayCell().clean(text, {}, rules=rules)


CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def as_excel_writes(*rows):
    """A workbook whose texts stand in a table of their own, each once, as Excel's do; the smallest that there is."""
    texts = list(dict.fromkeys(cell for row in rows for cell in row))
    cells = [
        "<row>" + "".join(f'<c t="s"><v>{texts.index(cell)}</v></c>' for cell in row) + "</row>"
        for row in rows
    ]
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{CONTENT}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{CONTENT}.worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{CONTENT}.sharedStrings+xml"/></Types>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
        '<sheets><sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(cells)}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">'
        + "".join(f"<si><r><t>{text[:1]}</t></r><r><t>{text[1:]}</t></r></si>" for text in texts)
        + "</sst>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


def test_texts_that_a_workbook_keeps_apart_are_read():
    cells = ["C-1", "Zoë Müller", "+442079460107", "GB", "Europe/London"]
    first, second = read(
        as_excel_writes(HEADER.split(","), cells, [*cells[:1], "B", *cells[2:]]), name="a.xlsx"
    )
    assert (first.values["name"], second.values["name"], second.values["phone"]) == (
        "Zoë Müller",
        "B",
        "+442079460107",
    )


def test_a_workbook_that_names_a_text_it_has_not_is_damaged():
    data = as_excel_writes(HEADER.split(","))
    source = zipfile.ZipFile(io.BytesIO(data))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in source.namelist():
            archive.writestr(name, source.read(name).replace(b"<v>4</v>", b"<v>77</v>"))
    with pytest.raises(FileRefused, match="damaged"):
        read(file.getvalue(), name="a.xlsx")
