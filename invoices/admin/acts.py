"""Acts: what staff can do to a row, each with a page of its own that asks, and posts through one service."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Model

from invoices.services.idempotency import KeyReused

SOURCE = "staff"
SENT_BEFORE = (
    "This page was sent before with other content. Open it again, and look at what is there already."
)
JUST_NOW = "Somebody else has written the same just now. Open the page again."
MOST_ROWS = 200


class ActForm(forms.Form):
    """What an act asks for. `post` hands it to the service; what the service refuses is shown at its field."""

    # The service's name of an argument, where this form's field has another.
    shown_at: ClassVar[dict[str, str]] = {}
    # A table of rows below the fields: what one row asks for, the service's name for all, and the heading.
    row_form: ClassVar[type[forms.Form] | None] = None
    rows_name: ClassVar[str] = ""
    rows_title: ClassVar[str] = ""
    rows_help: ClassVar[str] = ""
    rows_empty: ClassVar[int] = 3

    def __init__(self, data: Any = None, *, row: Any = None) -> None:
        super().__init__(data)
        self.row = row
        self.rows_errors: list[str] = []
        self.rows: Any = None
        if self.row_form is not None:
            self.rows = self._formset(data)
        self.prepare()

    def prepare(self) -> None:
        """Set the choices and first values that depend on the row."""

    def post(self, **who: Any) -> Model:
        """Call the service; answers what it made or changed."""
        raise NotImplementedError

    def first_rows(self) -> list[dict[str, Any]]:
        """The rows that are there when the page is opened."""
        return []

    def _formset(self, data: Any) -> Any:
        first = [] if data is not None else self.first_rows()
        kind: Any = forms.formset_factory(
            self.row_form or forms.Form, extra=self.rows_empty, max_num=MOST_ROWS, validate_max=True
        )
        if data is not None and f"{self.rows_name}-TOTAL_FORMS" not in data:
            data = {f"{self.rows_name}-TOTAL_FORMS": "0", f"{self.rows_name}-INITIAL_FORMS": "0"}
        return kind(data, initial=first, prefix=self.rows_name)

    @property
    def given_rows(self) -> list[dict[str, Any]]:
        """What was entered into the table; rows left empty are none."""
        return [form.cleaned_data for form in self.rows if form.has_changed()]

    def is_valid(self) -> bool:
        rows_fit = self.rows is None or self.rows.is_valid()
        return super().is_valid() and rows_fit

    def hand_over(self, **who: Any) -> Model | None:
        """`post`, or None with the refusal in this form's errors."""
        try:
            return self.post(**who)
        except ValidationError as error:
            self._refuse(error)
        except KeyReused:
            self.add_error(None, SENT_BEFORE)
        except IntegrityError:
            self.add_error(None, JUST_NOW)
        return None

    def _refuse(self, error: ValidationError) -> None:
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, texts in error.message_dict.items():
            field = self.shown_at.get(name, name)
            if self.rows is not None and name == self.rows_name:
                self.rows_errors += texts
            else:
                self.add_error(field if field in self.fields else None, texts)


def fresh_key() -> str:
    return str(uuid4())


class KeyedForm(ActForm):
    """For acts that make something: the page carries a key, so that a double click posts once."""

    idempotency_key = forms.CharField(max_length=100, initial=fresh_key, widget=forms.HiddenInput)

    @property
    def key(self) -> str:
        return str(self.cleaned_data["idempotency_key"])


def always(row: Any) -> bool:
    return True


@dataclass(frozen=True)
class Act:
    """One thing that staff can do, to a row or to make one."""

    # In the address.
    name: str
    title: str
    form: type[ActForm]
    # All of these are needed: "invoices.add_refund".
    permissions: tuple[str, ...]
    done: str
    offered: Callable[[Any], bool] = always
    intro: str = ""
    # Not taken back easily.
    danger: bool = False
    # Afterwards the page of what was made is shown, not the row's.
    opens_made: bool = False

    def may(self, user: AbstractBaseUser | AnonymousUser) -> bool:
        return isinstance(user, PermissionsMixin) and user.has_perms(self.permissions)


def in_states(*states: str) -> Callable[[Any], bool]:
    """Offered while the row's status is one of these."""
    return lambda row: row.status in states
