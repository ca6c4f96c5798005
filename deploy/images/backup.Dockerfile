# The command line of rest-api with the programs of Postgres that backups use. Their version must not be older than the server's.
FROM node:20-bookworm-slim AS build
WORKDIR /repo
ENV CI=true PATH=/repo/node_modules/.bin:$PATH
COPY . .
RUN npx -y "$(node -p "require('./package.json').packageManager")" install --frozen-lockfile
RUN turbo run build --filter=@syszap/rest-api \
 && pnpm --filter=@syszap/rest-api deploy --legacy --prod /out \
 && rm -rf /out/src /out/test /out/node_modules/@syszap

FROM node:20-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-client-15 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /out .
RUN mkdir -p /data/media /data/backups && chown -R node:node /data
USER node
ENV NODE_ENV=production
ENTRYPOINT ["node", "--enable-source-maps", "dist/cli/syszap.js"]
CMD ["--help"]
