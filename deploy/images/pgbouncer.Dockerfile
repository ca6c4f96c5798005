# Debian 13, because prepared statements need PgBouncer 1.21.
FROM debian:trixie-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends pgbouncer \
 && rm -rf /var/lib/apt/lists/*
COPY deploy/pgbouncer /pgbouncer
USER postgres
EXPOSE 6432
# Only /tmp is writable.
CMD ["sh", "-c", "/pgbouncer/render.sh /tmp/pgbouncer && exec pgbouncer /tmp/pgbouncer/pgbouncer.ini"]
