# Builds a static binary and puts it, alone with its certificates, into a small image that runs as nobody (by number, so that a
# cluster can tell that it is not root). The health checks of docker-compose.yml use the wget of that image.
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
EXPOSE 8080
ENTRYPOINT ["taskport"]
