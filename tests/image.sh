#!/bin/bash
# The image: what is in it, and does it run with nothing around it?  Its root
# is entered with chroot: no /proc, no /dev, no shell, no resolver's files.
set -u
cd "$(dirname "$0")/.."
build=${BUILD:-build}

skip() {
	echo "skipped: $1"
	exit 77
}
command -v buildah >/dev/null || skip "buildah is not installed"
[ "$(id -u)" = 0 ] || skip "entering the image needs root"
unshare --mount --pid --fork true || skip "no namespaces within this container"

passed=0 failed=0
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
finish() {
	echo "$passed passed, $failed failed"
	exit $((failed != 0))
}

check "builds" docker/build.sh "$build"
[ $failed = 0 ] || finish

root=$build/unpacked
rm -rf "$root"
mkdir -p "$root"
trap 'rm -rf "$root"; [ -z "${init:-}" ] || kill -9 "$init" 2>/dev/null' EXIT
image=$build/dragoman-image.tar
layers() {
	tar -tf "$image" | grep -E '^[0-9a-f]{64}\.tar$'
}
for layer in $(layers); do
	tar -xOf "$image" "$layer" | tar -xpf - -C "$root"
done
config=$(tar -xOf "$image" "$(tar -tf "$image" |
    grep -E '^[0-9a-f]{64}\.json$')")

holds() {
	{
		echo ./dragoman
		echo ./etc/ssl/certs/ca-certificates.crt
		[ ! -f LICENSE ] || echo ./licenses/dragoman.txt
		printf './licenses/%s.txt\n' bearssl ca-certificates jsmn musl
	} | sort | diff <(cd "$root" && find . ! -type d | sort) -
}
small() {
	test "$(gzip -9c "$image" | wc -c)" -lt 700000
}
same() {			# a layer's name is its digest
	local first
	first=$(layers)
	docker/build.sh "$build" >/dev/null && [ "$first" = "$(layers)" ]
}
says() {
	grep -qF "$1" <<<"$config" || { echo "$config"; false; }
}
check "holds what it must and no more" holds
check "is below 700 KB, compressed" small
check "has the same content when built again" same
check "runs as nobody in particular" says '"User":"65532:65532"'
check "starts the program" says '"Entrypoint":["/dragoman"]'
check "knows its health" says '"CMD","/dragoman","healthcheck"'

port=$((20000 + RANDOM % 10000))
enter="env -i PATH=$PATH DRAGOMAN_LISTEN=127.0.0.1:$port"
inside="chroot --userspec=65532:65532 $root /dragoman"
healthy() {
	local n

	for ((n = 0; n < 100; n++)); do
		$enter $inside healthcheck && return
		kill -0 "$init" 2>/dev/null || break
		sleep 0.1
	done
	cat "$build/image.log"
	return 1
}
stops() {
	local n

	# The process that unshare left in the new pid namespace is its init,
	# which the kernel spares all signals it has no handler for.
	kill -TERM $(cat "/proc/$init/task/$init/children") || return 1
	for ((n = 0; n < 100; n++)); do
		kill -0 "$init" 2>/dev/null || break
		sleep 0.1
	done
	wait "$init" || { echo "status $?"; cat "$build/image.log"; false; }
}
check "is unhealthy before it runs" eval "! $enter $inside healthcheck"
$enter unshare --pid --fork --kill-child $inside serve --demo \
    >"$build/image.log" 2>&1 </dev/null &
init=$!
check "is healthy when it runs" healthy
check "ends on SIGTERM as process 1" stops
finish
