# Like service.Dockerfile, plus the browser that the wppconnect engine drives.
FROM node:20-bookworm-slim AS build
WORKDIR /repo
ENV CI=true PATH=/repo/node_modules/.bin:$PATH
COPY . .
RUN npx -y "$(node -p "require('./package.json').packageManager")" install --frozen-lockfile
RUN turbo run build --filter=@syszap/whatsapp-connector \
 && pnpm --filter=@syszap/whatsapp-connector deploy --legacy --prod /out \
 && rm -rf /out/src /out/test /out/node_modules/@syszap

FROM node:20-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends chromium fonts-noto-core fonts-noto-color-emoji \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /out .
RUN mkdir -p /data/media /data/profiles /data/spool && chown -R node:node /data
USER node
ENV NODE_ENV=production PORT=8080 CHROMIUM_PATH=/usr/bin/chromium
EXPOSE 8080
CMD ["node", "--enable-source-maps", "dist/main.js"]
