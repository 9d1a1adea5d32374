#!/bin/bash
# The program of other platforms, under qemu: tests/platforms.sh [PLATFORM...]
#
# Unit programs as they are built for release, golden cases, and end-to-end
# tests; E2E names the files of those, all of them without it.
set -u
cd "$(dirname "$0")/.."
passed=0 failed=0

count() {			# LOG
	sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$1" | tail -1
}
add() {				# NAME LOG STATUS
	local good bad

	read -r good bad <<<"$(count "$2")"
	[ "$3" = 0 ] || [ "${bad:-0}" != 0 ] || bad=1
	passed=$((passed + ${good:-0}))
	failed=$((failed + ${bad:-1}))
	[ "${bad:-1}" = 0 ] || tail -5 "$2"
	echo "$1: ${good:-0} passed, ${bad:-1} failed (so far)"
}

for platform in "${@:-arm64}"; do
	build=build/$platform
	qemu=qemu-$platform-static
	[ "$platform" != arm64 ] || qemu=qemu-aarch64-static
	tests/need.sh build "$platform" || exit 1
	if ! command -v "$qemu" >/dev/null; then
		echo "skipped: $qemu is not installed"
		exit 77
	fi
	make -j"${JOBS:-2}" PLATFORM="$platform" all bare-programs || exit 1
	file=$(pwd)/$build/dragoman
	printf '#!/bin/sh\nexec %s %s "$@"\n' "$qemu" "$file" >"$build/run"
	chmod +x "$build/run"
	mkdir -p "$build/log"
	for program in "$build"/bare/*; do
		name=$(basename "$program")
		timeout -k 5 120 "$qemu" "$program" >"$build/log/$name" 2>&1
		add "$platform $name" "$build/log/$name" $?
	done
	tests/golden/run.sh "$build/run" >"$build/log/golden" 2>&1
	add "$platform golden" "$build/log/golden" $?
	tests/e2e/run.sh "$build/run" ${E2E:-} >"$build/log/e2e" 2>&1
	add "$platform e2e" "$build/log/e2e" $?
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
