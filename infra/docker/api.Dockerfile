# api: FastAPI on uvicorn.

# A FROM and not COPY --from=<image>, because Dependabot reads FROM lines only.
FROM ghcr.io/astral-sh/uv:0.12.20@sha256:100047e74f30778ab704942321a09750d6158739573ff58bf3924085cc6cd2d8 AS uv

FROM python:3.14-slim-trixie@sha256:51dafde81dbdb6ebde285137a295cf18a47ca95234fe388a343719cb97305b3d AS base


FROM base AS builder

COPY --from=uv /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=never

WORKDIR /app
COPY apps/api/requirements.txt ./
# uv leaves its lock on the environment behind, writable for all.
RUN --mount=type=cache,target=/root/.cache/uv \
    uv venv .venv \
    && uv pip sync --python .venv --require-hashes --only-binary :all: requirements.txt \
    && rm .venv/.lock

# Below the dependencies, so that a new commit does not install them again.
ARG RENDER_GIT_COMMIT
RUN --mount=type=bind,target=/tree \
    sh /tree/infra/docker/build-version.sh /tree > /version.json


FROM base AS runtime

ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

# Render puts Secret Files under /etc/secrets; ADR-049 wants them under /etc/spectral.
RUN groupadd --gid 1000 spectral \
    && useradd --uid 1000 --gid spectral --home-dir /app --no-create-home --shell /usr/sbin/nologin spectral \
    && install --directory --owner=spectral --group=spectral --mode=0750 /app /etc/spectral \
    && ln --symbolic /etc/secrets/version-detail-token /etc/spectral/version-detail-token \
    && chown --no-dereference spectral:spectral /etc/spectral/version-detail-token

WORKDIR /app
COPY --chown=spectral:spectral --from=builder /app/.venv .venv
COPY --chown=spectral:spectral packages/service-python/spectral_service spectral_service
COPY --chown=spectral:spectral apps/api/api api
COPY --chown=spectral:spectral --from=builder /version.json version.json

USER 1000:1000

# Render's default PORT; the value of the variable at run time decides.
EXPOSE 10000
CMD ["python", "-m", "api"]
