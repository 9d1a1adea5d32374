#!/bin/sh
# Build the image from the program that is in BUILD already: the last stage
# of the Dockerfile, by buildah, with storage of its own below BUILD.  Needs
# no daemon and no base image; the same program gives the same layer.
# Leaves BUILD/dragoman-image.tar, for `docker load` or `podman load`.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}

docker/root.sh "$build"
mkdir -p "$build/storage"
store=$(cd "$build/storage" && pwd)
own="--root $store/root --runroot $store/run --storage-driver vfs"
sed -n '/^FROM scratch/,$p' docker/Dockerfile |
    sed 's|^COPY --from=build .* /$|COPY . /|' >"$store/Dockerfile"
buildah $own bud -q --isolation chroot --format docker --timestamp 0 \
    -f "$store/Dockerfile" -t dragoman:latest "$build/image" >/dev/null
rm -f "$build/dragoman-image.tar"
buildah $own push -q dragoman:latest \
    "docker-archive:$build/dragoman-image.tar:dragoman:latest" >/dev/null
echo "$build/dragoman-image.tar: $(stat -c %s "$build/dragoman-image.tar") bytes"
