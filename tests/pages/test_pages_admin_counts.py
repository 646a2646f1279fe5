"""With 10,000 invoices the admin asks the database no more often than with none."""

from datetime import timedelta

import pytest
from django.utils import timezone

from invoices.models import Invoice, Payment, PromiseToPay
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
MANY = 10_000


@pytest.fixture
def many():
    customers = CustomerFactory.create_batch(20)
    today = timezone.localdate()
    Invoice.objects.bulk_create(
        [
            Invoice(
                customer=customers[n % 20],
                number=f"MANY-{n}",
                status="open",
                currency=["GBP", "USD"][n % 2],
                total=10,
                balance=10,
                issue_date=today - timedelta(days=60),
                due_date=today - timedelta(days=n % 50),
            )
            for n in range(MANY)
        ],
        batch_size=1000,
    )
    rows = [
        {"customer": customers[n % 20], "currency": "GBP", "amount": 5, "idempotency_digest": ""}
        for n in range(2000)
    ]
    Payment.objects.bulk_create([Payment(**row, unallocated=5, received_on=today) for row in rows])
    PromiseToPay.objects.bulk_create([PromiseToPay(**row, due_date=today) for row in rows])
    return customers[0]


def test_lists_and_pages_cost_the_same_for_any_number_of_rows(
    browser, admin_user, many, django_assert_max_num_queries
):
    client = browser(admin_user)
    invoice = many.invoices.first()
    pages = {
        "/admin/invoices/invoice/": 12,
        "/admin/invoices/invoice/?q=MANY-99": 12,
        "/admin/invoices/invoice/?state=overdue&currency=USD&p=3": 12,
        "/admin/invoices/payment/": 12,
        "/admin/invoices/promisetopay/": 12,
        "/admin/invoices/customer/": 8,
        "/admin/invoices/event/": 8,
        f"/admin/invoices/invoice/{invoice.pk}/change/": 25,
        f"/admin/invoices/customer/{many.pk}/change/": 30,
    }
    for page, most in pages.items():
        with django_assert_max_num_queries(most):
            assert client.get(page).status_code == 200, page
