# Image of one service: its bundle in dist/, and the packages that are not bundled.
FROM node:20-bookworm-slim AS build
WORKDIR /repo
ENV CI=true PATH=/repo/node_modules/.bin:$PATH
COPY . .
RUN npx -y "$(node -p "require('./package.json').packageManager")" install --frozen-lockfile
ARG PACKAGE
RUN turbo run build --filter="${PACKAGE}" \
 && pnpm --filter="${PACKAGE}" deploy --legacy --prod /out \
 && rm -rf /out/src /out/test /out/node_modules/@syszap

FROM node:20-bookworm-slim
WORKDIR /app
COPY --from=build /out .
RUN mkdir -p /data/media && chown -R node:node /data
USER node
ENV NODE_ENV=production PORT=8080
EXPOSE 8080
CMD ["node", "--enable-source-maps", "dist/main.js"]
