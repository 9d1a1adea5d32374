#!/bin/sh
# Gather in BUILD/image what the image holds, from the program in BUILD.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
root=$build/image

rm -rf "$root"
mkdir -p "$root/etc/ssl/certs" "$root/licenses"
install -m 755 "$build/dragoman" "$root/dragoman"
install -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
install -m 644 vendor/bearssl/LICENSE.txt "$root/licenses/bearssl.txt"
install -m 644 vendor/jsmn/LICENSE.txt "$root/licenses/jsmn.txt"
# Linked in and copied in from Debian packages: their notices.
install -m 644 /usr/share/doc/musl-dev/copyright "$root/licenses/musl.txt"
install -m 644 /usr/share/doc/ca-certificates/copyright \
    "$root/licenses/ca-certificates.txt"
if [ -f LICENSE ]; then
	install -m 644 LICENSE "$root/licenses/dragoman.txt"
fi
