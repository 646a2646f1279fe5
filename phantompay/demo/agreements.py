"""Diary pages about what was agreed and what is contested: promises, plans, disputes."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from invoices.agreement_selectors import Agreement
from invoices.models import Dispute, PaymentPlan, PromiseToPay
from invoices.money import amount_round
from invoices.services.disputes import dispute_open, dispute_reject, dispute_uphold, dispute_withdraw
from invoices.services.judging import judge
from invoices.services.plans import Part, plan_create
from invoices.services.promises import promise_cancel, promise_record
from phantompay.demo.money import Bill
from phantompay.demo.office import SOURCE, Made, Pages


class Agreements(Pages):
    def promises(
        self, day: int, *bills: Bill, by: int, share: str = "1", method: str = ""
    ) -> Made[PromiseToPay]:
        """To pay that share of what these owe, until the day `by`."""
        promise: Made[PromiseToPay] = Made()

        def act() -> None:
            owing = [bill.now for bill in bills]
            amount = sum((each.balance for each in owing), Decimal(0)) * Decimal(share)
            promise.made = promise_record(
                invoices=owing,
                amount=amount_round(amount, self.place.currency),
                due_date=self.office.date(by),
                today=self.office.date(day),
                method=method,
                source=SOURCE,
                actor=self.office.clerk,
            )

        self.on(day, act)
        self._judged(by, lambda today: judge(promises=_again(promise), today=today, source=SOURCE))
        return promise

    def _judged(self, due: int, judged_on: Callable[[date], object]) -> None:
        """On the morning after the day `due`, unless that is still to come."""
        if due < 0:
            self.on(due + 1, lambda: judged_on(self.office.date(due + 1)))

    def takes_back(self, day: int, promise: Made[PromiseToPay], reason: str) -> None:
        self.on(
            day,
            lambda: promise_cancel(
                promise=promise.row, reason=reason, source=SOURCE, actor=self.office.clerk
            ),
        )

    def agrees_on_a_plan(self, day: int, *bills: Bill, due: Sequence[int]) -> Made[PaymentPlan]:
        """All that these owe in equal parts, due on those days; the last part is what is left."""
        plan: Made[PaymentPlan] = Made()

        def act() -> None:
            owing = [bill.now for bill in bills]
            total = sum((each.balance_exact for each in owing), Decimal(0))
            part = amount_round(total / len(due), self.place.currency)
            amounts = [part] * (len(due) - 1)
            amounts.append(total - sum(amounts, Decimal(0)))
            plan.made = plan_create(
                invoices=owing,
                parts=[
                    Part(self.office.date(when), amount) for when, amount in zip(due, amounts, strict=True)
                ],
                today=self.office.date(day),
                source=SOURCE,
                actor=self.office.clerk,
            )

        self.on(day, act)
        for each in due:
            self._judged(each, lambda today: judge(plans=_again(plan), today=today, source=SOURCE))
        return plan

    def disputes(
        self, day: int, bill: Bill, reason: str, description: str, *, share: str = "1", evidence: str = ""
    ) -> Made[Dispute]:
        dispute: Made[Dispute] = Made()

        def act() -> None:
            invoice = bill.now
            dispute.made = dispute_open(
                invoice=invoice,
                reason=reason,
                amount=amount_round(invoice.balance * Decimal(share), invoice.currency),
                description=description,
                evidence=evidence,
                source=SOURCE,
                actor=self.office.clerk,
            )

        self.on(day, act)
        return dispute

    def dispute_is_upheld(self, day: int, dispute: Made[Dispute], resolution: str) -> None:
        """By a credit note over what was disputed."""
        self.on(
            day,
            lambda: dispute_uphold(
                dispute=dispute.row,
                credit_note_number=self.office.credit_note_number(),
                resolution=resolution,
                issued_on=self.office.date(day),
                source=SOURCE,
                actor=self.office.clerk,
            ),
        )

    def dispute_is_rejected(self, day: int, dispute: Made[Dispute], resolution: str) -> None:
        self.on(
            day,
            lambda: dispute_reject(
                dispute=dispute.row, resolution=resolution, source=SOURCE, actor=self.office.clerk
            ),
        )

    def takes_dispute_back(self, day: int, dispute: Made[Dispute], resolution: str) -> None:
        self.on(
            day,
            lambda: dispute_withdraw(
                dispute=dispute.row, resolution=resolution, source=SOURCE, actor=self.office.clerk
            ),
        )


def _again(agreement: Made[Agreement]) -> list[Agreement]:
    """As it stands by then; nothing, where it was decided before."""
    undecided = [PromiseToPay.Status.OPEN, PaymentPlan.Status.ACTIVE]
    rows = type(agreement.row)._default_manager.filter(pk=agreement.row.pk, status__in=undecided)
    return list(rows)
