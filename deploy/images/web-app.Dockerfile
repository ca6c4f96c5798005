FROM node:20-bookworm-slim AS build
WORKDIR /repo
ENV CI=true PATH=/repo/node_modules/.bin:$PATH
COPY . .
RUN npx -y "$(node -p "require('./package.json').packageManager")" install --frozen-lockfile
RUN turbo run build --filter=@syszap/web-app

FROM nginxinc/nginx-unprivileged:stable-alpine
COPY deploy/front /front
COPY --from=build /repo/services/web-app/dist /usr/share/nginx/html
EXPOSE 8080
# Only /tmp is writable.
CMD ["sh", "-c", "/front/render.sh /tmp/front && exec nginx -c /tmp/front/nginx.conf -g 'daemon off;'"]
