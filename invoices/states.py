"""From each state of a thing in the ledger, where it may go."""

from invoices.models import Dispute, Invoice, Payment, PaymentPlan, PromiseToPay

Table = dict[str, frozenset[str]]

_I = Invoice.Status
INVOICE_TRANSITIONS: Table = {
    _I.DRAFT: frozenset({_I.OPEN, _I.VOID}),
    _I.OPEN: frozenset({_I.PAID, _I.VOID, _I.UNCOLLECTIBLE}),
    _I.UNCOLLECTIBLE: frozenset({_I.PAID, _I.VOID}),
    # Money that was refunded or taken off is owed again.
    _I.PAID: frozenset({_I.OPEN}),
    _I.VOID: frozenset(),
}

_P = Payment.Status
PAYMENT_TRANSITIONS: Table = {
    _P.PENDING: frozenset({_P.CLEARED, _P.FAILED}),
    _P.CLEARED: frozenset(),
    _P.FAILED: frozenset(),
}

_R = PromiseToPay.Status
# What the money says may change with every posting and every day; only a cancelled promise is at rest.
_JUDGED = frozenset({_R.OPEN, _R.KEPT, _R.PARTIALLY_KEPT, _R.BROKEN})
PROMISE_TRANSITIONS: Table = {
    _R.OPEN: (_JUDGED | {_R.CANCELLED}) - {_R.OPEN},
    _R.KEPT: _JUDGED - {_R.KEPT},
    _R.PARTIALLY_KEPT: _JUDGED - {_R.PARTIALLY_KEPT},
    _R.BROKEN: _JUDGED - {_R.BROKEN},
    _R.CANCELLED: frozenset(),
}

_L = PaymentPlan.Status
PLAN_TRANSITIONS: Table = {
    _L.ACTIVE: frozenset({_L.COMPLETED, _L.DEFAULTED, _L.CANCELLED}),
    _L.DEFAULTED: frozenset({_L.ACTIVE, _L.COMPLETED, _L.CANCELLED}),
    _L.COMPLETED: frozenset({_L.ACTIVE, _L.DEFAULTED}),
    _L.CANCELLED: frozenset(),
}

_D = Dispute.Status
DISPUTE_TRANSITIONS: Table = {
    _D.OPEN: frozenset({_D.UPHELD, _D.REJECTED, _D.WITHDRAWN}),
    _D.UPHELD: frozenset(),
    _D.REJECTED: frozenset(),
    _D.WITHDRAWN: frozenset(),
}


def sources_of(table: Table, to: str) -> list[str]:
    """The states from which `to` may be reached."""
    return [state for state, targets in table.items() if to in targets]
