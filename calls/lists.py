"""The list of calls as a file: what happened, never what was said."""

from invoices.files.exporting import List, column


class CallList(List):
    name, permission = "calls", "calls.view_call"
    related = ("invoice", "customer", "requested_by")
    call = column("id", "call")
    requested_at = column("requested_at")
    requested_by = column("requested_by__username", "requested_by")
    customer_number = column("customer__number", "customer_number")
    customer_name = column("customer__name", "customer_name")
    invoice_number = column("invoice__number", "invoice_number")
    to_number = column("to_number")
    status = column("status")
    disposition = column("disposition")
    is_test = column("is_test")
    answered_at = column("answered_at")
    verified_at = column("verified_at")
    ended_at = column("ended_at")
    end_reason = column("end_reason")
    carrier_sid = column("carrier_sid")
