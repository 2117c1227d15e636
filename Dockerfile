# A static binary, certificates, and nothing else. Build with
#   docker build --build-arg VERSION=v1.2.3 -t neptun .
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.releaseVersion=$VERSION" -o /neptun . \
 && mkdir /data && chmod 700 /data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /neptun /neptun
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
ENV NEPTUN_ADDR=:8080 DATABASE_URL=sqlite:/data/neptun.db
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["/neptun", "health"]
ENTRYPOINT ["/neptun"]
