"""HTTP requests to the application: signed as Twilio signs them, and retried when they fail."""

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from .config import CarrierConfig
from .signature import HEADER, sign

ANSWER_LIMIT = 32 * 1024 * 1024  # bytes: a long <Play>


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class WebhookFailed(Exception):
    """No answer came: refused, dropped or too slow."""


class Webhooks:
    def __init__(self, config: CarrierConfig, session: aiohttp.ClientSession) -> None:
        self._config = config
        self._session = session

    async def send(
        self, method: str, url: str, params: Mapping[str, str], *, token: str | None = None
    ) -> Answer:
        """One request. GET carries the parameters in the query, as Twilio does. Redirects are not followed:
        an application that needs them is one whose URL is configured wrongly. WebhookFailed when no answer
        came."""
        if method == "GET" and params:
            url += ("&" if "?" in url else "?") + urlencode(params)
        form = dict(params) if method == "POST" else {}
        headers = {HEADER: sign(self._config.auth_token, url, form), "User-Agent": "TwilioProxy/1.1"}
        if token is not None:
            headers["I-Twilio-Idempotency-Token"] = token
        try:
            async with self._session.request(
                method,
                URL(url, encoded=True),  # what was signed is what is sent
                data=form if method == "POST" else None,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=self._config.webhook_timeout),
            ) as answer:
                return Answer(answer.status, answer.content_type, await _read(answer))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise WebhookFailed(type(error).__name__) from error

    async def deliver(self, method: str, url: str, params: Mapping[str, str]) -> tuple[int | None, int]:
        """Sends until an answer below 500 came or the retries are used up; retries carry
        I-Twilio-Idempotency-Token. Returns the last status (None: no answer) and the number of attempts."""
        token, status = str(uuid.uuid4()), None
        for attempt, pause in enumerate((0.0, *self._config.retry_delays), start=1):
            await asyncio.sleep(pause)
            try:
                status = (await self.send(method, url, params, token=token if attempt > 1 else None)).status
            except WebhookFailed:
                status = None
            if status is not None and status < 500:
                break
        return status, attempt


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in answer.content.iter_any():
        body += part
        if len(body) > ANSWER_LIMIT:
            raise WebhookFailed("the answer is too large")
    return bytes(body)
