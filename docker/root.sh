#!/bin/sh
# Gather in DIR what the image holds: docker/root.sh DIR PROGRAM
set -eu
umask 022
cd "$(dirname "$0")/.."
root=${1:?usage: docker/root.sh DIR PROGRAM}
program=${2:?usage: docker/root.sh DIR PROGRAM}

rm -rf "$root"
mkdir -p "$root/etc/ssl/certs" "$root/licenses" "$root/var/lib/dragoman"
install -m 755 "$program" "$root/dragoman"
install -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
echo 'dragoman:x:65532:65532:dragoman:/var/lib/dragoman:/dragoman' \
    >"$root/etc/passwd"
chmod 644 "$root/etc/passwd"
install -m 644 vendor/bearssl/LICENSE.txt "$root/licenses/bearssl.txt"
install -m 644 vendor/jsmn/LICENSE.txt "$root/licenses/jsmn.txt"
install -m 644 vendor/musl/COPYRIGHT "$root/licenses/musl.txt"
install -m 644 /usr/share/doc/ca-certificates/copyright \
    "$root/licenses/ca-certificates.txt"
if [ -f LICENSE ]; then
	install -m 644 LICENSE "$root/licenses/dragoman.txt"
fi
docker/sbom.sh "$program" >"$root/sbom.spdx.json"
chmod 644 "$root/sbom.spdx.json"
