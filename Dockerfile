# The pages in web/dist are in git, so this needs no Node. For other pages: make web, then build.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /kinoautomat . && mkdir /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /kinoautomat /kinoautomat
COPY --from=build --chown=nonroot:nonroot /data /data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/kinoautomat"]
CMD ["serve", "--data", "/data"]
