#!/bin/sh
# The last stage of the Dockerfile, by buildah, from the program that is in
# BUILD already: docker/buildah.sh BUILD.  Needs no daemon and no base image;
# storage of its own lies below BUILD.  Leaves BUILD/dragoman-buildah.tar.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}

docker/root.sh "$build/image" "$build/dragoman"
mkdir -p "$build/storage"
store=$(cd "$build/storage" && pwd)
own="--root $store/root --runroot $store/run --storage-driver vfs"
sed -n '/^FROM scratch/,$p' docker/Dockerfile |
    sed 's|--from=build ||; s|/src/build/image/|./|' >"$store/Dockerfile"
buildah $own bud -q --isolation chroot --format docker --timestamp 0 \
    --build-arg VERSION="$(docker/version.sh)" \
    -f "$store/Dockerfile" -t dragoman:latest "$build/image" >/dev/null
rm -f "$build/dragoman-buildah.tar"
buildah $own push -q dragoman:latest \
    "docker-archive:$build/dragoman-buildah.tar:dragoman:latest" >/dev/null
