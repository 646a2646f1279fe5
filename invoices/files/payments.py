"""Payments from a file, by their reference: the number that the bank has for the transaction.

A reference is posted once, whatever file names it. The same payment again is “unchanged”, another is refused.
"""

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError

from invoices.files.columns import Column, Columns
from invoices.files.importer import (
    Importer,
    Item,
    Outcome,
    conflicts_refuse,
    customers_by_number,
    invoices_by_number,
    said,
)
from invoices.files.values import AmountCell, ChoiceCell, CodeCell, DayCell, Rules, TextCell, amount_read
from invoices.models import Customer, Invoice, Payment
from invoices.money import amount_exact
from invoices.services.idempotency import KeyReused
from invoices.services.payments import Instruction, payment_record

Named = list[tuple[str, Decimal | None]]


class InstructionCell(TextCell):
    """“INV-1=50.00 | INV-2”: (invoice number, amount or None for all that it owes) each."""

    def understood(self, text: str, row: Any, rules: Rules) -> Named:
        named: Named = []
        for part in text.split("|"):
            number, equals, amount = part.strip().rpartition("=")
            if not equals:
                number, amount = amount, ""
            if not number.strip():
                raise ValueError("Name invoices such as: INV-1=50.00 | INV-2")
            named.append(
                (number.strip(), amount_read(amount.strip(), rules.decimal_mark) if equals else None)
            )
        return named


class PaymentColumns(Columns):
    told_only = frozenset({"status", "unallocated", "customer_name"})
    one_of = ("customer_number", "invoices")
    reference = Column(
        CodeCell(), "The bank’s number of the transaction; posted once.", example="BANK-77121", needed=True
    )
    customer_number = Column(CodeCell(), "Who paid. May be empty where invoices are named.", example="C-0012")
    currency = Column(TextCell(), "ISO code.", example="GBP", needed=True)
    amount = Column(AmountCell(), "", example="500.00", needed=True)
    received_on = Column(DayCell(), "The day it reached you.", example="2026-04-02", needed=True)
    method = Column(
        ChoiceCell(Payment.Method.choices),
        "bank_transfer (if empty), card, cheque, …",
        example="bank_transfer",
    )
    invoices = Column(
        InstructionCell(),
        "What it is for: INV-1=50.00 | INV-2. The rest, or all without this, goes to what is oldest due.",
        example="INV-2041",
    )


class PaymentImporter(Importer):
    columns = PaymentColumns()
    key = "reference"
    permissions: ClassVar[tuple[str, ...]] = ("invoices.add_payment",)
    renamed: ClassVar[dict[str, str]] = {"instructions": "invoices"}

    def look(self, items: Sequence[Item]) -> None:
        named = {number for item in items for number, _ in item.values.get("invoices", [])}
        self.invoices = invoices_by_number(named)
        self.customers = customers_by_number(said(items, "customer_number"))
        self.known: dict[str, Payment] = {}
        found = Payment.objects.filter(reference__in=said(items, self.key)).select_related("customer")
        for payment in found.order_by("-id"):
            self.known[payment.reference] = payment

    def post(self, item: Item) -> Outcome:
        told = item.values
        reference, currency = told["reference"], told["currency"].upper()
        instructions = [self._instruction(*each) for each in told.get("invoices", [])]
        customer = self._customer(told, instructions)
        here = self.known.get(reference)
        if here is not None:
            conflicts_refuse(
                "payment",
                {
                    "customer_number": (here.customer.number, customer.number),
                    "currency": (here.currency, currency),
                    "amount": (amount_exact(here.amount, here.currency), told["amount"]),
                    "received_on": (here.received_on, told["received_on"]),
                    "method": (here.method, told.get("method")),
                },
            )
            return "unchanged"
        try:
            payment = payment_record(
                customer=customer,
                currency=currency,
                amount=told["amount"],
                received_on=told["received_on"],
                method=told.get("method", Payment.Method.BANK_TRANSFER),
                reference=reference,
                instructions=instructions,
                # Of the reference alone: two files with the same payment, imported at the same moment, post it once.
                idempotency_key=f"import:{hashlib.sha256(reference.encode()).hexdigest()}",
                **self.who,
            )
        except KeyReused:
            raise ValidationError(
                {"reference": "A payment with this reference is here with other values."}
            ) from None
        self.known[reference] = payment
        return "new"

    def _instruction(self, number: str, amount: Decimal | None) -> Instruction:
        invoice = self.invoices.get(number)
        if invoice is None:
            raise ValidationError({"invoices": f"No invoice has the number {number}."})
        return Instruction(invoice, amount)

    def _customer(self, told: dict[str, Any], instructions: list[Instruction]) -> Customer:
        number = told.get("customer_number")
        if number is not None:
            if number not in self.customers:
                raise ValidationError({"customer_number": "No customer has this number."})
            return self.customers[number]
        if not instructions:
            raise ValidationError({"customer_number": "Name the customer, or the invoices."})
        return _payer(instructions[0].invoice)


def _payer(invoice: Invoice) -> Customer:
    return invoice.customer
