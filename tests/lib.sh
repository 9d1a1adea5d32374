# shellcheck shell=bash disable=SC2034
# What levels of test have in common that are shell scripts; they source it.
#
# Each check prints "ok NAME" or "not ok NAME"; sum_up is the last line, and its
# status that of the level.

passed=0 failed=0

# This machine cannot do it, and why.
skip() {
	echo "skipped: $1"
	exit 77
}

# check NAME COMMAND...
check() {
	local name=$1

	shift
	if "$@"; then
		passed=$((passed + 1))
		echo "ok $name"
	else
		failed=$((failed + 1))
		echo "not ok $name"
	fi
}

sum_up() {
	echo "$passed passed, $failed failed"
	[ $failed = 0 ]
}

# packages FOLDER: what its package-lock.json names is installed there.  A lock
# that was changed makes an installation of it out of date.
packages() {
	cmp -s "$1/package-lock.json" "$1/node_modules/.lock" && return 0
	echo "installing what $1/package-lock.json names (npm ci)"
	(cd "$1" && npm ci --no-audit --no-fund --loglevel=error) &&
	    cp "$1/package-lock.json" "$1/node_modules/.lock"
}

# The processes of $children end, and are waited for.
end_children() {
	local pid

	for pid in $children; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
}

# within SECONDS COMMAND...: until it succeeds.
within() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.02
	done
}

# port_of LOG [WHAT]: the port that a program's log tells of, of that kind.
port_of() {
	local pattern="listening on [^ ]*127\\.0\\.0\\.1:([0-9]+)${2:-}\"?\$"

	within 30 grep -qsE "$pattern" "$1" || return
	sed -nE "s/.*$pattern.*/\\1/p" "$1" | head -1
}
