"""The paper: A4, one font, a head, tables whose headings come again on every page, a foot with page numbers."""

from collections.abc import Iterable, Sequence

from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from invoices.documents.fonts import BOLD, FAMILY, REGULAR
from invoices.documents.issuer import Issuer
from invoices.documents.words import Words
from invoices.models import Customer

INK, PALE, SHADE = (24, 28, 36), (96, 102, 114), (243, 244, 247)
MARGIN = 18.0
LINE = 4.8
# In points: text, small print, headings of sections, the title.
TEXT, SMALL, SECTION, TITLE = 9.0, 7.5, 11.0, 19.0
# What is written of one name; longer ones are cut, so that no address fills a page.
LONGEST = 120


class Sheet(FPDF):
    """A document under way. `issuer` and `words` decide head and foot; `bytes_of` ends it."""

    def __init__(self, *, words: Words, issuer: Issuer, title: str) -> None:
        super().__init__(orientation="portrait", unit="mm", format="A4")
        self.words = words
        self.issuer = issuer
        self.add_font(FAMILY, "", REGULAR)
        self.add_font(FAMILY, "B", BOLD)
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=22)
        self.set_title(title)
        self.set_author(issuer.name)
        self.set_lang(words.locale.replace("_", "-"))
        # Set for the whole of it, or the first page would be cut by another width than the last.
        self.alias_nb_pages("{pages}")
        self.add_page()

    def footer(self) -> None:
        self.set_y(-14)
        self._pen(SMALL, colour=PALE)
        page = self.words.label("page", page=str(self.page_no()), pages="{pages}")
        self.cell(
            self.epw, LINE, "  ·  ".join(filter(None, [self.issuer.name[:LONGEST], page])), align=Align.L
        )

    def _pen(self, size: float = TEXT, *, bold: bool = False, colour: Sequence[int] = INK) -> None:
        self.set_font(FAMILY, "B" if bold else "", size)
        self.set_text_color(*colour)

    def line_of(self, text: str, *, size: float = TEXT, bold: bool = False, pale: bool = False) -> None:
        """One paragraph over the whole width."""
        self._pen(size, bold=bold, colour=PALE if pale else INK)
        height = max(LINE, size * 0.5)
        self.multi_cell(self.epw, height, text, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def head(self, title: str, mark: str = "") -> None:
        """Who issues it, to the right what it is; `mark` says that it is a draft, or void."""
        top = self.y
        self._pen(SECTION, bold=True)
        self.multi_cell(
            90, 5.5, self.issuer.name[:LONGEST], align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
        self._pen(SMALL, colour=PALE)
        for line in self.issuer.address:
            self.multi_cell(90, 3.8, line[:LONGEST], align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        below = self.y
        self.set_xy(MARGIN + 90, top)
        self._pen(TITLE, bold=True)
        self.multi_cell(self.epw - 90, 8, title, align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        if mark:
            self.set_x(MARGIN + 90)
            self._pen(SECTION, bold=True, colour=PALE)
            self.cell(self.epw - 90, 6, mark, align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(max(below, self.y) + 7)

    def parties(self, customer: Customer, facts: Iterable[tuple[str, str]], *, label: str = "") -> None:
        """To whom it goes, and to the right the facts of the document."""
        top = self.y
        if label:
            self._pen(SMALL, colour=PALE)
            self.cell(80, LINE, label, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        for place, line in enumerate(address_of(customer)):
            self._pen(TEXT, bold=place == 0)
            self.multi_cell(80, LINE, line[:LONGEST], align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        below = self.y
        self.set_y(top)
        for name, value in facts:
            self.set_x(MARGIN + 90)
            self._pen(TEXT, colour=PALE)
            self.cell(36, LINE, name, align=Align.L)
            self._pen(TEXT)
            self.multi_cell(
                self.epw - 126, LINE, value[:LONGEST], align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT
            )
        self.set_y(max(below, self.y) + 7)

    def section(self, title: str, *, room: float = 30) -> None:
        """A heading that is not left alone at the foot of a page."""
        if self.will_page_break(room):
            self.add_page()
        self.line_of(title, size=SECTION, bold=True)
        self.ln(1)

    def grid(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        widths: Sequence[int],
        numbers: Iterable[int],
        bold_rows: Iterable[int] = (),
    ) -> None:
        """A table. `numbers` are the columns that stand to the right, `bold_rows` the rows in bold, both from 0."""
        to_the_right, bold = set(numbers), set(bold_rows)
        aligned = [Align.R if place in to_the_right else Align.L for place in range(len(headings))]
        self._pen(SMALL)
        self.set_draw_color(205, 208, 215)
        with self.table(
            col_widths=tuple(widths),
            text_align=tuple(aligned),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(emphasis="BOLD", color=INK, fill_color=SHADE),
            line_height=4.4,
            padding=(1.1, 1.2),
        ) as table:
            table.row(headings)
            for place, row in enumerate(rows):
                table.row(row, style=FontFace(emphasis="BOLD") if place in bold else None)
        self.ln(4)

    def sums(self, rows: Sequence[tuple[str, str]], *, bold: Iterable[int] = ()) -> None:
        """Labels and amounts under each other at the right edge, kept on one page."""
        strong = set(bold)
        if self.will_page_break(len(rows) * 5.4 + 2):
            self.add_page()
        for place, (name, value) in enumerate(rows):
            self.set_x(MARGIN + 78)
            self._pen(TEXT, bold=place in strong)
            self.cell(48, 5.4, name, align=Align.L)
            self.cell(self.epw - 126, 5.4, value, align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(5)

    def payment(self, reference: str) -> None:
        """How to pay, where the house has said so."""
        if not self.issuer.payment:
            return
        self.section(self.words.label("payment"), room=12 + LINE * (len(self.issuer.payment) + 1))
        for line in self.issuer.payment:
            self.line_of(line)
        self.line_of(f"{self.words.label('reference')}: {reference}")

    def bytes_of(self) -> bytes:
        return bytes(self.output() or b"")


def address_of(customer: Customer) -> list[str]:
    """The lines of an envelope."""
    town = " ".join(filter(None, [customer.postal_code, customer.city]))
    lines = [customer.name, customer.address, town, customer.state, customer.country]
    return [line for line in lines if line]
