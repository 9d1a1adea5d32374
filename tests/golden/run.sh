#!/bin/sh
# Run the golden cases through `dragoman translate`.
#
#	run.sh PROGRAM [CASE...]
#
# A case is a folder:
#	args		options of `translate`, in one line
#	in.json|in.sse	what goes in
#	out.json|out.sse	what must come out, byte for byte; the program ends
#			JSON with a line end
#	request.json	optional: the client's request that the answer is for
#	warnings	optional: all of standard error; without it there is none
#	fails		optional, empty: the exit status is 1, not 0; the output
#			is the error body
# Time and request id are fixed: 1700000000, req_golden.
#
# KEEP=1 rewrites what must come out from what does come out.  Read the
# difference before you commit it.
set -u
program=${1:?"usage: run.sh PROGRAM [CASE...]"}
case $program in
/*) ;;
*) program=$PWD/$program ;;
esac
shift
[ -x "$program" ] || { echo "run.sh: no program $program"; exit 1; }
cd "$(dirname "$0")" || exit 1
[ $# -gt 0 ] || set -- */
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
: >"$tmp/none"
passed=0
failed=0

# Say how the case that stands in $name differs; $1 wanted, $2 got.
differs() {
	broken=1
	echo "$name: $3"
	diff "$1" "$2" | head -20
}

keep() {
	cp "$tmp/out" "$out"
	if [ -s "$tmp/err" ]; then
		cp "$tmp/err" "$name/warnings"
	else
		rm -f "$name/warnings"
	fi
}

one() {
	in=$name/in.json
	[ -f "$in" ] || in=$name/in.sse
	out=$name/out.json
	[ -f "$out" ] || [ ! -f "$name/out.sse" ] || out=$name/out.sse
	want=0
	[ ! -f "$name/fails" ] || want=1
	read -r args <"$name/args"
	[ ! -f "$name/request.json" ] || args="$args --request $name/request.json"

	# The options are words: they are meant to be split.
	"$program" translate --now 1700000000 --id req_golden $args \
	    <"$in" >"$tmp/out" 2>"$tmp/err"
	status=$?
	[ -z "${KEEP:-}" ] || keep
	warnings=$name/warnings
	[ -f "$warnings" ] || warnings=$tmp/none
	[ $status = $want ] || {
		broken=1
		echo "$name: exit status $status, not $want"
		cat "$tmp/err"
	}
	cmp -s "$out" "$tmp/out" || differs "$out" "$tmp/out" output
	cmp -s "$warnings" "$tmp/err" ||
	    differs "$warnings" "$tmp/err" warnings
}

for name; do
	name=${name%/}
	broken=0
	if [ -f "$name/args" ]; then
		one
	else
		broken=1
		echo "$name: no case here"
	fi
	if [ $broken = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
