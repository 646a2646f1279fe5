"""What the books hold of a customer that a call may have written, straight from the rows."""

from typing import Any

from tests.world import World

_QUERIES = {
    "promises": "SELECT status, amount, due_date FROM invoices_promisetopay WHERE customer_id = %s ORDER BY id",
    "plans": "SELECT status, total FROM invoices_paymentplan WHERE customer_id = %s",
    "disputes": "SELECT d.status, d.amount FROM invoices_dispute d JOIN invoices_invoice i ON i.id = d.invoice_id "
    "WHERE i.customer_id = %s",
    "holds": "SELECT kind FROM invoices_hold WHERE customer_id = %s AND lifted_at IS NULL",
    "wishes": "SELECT kind, not_before FROM invoices_wish WHERE customer_id = %s",
    "revoked": "SELECT channel FROM invoices_consent WHERE customer_id = %s AND act = 'revoked'",
    "paid": "SELECT amount FROM invoices_payment WHERE customer_id = %s",
    "wrong": "SELECT value FROM invoices_contactpoint WHERE customer_id = %s AND wrong_at IS NOT NULL",
    "notes": "SELECT text FROM invoices_note WHERE customer_id = %s",
}


def books(world: World, customer_id: int) -> dict[str, list[tuple[Any, ...]]]:
    """The rows by what they are; what there is none of is left out."""
    return {what: rows for what, query in _QUERIES.items() if (rows := world.rows(query, customer_id))}
