#!/bin/bash
# The program of other platforms, under qemu: tests/platforms.sh [PLATFORM...]
#
# Unit programs as they are built for release, golden cases, and end-to-end
# tests; E2E names the files of those, all of them without it.  With QUICK set
# a part of each, for one platform: in continuous integration another with each
# commit, elsewhere one that has been built.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/lib.sh
skipped=0
all="arm64 arm riscv64"

count() {			# LOG
	sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$1" | tail -1
}
# add NAME LOG STATUS: a part that is over.  Silent if a unit program is good.
add() {
	local good bad

	read -r good bad <<<"$(count "$2")"
	[ "$3" = 0 ] || [ "${bad:-0}" != 0 ] || bad=1
	passed=$((passed + ${good:-0}))
	failed=$((failed + ${bad:-1}))
	if [ "${bad:-1}" != 0 ]; then
		echo "not ok $1"
		tail -30 "$2"
	fi
	part_passed=$((part_passed + ${good:-0}))
}
part() {			# NAME
	echo "ok $platform $1: $part_passed passed, $((SECONDS - began)) s"
	part_passed=0 began=$SECONDS
}

one_of() {
	local platform commit

	if [ -n "${CI:-}" ]; then
		commit=$(git rev-parse --short=6 HEAD 2>/dev/null) || commit=0
		set -- $all
		shift $((0x$commit % 3))
		echo "$1"
		return
	fi
	for platform in $all; do
		[ -f "vendor/sysroot-$platform/.stamp" ] &&
		    [ -f "build/$platform/release/libbearssl.a" ] &&
		    command -v "$(emulator "$platform")" >/dev/null || continue
		echo "$platform"
		return
	done
}
emulator() {
	case $1 in
	arm64)	echo qemu-aarch64-static ;;
	*)	echo "qemu-$1-static" ;;
	esac
}

unit() {
	local program name

	for name in $units; do
		program=$build/bare/$name
		timeout -k 5 300 "$qemu" "$program" >"$build/log/$name" 2>&1
		add "$platform $name" "$build/log/$name" $?
	done
	part unit
}
golden() {
	local cases=

	[ -z "${QUICK:-}" ] || [ -n "${CI:-}" ] ||
	    cases=$(cd tests/golden && printf '%s\n' */ |
	    awk 'NR % 6 == 0')
	tests/golden/run.sh "$build/run" $cases >"$build/log/golden" 2>&1
	add "$platform golden" "$build/log/golden" $?
	part golden
}
calls() {
	node tests/ship/calls.mjs "$qemu" "$build/dragoman" \
	    >"$build/log/calls" 2>&1
	add "$platform system calls" "$build/log/calls" $?
	part "system calls"
}
e2e() {
	E2E_EMULATED=1 E2E_SLOWER=10 tests/e2e/run.sh "$build/run" ${E2E:-} \
	    >"$build/log/e2e" 2>&1
	add "$platform e2e" "$build/log/e2e" $?
	sed -n 's/^﹣ \(.*\) ([0-9.]*ms) # \(.*\)/left out: \1: \2/p' \
	    "$build/log/e2e"
	skipped=$((skipped + $(sed -n 's/^ℹ skipped //p' "$build/log/e2e" |
	    tail -1) + 0))
	part e2e
}

if [ -n "${QUICK:-}" ] && [ $# = 0 ]; then
	set -- "$(one_of)"
	[ "$1" ] || skip "none is built here; make test-platforms does"
	E2E=${E2E-"tests/e2e/matrix.test.mjs tests/e2e/process.test.mjs"}
fi
[ $# != 0 ] || set -- $all
# Of the units, those that are nearest to the machine.
units=$(cd tests/unit && printf '%s\n' ${QUICK:+base_}*.c | sed 's/\.c$//')
for platform; do
	build=build/$platform
	qemu=$(emulator "$platform")
	began=$SECONDS part_passed=0
	tests/need.sh build "$platform" || exit 1
	command -v "$qemu" >/dev/null || skip "$qemu is not installed"
	make -s -j"${JOBS:-2}" BUILD="$build" PLATFORM="$platform" \
	    all link-check $(printf "$build/bare/%s " $units) || exit 1
	printf '#!/bin/sh\nexec %s %s "$@"\n' "$qemu" "$PWD/$build/dragoman" \
	    >"$build/run"
	chmod +x "$build/run"
	mkdir -p "$build/log"
	echo "ok $platform is built: $((SECONDS - began)) s"
	began=$SECONDS
	unit
	golden
	calls
	e2e
done
echo "left out: $skipped"
sum_up
