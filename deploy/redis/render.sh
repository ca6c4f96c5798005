#!/bin/sh
# Writes Redis' configuration and its users into the folder $1. Run Redis with "$1/redis.conf". Environment:
#
#   REDIS_PASSWORD                 of the user `default`, who may do everything (health check, backups, people)
#   REDIS_REST_API_PASSWORD, REDIS_WS_GATEWAY_PASSWORD, REDIS_MESSAGE_WORKER_PASSWORD, REDIS_WEBHOOK_SENDER_PASSWORD,
#   REDIS_WHATSAPP_CONNECTOR_PASSWORD    of the users that `users.acl` describes
#   REDIS_OLD_PASSWORDS            passwords that stay valid for a while, such as rest-api:x,default:y (none)
#   REDIS_MAXMEMORY                above it, writes fail; nothing is evicted, because queues would lose jobs (640mb)
set -eu

folder=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
umask 077
mkdir -p "$folder"

# hashes USER PASSWORD: the password and the old ones of the user, as Redis stores them.
hashes() {
  [ -n "$2" ] || { echo "the password of the Redis user $1 is missing" >&2 && exit 1; }
  printf '#%s' "$(printf '%s' "$2" | sha256sum | cut -d ' ' -f 1)"
  for entry in $(printf '%s' "${REDIS_OLD_PASSWORDS:-}" | tr ',' ' '); do
    [ "${entry%%:*}" != "$1" ] || printf ' #%s' "$(printf '%s' "${entry#*:}" | sha256sum | cut -d ' ' -f 1)"
  done
}

cp "$here/users.acl" "$folder/users.acl"
for user in default rest-api ws-gateway message-worker webhook-sender whatsapp-connector; do
  variable=REDIS_PASSWORD
  [ "$user" = default ] || variable=REDIS_$(printf '%s' "$user" | tr 'a-z-' 'A-Z_')_PASSWORD
  eval "password=\${$variable:-}"
  given=$(hashes "$user" "$password")
  sed "s/{$user}/$given/" "$folder/users.acl" > "$folder/users.next"
  mv "$folder/users.next" "$folder/users.acl"
done

cat > "$folder/redis.conf" <<END
aclfile $folder/users.acl
appendonly yes
save ""
maxmemory ${REDIS_MAXMEMORY:-640mb}
maxmemory-policy noeviction
END
