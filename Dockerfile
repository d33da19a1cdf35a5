# softprompt serve, for prompts and recommenders that are mounted: docker run -v ./prompts:/prompts -v keys:/data …
# Built of the checkout: docker build -t softprompt .
FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run -s build && npm prune --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
ENV NODE_ENV=production SOFTPROMPT_HOST=0.0.0.0 SOFTPROMPT_PORT=8080 SOFTPROMPT_FOLDERS=/prompts \
    SOFTPROMPT_KEYS=/data/keys.json HF_HOME=/data/hub XDG_CACHE_HOME=/data/cache
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/bin ./bin
COPY --from=build /build/dist/src ./dist/src
COPY --from=build /build/models ./models
RUN mkdir -p /data /prompts && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.SOFTPROMPT_PORT + '/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/bin/softprompt.js"]
CMD ["serve"]
