"""Diary pages about money: bills and what corrects them, payments and what is given back.

Amounts are shares of what is owed when the day comes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle

from invoices.models import Invoice, Payment
from invoices.money import amount_round
from invoices.services.credits import credit_note_issue
from invoices.services.documents import (
    Line,
    invoice_create,
    invoice_reissue,
    invoice_void,
    invoice_write_off,
)
from invoices.services.payments import (
    Instruction,
    payment_allocate,
    payment_fail,
    payment_record,
    payment_refund,
)
from phantompay.demo.goods import Goods
from phantompay.demo.office import SOURCE, Made, Pages

BANK, CARD, DEBIT = Payment.Method.BANK_TRANSFER, Payment.Method.CARD, Payment.Method.DIRECT_DEBIT
# Nothing is received later: what would be, is still awaited.
LAST_POSTING = -2


@dataclass
class Bill(Made[Invoice]):
    """An invoice that is issued on `day` and due on `due`."""

    day: int = 0
    due: int = 0

    @property
    def now(self) -> Invoice:
        """As it stands when the day is told."""
        return Invoice.objects.select_related("customer").get(pk=self.row.pk)


class Money(Pages):
    def bill(self, day: int, *goods: Goods, terms: int = 30, draft: bool = False) -> Bill:
        bill = Bill(day=day, due=day + terms)

        def act() -> None:
            bill.made = invoice_create(
                customer=self.customer.row,
                number=self.office.invoice_number(),
                currency=self.place.currency,
                issue_date=self.office.date(day),
                due_date=self.office.date(bill.due),
                lines=self._lines(goods),
                description=_title(goods),
                issue=not draft,
                source=SOURCE,
            )

        self.on(day, act)
        return bill

    def _lines(self, goods: Sequence[Goods]) -> list[Line]:
        return [
            Line(each.text, each.price, Decimal(each.quantity), self.place.tax_on(each)) for each in goods
        ]

    def bills(
        self, shelf: Sequence[Goods], *, every: int = 26, until: int = -62, terms: int = 30
    ) -> Iterator[Bill]:
        """A bill about every so many days, for the whole year until that day."""
        day = -358 + self.random.randrange(every)
        while day <= until:
            yield self.bill(day, *self._basket(shelf), terms=terms)
            day += every + self.random.randint(-2, 2)

    def _basket(self, shelf: Sequence[Goods]) -> list[Goods]:
        chosen = self.random.sample(list(shelf), self.random.randint(1, min(3, len(shelf))))
        return [
            Goods(each.text, each.price, self.random.randint(1, each.most), work=each.work) for each in chosen
        ]

    def pays_regularly(
        self,
        shelf: Sequence[Goods],
        *,
        late: Sequence[int],
        every: int = 26,
        until: int = -62,
        terms: int = 30,
        method: str = BANK,
    ) -> list[Bill]:
        """Bills for a year, each paid in full, `late` days after it was due, by turns."""
        bills = list(self.bills(shelf, every=every, until=until, terms=terms))
        for bill, days in zip(bills, cycle(late), strict=False):
            self.pays(bill.due + days, bill, method=method)
        return bills

    def pays(
        self,
        day: int,
        *bills: Bill,
        share: str = "1",
        extra: str = "0",
        method: str = BANK,
        pending: bool = False,
    ) -> Made[Payment]:
        """One payment for all of these, and `extra` beyond. What would come later than now is still awaited."""
        payment: Made[Payment] = Made()
        if day > LAST_POSTING:
            return payment

        def act() -> None:
            owing = [bill.now for bill in bills]
            owed = sum((each.balance_exact for each in owing), Decimal(0))
            amount = amount_round(owed * Decimal(share), self.place.currency) + Decimal(extra)
            payment.made = payment_record(
                customer=self.customer.row,
                currency=self.place.currency,
                amount=amount,
                received_on=self.office.date(day),
                method=method,
                reference=f"{method.split('_')[0].upper()}-{owing[0].number}",
                instructions=[] if pending else _instructions(owing, amount),
                pending=pending,
                source=SOURCE,
            )

        self.on(day, act)
        return payment

    def pays_again(self, day: int, payment: Made[Payment]) -> Made[Payment]:
        """The same amount a second time, by mistake."""
        again: Made[Payment] = Made()

        def act() -> None:
            first = payment.row
            again.made = payment_record(
                customer=self.customer.row,
                currency=first.currency,
                amount=first.amount,
                received_on=self.office.date(day),
                method=first.method,
                reference=first.reference,
                source=SOURCE,
            )

        self.on(day, act)
        return again

    def payment_fails(self, day: int, payment: Made[Payment], reason: str) -> None:
        self.on(day, lambda: payment_fail(payment=payment.row, reason=reason, source=SOURCE))

    def is_refunded(self, day: int, payment: Made[Payment], reason: str) -> None:
        self.on(
            day,
            lambda: payment_refund(
                payment=payment.row,
                amount=payment.row.amount,
                refunded_on=self.office.date(day),
                reason=reason,
                source=SOURCE,
            ),
        )

    def credit_is_used(self, day: int, payment: Made[Payment], bill: Bill) -> None:
        self.on(
            day,
            lambda: payment_allocate(
                payment=payment.row, instructions=[Instruction(bill.now)], source=SOURCE
            ),
        )

    def is_credited(self, day: int, bill: Bill, share: str, reason: str, note: str) -> None:
        """A credit note over that share of the whole bill."""

        def act() -> None:
            invoice = bill.now
            credit_note_issue(
                invoice=invoice,
                number=self.office.credit_note_number(),
                amount=amount_round(invoice.total * Decimal(share), invoice.currency),
                reason=reason,
                issued_on=self.office.date(day),
                note=note,
                source=SOURCE,
                actor=self.office.clerk,
            )

        self.on(day, act)

    def is_voided(self, day: int, bill: Bill, reason: str) -> None:
        self.on(
            day,
            lambda: invoice_void(invoice=bill.now, reason=reason, source=SOURCE, actor=self.office.clerk),
        )

    def is_written_off(self, day: int, bill: Bill, reason: str) -> None:
        self.on(
            day,
            lambda: invoice_write_off(
                invoice=bill.now, reason=reason, source=SOURCE, actor=self.office.clerk
            ),
        )

    def is_reissued(self, day: int, bill: Bill, *goods: Goods, terms: int = 30, reason: str) -> Bill:
        """Voided, with another bill in its place."""
        new = Bill(day=day, due=day + terms)

        def act() -> None:
            new.made = invoice_reissue(
                invoice=bill.now,
                number=self.office.invoice_number(),
                reason=reason,
                lines=self._lines(goods),
                issue_date=self.office.date(day),
                due_date=self.office.date(new.due),
                description=_title(goods),
                source=SOURCE,
                actor=self.office.clerk,
            )

        self.on(day, act)
        return new


def _instructions(owing: Sequence[Invoice], amount: Decimal) -> list[Instruction]:
    """Each in turn, as far as the amount goes."""
    named = []
    for invoice in owing:
        if amount > 0:
            named.append(Instruction(invoice))
        amount -= invoice.balance
    return named


def _title(goods: Sequence[Goods]) -> str:
    return goods[0].text if len(goods) == 1 else f"{goods[0].text} and more"
