#!/bin/bash
# Run every fuzz program of tests/fuzz/ with the libFuzzer options given.
# It starts from the seeds in corpus/NAME; what it finds goes to the build
# folder: new inputs to fuzz/corpus/NAME, crashers to fuzz/crash/NAME-*.
set -u
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
mkdir -p "$build/fuzz"
shopt -s nullglob

one() {
	local name=$1 seeds=tests/fuzz/corpus/$1 found=$build/fuzz/corpus/$1
	local log=$build/fuzz/$1.log

	shift
	mkdir -p "$found" "$build/fuzz/crash"
	[ -d "$seeds" ] || seeds=
	if "$build/fuzz/bin/$name" -timeout=10 -rss_limit_mb=1500 \
	    -artifact_prefix="$build/fuzz/crash/$name-" \
	    "$@" "$found" $seeds >"$log" 2>&1
	then
		echo "ok $name: $(grep '^Done' "$log")"
	else
		tail -60 "$log"
		echo "not ok $name: see $build/fuzz/crash/$name-*"
	fi
}
export -f one
export build

for f in tests/fuzz/*.c; do
	basename "$f" .c
done | xargs -P "${JOBS:-2}" -I{} bash -c 'one "$@"' one {} "$@" |
    tee "$build/fuzz/all.log"
failed=$(grep -c '^not ok ' "$build/fuzz/all.log")
echo "$(grep -c '^ok ' "$build/fuzz/all.log") passed, $failed failed"
[ "$failed" = 0 ]
