# The image contains the binary, seven library files and a user: no shell and no tools.
#   docker build -t holdfast . && docker run -p 127.0.0.1:9999:9999 -p 127.0.0.1:9998:9998 -p 127.0.0.1:4040:4040 holdfast
FROM node:22-bookworm-slim AS build
WORKDIR /source
COPY . .
RUN ./compile.sh && ./docker/rootfs.sh builds/*/holdfast /rootfs

FROM scratch
COPY --from=build /rootfs /
USER 65532:65532
EXPOSE 9999 9998 4040
ENTRYPOINT ["/holdfast", "-host", "0.0.0.0"]
