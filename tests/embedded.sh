#!/bin/bash
# A program with the certificate authorities built in: `make CA_EMBEDDED=FILE`.
# In a root that holds nothing else it starts with an https provider.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/lib.sh
bundle=/etc/ssl/certs/ca-certificates.crt
[ "$(id -u)" = 0 ] && [ -f $bundle ] && chroot / true 2>/dev/null ||
    skip "it needs root, chroot and $bundle"
out=${BUILD:-build}/embedded
make -j"${JOBS:-2}" BUILD="$out" CA_EMBEDDED=$bundle >"$out.log" 2>&1 ||
    cat "$out.log"
tmp=$(mktemp -d)
pid=
trap 'kill "$pid" 2>/dev/null; rm -rf "$tmp"' EXIT
check "is built" cp "$out/dragoman" "$tmp/dragoman"
chroot=$(command -v chroot)
env -i OPENAI_API_KEY=none DRAGOMAN_LISTEN=127.0.0.1:0 DRAGOMAN_WORKERS=1 \
    "$chroot" "$tmp" /dragoman serve >"$tmp/log" 2>&1 &
pid=$!
starts() {
	within 10 grep -qs 'listening on\|level=error' "$tmp/log" &&
	    ! grep -q level=error "$tmp/log" || { cat "$tmp/log"; false; }
}
check "starts without a bundle on disk" starts
sum_up
