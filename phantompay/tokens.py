"""Tokens for clients of the API that log in by name and password."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from invoices.api.door import SOURCE, CarefulJSONParser
from invoices.services.tokens import scopes_open_to, token_create
from phantompay.logins import TooManyFailures, user_of


class CredentialsSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=128, trim_whitespace=False, style={"input_type": "password"})


class TokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField()


class TokenCreate(APIView):
    """Exchange username and password for a token, sent as `Authorization: Token …`. It is shown once.

    It has every scope that its user has permissions for, and expires after API_TOKEN_HOURS. Wrong passwords are counted
    by name and by address; too many, and even the right one has to wait.
    """

    authentication_classes = []
    permission_classes = []
    throttle_classes = []
    parser_classes = [CarefulJSONParser]
    renderer_classes = [JSONRenderer]

    @extend_schema(
        request=CredentialsSerializer,
        parameters=[
            OpenApiParameter(
                "Retry-After", {"type": "integer"}, OpenApiParameter.HEADER, response=[429], required=True
            )
        ],
        responses={
            200: TokenSerializer,
            400: OpenApiResponse(
                {
                    "oneOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {"$ref": "#/components/schemas/FieldErrors"},
                    ]
                },
                description="Username or password is wrong, or something is missing.",
            ),
            **{
                code: OpenApiResponse({"$ref": "#/components/schemas/Problem"}, description=said)
                for code, said in (
                    (406, "`Accept` allows no JSON."),
                    (413, "The body is too large."),
                    (415, "The body is not application/json."),
                    (429, "Too many wrong passwords: wait as long as Retry-After says."),
                )
            },
        },
    )
    def post(self, request: Request) -> Response:
        credentials = CredentialsSerializer(data=request.data)
        credentials.is_valid(raise_exception=True)
        user = _user_of(request, **credentials.validated_data)
        _, secret = token_create(
            user=user,
            name="Login over the API",
            scopes=scopes_open_to(user),
            expires_at=timezone.now() + timedelta(hours=settings.API_TOKEN_HOURS),
            source=SOURCE,
            actor=user,
        )
        return Response({"token": secret}, headers={"Cache-Control": "no-store"})


def _user_of(request: Request, *, username: str, password: str) -> Any:
    """The user of this name and password. Raises Throttled, or ValidationError that tells not what is wrong."""
    try:
        user = user_of(request._request, username=username, password=password)
    except TooManyFailures as error:
        raise exceptions.Throttled(wait=error.wait) from None
    if user is None:
        raise serializers.ValidationError({"non_field_errors": ["Username or password is wrong."]})
    return user
