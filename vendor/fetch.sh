#!/bin/sh
# Obtain the third-party source named in vendor/lock and unpack it beside it:
# vendor/bearssl, vendor/jsmn and, for other platforms, vendor/musl, each with
# its licence.  Nothing of it is committed.  A second run finds the stamp, does nothing, needs no network.
#
# The packages come through apt with a state directory of its own: the
# system's source list is read (with the source packages switched on), its
# package lists, installed set and settings are left as they are.
set -eu
cd "$(dirname "$0")"

want=$(cat lock fetch.sh patches/*/*.patch 2>/dev/null | sha256sum)
exec 9>.busy
flock 9				# two builds may ask at the same time
if [ "$(cat .stamp 2>/dev/null)" = "$want" ]; then
	touch .stamp
	exit 0
fi

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/lists/partial" "$tmp/cache/archives/partial" "$tmp/src.d"
for f in /etc/apt/sources.list.d/*.sources; do
	[ -f "$f" ] || continue
	sed 's/^Types:.*/Types: deb deb-src/' "$f" >"$tmp/src.d/${f##*/}"
done
for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
	[ -f "$f" ] || continue
	sed -n 's/^deb \(.*\)/deb \1\ndeb-src \1/p' "$f" >"$tmp/src.d/${f##*/}.list"
done

apt() {
	apt-get -qq -o Dir::State="$tmp" -o Dir::State::lists="$tmp/lists" \
	    -o Dir::State::status=/dev/null -o Dir::Cache="$tmp/cache" \
	    -o Dir::Etc::sourcelist=/dev/null \
	    -o Dir::Etc::sourceparts="$tmp/src.d" \
	    -o APT::Sandbox::User=root -o Acquire::Retries=3 "$@"
}

# Copy the pinned file of each package to $tmp; refuse any other content.
obtain() {
	echo "vendor: fetching $2 $3" >&2
	case $1 in
	source)	(cd "$tmp" && apt source --download-only "$2=$3" >/dev/null) ;;
	binary)	(cd "$tmp" && apt download "$2=$3" >/dev/null) ;;
	*)	echo "vendor/lock: unknown kind $1" >&2; exit 1 ;;
	esac
	echo "$4  $tmp/$5" | sha256sum -c --quiet >&2
}

apt update || echo "vendor: the package lists are incomplete, going on" >&2
grep -v '^#' lock >"$tmp/lock"
while read -r kind name version sum file; do
	obtain "$kind" "$name" "$version" "$sum" "$file"
done <"$tmp/lock"

rm -rf bearssl jsmn musl .stamp
mkdir "$tmp/bearssl" "$tmp/deb" "$tmp/jsmn" "$tmp/musl"
tar -xJf "$tmp"/bearssl_*.orig.tar.xz -C "$tmp/bearssl" \
    --strip-components=1 --no-same-owner
tar -xzf "$tmp"/musl_*.orig.tar.gz -C "$tmp/musl" \
    --strip-components=1 --no-same-owner
dpkg-deb -x "$tmp"/libjsmn-dev_*.deb "$tmp/deb"
cp "$tmp/deb/usr/include/jsmn.h" "$tmp/jsmn/jsmn.h"
cp "$tmp/deb/usr/share/doc/libjsmn-dev/copyright" "$tmp/jsmn/LICENSE.txt"
for f in patches/*/*.patch; do
	[ -f "$f" ] || continue
	name=$(basename "$(dirname "$f")")
	patch -s -p1 -d "$tmp/$name" <"$f"
done
mv "$tmp/bearssl" "$tmp/jsmn" "$tmp/musl" .
echo "$want" >.stamp
