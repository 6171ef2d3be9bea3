"""The HTTP surface."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from spectral_service import Generation, Version

logger = logging.getLogger("api")


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Runs to its end only in an orderly stop, after the last request was answered."""
    yield
    logger.info("stopped")


def create_app(version: Version, generation: Generation) -> FastAPI:
    """Build the application for one build and one deployment."""
    app = FastAPI(title="api", docs_url=None, redoc_url=None, lifespan=lifespan)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Alive; asks nothing of the database, whose outage a restart would not mend."""
        return {"status": "ok"}

    @app.get("/version")
    async def read_version() -> dict[str, object]:
        """Public, so no more than the short commit and the generation."""
        return {"service": "api", "short_sha": version.short_sha, **generation.as_fields()}

    return app
