FROM docker.io/library/node:24.21.0-bookworm-slim AS build
WORKDIR /repo
ENV CI=true PATH=/repo/node_modules/.bin:$PATH
# The packages are layers of their own: they stay in the cache while only sources change.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
RUN npm install --global "$(node -p "require('./package.json').packageManager")" && pnpm fetch
COPY . .
RUN pnpm install --frozen-lockfile --offline
RUN turbo run build --filter=@syszap/web-app

FROM docker.io/nginxinc/nginx-unprivileged:1.30.4-alpine
COPY deploy/front /front
COPY --from=build /repo/services/web-app/dist /usr/share/nginx/html
ARG SYSZAP_VERSION=unknown
LABEL org.opencontainers.image.title="sysZap web app" \
      org.opencontainers.image.version="$SYSZAP_VERSION" \
      org.opencontainers.image.licenses="MIT"
USER 101:101
EXPOSE 8080
# Only /tmp is writable. nginx's first process reaps its workers, so it needs no init process.
CMD ["sh", "-c", "/front/render.sh /tmp/front && exec nginx -c /tmp/front/nginx.conf -g 'daemon off;'"]
