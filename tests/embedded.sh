#!/bin/bash
# A program with the certificate authorities built in: `make CA_EMBEDDED=FILE`.
# In a root that holds nothing else it serves an https provider's models.
set -u
cd "$(dirname "$0")/.."
bundle=/etc/ssl/certs/ca-certificates.crt
[ "$(id -u)" = 0 ] && [ -f $bundle ] && chroot / true 2>/dev/null || {
	echo "skipped: it needs root, chroot and $bundle"
	exit 77
}
out=${BUILD:-build}/embedded
make -j"${JOBS:-2}" BUILD="$out" CA_EMBEDDED=$bundle >"$out.log" 2>&1 ||
    cat "$out.log"
tmp=$(mktemp -d)
trap 'kill "$pid" 2>/dev/null; rm -rf "$tmp"' EXIT
pid=
passed=0 failed=0
cp "$out/dragoman" "$tmp/dragoman" || failed=1
chroot=$(command -v chroot)
env -i OPENAI_API_KEY=none DRAGOMAN_LISTEN=127.0.0.1:0 DRAGOMAN_WORKERS=1 \
    "$chroot" "$tmp" /dragoman serve >"$tmp/log" 2>&1 &
pid=$!
for _ in $(seq 500); do
	grep -q 'listening on\|level=error' "$tmp/log" && break
	sleep 0.01
done
if grep -q 'listening on' "$tmp/log" && ! grep -q level=error "$tmp/log"; then
	passed=1
	echo "ok starts without a bundle on disk"
else
	failed=1
	echo "not ok starts without a bundle on disk"
	cat "$tmp/log"
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
