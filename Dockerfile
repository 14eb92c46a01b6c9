# Builds a static binary and puts it, with CA certificates, into a small image. It runs as nobody,
# by number, so that a cluster can verify that it is not root. Health checks use the image's wget.
FROM golang:1.26-alpine AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOAMD64=v2 go build -trimpath -ldflags='-s -w' -o /taskport ./cmd/taskport

FROM alpine:3.22
RUN apk add --no-cache ca-certificates
COPY --from=build /taskport /usr/local/bin/taskport
USER 65534:65534
# The address of the health check, inside the container only. 0.0.0.0:9090 opens the metrics to
# others.
ENV TASKPORT_ADMIN_LISTEN=127.0.0.1:9090
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9090/healthz"]
EXPOSE 8080
ENTRYPOINT ["taskport"]
