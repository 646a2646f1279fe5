"""What each role may do, as Q objects over Permission."""

from django.db.models import Q

# Who holds which token is for those who manage them; where webhooks go, and what was sent, is the admin's business.
MAY_VIEW = Q(codename__startswith="view_", content_type__app_label__in=["invoices", "calls"]) & ~(
    Q(codename="view_apitoken") | Q(content_type__model__startswith="webhook")
)

# Whoever talks with customers writes down what was paid, agreed, asked for and contested. Giving money away (refunds,
# credit notes, voided and written-off invoices), moving a payment, deciding a dispute and setting a house rule aside
# for a call (calls.override_contact_rules) stay with the admin.
MAY_COLLECT = (
    MAY_VIEW
    | Q(codename__in=["place_call", "correct_call", "change_retry"], content_type__app_label="calls")
    | Q(
        codename__in=[
            "add_customer",
            "change_customer",
            "add_contactpoint",
            "change_contactpoint",
            "add_consent",
            "add_hold",
            "change_hold",
            "add_wish",
            "change_wish",
            "add_contact",
            "add_note",
            "add_invoice",
            "add_payment",
            "add_promisetopay",
            "change_promisetopay",
            "add_paymentplan",
            "change_paymentplan",
            "add_dispute",
        ],
        content_type__app_label="invoices",
    )
)
