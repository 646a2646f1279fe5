"""The OpenAPI document. What a door answers is read from the attributes by which it works, so that both agree."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter

from invoices.api.door import LONGEST_KEY, Act, Door, MakingRows, Rows
from invoices.api.entry import TokenAuthentication

KEY_PATTERN = r"^[ -~]*$"
ETAG = {"type": "string", "pattern": '^"[0-9a-f]{32}"$', "example": f'"{"5f3a" * 8}"'}

SAID = {
    "400": "What was sent can't be read, or is refused at the fields that are named.",
    "401": "No token or login, or one that opens nothing.",
    "403": "Logged in, but without the permission or the token's scope, or without a CSRF token.",
    "404": "There is no such row or page.",
    "406": "`Accept` allows none of the types that are offered.",
    "409": "It does not fit what is there: the row is in another state, or the key was used for another request.",
    "412": "The row was changed since you have read it.",
    "413": "The body is too large.",
    "415": "The body is not application/json.",
    "428": "If-Match is missing.",
    "429": "Too many requests: wait as long as Retry-After says.",
}
TEXTS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
FIELD_ERRORS: dict[str, Any] = {
    "type": "object",
    "description": 'Texts by field, such as {"amount": ["Enter an amount above zero."]}. Rows of a list are named '
    "by position or in order; what belongs to no field is at `non_field_errors`.",
    "additionalProperties": {
        "oneOf": [
            TEXTS,
            {"$ref": "#/components/schemas/FieldErrors"},
            {"type": "array", "items": {"$ref": "#/components/schemas/FieldErrors"}, "minItems": 1},
        ]
    },
    "example": {"amount": ["Enter an amount above zero."]},
}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["detail"],
    "properties": {"detail": {"type": "string"}},
    "additionalProperties": False,
    "example": {"detail": "Not found."},
}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token pp_…`: a token from the admin, or from `POST /api/token/`.",
        }


class DoorSchema(AutoSchema):
    """Statuses, headers and errors of a `Door`; other views describe themselves."""

    def get_tags(self) -> list[str]:
        parts = self.path.strip("/").split("/")
        return ["calls" if parts[-1] in ("calls", "contact-decision") else parts[1]]

    def get_description(self) -> str:  # type: ignore[override]
        said = super().get_description() or ""
        view, method = self.view, self.method
        if not isinstance(view, Door):
            return said
        needs = ", ".join(view.permissions.get(method, ()))
        scope = "read" if method == "GET" else view.scope
        return f"{said}\n\nScope `{scope}`; permission `{needs}`.".strip()

    def get_operation_id(self) -> str:
        made: str = super().get_operation_id()
        return (
            made.replace("_retrieve", "_list")
            if isinstance(self.view, Rows) and self.method == "GET"
            else made
        )

    def _is_list_view(self, serializer: Any = None) -> bool:
        if isinstance(self.view, Door):
            return isinstance(self.view, Rows) and self.method == "GET"
        return bool(super()._is_list_view(serializer))

    def get_override_parameters(self) -> list[Any]:
        view = self.view
        if not isinstance(view, Door):
            return list(super().get_override_parameters())
        found: list[Any] = list(view.parameters) if self.method == "GET" else []
        if view.keyed and self.method == "POST":
            found.append(
                OpenApiParameter(
                    "Idempotency-Key",
                    {"type": "string", "maxLength": LONGEST_KEY, "pattern": KEY_PATTERN},
                    OpenApiParameter.HEADER,
                    description="Names this request. Sent again with the same body it makes nothing new and answers "
                    "200 with the row that the first one made; with another body, 409.",
                )
            )
        if view.tagged:
            if self.method == "PATCH":
                found.append(
                    OpenApiParameter(
                        "If-Match",
                        str,
                        OpenApiParameter.HEADER,
                        required=True,
                        description="The ETag of what you have read, or `*`.",
                    )
                )
            found.append(
                OpenApiParameter(
                    "ETag",
                    ETAG,
                    OpenApiParameter.HEADER,
                    response=[200],
                    required=True,
                    description="Changes with whatever can be changed of the row.",
                )
            )
        found.append(
            OpenApiParameter(
                "Retry-After",
                {"type": "integer", "minimum": 1},
                OpenApiParameter.HEADER,
                response=[429],
                required=True,
                description="Seconds.",
            )
        )
        return found

    def get_request_serializer(self) -> Any:
        return self.view.asks if isinstance(self.view, Door) else super().get_request_serializer()

    def get_response_serializers(self) -> Any:
        view = self.view
        if not isinstance(view, Door):
            return super().get_response_serializers()
        if view.answers:
            return view.answers
        serializer = view.get_serializer_class()
        if self.method == "POST" and isinstance(view, MakingRows):
            return {"200": serializer, "201": serializer} if view.keyed else {"201": serializer}
        return {"200": serializer}

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        if isinstance(self.view, Door):
            for code in self._refusals(self.view):
                self._add_refusal(self.view, bodies, code)
        return dict(sorted(bodies.items()))

    def _refusals(self, view: Door) -> list[str]:
        codes = ["401", "403", "406", "429"]
        in_path = "{" in self.path
        if in_path or isinstance(view, Rows):
            codes.append("404")
        if self.method == "GET":
            if isinstance(view, Rows) or view.parameters:
                codes.append("400")
        else:
            codes += ["400", "413", "415"]
            if view.keyed or isinstance(view, Act) or view.tagged:
                codes.append("409")
        if self.method == "POST" and not in_path:
            codes.remove("404")
        if self.method == "PATCH":
            codes += ["412", "428"]
        return [*codes, *view.fails]

    def _add_refusal(self, view: Door, bodies: dict[str, Any], code: str) -> None:
        said = {**SAID, **view.fails}[code]
        if code == "400":
            schema: dict[str, Any] = {
                "oneOf": [self._ref("Problem", PROBLEM), self._ref("FieldErrors", FIELD_ERRORS)]
            }
        elif code == "409":
            schema = self._ref("FieldErrors", FIELD_ERRORS)
        else:
            schema = self._ref("Problem", PROBLEM)
        if code in bodies:
            # Another answer with this status.
            content = bodies[code]["content"]["application/json"]
            schema = {"oneOf": [content["schema"], schema]}
            said = f"The decision forbids it. Or: {said}"
        headers = self._get_response_headers_for_code(code)
        bodies[code] = {
            "description": said,
            "content": {"application/json": {"schema": schema}},
            **({"headers": headers} if headers else {}),
        }

    def _ref(self, name: str, schema: dict[str, Any]) -> dict[str, str]:
        component = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, name)  # type: ignore[no-untyped-call]
        self.registry.register_on_missing(component)
        return dict(component.ref)
