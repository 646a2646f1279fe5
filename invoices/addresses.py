"""Telephone numbers and e-mail addresses as they are stored, and numbers as people read them."""

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from phonenumber_field.phonenumber import PhoneNumber, to_python

from invoices.fields import text_at

LONGEST_EMAIL = 254


def phone_at(name: str, value: PhoneNumber | str) -> str:
    """`value` in E.164. Raises ValidationError keyed by the field `name` for what is no number with its country."""
    number = to_python(text_at(name, value, longest=64, required=True) if isinstance(value, str) else value)
    if not number or not number.is_valid():
        raise ValidationError({name: "Enter a telephone number with its country, such as +12135550101."})
    return str(number.as_e164)


def email_at(name: str, value: str) -> str:
    """`value` in small letters, or empty. Raises ValidationError keyed by the field `name`."""
    address = text_at(name, value.lower(), longest=LONGEST_EMAIL)
    if address:
        try:
            validate_email(address)
        except ValidationError as error:
            raise ValidationError({name: error.messages}) from None
    return address


def phone_text(value: str) -> str:
    """A stored number with spaces, as it is read aloud: “+44 20 7946 0107”. What is no number stays as it is."""
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        return value
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
