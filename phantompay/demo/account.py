"""Diary pages about the customer: numbers, consents, holds, wishes, contacts made by hand, notes."""

from collections.abc import Sequence
from typing import Any

from invoices.models import Channel, Consent, Contact, ContactPoint, Customer, Hold
from invoices.services.contact_points import contact_point_add, contact_point_mark_wrong
from invoices.services.contact_rules import (
    consent_record,
    contact_record,
    hold_lift,
    hold_set,
    note_add,
    wish_record,
)
from invoices.services.parties import customer_create
from phantompay.demo.money import Bill
from phantompay.demo.office import SOURCE, Made, Pages

PHONE = ContactPoint.Kind.PHONE


class Account(Pages):
    def opens_account(self, day: int = -360, *, terms: int = 30, exclude_from_dunning: bool = False) -> None:
        person = self.person

        def act() -> None:
            self.customer.made = customer_create(
                number=person["customer_number"],
                name=person["name"],
                kind=person.get("kind", Customer.Kind.PERSON),
                phone=person["phone"],
                phone_basis="",
                email=f"{person['name'].lower().replace(' ', '.')}@example.com",
                address=person["address"],
                city=person["city"],
                state=self.place.state,
                country=person["country"],
                time_zone=person["time_zone"],
                locale=self.place.locale,
                currency=self.place.currency,
                payment_terms_days=terms,
                exclude_from_dunning=exclude_from_dunning,
                birth_month=person.get("birth_month"),
                birth_day=person.get("birth_day"),
                source=SOURCE,
            )

        self.on(day, act)
        self.allows_calls(day, Consent.Basis.NUMBER_GIVEN, "Gave the number with the first order.")

    def allows_calls(self, day: int, basis: str, evidence: str, *, act: str = Consent.Act.GIVEN) -> None:
        """Consent to calls on the primary number, written down with the day on which it was given or revoked."""

        def write() -> None:
            customer = self.customer.row
            consent_record(
                customer=customer,
                contact_point=customer.contact_points.get(kind=PHONE, is_primary=True),
                channel=Channel.VOICE,
                act=act,
                basis=basis,
                evidence=evidence,
                captured_at=self.moment(day, 10),
                source=SOURCE,
                actor=self.office.clerk,
            )

        self.on(day, write)

    def has_number(self, day: int, value: str, *, place: str = "", line_type: str) -> Made[ContactPoint]:
        """Another number than the primary one; nobody has allowed calls to it."""
        point: Made[ContactPoint] = Made()

        def act() -> None:
            point.made = contact_point_add(
                customer=self.customer.row,
                kind=PHONE,
                value=value,
                place=place,
                line_type=line_type,
                source=SOURCE,
                actor=self.office.clerk,
            )

        self.on(day, act)
        return point

    def number_is_wrong(self, day: int, point: Made[ContactPoint]) -> None:
        self.on(
            day,
            lambda: contact_point_mark_wrong(contact_point=point.row, source=SOURCE, actor=self.office.clerk),
        )

    def is_held(self, day: int, kind: str, evidence: str) -> Made[Hold]:
        hold: Made[Hold] = Made()

        def act() -> None:
            hold.made = hold_set(
                customer=self.customer.row,
                kind=kind,
                evidence=evidence,
                starts_at=self.moment(day, 11),
                source=SOURCE,
                actor=self.office.clerk,
            )

        self.on(day, act)
        return hold

    def hold_is_lifted(self, day: int, hold: Made[Hold], reason: str) -> None:
        self.on(day, lambda: hold_lift(hold=hold.row, reason=reason, source=SOURCE, actor=self.office.clerk))

    def wishes(self, day: int, kind: str, said: str, **fields: Any) -> None:
        """`fields` are those of the kind of wish."""
        self.on(
            day,
            lambda: wish_record(
                customer=self.customer.row,
                kind=kind,
                said=said,
                source=SOURCE,
                actor=self.office.clerk,
                **fields,
            ),
        )

    def talks(
        self,
        day: int,
        outcome: str,
        note: str,
        *bills: Bill,
        direction: str = Contact.Direction.OUTBOUND,
        channel: str = Channel.VOICE,
    ) -> None:
        """A contact by hand. No bill named: about all that is owed."""
        self.on(
            day,
            lambda: contact_record(
                customer=self.customer.row,
                direction=direction,
                outcome=outcome,
                channel=channel,
                at=self.moment(day, 15),
                invoices=_rows(bills),
                note=note,
                source=SOURCE,
                actor=self.office.clerk,
            ),
        )

    def is_noted(self, day: int, text: str, bill: Bill | None = None) -> None:
        self.on(
            day,
            lambda: note_add(
                customer=self.customer.row,
                text=text,
                invoice=bill.row if bill else None,
                source=SOURCE,
                actor=self.office.clerk,
            ),
        )


def _rows(bills: Sequence[Bill]) -> list[Any]:
    return [bill.row for bill in bills]
