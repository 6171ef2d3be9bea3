"""What the service answers: the forms of it, and what is on every answer."""

import logging
import time
from datetime import datetime
from http import HTTPStatus
from typing import Literal

from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: On every answer, whatever it says: it is data, never a page.
HEADERS = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
]

logger = logging.getLogger("api")


class Healthy(BaseModel):
    status: Literal["ok"]


class NotReady(BaseModel):
    status: Literal["unavailable"]
    problem: str


class ShortVersion(BaseModel):
    service: Literal["api"]
    short_sha: str
    generation: int | None
    generation_problem: str | None = None  # only where there is no generation


class WholeVersion(ShortVersion):
    sha: str
    describe: str
    built_at: str
    uv_lock_sha: str
    pnpm_lock_sha: str


class Deployment(BaseModel):
    generation: int
    short_sha: str
    tag: str | None
    services: list[str]
    created_at: datetime


class Deployments(BaseModel):
    deployments: list[Deployment]


class Refusal(BaseModel):
    error: str


def refusal(status: int, headers: dict[str, str] | None = None) -> JSONResponse:
    """The name of the status and nothing else; what there is to know is in the log."""
    return JSONResponse({"error": HTTPStatus(status).phrase}, status, headers)


class Envelope:
    """Around the whole application, so around the answer to its own failure, too: headers, and a line in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Never log the query or a header: secrets travel there."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.monotonic()
        status = 500  # uvicorn's answer where the application gives none

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), *HEADERS]}
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        finally:
            ms = round((time.monotonic() - begun) * 1000, 1)
            fields = {"method": scope["method"], "path": scope["path"], "status": status, "ms": ms}
            logger.info("request", extra=fields)
