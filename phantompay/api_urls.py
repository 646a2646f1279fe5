"""Everything under `/api/`."""

from typing import Any

from django.urls import URLPattern, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from calls import api as calls
from invoices.api import agreements, contact_points, customers, documents, payments, reach
from invoices.api.door import NoSuchDoor
from invoices.documents.api import urlpatterns as pdfs
from phantompay.tokens import TokenCreate


def _doors(name: str, rows: Any, row: Any = None, **acts: Any) -> list[URLPattern]:
    """`name/`, `name/<id>/`, and what may be done to a row, `name/<id>/<act>/`."""
    found = [path(f"{name}/", rows.as_view(), name=f"api-{name}")]
    if row is not None:
        found.append(path(f"{name}/<int:pk>/", row.as_view(), name=f"api-{name}-row"))
    for act, view in acts.items():
        verb = act.replace("_", "-")
        found.append(path(f"{name}/<int:pk>/{verb}/", view.as_view(), name=f"api-{name}-{verb}"))
    return found


# The shape of the API is no secret, and the tools that read it have no login.
OPEN: dict[str, Any] = {"permission_classes": [AllowAny], "throttle_classes": []}

urlpatterns = [
    path("token/", TokenCreate.as_view(), name="api-token"),
    *_doors("customers", customers.CustomerList, customers.CustomerDetail),
    *_doors(
        "contact-points",
        contact_points.ContactPointList,
        contact_points.ContactPointDetail,
        make_primary=contact_points.ContactPointPrimary,
        verify=contact_points.ContactPointVerify,
        mark_wrong=contact_points.ContactPointWrong,
    ),
    *_doors("consents", reach.ConsentList, reach.ConsentDetail),
    *_doors("holds", reach.HoldList, reach.HoldDetail, lift=reach.HoldLift),
    *_doors("wishes", reach.WishList, reach.WishDetail, withdraw=reach.WishWithdraw),
    *_doors("contacts", reach.ContactList, reach.ContactDetail),
    *_doors("notes", reach.NoteList, reach.NoteDetail),
    *_doors(
        "invoices",
        documents.InvoiceList,
        documents.InvoiceDetail,
        issue=documents.InvoiceIssue,
        void=documents.InvoiceVoid,
        write_off=documents.InvoiceWriteOff,
        reissue=documents.InvoiceReissue,
    ),
    *_doors("credit-notes", documents.CreditNoteList, documents.CreditNoteDetail),
    *_doors(
        "payments",
        payments.PaymentList,
        payments.PaymentDetail,
        clear=payments.PaymentClear,
        fail=payments.PaymentFail,
        allocate=payments.PaymentAllocate,
        release=payments.PaymentRelease,
    ),
    *_doors("refunds", payments.RefundList, payments.RefundDetail),
    *_doors("allocations", payments.AllocationList),
    *_doors("promises", agreements.PromiseList, agreements.PromiseDetail, cancel=agreements.PromiseCancel),
    *_doors("plans", agreements.PlanList, agreements.PlanDetail, cancel=agreements.PlanCancel),
    *_doors(
        "disputes",
        agreements.DisputeList,
        agreements.DisputeDetail,
        uphold=agreements.DisputeUphold,
        reject=agreements.DisputeReject,
        withdraw=agreements.DisputeWithdraw,
    ),
    path("invoices/<int:invoice_id>/calls/", calls.Ring.as_view(), name="api-ring"),
    path(
        "invoices/<int:invoice_id>/contact-decision/",
        calls.ContactAnswer.as_view(),
        name="api-contact-decision",
    ),
    path("calls/", calls.CallList.as_view(), name="api-calls"),
    path("calls/<uuid:pk>/", calls.CallDetail.as_view(), name="api-call"),
    path("calls/<uuid:pk>/cancel/", calls.CallCancel.as_view(), name="api-call-cancel"),
    path("calls/<uuid:pk>/recording/", calls.CallRecording.as_view(), name="api-call-recording"),
    *pdfs,
    path("schema/", SpectacularAPIView.as_view(**OPEN), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema", **OPEN), name="api-docs"),
    # Paths without their last slash stay free for the redirect to it.
    re_path(r"[\s\S]*/\Z", NoSuchDoor.as_view()),
]
