# Builds a static binary and puts it, alone with its certificates, into a small image that runs as nobody.
FROM golang:1.26-alpine AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /taskport ./cmd/taskport

FROM alpine:3.22
RUN apk add --no-cache ca-certificates
COPY --from=build /taskport /usr/local/bin/taskport
USER nobody
EXPOSE 8080
ENTRYPOINT ["taskport"]
