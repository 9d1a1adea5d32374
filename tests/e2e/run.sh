#!/bin/bash
# The program BIN under the official SDKs: tests/e2e/run.sh BIN [FILE...]
#
# Prints what the runner of node says, and "N passed, N failed" at the end.
# E2E_EMULATED=1: an emulator runs BIN; E2E_SLOWER: by how much it is slower.
set -u
bin=${1:?usage: tests/e2e/run.sh BIN [FILE...]}
DRAGOMAN_BIN=$(realpath "$bin") || exit 1
export DRAGOMAN_BIN
shift
files=$(for f in "$@"; do realpath "$f"; done)
cd "$(dirname "$0")" || exit 1

. ../lib.sh
packages . || exit 1

# The proxy of whoever runs this is none of the tests' business.
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Node 18, which is Debian's, has not all of these options.
options=
for option in --test-concurrency=2 --test-timeout=$((120000 * ${E2E_SLOWER:-1})); do
	node $option -e 0 2>/dev/null && options="$options $option"
done
node --test $options --test-reporter=spec ${files:-*.test.mjs} 2>&1 | tee "$log"
status=${PIPESTATUS[0]}

number() {
	sed -n "s/^ℹ $1 \([0-9]*\)\$/\1/p" "$log" | tail -1
}
passed=$(number pass)
failed=$(($(number fail) + $(number cancelled) + 0))
[ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1
echo "${passed:-0} passed, $failed failed"
[ "$failed" = 0 ]
