"""How customers' numbers and wishes are written on pages."""

from django import template
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format

from invoices.addresses import phone_text
from invoices.models import ContactPoint, Wish

register = template.Library()


@register.filter
def point_text(point: ContactPoint) -> str:
    """A number as it is read aloud; an address as it is."""
    return phone_text(point.value) if point.kind == ContactPoint.Kind.PHONE else point.value


@register.filter
def wish_text(wish: Wish) -> str:
    """What the wish forbids or asks for, in one phrase."""
    match wish.kind:
        case Wish.Kind.NOT_AT_PLACE:
            return f"Not at {wish.get_place_display().lower()}"
        case Wish.Kind.NOT_THIS_NUMBER if wish.contact_point is not None:
            return f"Not on {point_text(wish.contact_point)}"
        case Wish.Kind.NOT_BEFORE if wish.not_before is not None:
            return f"Not before {date_format(wish.not_before, 'j M Y, H:i e')}"
        case Wish.Kind.ONLY_BY:
            return f"Only by {wish.get_channel_display().lower()}"
        case Wish.Kind.NOT_BY:
            return f"Not by {wish.get_channel_display().lower()}"
    return f"Only {_times(wish)}"


def _times(wish: Wish) -> str:
    begins = f"from {wish.time_from:%H:%M}" if wish.time_from else ""
    ends = f"until {wish.time_until:%H:%M}" if wish.time_until else ""
    days = ", ".join(str(WEEKDAYS_ABBR[day]) for day in wish.weekdays)
    return " ".join(filter(None, [begins, ends, f"on {days}" if days else ""]))
