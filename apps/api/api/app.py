"""The HTTP surface."""

import hmac
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from hashlib import sha256

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException as AnyHTTPException

from api.answers import Deployments, Healthy, NotReady, Refusal, ShortVersion, WholeVersion, refusal
from api.database import Database, Unavailable
from spectral_service import Generation, Version

DEPLOYMENTS = """
    SELECT generation, left(sha, 12) AS short_sha, tag, services, created_at
    FROM core.deployments ORDER BY generation DESC LIMIT 50
"""

logger = logging.getLogger("api")


def create_app(version: Version, generation: Generation, database: Database, token: str | None) -> FastAPI:
    """Build the application for one build and one deployment; ``token`` opens /version/detail."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        """Runs to its end only in an orderly stop, after the last request was answered."""
        await database.open()
        yield
        await database.close()
        logger.info("stopped")

    app = FastAPI(title="api", docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan)
    short_version = {"service": "api", "short_sha": version.short_sha, **generation.as_fields()}
    whole_version = {**short_version, **asdict(version)}

    @app.exception_handler(AnyHTTPException)
    async def refuse(_: Request, exc: AnyHTTPException) -> JSONResponse:
        return refusal(exc.status_code, exc.headers)

    @app.exception_handler(RequestValidationError)
    async def refuse_unfit(_: Request, exc: RequestValidationError) -> JSONResponse:
        return refusal(422)

    @app.exception_handler(Unavailable)
    async def refuse_for_now(_: Request, exc: Unavailable) -> JSONResponse:
        return refusal(503)

    @app.exception_handler(Exception)
    async def refuse_after_failure(_: Request, exc: Exception) -> JSONResponse:
        return refusal(500)  # the exception goes on to uvicorn, which logs it

    async def authorise(request: Request) -> None:
        """Closed to all where no token is configured."""
        if token is None:
            raise HTTPException(403)
        if not is_bearer(request.headers.get("authorization", ""), token):
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})

    @app.get("/healthz")
    async def healthz() -> Healthy:
        """Alive; asks nothing of the database, whose outage a restart would not mend."""
        return Healthy(status="ok")

    @app.get("/readyz", response_model=Healthy, responses={503: {"model": NotReady}})
    async def readyz() -> object:
        """Can do its work: the database answers."""
        try:
            await database.ask("SELECT 1", "/readyz")
        except Unavailable:
            return JSONResponse({"status": "unavailable", "problem": "the database does not answer"}, 503)
        return Healthy(status="ok")

    @app.get("/version", response_model=ShortVersion, response_model_exclude_unset=True)
    async def read_version() -> object:
        """Public, so no more than the short commit and the generation."""
        return short_version

    @app.get(
        "/version/detail",
        response_model=WholeVersion,
        response_model_exclude_unset=True,
        responses={401: {"model": Refusal}, 403: {"model": Refusal}},
        # The first is there for the description alone.
        dependencies=[Depends(HTTPBearer(auto_error=False)), Depends(authorise)],
    )
    async def read_version_detail() -> object:
        """All that is known of the build."""
        return whole_version

    @app.get("/deployments", response_model=Deployments, responses={503: {"model": Refusal}})
    async def read_deployments() -> object:
        """The last ones, the newest first."""
        return {"deployments": await database.ask(DEPLOYMENTS, "/deployments")}

    return app


def is_bearer(header: str, token: str) -> bool:
    """In constant time, whatever is sent: digests are of one length, and tell nothing of what they are made from."""
    scheme, _, sent = header.partition(" ")
    # Header bytes come as latin-1; a variable may hold bytes that are no text.
    same = hmac.compare_digest(sha256(sent.encode("latin-1")).digest(), sha256(os.fsencode(token)).digest())
    return same and scheme.lower() == "bearer"
