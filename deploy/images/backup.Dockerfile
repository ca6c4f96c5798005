# The command line of rest-api with the programs of Postgres that backups use. Their version must not be older than the server's.
FROM docker.io/library/node:24.21.0-bookworm-slim AS build
WORKDIR /repo
ENV CI=true PATH=/repo/node_modules/.bin:$PATH
# The packages are layers of their own: they stay in the cache while only sources change.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
RUN npm install --global "$(node -p "require('./package.json').packageManager")" && pnpm fetch
COPY . .
RUN pnpm install --frozen-lockfile --offline
ARG PACKAGE=@syszap/rest-api
RUN turbo run build --filter="$PACKAGE" \
 && pnpm --filter="$PACKAGE" deploy --legacy --prod /out \
 && rm -rf /out/src /out/test /out/node_modules/@syszap

FROM docker.io/library/node:24.21.0-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-client-15 tini \
 && rm -rf /var/lib/apt/lists/*
RUN install -d -o 1000 -g 1000 /data/media /data/backups
WORKDIR /app
COPY --from=build /out .
ARG SYSZAP_VERSION=unknown
LABEL org.opencontainers.image.title="sysZap backup" \
      org.opencontainers.image.version="$SYSZAP_VERSION" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production SYSZAP_VERSION=$SYSZAP_VERSION
# A number, because Kubernetes cannot check with a name that it is not root.
USER 1000:1000
ENTRYPOINT ["tini", "--", "node", "--enable-source-maps", "dist/cli/syszap.js"]
CMD ["--help"]
