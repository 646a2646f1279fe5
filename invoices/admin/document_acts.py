"""What can be done with an invoice: made, corrected while a draft, issued, credited, voided, written off, reissued."""

from typing import Any

from django import forms

from invoices.admin import form_fields as fields
from invoices.admin.acts import Act, ActForm, KeyedForm, in_states
from invoices.models import CreditNote, Customer, Invoice
from invoices.services.credits import CREDITABLE, credit_note_issue
from invoices.services.documents import (
    Line,
    invoice_create,
    invoice_draft_edit,
    invoice_issue,
    invoice_reissue,
    invoice_void,
    invoice_write_off,
)
from invoices.states import INVOICE_TRANSITIONS, sources_of
from invoices.templatetags.ledger import plain

Status = Invoice.Status


class LineForm(forms.Form):
    description = fields.text("Description")
    quantity = fields.amount("Quantity (1)", required=False)
    unit_price = fields.amount("Price of one")
    tax_rate = fields.amount("Tax in percent", required=False)


class WithLines(KeyedForm):
    row_form, rows_name, rows_title = LineForm, "lines", "Lines"
    rows_help = "Tax is added to each line. Empty a row to leave it out."

    @property
    def lines(self) -> list[Line]:
        return [
            Line(
                description=each["description"],
                quantity=each["quantity"] or "1",
                unit_price=each["unit_price"],
                tax_rate=each["tax_rate"] or "0",
            )
            for each in self.given_rows
        ]


class InvoiceForm(WithLines):
    customer = fields.picked("Customer", Customer, Invoice._meta.get_field("customer"))
    number = fields.text("Number", longest=32)
    currency = fields.text("Currency", longest=3, help_text="Its code, such as USD.")
    issue_date = fields.day("Issue date", today=True)
    due_date = fields.day("Due date", required=False, help_text="Without one the customer’s terms decide.")
    description = fields.text("Description", required=False, help_text="What it is for, in a few words.")
    total = fields.amount(
        "Total", required=False, help_text="Enough for an invoice without lines. With lines it must agree."
    )
    issue = fields.switch("Issue at once", initial=True, help_text="Otherwise it is a draft.")

    def post(self, **who: Any) -> Invoice:
        data = self.cleaned_data
        return invoice_create(
            customer=data["customer"],
            number=data["number"],
            currency=data["currency"],
            issue_date=data["issue_date"],
            due_date=data["due_date"],
            total=data["total"] or None,
            lines=self.lines,
            description=data["description"],
            issue=data["issue"],
            idempotency_key=self.key,
            **who,
        )


def _lines_of(invoice: Invoice) -> list[dict[str, Any]]:
    return [
        {
            "description": line.description,
            "quantity": plain(line.quantity),
            "unit_price": plain(line.unit_price),
            "tax_rate": plain(line.tax_rate),
        }
        for line in invoice.lines.all()
    ]


class DraftForm(WithLines):
    """The lines on the page take the place of those that were."""

    issue_date = fields.day("Issue date")
    due_date = fields.day("Due date")
    description = fields.text("Description", required=False)

    def prepare(self) -> None:
        for name in ("issue_date", "due_date", "description"):
            self.fields[name].initial = getattr(self.row, name)

    def first_rows(self) -> list[dict[str, Any]]:
        return _lines_of(self.row)

    def post(self, **who: Any) -> Invoice:
        data = self.cleaned_data
        return invoice_draft_edit(
            invoice=self.row,
            lines=self.lines or None,
            issue_date=data["issue_date"],
            due_date=data["due_date"],
            description=data["description"],
            **who,
        )


class IssueForm(ActForm):
    def post(self, **who: Any) -> Invoice:
        return invoice_issue(invoice=self.row, **who)


class VoidForm(ActForm):
    reason = fields.reason()

    def post(self, **who: Any) -> Invoice:
        return invoice_void(invoice=self.row, reason=self.cleaned_data["reason"], **who)


class WriteOffForm(ActForm):
    reason = fields.reason()

    def post(self, **who: Any) -> Invoice:
        return invoice_write_off(invoice=self.row, reason=self.cleaned_data["reason"], **who)


class ReissueForm(WithLines):
    number = fields.text("New number", longest=32)
    issue_date = fields.day("Issue date", today=True)
    due_date = fields.day("Due date", required=False, help_text="Without one the customer’s terms decide.")
    description = fields.text("Description", required=False)
    reason = fields.reason("Why the old one is void")

    def prepare(self) -> None:
        self.fields["description"].initial = self.row.description

    def first_rows(self) -> list[dict[str, Any]]:
        return _lines_of(self.row)

    def post(self, **who: Any) -> Invoice:
        data = self.cleaned_data
        return invoice_reissue(
            invoice=self.row,
            number=data["number"],
            reason=data["reason"],
            lines=self.lines,
            issue_date=data["issue_date"],
            due_date=data["due_date"],
            description=data["description"],
            **who,
        )


class CreditForm(KeyedForm):
    number = fields.text("Number of the credit note", longest=32)
    amount = fields.amount()
    reason = fields.choice("Why", CreditNote.Reason.choices)
    issued_on = fields.day("Issued on", today=True)
    note = fields.text("Note", required=False)

    def prepare(self) -> None:
        self.fields["amount"].initial = self.row.balance_exact or None

    def post(self, **who: Any) -> CreditNote:
        data = self.cleaned_data
        return credit_note_issue(
            invoice=self.row,
            number=data["number"],
            amount=data["amount"],
            reason=data["reason"],
            issued_on=data["issued_on"],
            note=data["note"],
            idempotency_key=self.key,
            **who,
        )


NEW_INVOICE = Act(
    "create", "New invoice", InvoiceForm, ("invoices.add_invoice",), "The invoice is made.", opens_made=True
)
# Who may make an invoice may finish its draft; what was issued is another matter.
FINISH, CORRECT = ("invoices.add_invoice",), ("invoices.change_invoice",)
draft = in_states(Status.DRAFT)
INVOICE_ACTS = (
    Act("edit", "Correct the draft", DraftForm, FINISH, "The draft is corrected.", draft),
    Act(
        "issue",
        "Issue",
        IssueForm,
        FINISH,
        "The invoice is issued.",
        draft,
        "From then on it stays as it is.",
    ),
    Act(
        "credit",
        "Issue a credit note",
        CreditForm,
        ("invoices.add_creditnote",),
        "The credit note is issued.",
        in_states(*CREDITABLE),
        "It takes back a part or all of the invoice. What was paid beyond becomes the customer’s credit.",
    ),
    Act(
        "reissue",
        "Void and reissue",
        ReissueForm,
        CORRECT,
        "The invoice is void; this one is in its place.",
        in_states(Status.OPEN, Status.UNCOLLECTIBLE),
        "What was paid for the old invoice is put to the new one.",
        danger=True,
        opens_made=True,
    ),
    Act(
        "write-off",
        "Write off",
        WriteOffForm,
        CORRECT,
        "The invoice is written off.",
        in_states(*sources_of(INVOICE_TRANSITIONS, Status.UNCOLLECTIBLE)),
        "It is given up as uncollectible. A payment can still settle it.",
        danger=True,
    ),
    Act(
        "void",
        "Void",
        VoidForm,
        CORRECT,
        "The invoice is void.",
        in_states(*sources_of(INVOICE_TRANSITIONS, Status.VOID)),
        "It should never have been: nothing is owed. What was paid becomes the customer’s credit.",
        danger=True,
    ),
)
