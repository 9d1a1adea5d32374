#!/bin/sh
# Install what is missing to build (`need.sh build`, or `need.sh build arm64`
# for another platform), to make an image (`need.sh image`), or also to test
# (`need.sh test`): Debian packages, from the sources this system has.
# What is there already, from wherever it came, is left alone.
set -eu

missing=
# want PACKAGE TEST...: the package is missing if the test fails.
want() {
	package=$1
	shift
	"$@" >/dev/null 2>&1 || missing="$missing $package"
}

want gcc command -v gcc
want make command -v make
want musl-tools command -v musl-gcc
want dpkg-dev command -v dpkg-source
want xz-utils command -v xz
want patch command -v patch
want ca-certificates test -s /etc/ssl/certs/ca-certificates.crt

if [ "${2:-}" ] && [ "$2" != "$(dpkg --print-architecture)" ]; then
	case $2 in
	arm64)	want gcc-aarch64-linux-gnu command -v aarch64-linux-gnu-gcc ;;
	arm)	want gcc-arm-linux-gnueabihf command -v arm-linux-gnueabihf-gcc ;;
	riscv64) want gcc-riscv64-linux-gnu command -v riscv64-linux-gnu-gcc ;;
	*)	echo "no such platform: $2" >&2; exit 2 ;;
	esac
fi
if [ "${1:-build}" = image ] || [ "${1:-build}" = test ]; then
	want zopfli command -v zopfli
fi
if [ "${1:-build}" = test ]; then
	want libc6-dev test -e /usr/include/stdio.h
	want clang command -v clang
	want libclang-rt-dev sh -c 'ls /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*'
	want openssl command -v openssl
	want nodejs node -e 'process.exit(+(parseInt(process.versions.node) < 18))'
	want npm command -v npm
	# The image test is skipped without it, except where all must run.
	[ -z "${CI:-}" ] || want buildah command -v buildah
	[ -z "${CI:-}" ] || want qemu-user-static command -v qemu-arm-static
	[ -z "${CI:-}" ] || want iproute2 command -v ip
	# So are single checks of the manifests.
	[ -z "${CI:-}" ] || want systemd command -v systemd-analyze
	[ -z "${CI:-}" ] || want strace command -v strace
	[ -z "${CI:-}" ] || want shellcheck command -v shellcheck
	# So is the level sealed.
	[ -z "${CI:-}" ] || want curl command -v curl
	[ -z "${CI:-}" ] || want iproute2 command -v ip
	# So are containers.
	[ -z "${CI:-}" ] || want podman command -v podman
	[ -z "${CI:-}" ] || want runc command -v runc
	[ -z "${CI:-}" ] || want iproute2 command -v ip
fi
[ "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	as_root=sudo
	if ! command -v sudo >/dev/null; then
		echo "missing here; as root, run:" >&2
		echo "    apt-get install --no-install-recommends$missing" >&2
		exit 1
	fi
fi
if ! command -v apt-get >/dev/null; then
	echo "missing here (Debian's names):$missing" >&2
	exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Lists that are partly stale may still do: the install decides.
$as_root apt-get -qq update >"$log" 2>&1 || cat "$log" >&2
$as_root apt-get -qq install -y --no-install-recommends $missing \
    >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
