#!/bin/bash
# The files of docker/ that others run the program by: run.sh BIN [FILE...]
#
# Are they what Kubernetes, Compose, systemd and procd take, do they fit each
# other and the program BIN?  No cluster and no network is needed but for what
# package-lock.json names.  Prints what the runner of node says, and
# "N passed, N failed" at the end.
set -u
bin=${1:?usage: tests/manifests/run.sh BIN [FILE...]}
DRAGOMAN_BIN=$(realpath "$bin") || exit 1
export DRAGOMAN_BIN
shift
files=$(for f in "$@"; do realpath "$f"; done)
cd "$(dirname "$0")" || exit 1

. ../lib.sh
packages . || exit 1

unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
timeout -k 5 180 node --test --test-reporter=tap ${files:-*.test.mjs} \
    >"$log" 2>&1
status=$?

# Of the runner's long report: names, what was measured, and why if not.
grep -vE '^ *(---|\.\.\.|1\.\.[0-9]+|duration_ms:|type:|TAP version|# Subtest:)' \
    "$log" | grep -vE '^# (tests|suites|cancelled|todo|duration_ms) ' |
    sed -E 's/^((not )?ok) [0-9]+ - /\1 /'
number() {
	sed -n "s/^# $1 \([0-9]*\)\$/\1/p" "$log" | tail -1
}
passed=$(number pass)
failed=$(($(number fail) + $(number cancelled) + 0))
[ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1
echo "${passed:-0} passed, $failed failed"
[ "$failed" = 0 ]
