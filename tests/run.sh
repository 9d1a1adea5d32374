#!/bin/bash
# Run the levels of test named as arguments, or all of them, and sum up.
#
# A level is a step (it passes or fails as a whole) or a runner that closes
# with "N passed, N failed".  A runner that ends without that line, or with
# an error and no failure counted, has failed once; exit status 77 says that
# the level cannot run on this machine.  The environment comes from Makefile.
set -u
cd "$(dirname "$0")/.."
unset MAKEFLAGS MFLAGS
export BUILD=${BUILD:-build} JOBS=${JOBS:-2}
make=${MAKE:-make BUILD=$BUILD}
all="need build clang lint floors tables unit golden replay e2e e2e-release sdks bare embedded sealed network fuzz image dist containers manifests platforms"

# Reports of the sanitizers say where, and end the program.
export ASAN_OPTIONS=detect_stack_use_after_return=1:abort_on_error=1:quarantine_size_mb=16
export UBSAN_OPTIONS=print_stacktrace=1

count() {
	sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$1" | tail -1
}

# One program per file; a program that does not build or link is a failure.
unit() {
	local passed=0 failed=0 built=true name log=$BUILD/log/unit.one

	$make -k -j"$JOBS" unit-programs || built=false
	for name in tests/unit/*.c; do
		name=$(basename "$name" .c)
		echo "--- $name"
		if ! $built && ! $make -q "$BUILD/unit/$name" 2>/dev/null; then
			echo "$name: does not build"
			failed=$((failed + 1))
			continue
		fi
		timeout -k 5 60 "$BUILD/unit/$name" >"$log" 2>&1
		local status=$? n
		cat "$log"
		n=$(count "$log")
		passed=$((passed + $(set -- ${n:-0}; echo "$1")))
		[ $status = 0 ] && [ "$n" ] && continue
		echo "$name: failed, status $status"
		failed=$((failed + 1))
	done
	echo "$passed passed, $failed failed"
	[ $failed = 0 ]
}

level() {
	case $1 in
	need)		tests/need.sh test ;;
	build)		$make -j"$JOBS" all link-check ;;
	clang)		$make clang ;;
	lint)		tests/lint.sh ;;
	floors)		tests/floors.sh ;;
	tables)		$make -j"$JOBS" "$BUILD/tables" && tests/tables.sh "$BUILD/tables" check ;;
	unit)		unit ;;
	golden)		$make -j"$JOBS" asan && tests/golden/run.sh "$BUILD/asan/dragoman" ;;
	replay)		$make -j"$JOBS" asan && tests/replay.sh "$BUILD/asan/dragoman" ;;
	e2e)		$make -j"$JOBS" asan && tests/e2e/run.sh "$BUILD/asan/dragoman" ;;
	e2e-release)	$make -j"$JOBS" all && tests/e2e/run.sh "$BUILD/dragoman" ;;
	sdks)		$make -j"$JOBS" all && tests/clients/run.sh "$BUILD/dragoman" sdks ai-sdk langchain openai-agents ;;
	clients)	$make -j"$JOBS" all && tests/clients/run.sh "$BUILD/dragoman" ;;
	fuzz)		$make -k -j"$JOBS" fuzz-programs && tests/fuzz/run.sh -runs=20000 -max_total_time=5 -seed=1 ;;
	bare)		$make -j"$JOBS" all "$BUILD/bench/start" && tests/bare.sh "$BUILD/dragoman" ;;
	embedded)	tests/embedded.sh ;;
	network)	$make -j"$JOBS" all asan && tests/network.sh "$BUILD/dragoman" "$BUILD/asan/dragoman" ;;
	sealed)		$make -j"$JOBS" all && tests/sealed.sh "$BUILD/dragoman" ;;
	image)		$make all && tests/image.sh ;;
	dist)		$make -j"$JOBS" all && tests/dist.sh ;;
	platforms)	QUICK=1 tests/platforms.sh ;;
	containers)	$make all && tests/containers.sh ;;
	dockerfile)	$make all && tests/dockerfile.sh ;;
	manifests)	$make -j"$JOBS" all && tests/manifests/run.sh "$BUILD/dragoman" ;;
	*)		echo "no such level: $1"; return 2 ;;
	esac
}
export -f level unit count
export make

mkdir -p "$BUILD/log"
passed=0
failed=0
table=
for name in ${*:-$all}; do
	log=$BUILD/log/$name
	began=$SECONDS
	echo "=== $name"
	# All programs, one after the other, at their own pace.
	limit=400
	case $name in
	clients|dockerfile) limit=3600 ;;
	platforms)	limit=900 ;;	# musl and BearSSL for another one, too
	esac
	timeout -k 10 $limit bash -c "level $name" 2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	case $name in
	need|build|clang)
		good=$((status == 0)) bad=$((status != 0)) ;;
	*)
		read -r good bad <<<"$(count "$log")"
		good=${good:-0} bad=${bad:-0}
		# Nothing ran, or it broke without saying how: that is no pass.
		[ "$bad" != 0 ] || [ "$status" = 77 ] ||
		    [ "$status" = 0 -a "$good" != 0 ] || bad=1 ;;
	esac
	passed=$((passed + good))
	failed=$((failed + bad))
	[ "$status" = 77 ] && bad="$bad (skipped)"
	table+=$(printf '%-12s %5d passed, %s failed %5d s' "$name" "$good" \
	    "$bad" $((SECONDS - began)))$'\n'
done
echo "==="
printf '%s' "$table"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
