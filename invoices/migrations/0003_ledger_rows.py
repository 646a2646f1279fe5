"""Rows of the first ledger in the terms of the second: numbers become contact points, payments are allocated."""

from django.db import migrations
from django.db.models import Max

CHUNK = 1000


def contact_points(apps, schema_editor):
    Customer, ContactPoint = (apps.get_model("invoices", name) for name in ("Customer", "ContactPoint"))
    points = []
    for customer in Customer.objects.iterator(CHUNK):
        if customer.phone:
            points.append(ContactPoint(customer=customer, kind="phone", value=str(customer.phone), is_primary=True))
        if customer.email:
            points.append(
                ContactPoint(customer=customer, kind="email", value=customer.email.lower(), is_primary=True)
            )
    ContactPoint.objects.bulk_create(points, batch_size=CHUNK)


def allocations(apps, schema_editor):
    Payment, Allocation = (apps.get_model("invoices", name) for name in ("Payment", "Allocation"))
    for payment in Payment.objects.select_related("invoice").order_by("created_at", "pk").iterator(CHUNK):
        payment.customer_id = payment.invoice.customer_id
        payment.currency = payment.invoice.currency
        payment.unallocated = payment.amount if payment.invoice.status == "void" else 0
        payment.save(update_fields=["customer", "currency", "unallocated"])
        if not payment.unallocated:
            Allocation.objects.create(
                payment=payment, invoice=payment.invoice, amount=payment.amount, cause="instruction"
            )
    apps.get_model("invoices", "Invoice").objects.filter(status="void").update(balance=0)


def promises(apps, schema_editor):
    """Each promise names its invoice and takes customer and currency from it."""
    PromiseToPay, Allocation = (apps.get_model("invoices", name) for name in ("PromiseToPay", "Allocation"))
    for promise in PromiseToPay.objects.select_related("invoice").iterator(CHUNK):
        promise.customer_id = promise.invoice.customer_id
        promise.currency = promise.invoice.currency
        before = Allocation.objects.filter(
            invoice=promise.invoice, payment__created_at__lte=promise.created_at
        ).aggregate(newest=Max("pk"))
        promise.baseline_allocation_id = before["newest"] or 0
        promise.save(update_fields=["customer", "currency", "baseline_allocation_id"])
        promise.invoices.add(promise.invoice)


def lines(apps, schema_editor):
    Invoice, InvoiceLine = (apps.get_model("invoices", name) for name in ("Invoice", "InvoiceLine"))
    InvoiceLine.objects.bulk_create(
        (
            InvoiceLine(
                invoice=invoice,
                position=1,
                description=invoice.description or f"Invoice {invoice.number}",
                unit_price=invoice.total,
                net=invoice.total,
                tax=0,
            )
            for invoice in Invoice.objects.iterator(CHUNK)
        ),
        batch_size=CHUNK,
    )


def customers_of_events(apps, schema_editor):
    Event, Invoice = (apps.get_model("invoices", name) for name in ("Event", "Invoice"))
    of_invoice = dict(Invoice.objects.values_list("pk", "customer_id"))
    for event in Event.objects.filter(object_type__in=["invoice", "customer"]).iterator(CHUNK):
        key = int(event.object_id)
        event.customer_id = key if event.object_type == "customer" else of_invoice.get(key)
        event.save(update_fields=["customer"])


class Migration(migrations.Migration):

    dependencies = [("invoices", "0002_ledger")]

    operations = [
        migrations.RunPython(step, migrations.RunPython.noop)
        for step in (contact_points, allocations, promises, lines, customers_of_events)
    ]
