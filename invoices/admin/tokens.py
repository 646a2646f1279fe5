"""The API's tokens: made for a system, their secret shown once, revoked."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from invoices.admin import form_fields as fields
from invoices.admin.acts import SOURCE, Act, ActForm
from invoices.admin.base import LedgerAdmin
from invoices.admin.panels import row_url
from invoices.models import ApiToken
from invoices.services.tokens import token_create, token_revoke

LIVES = [("7", "In 7 days"), ("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year")]


class TokenForm(ActForm):
    name = fields.text("Which system uses it", longest=80, help_text="Such as “Shop” or “Bank feed”.")
    username = fields.text(
        "Whose permissions it has",
        longest=150,
        required=False,
        help_text="A user’s name; empty: yours. Only administrators make tokens for others.",
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=ApiToken.Scope.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Within what its user may.",
    )
    expires = fields.choice("It expires", LIVES, initial="90")

    shown_at = {"expires_at": "expires"}
    # Once it is made.
    secret = ""

    def post(self, **who: Any) -> ApiToken:
        told = self.cleaned_data
        token, self.secret = token_create(
            user=self._user(told["username"], who["actor"]),
            name=told["name"],
            scopes=told["scopes"],
            expires_at=timezone.now() + timedelta(days=int(told["expires"])),
            **who,
        )
        return token

    def _user(self, name: str, actor: User) -> User:
        if not name or name == actor.get_username():
            return actor
        if not actor.is_superuser:
            raise ValidationError({"username": "Only administrators make tokens for others."})
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise ValidationError({"username": "There is no such user."})
        return user


class RevokeForm(ActForm):
    reason = fields.reason()

    def post(self, **who: Any) -> ApiToken:
        return token_revoke(token=self.row, **self.cleaned_data, **who)


def unrevoked(token: ApiToken) -> bool:
    return token.revoked_at is None


@admin.register(ApiToken)
class ApiTokenAdmin(LedgerAdmin):
    object_type = "api_token"
    add_act = Act(
        "create",
        "New API token",
        TokenForm,
        ("invoices.add_apitoken",),
        "The token is made.",
        intro="Another system uses the API with it. Its secret is shown once, on the next page.",
    )
    acts = (
        Act(
            "revoke",
            "Revoke",
            RevokeForm,
            ("invoices.change_apitoken",),
            "The token opens nothing any more.",
            unrevoked,
            danger=True,
        ),
    )
    list_display = ["name", "user", "hint", "may", "created_at", "expires_at", "last_used_at", "revoked_at"]
    list_select_related = ["user"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["name"]
    search_help_text = "A token’s name, its first characters, or its user’s name."
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("name", "user"),
                    ("may", "hint"),
                    ("created_at", "expires_at"),
                    ("last_used_at", "revoked_at"),
                ]
            },
        )
    ]

    def found(self, rows: QuerySet[ApiToken], query: str) -> QuerySet[ApiToken]:
        return rows.filter(Q(name__icontains=query) | Q(hint=query[:9]) | Q(user__username=query))

    @admin.display(description="May")
    def may(self, token: ApiToken) -> str:
        return ", ".join(token.scopes) or "nothing"

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        act = self.add_act
        if request.method != "POST" or act is None or not act.may(request.user):
            return super().add_view(request, form_url, extra_context)
        form = TokenForm(request.POST)
        made = form.hand_over(source=SOURCE, actor=request.user) if form.is_valid() else None
        if made is None:
            return self._asked(request, act, None, form)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"API token {made}",
            "secret": form.secret,
            "media": self.media,
            "back": row_url(made),
        }
        # Rendered at once, not carried over a redirect: the secret rests in no session, cookie or cache.
        response = TemplateResponse(request, "invoices/admin_token_made.html", context)
        add_never_cache_headers(response)
        return response
