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

liked=
# like PACKAGE TEST...: the same, but it can do without.
like() {
	package=$1
	shift
	"$@" >/dev/null 2>&1 || liked="$liked $package"
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
	# Without these a level, or a check of one, is skipped: where all must
	# run they are installed, too.
	if [ "${CI:-}" ]; then
		like buildah command -v buildah
		like podman command -v podman
		like runc command -v runc
		like qemu-user-static command -v qemu-arm-static
		like iproute2 command -v ip
		like systemd command -v systemd-analyze
		like strace command -v strace
		like shellcheck command -v shellcheck
		like curl command -v curl
	fi
fi
[ "$missing$liked" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	as_root=sudo
	if ! command -v sudo >/dev/null; then
		echo "missing here; as root, run:" >&2
		echo "    apt-get install --no-install-recommends$missing$liked" >&2
		[ ! "$missing" ] && exit 0
		exit 1
	fi
fi
if ! command -v apt-get >/dev/null; then
	echo "missing here (Debian's names):$missing$liked" >&2
	[ ! "$missing" ] && exit 0
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Lists that are partly stale may still do: the install decides.
$as_root apt-get -qq update >"$log" 2>&1 || cat "$log" >&2
# get PACKAGE...
get() {
	[ $# != 0 ] || return 0
	echo "installing: $*"
	$as_root apt-get -qq install -y --no-install-recommends "$@" \
	    >"$log" 2>&1 || { cat "$log" >&2; return 1; }
}
get $missing
get $liked || echo "levels that need it are skipped" >&2
