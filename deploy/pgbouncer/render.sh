#!/bin/sh
# Writes PgBouncer's configuration and users into the folder $1. Run PgBouncer with "$1/pgbouncer.ini". Environment:
#
#   PGBOUNCER_DATABASE     where Postgres is, such as "host=postgres port=5432 dbname=syszap"
#   PGBOUNCER_LISTEN, PGBOUNCER_PORT           address and port (*, 6432)
#   PGBOUNCER_POOL_SIZE    connections to Postgres of each role (40)
#   PGBOUNCER_MAX_CLIENTS  connections from services (2000)
#   APP_DATABASE_USER, APP_DATABASE_PASSWORD, SYSTEM_DATABASE_USER, SYSTEM_DATABASE_PASSWORD    the services' logins
#   PGBOUNCER_OLD_USERS    further logins during a rotation, such as syszap_app:x (none)
set -eu

folder=$1
umask 077
mkdir -p "$folder"

login() { printf '"%s" "%s"\n' "$1" "$2"; }
{
  login "$APP_DATABASE_USER" "$APP_DATABASE_PASSWORD"
  login "$SYSTEM_DATABASE_USER" "$SYSTEM_DATABASE_PASSWORD"
  for entry in $(printf '%s' "${PGBOUNCER_OLD_USERS:-}" | tr ',' ' '); do login "${entry%%:*}" "${entry#*:}"; done
} > "$folder/userlist.txt"

cat > "$folder/pgbouncer.ini" <<END
[databases]
syszap = $PGBOUNCER_DATABASE

[pgbouncer]
listen_addr = ${PGBOUNCER_LISTEN:-*}
listen_port = ${PGBOUNCER_PORT:-6432}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $folder/userlist.txt
pool_mode = transaction
default_pool_size = ${PGBOUNCER_POOL_SIZE:-40}
max_client_conn = ${PGBOUNCER_MAX_CLIENTS:-2000}
server_idle_timeout = 60
log_connections = 0
log_disconnections = 0
END

# From 1.21 on, prepared statements work in transaction mode.
version=$("${PGBOUNCER:-pgbouncer}" --version | sed -n 's/^PgBouncer //p')
if [ "$(printf '1.21\n%s\n' "$version" | sort -V | head -n 1)" = 1.21 ]; then
  echo "max_prepared_statements = 1000" >> "$folder/pgbouncer.ini"
fi
