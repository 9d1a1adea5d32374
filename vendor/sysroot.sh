#!/bin/sh
# Build musl for another platform: vendor/sysroot.sh PLATFORM, into
# vendor/sysroot-PLATFORM.  Needs the cross compiler of that platform and what
# fetch.sh unpacked.  A second run finds the stamp and does nothing.
set -eu
cd "$(dirname "$0")"
case ${1:-} in
arm64)		gnu=aarch64-linux-gnu musl=aarch64-linux-musl ;;
arm)		gnu=arm-linux-gnueabihf musl=arm-linux-musleabihf ;;
riscv64)	gnu=riscv64-linux-gnu musl=riscv64-linux-musl ;;
*)		echo "usage: vendor/sysroot.sh arm64|arm|riscv64" >&2; exit 2 ;;
esac
root=$(pwd)/sysroot-$1

want=$(cat lock sysroot.sh | sha256sum)
exec 9>.busy
flock 9
if [ "$(cat "$root/.stamp" 2>/dev/null)" = "$want" ]; then
	touch "$root/.stamp"
	exit 0
fi
command -v $gnu-gcc >/dev/null || {
	echo "missing here: gcc-$gnu" >&2
	exit 1
}

echo "vendor: building musl for $1" >&2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
rm -rf "$root"
cd "$tmp"
"$OLDPWD/musl/configure" --prefix="$root" --target=$musl --disable-shared \
    --disable-gcc-wrapper CC=$gnu-gcc CROSS_COMPILE=$gnu- CFLAGS=-Os >log 2>&1 &&
    make -j"$(nproc)" install >>log 2>&1 || { tail -20 log >&2; exit 1; }
sh "$OLDPWD/musl/tools/musl-gcc.specs.sh" "$root/include" "$root/lib" \
    none >"$root/musl-gcc.specs"
echo "$want" >"$root/.stamp"
