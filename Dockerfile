# shopctl in a slim image: built with the Swift runtime inside, run by a user without rights.
#
#   docker build -t shopctl .

FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends pkg-config libpq-dev librabbitmq-dev libhiredis-dev libssl-dev \
        zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# Dependencies change seldom: they are fetched in a layer of their own.
COPY Package.swift ./
RUN swift package resolve
COPY Sources Sources
COPY Tests Tests
COPY Benchmarks Benchmarks
RUN swift build -c release --static-swift-stdlib --product shopctl \
    && install -s -D "$(swift build -c release --static-swift-stdlib --show-bin-path)/shopctl" /out/shopctl

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq5 librabbitmq4 libhiredis0.14 libssl3 zlib1g ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin shop
COPY --from=build /out/shopctl /usr/local/bin/shopctl
USER shop
# The admin listener stays on the loopback of the container, where the health check asks it.
ENV SHOPCTL_LOG_FORMAT=json
HEALTHCHECK --interval=5s --timeout=6s --start-period=30s CMD ["shopctl", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["shopctl"]
CMD ["--help"]
