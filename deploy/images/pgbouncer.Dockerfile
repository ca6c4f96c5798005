# Debian 13, because prepared statements need PgBouncer 1.21.
FROM docker.io/library/debian:trixie-20261005-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends pgbouncer tini \
 && rm -rf /var/lib/apt/lists/*
COPY deploy/pgbouncer /pgbouncer
ARG SYSZAP_VERSION=unknown
LABEL org.opencontainers.image.title="sysZap PgBouncer" \
      org.opencontainers.image.version="$SYSZAP_VERSION" \
      org.opencontainers.image.licenses="MIT"
# `nobody`
USER 65534:65534
EXPOSE 6432
ENTRYPOINT ["tini", "--"]
# Only /tmp is writable.
CMD ["sh", "-c", "/pgbouncer/render.sh /tmp/pgbouncer && exec pgbouncer /tmp/pgbouncer/pgbouncer.ini"]
