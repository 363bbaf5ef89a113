# build: compiler and libraries, and the program.  dev: that and what the tests need, for contributors and CI.
# runtime (what `docker build .` gives): the program and its libraries, not as root.
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY dev ./
RUN ./dev setup build
COPY . .
RUN ./dev build release -DDEVPROXY_TESTS=OFF -DDEVPROXY_BENCH=OFF && strip build/release/devproxy

FROM build AS dev
RUN ./dev setup test
CMD ["bash"]

FROM debian:bookworm-slim AS runtime
RUN apt-get update -q && \
    apt-get install -y -q --no-install-recommends libuv1 libssl3 libnghttp2-14 libfmt9 libspdlog1.10 libstdc++6 && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --system --uid 6289 --no-create-home --home-dir /nonexistent devproxy && \
    install -d -o 6289 -g 6289 -m 0700 /var/lib/devproxy/state
COPY --from=build /src/build/release/devproxy /usr/bin/devproxy
# The local CA of https: see docs/docker.md.
ENV XDG_STATE_HOME=/var/lib/devproxy/state
VOLUME /var/lib/devproxy/state
USER 6289:6289
WORKDIR /etc/devproxy
EXPOSE 6289
ENTRYPOINT ["devproxy"]
CMD ["serve"]
