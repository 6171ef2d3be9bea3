# operations: the operators' page, on Fastify.

FROM node:24-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe AS base


FROM base AS builder

# Which pnpm stands in package.json, with its hash, as packageManager.
ENV CI=true COREPACK_ENABLE_DOWNLOAD_PROMPT=0
RUN corepack enable pnpm

WORKDIR /build
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY apps/operations/package.json apps/operations/
COPY packages/service-node/package.json packages/service-node/

# What runs in production has a place of its own, where no build tool ever was. pnpm's own notes name
# the registry and the store, so they stay behind.
RUN --mount=type=cache,id=pnpm,target=/pnpm \
    cp --recursive /build /production \
    && pnpm --dir /production install --frozen-lockfile --prod --filter operations... --store-dir /pnpm/store \
    && rm /production/node_modules/.modules.yaml /production/node_modules/.pnpm-workspace-state-v1.json \
    && rm /production/package.json /production/pnpm-lock.yaml /production/pnpm-workspace.yaml

RUN --mount=type=cache,id=pnpm,target=/pnpm \
    pnpm install --frozen-lockfile --filter operations... --store-dir /pnpm/store

COPY packages/service-node packages/service-node
COPY apps/operations apps/operations
RUN pnpm --filter operations build

# Below the dependencies, so that a new commit does not install them again.
ARG RENDER_GIT_COMMIT
RUN --mount=type=bind,target=/tree \
    sh /tree/infra/docker/build-version.sh /tree > /version.json


FROM base AS runtime

ENV NODE_ENV=production

# The official image gives 1000 to its user node; it goes, so that spectral can have it.
RUN userdel --remove node \
    && groupadd --gid 1000 spectral \
    && useradd --uid 1000 --gid spectral --home-dir /app --no-create-home --shell /usr/sbin/nologin spectral \
    && install --directory --owner=spectral --group=spectral --mode=0750 /app /etc/spectral

WORKDIR /app
COPY --chown=spectral:spectral --from=builder /production ./
COPY --chown=spectral:spectral packages/service-node/src packages/service-node/src
COPY --chown=spectral:spectral apps/operations/src apps/operations/src
COPY --chown=spectral:spectral --from=builder /build/apps/operations/dist apps/operations/dist
COPY --chown=spectral:spectral --from=builder /version.json version.json

USER 1000:1000
# Render's default PORT; the value of the variable at run time decides.
EXPOSE 10000
CMD ["node", "apps/operations/src/server.js"]
