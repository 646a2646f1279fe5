"""The books as plain SQL sees them: what must always hold, whoever has posted what."""

from django.db import connection

# Each finds rows that break its rule; sums are rounded to the 4 decimals of the columns, since SQLite adds floats.
RULES = {
    "a payment is its allocations, refunds and credit": """
        SELECT p.id FROM invoices_payment p WHERE p.status = 'cleared' AND round(
          p.amount - p.unallocated
          - coalesce((SELECT sum(a.amount) FROM invoices_allocation a WHERE a.payment_id = p.id), 0)
          - coalesce((SELECT sum(r.amount) FROM invoices_refund r WHERE r.payment_id = p.id), 0), 4) <> 0""",
    "what has not come settles nothing": """
        SELECT p.id FROM invoices_payment p WHERE p.status <> 'cleared' AND (p.unallocated <> 0 OR EXISTS (
          SELECT 1 FROM invoices_allocation a WHERE a.payment_id = p.id))""",
    "the balance is total - credits - allocations, or nothing when void": """
        SELECT i.id FROM invoices_invoice i WHERE round(i.balance - CASE WHEN i.status = 'void' THEN 0 ELSE
          i.total
          - coalesce((SELECT sum(c.amount) FROM invoices_creditnote c WHERE c.invoice_id = i.id), 0)
          - coalesce((SELECT sum(a.amount) FROM invoices_allocation a WHERE a.invoice_id = i.id), 0) END, 4) <> 0""",
    "no allocation of a payment to an invoice is below zero": """
        SELECT min(a.id) FROM invoices_allocation a GROUP BY a.payment_id, a.invoice_id
        HAVING round(sum(a.amount), 4) < 0""",
    "allocations never exceed the invoice": """
        SELECT a.invoice_id FROM invoices_allocation a JOIN invoices_invoice i ON i.id = a.invoice_id
        GROUP BY a.invoice_id, i.total HAVING round(sum(a.amount) - i.total, 4) > 0""",
    "allocations never exceed the payment": """
        SELECT a.payment_id FROM invoices_allocation a JOIN invoices_payment p ON p.id = a.payment_id
        GROUP BY a.payment_id, p.amount HAVING round(sum(a.amount) - p.amount, 4) > 0""",
    "credit notes never exceed the invoice": """
        SELECT c.invoice_id FROM invoices_creditnote c JOIN invoices_invoice i ON i.id = c.invoice_id
        GROUP BY c.invoice_id, i.total, i.tax
        HAVING round(sum(c.amount) - i.total, 4) > 0 OR round(sum(c.tax) - i.tax, 4) > 0""",
    "nothing is below zero": """
        SELECT id FROM invoices_invoice WHERE balance < 0
        UNION SELECT id FROM invoices_payment WHERE unallocated < 0""",
    "an allocation stays with one customer and one currency": """
        SELECT a.id FROM invoices_allocation a JOIN invoices_payment p ON p.id = a.payment_id
        JOIN invoices_invoice i ON i.id = a.invoice_id
        WHERE p.customer_id <> i.customer_id OR p.currency <> i.currency""",
    "an open invoice owes something, a paid or void one nothing": """
        SELECT id FROM invoices_invoice
        WHERE (status = 'open' AND balance = 0) OR (status IN ('paid', 'void') AND balance <> 0)""",
    "a draft and a void invoice hold no money": """
        SELECT a.invoice_id FROM invoices_allocation a JOIN invoices_invoice i ON i.id = a.invoice_id
        WHERE i.status IN ('draft', 'void') GROUP BY a.invoice_id HAVING round(sum(a.amount), 4) <> 0""",
    "the lines come to the total": """
        SELECT i.id FROM invoices_invoice i JOIN invoices_invoiceline l ON l.invoice_id = i.id
        GROUP BY i.id, i.total, i.tax
        HAVING round(sum(l.net + l.tax) - i.total, 4) <> 0 OR round(sum(l.tax) - i.tax, 4) <> 0""",
}


def violations() -> list[str]:
    """The rules that are broken, each with the rows that break it."""
    found = []
    with connection.cursor() as cursor:
        for rule, query in RULES.items():
            cursor.execute(query)
            rows = [row[0] for row in cursor.fetchall()]
            if rows:
                found.append(f"{rule}: {rows}")
    return found
