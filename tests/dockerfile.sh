#!/bin/bash
# docker/Dockerfile with all its stages: tests/dockerfile.sh
#
# buildah builds it for this platform, again, and for another one.  The base
# image is made of Debian's packages first: no registry is asked.  All of it
# takes minutes and gigabytes below BUILD, so it runs only on demand.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
. tests/lib.sh
export PATH=$PATH:/usr/sbin:/sbin

[ "$(id -u)" = 0 ] || skip "making a base image needs root"
for tool in buildah mmdebstrap qemu-aarch64-static node; do
	command -v $tool >/dev/null || skip "$tool is not installed"
done
unshare --mount true 2>/dev/null || skip "no namespaces within this container"

store=$(realpath "$build")/dockerfile
finish() {
	own rm -a >/dev/null 2>&1
	rm -rf "$store"
}
trap finish EXIT
trap 'exit 1' TERM INT
rm -rf "$store"
mkdir -p "$store"
own() {
	buildah --root "$store/root" --runroot "$store/run" \
	    --storage-driver vfs "$@"
}
version=$(docker/version.sh)
epoch=$(docker/version.sh epoch)

base() {
	local container

	mmdebstrap --quiet --variant=minbase --mode=root bookworm \
	    "$store/base.tar" && container=$(own from scratch) &&
	    own add -q "$container" "$store/base.tar" >/dev/null &&
	    own commit -q --rm "$container" \
		docker.io/library/debian:bookworm-slim >/dev/null
}

# build_image NAME OPTION...
build_image() {
	own bud --isolation chroot --format docker --timestamp 0 "${@:2}" \
	    --build-arg VERSION="$version" \
	    --build-arg SOURCE_DATE_EPOCH="$epoch" \
	    -f docker/Dockerfile -t "$1" . >"$store/log" 2>&1 ||
	    { tail -20 "$store/log"; false; }
}
# What an image says, and the digests of its layers; docker's form of that
# also names the machine, which is another each time.
config() {
	own inspect --type image "$1" | node -e '
	    console.log(JSON.stringify(JSON.parse(require("fs").readFileSync(0))
		.OCIv1, null, 1));'
}
# The files of an image, in a folder of that name.
unpack() {
	local container

	container=$(own from "$1" 2>/dev/null) && mkdir "$store/$1" &&
	    cp -a "$(own mount "$container")/." "$store/$1" &&
	    own rm "$container" >/dev/null
}
holds() {
	(cd "$store/$1" && find . ! -type d | sort) | diff - <(
		echo ./dragoman
		echo ./etc/passwd
		echo ./etc/ssl/certs/ca-certificates.crt
		[ ! -f LICENSE ] || echo ./licenses/dragoman.txt
		printf './licenses/%s.txt\n' bearssl ca-certificates jsmn musl
		echo ./sbom.spdx.json)
}
tells() {			# NAME ARCHITECTURE
	config "$1" | grep -qxF " \"architecture\": \"$2\"," &&
	    config "$1" | grep -q "image.version\": \"$version\""
}
says_version() {
	diff <("$@" version) <(echo "dragoman $version")
}
foreign() {
	local port log=$store/log status

	qemu-aarch64-static "$store/arm64/dragoman" echo --listen 127.0.0.1:0 \
	    >"$log" 2>&1 &
	port=$(port_of "$log") && exec 3<>"/dev/tcp/127.0.0.1/$port" &&
	    printf 'GET /v1/models HTTP/1.0\r\n\r\n' >&3 &&
	    timeout 10 cat <&3 | grep -q '"gpt-'
	status=$?
	exec 3>&-
	kill $!
	wait $! 2>/dev/null
	return $status
}

check "a base image" base
check "builds for this platform" build_image native
check "holds what it must and no more" eval 'unpack native && holds native'
check "says what it is" tells native amd64
check "starts" says_version "$store/native/dragoman"
# With the same compiler it is the same program, wherever it is built.
! grep -q '^VERSION_CODENAME=bookworm$' /etc/os-release ||
    check "is what make makes" cmp "$build/dragoman" "$store/native/dragoman"
check "builds again" build_image again
check "gives the same again" eval 'diff <(config native) <(config again)'
check "builds for arm64" build_image arm64 --platform linux/arm64
check "arm64: holds the same" eval 'unpack arm64 && holds arm64'
check "arm64: says what it is" tells arm64 arm64
check "arm64: starts" says_version qemu-aarch64-static "$store/arm64/dragoman"
check "arm64: answers" foreign
sum_up
