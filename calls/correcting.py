"""The page on which staff correct what a call came to."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from calls.aftermath.corrections import (
    LONGEST_ACTION,
    LONGEST_SUMMARY,
    call_correct,
    corrections_offered,
)
from calls.models import Call


class CorrectionForm(forms.Form):
    disposition = forms.ChoiceField(label="What it came to")
    summary = forms.CharField(
        required=False, max_length=LONGEST_SUMMARY, widget=forms.Textarea(attrs={"rows": 4})
    )
    next_action = forms.CharField(
        label="What is to be done next",
        required=False,
        max_length=LONGEST_ACTION,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reason = forms.CharField(label="Why", max_length=300)

    def __init__(self, data: Any = None, *, call: Call) -> None:
        first = {"disposition": call.disposition, "summary": call.summary, "next_action": call.next_action}
        super().__init__(data, initial=first)
        self.fields["disposition"] = forms.ChoiceField(
            label="What it came to", choices=corrections_offered(call)
        )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@permission_required(("calls.view_call", "calls.correct_call"), raise_exception=True)
def call_correction(request: HttpRequest, call_id: UUID) -> HttpResponse:
    call = get_object_or_404(Call.objects.select_related("customer"), pk=call_id)
    if not call.is_settled:
        messages.warning(request, "The call is not over yet.")
        return redirect(call)
    form = CorrectionForm(request.POST if request.method == "POST" else None, call=call)
    if form.is_valid() and _corrected(request, call, form):
        messages.success(request, "The call is as you have corrected it.")
        return redirect(call)
    return render(request, "calls/call_correct.html", {"form": form, "call": call})


def _corrected(request: HttpRequest, call: Call, form: CorrectionForm) -> bool:
    user: Any = request.user
    try:
        call_correct(call_id=call.pk, actor=user, **form.cleaned_data)
    except ValidationError as error:
        for field, texts in error.message_dict.items():
            form.add_error(field, texts)
        return False
    return True
