"""What day it is where a customer is. Everything else keeps UTC."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from invoices.models import Customer


def customer_today(customer: Customer, at: datetime | None = None) -> date:
    """The calendar day at `at` (now) in the customer's own zone."""
    return (at or timezone.now()).astimezone(ZoneInfo(customer.time_zone)).date()


def today_anywhere() -> date:
    """The latest day that it is anywhere now (UTC+14): a day after it lies in the future for everybody."""
    return (timezone.now() + timedelta(hours=14)).date()
