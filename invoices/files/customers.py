"""Customers from a file, by their number. A cell left empty leaves what is here as it is."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError

from invoices.files.columns import Column, Columns
from invoices.files.importer import Importer, Item, Outcome, customers_by_number, said
from invoices.files.values import ChoiceCell, CodeCell, DayCell, PhoneCell, SwitchCell, TextCell, WholeCell
from invoices.models import Consent, ContactPoint, Customer
from invoices.services.contact_points import contact_point_add
from invoices.services.parties import customer_create, customer_edit

DIFFERS = "The customer is here with another value, and this import corrects none."
NO_BASIS = "none"
BASES = [*Consent.Basis.choices, (NO_BASIS, "No ground")]
# What goes to the services as it stands.
PLAIN = (
    "name", "kind", "address", "city", "state", "postal_code", "country", "time_zone", "locale", "currency",
    "payment_terms_days", "exclude_from_dunning", "birth_month", "birth_day",
)  # fmt: skip
OTHERS = {"other_phone": ContactPoint.Kind.PHONE, "other_email": ContactPoint.Kind.EMAIL}


class CustomerColumns(Columns):
    customer_number = Column(
        CodeCell(), "Your number for the customer, once in a file.", example="C-0012", needed=True
    )
    name = Column(TextCell(), "Of the person or business.", example="Alice Walker", needed=True)
    kind = Column(ChoiceCell(Customer.Kind.choices), "person (if empty) or business.", example="person")
    phone = Column(
        PhoneCell(),
        "With its country, or as it is dialled in the row’s country.",
        example="+442079460107",
        needed=True,
    )
    phone_basis = Column(
        ChoiceCell(BASES),
        "Why it may be rung: number_given (if empty), oral, written, or none.",
        example="number_given",
    )
    other_phone = Column(PhoneCell(), "A second number, with no ground to ring it.")
    email = Column(TextCell(), "E-mail address.", example="alice@example.com")
    other_email = Column(TextCell(), "A second address.")
    address = Column(TextCell(), "Street and house.", example="12 Lantern Row")
    city = Column(TextCell(), "", example="London")
    state = Column(TextCell(), "State or county, where laws differ by it.")
    postal_code = Column(CodeCell(), "", example="N1 9GU")
    country = Column(TextCell(), "Its two letters.", example="GB", needed=True)
    time_zone = Column(TextCell(), "IANA name.", example="Europe/London", needed=True)
    locale = Column(TextCell(), "How amounts are written for them.", example="en_GB")
    currency = Column(TextCell(), "ISO code.", example="GBP")
    payment_terms_days = Column(WholeCell(), "Days to pay.", example="30")
    birth_date = Column(DayCell(), "Only its month and day are kept.", example="1985-02-28")
    birth_month = Column(WholeCell(), "In place of birth_date; with birth_day.")
    birth_day = Column(WholeCell(), "In place of birth_date; with birth_month.")
    exclude_from_dunning = Column(SwitchCell(), "yes: looked after by a human.", example="no")


class CustomerImporter(Importer):
    columns = CustomerColumns()
    key = "customer_number"
    permissions: ClassVar[tuple[str, ...]] = ("invoices.add_customer",)
    renamed: ClassVar[dict[str, str]] = {"number": "customer_number"}

    def look(self, items: Any) -> None:
        self.known = customers_by_number(said(items, self.key))

    def post(self, item: Item) -> Outcome:
        told = _told(item)
        number = told["customer_number"]
        here = self.known.get(number)
        if here is not None:
            return self._met(here, told)
        fields = {name: told[name] for name in PLAIN if name in told}
        basis = told.get("phone_basis")
        if basis is not None:
            fields["phone_basis"] = "" if basis == NO_BASIS else basis
        customer = customer_create(
            number=number, phone=told["phone"], email=told.get("email", ""), **fields, **self.who
        )
        for name in OTHERS:
            if name in told:
                self._add(customer, name, told[name])
        self.known[number] = customers_by_number([number])[number]
        return "new"

    def _met(self, here: Customer, told: dict[str, Any]) -> Outcome:
        """A customer who is here already: unchanged, corrected, or refused."""
        changes = {name: told[name] for name in PLAIN if name in told and told[name] != getattr(here, name)}
        if not (here.phone and here.phone.value == told["phone"]):
            changes["phone"] = told["phone"]
        if "email" in told and told["email"] != here.email:
            changes["email"] = told["email"]
        values = {point.value for point in here.contact_points.all()}
        more = [name for name in OTHERS if name in told and told[name] not in values]
        if not changes and not more:
            return "unchanged"
        if not self.corrects:
            raise ValidationError(
                dict.fromkeys(
                    [*changes, *more],
                    DIFFERS,
                )
            )
        if changes:
            basis = told.get("phone_basis")
            if basis is not None:
                changes["phone_basis"] = "" if basis == NO_BASIS else basis
            customer_edit(customer=here, **changes, **self.who)
        for name in more:
            self._add(here, name, told[name])
        self.known[here.number] = customers_by_number([here.number])[here.number]
        return "changed"

    def _add(self, customer: Customer, name: str, value: str) -> None:
        try:
            contact_point_add(customer=customer, kind=OTHERS[name], value=value, **self.who)
        except ValidationError as error:
            raise ValidationError({name: error.messages}) from None


def _told(item: Item) -> dict[str, Any]:
    """The row's values as the services name them."""
    told = dict(item.values)
    born = told.pop("birth_date", None)
    if born is not None:
        told.setdefault("birth_month", born.month)
        told.setdefault("birth_day", born.day)
        if (told["birth_month"], told["birth_day"]) != (born.month, born.day):
            raise ValidationError({"birth_date": "It is another day than birth_month and birth_day."})
    for name in ("email", "other_email"):
        if name in told:
            told[name] = told[name].lower()
    for name in ("country", "currency"):
        if name in told:
            told[name] = told[name].upper()
    return told
