"""Tokens for clients of the API."""

from typing import Any

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from invoices.api_door import CarefulJSONParser


class CredentialsSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=128, trim_whitespace=False, style={"input_type": "password"})


class TokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField()


class TokenCreate(APIView):
    """Exchange username and password for a token, sent as `Authorization: Token …`. It is shown once."""

    authentication_classes = []
    permission_classes = []
    parser_classes = [CarefulJSONParser]

    @extend_schema(request=CredentialsSerializer, responses={200: TokenSerializer})
    def post(self, request: Request) -> Response:
        credentials = CredentialsSerializer(data=request.data)
        credentials.is_valid(raise_exception=True)
        user = authenticate(request._request, **credentials.validated_data)
        if user is None:
            raise serializers.ValidationError({"non_field_errors": ["Username or password is wrong."]})
        _, token = AuthToken.objects.create(user=user)
        return Response({"token": token})
