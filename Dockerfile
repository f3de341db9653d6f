# Libraries with their tools, and the pages built with them; then only what runs.
FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build:web && npm prune --omit=dev

FROM node:24-trixie-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ffmpeg tini \
  && rm -rf /var/lib/apt/lists/* \
  && mkdir /data \
  && chown node:node /data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY config config
COPY migrations migrations
COPY src src

# Compiled code is kept from start to start, on the volume since the root may be read-only; V8's room for what is thrown
# away at once is bounded (as scripts/lib.sh does).
ENV NODE_ENV=production \
  NODE_COMPILE_CACHE=/data/.cache/node \
  NODE_OPTIONS=--max-semi-space-size=8 \
  DATA_DIR=/data \
  MEDIA_ROOT=/data/media
USER node
VOLUME /data
EXPOSE 8080 8443 1935 1936
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HTTP_PORT || 8080}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# tini takes in what orphaned encoders leave behind and hands signals on.
ENTRYPOINT ["tini", "--"]
CMD ["node", "src/main.ts"]
