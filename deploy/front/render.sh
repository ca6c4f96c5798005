#!/bin/sh
# Writes nginx's configuration into the folder $1. Run nginx with -c "$1/nginx.conf". Environment:
#
#   FRONT_REST_API         host:port of the REST API, or several, separated by commas (rest-api:8080)
#   FRONT_WS_GATEWAY       the same for the gateways (ws-gateway:8080)
#   FRONT_TRUSTED_PROXIES  addresses or networks of proxies in front, whose X-Forwarded-For is believed (none)
#   FRONT_LISTEN           address and port (8080)
#   FRONT_TLS_CERTIFICATE, FRONT_TLS_KEY  PEM files; set: the port speaks TLS (none)
#   FRONT_WORKERS, FRONT_CONNECTIONS      processes, and connections of each; a browser's socket needs two (2, 55000)
#   FRONT_RESOLVER         DNS server for host names that have several or changing addresses (that of /etc/resolv.conf)
#   FRONT_PAGES            folder of the built web app (/usr/share/nginx/html)
#   FRONT_ACCESS_LOG, FRONT_ERROR_LOG     files (/dev/stdout, /dev/stderr)
set -eu

folder=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
generated=$folder/generated
mkdir -p "$generated" "$folder/temp"
cp "$here/nginx.conf" "$here/page-headers.conf" "$folder/"

# value NAME DEFAULT: the variable, refused if it has characters that are special in nginx's configuration.
value() {
  eval "given=\${$1:-}"
  given=${given:-$2}
  case $given in
    *[!A-Za-z0-9._:/,@%+=[\]-]*) echo "$1 has characters that are not allowed: $given" >&2 && exit 1 ;;
  esac
  printf '%s' "$given"
}
words() { printf '%s' "$1" | tr ',' ' '; }
# is_at_least A.B.C: whether nginx has this version.
is_at_least() {
  own=$("${NGINX:-nginx}" -v 2>&1 | sed 's/.*nginx\/\([0-9.]*\).*/\1/')
  [ "$(printf '%s\n%s\n' "$1" "$own" | sort -V | head -n 1)" = "$1" ]
}

workers=$(value FRONT_WORKERS 2)
connections=$(value FRONT_CONNECTIONS 55000)
resolver=$(value FRONT_RESOLVER "$(sed -n 's/^nameserver *//p' /etc/resolv.conf | head -n 1)")
case $resolver in
  *:*:*) resolver="[$resolver]" ;; # IPv6
esac
certificate=$(value FRONT_TLS_CERTIFICATE '')

{
  echo "worker_processes $workers;"
  echo "worker_rlimit_nofile $((connections + 1000));"
  echo "pid $folder/nginx.pid;"
  # Entries of the levels "error" and "warn" quote the whole request line with its query string. The access log has the status of
  # the upstream instead.
  echo "error_log $(value FRONT_ERROR_LOG /dev/stderr) crit;"
} > "$generated/main.conf"

echo "worker_connections $connections;" > "$generated/events.conf"

# servers LIST PARAMETERS: the servers of an upstream. Before 1.27.3, nginx resolves names only when it starts.
servers() {
  for server in $(words "$1"); do
    case $server in
      [0-9]*) resolve='' ;;
      *) if is_at_least 1.27.3; then resolve=' resolve'; else resolve=''; fi ;;
    esac
    echo "  server $server $2$resolve;"
  done
}

{
  for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $folder/temp/$kind;"; done
  [ -z "$resolver" ] || echo "resolver $resolver valid=5s;"
  echo "real_ip_header X-Forwarded-For;"
  echo "real_ip_recursive on;"
  for proxy in $(words "$(value FRONT_TRUSTED_PROXIES '')"); do echo "set_real_ip_from $proxy;"; done
  echo "upstream rest_api {"
  echo "  zone rest_api 256k;"
  # A server that refused a connection is asked again after one to two seconds. The default of ten seconds outlasts its restart, and the next
  # one may stop meanwhile. Must be below the services' DRAIN_PAUSE_SECONDS.
  servers "$(value FRONT_REST_API rest-api:8080)" fail_timeout=1s
  echo "  keepalive 64;"
  echo "}"
  echo "upstream ws_gateway {"
  echo "  zone ws_gateway 256k;"
  echo "  hash \$placement consistent;"
  # Stopping gateways refuse connections. That must not take any of them out of use.
  servers "$(value FRONT_WS_GATEWAY ws-gateway:8080)" max_fails=0
  echo "}"
} > "$generated/http.conf"

{
  listen=$(value FRONT_LISTEN 8080)
  if [ -z "$certificate" ]; then
    echo "listen $listen;"
  else
    if is_at_least 1.25.1; then echo "listen $listen ssl;" && echo "http2 on;"; else echo "listen $listen ssl http2;"; fi
    echo "ssl_certificate $certificate;"
    echo "ssl_certificate_key $(value FRONT_TLS_KEY '');"
    echo "ssl_protocols TLSv1.2 TLSv1.3;"
    echo "ssl_session_cache shared:tls:10m;"
  fi
  echo "root $(value FRONT_PAGES /usr/share/nginx/html);"
  echo "access_log $(value FRONT_ACCESS_LOG /dev/stdout) without_query;"
} > "$generated/server.conf"
