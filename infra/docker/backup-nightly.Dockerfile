# backup-nightly: pg_dump | age | rclone, once a night. Bash and Debian's own packages, so one stage is enough.

FROM debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f

# Debian's archive keeps no old versions, so an exact pin would break with the next security fix.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends age ca-certificates postgresql-client-17 rclone \
    && rm -r /var/lib/apt/lists/*

# Render puts Secret Files under /etc/secrets; ADR-049 wants them under /etc/spectral.
RUN groupadd --gid 1000 spectral \
    && useradd --uid 1000 --gid spectral --home-dir /app --no-create-home --shell /usr/sbin/nologin spectral \
    && install --directory --owner=spectral --group=spectral --mode=0750 /app /etc/spectral \
    && ln --symbolic /etc/secrets/gcs-sa.json /etc/spectral/gcs-sa.json \
    && chown --no-dereference spectral:spectral /etc/spectral/gcs-sa.json

WORKDIR /app
COPY --chown=spectral:spectral --chmod=755 tools/ops/backup ./

USER 1000:1000
# Below the packages, so that a new commit does not install them again.
ARG RENDER_GIT_COMMIT
RUN --mount=type=bind,target=/tree \
    sh /tree/infra/docker/build-version.sh /tree > version.json

CMD ["/app/backup-nightly.sh"]
