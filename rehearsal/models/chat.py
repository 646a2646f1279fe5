"""POST /v1/chat/completions: the brain's reply in OpenAI's wire format, whole or as server-sent events."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web

from .body import json_body, text
from .brain import Reply, complete
from .errors import ApiError
from .mind import MIND

Json = dict[str, Any]


async def chat(request: web.Request) -> web.StreamResponse:
    """The route."""
    body = await json_body(request)
    text(body, "model")
    if not isinstance(body.get("messages"), list) or not body["messages"]:
        raise ApiError(
            400,
            "Missing required parameter: 'messages'.",
            param="messages",
            code="missing_required_parameter",
        )
    request.app[MIND].asked.append(body)
    hostility = request.app[MIND].hostility
    reply = hostility.complete(body) if hostility else complete(body)
    if not body.get("stream"):
        return web.json_response(whole(body, reply))
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(request)
    for chunk in chunks(body, reply):
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


def whole(body: Mapping[str, Any], reply: Reply) -> Json:
    """The ``chat.completion`` object."""
    message: Json = {"role": "assistant", "content": reply.text or None, "refusal": None}
    if reply.tool_calls:
        message["tool_calls"] = _tool_calls(reply)
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(reply)}
    return _envelope(body, "chat.completion") | {"choices": [choice], "usage": usage(body, reply)}


def chunks(body: Mapping[str, Any], reply: Reply) -> Iterator[Json]:
    """The ``chat.completion.chunk`` objects: role, words or tool calls, finish reason, and usage when asked for."""
    base = _envelope(body, "chat.completion.chunk")
    asked = bool((body.get("stream_options") or {}).get("include_usage"))

    def chunk(delta: Json, finish: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return base | {"choices": [choice]} | ({"usage": None} if asked else {})

    yield chunk(
        {"role": "assistant", "content": None if reply.tool_calls and not reply.text else "", "refusal": None}
    )
    for number, word in enumerate(reply.text.split()):
        yield chunk({"content": f" {word}" if number else word})
    for number, call in enumerate(_tool_calls(reply)):
        opening = {**call, "index": number, "function": {"name": call["function"]["name"], "arguments": ""}}
        yield chunk({"tool_calls": [opening]})
        arguments = {"index": number, "function": {"arguments": call["function"]["arguments"]}}
        yield chunk({"tool_calls": [arguments]})
    yield chunk({}, _finish(reply))
    if asked:
        yield base | {"choices": [], "usage": usage(body, reply)}


def usage(body: Mapping[str, Any], reply: Reply) -> Json:
    """Tokens, counted as words: near enough for a ledger of a rehearsal."""
    prompt = len(json.dumps(body["messages"]).split())
    calls = (json.dumps(call["function"]) for call in _tool_calls(reply))
    completion = len(" ".join((reply.text, *calls)).split())
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def _tool_calls(reply: Reply) -> list[Json]:
    return [
        {
            "id": f"call_{uuid.uuid4().hex[:24]}",
            "type": "function",
            "function": {"name": call.name, "arguments": call.raw},
        }
        for call in reply.tool_calls
    ]


def _finish(reply: Reply) -> str:
    return "tool_calls" if reply.tool_calls else "stop"


def _envelope(body: Mapping[str, Any], kind: str) -> Json:
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex[:29]}",
        "object": kind,
        "created": int(time.time()),
        "model": body["model"],
        "system_fingerprint": None,
        "service_tier": "default",
    }
