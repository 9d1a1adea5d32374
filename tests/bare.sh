#!/bin/bash
# The program alone in an empty root: tests/bare.sh BIN
#
# Its root holds the program, /etc/resolv.conf and a bundle of authorities, no
# /dev, /proc or /tmp.  Without a configuration it serves a model behind another
# protocol, in less than 2 MB for all its processes; its first answer takes some
# 7 ms of CPU from its start, in which it read the authorities.
set -u
bin=$(realpath "${1:?usage: tests/bare.sh BIN}") || exit 1
start=$(dirname "$bin")/bench/start
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip "entering another root needs root"
bundle=/etc/ssl/certs/ca-certificates.crt
[ -f $bundle ] || skip "$bundle is not there"
chroot / true 2>/dev/null || skip "chroot is not allowed here"

tmp=$(mktemp -d)
root=$tmp/root
children=
finish() {
	end_children
	rm -rf "$tmp"
}
trap finish EXIT
mkdir -p "$root/etc/ssl/certs"
cp "$bin" "$root/dragoman"
cp $bundle "$root$bundle"
cp /etc/resolv.conf "$root/etc/" 2>/dev/null || : >"$root/etc/resolv.conf"
echo "127.0.0.1 localhost" >"$root/etc/hosts"

now_ms() {
	echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# The arguments of the program in one word, then its environment.  In the place
# of the shell: for a subshell, whose number is the program's then.
chroot=$(command -v chroot)
inside() {
	exec env -i "${@:2}" "$chroot" "$root" /dragoman $1
}

healthy() {
	(inside "healthcheck http://127.0.0.1:$port") 2>/dev/null
}

"$bin" echo --listen 127.0.0.1:0 >"$tmp/echo.log" 2>&1 &
children=$!
echo_port=$(port_of "$tmp/echo.log")

# The second provider is reached over TLS: its authorities must be found.
began=$(now_ms)
inside serve DRAGOMAN_LISTEN=127.0.0.1:0 DRAGOMAN_WORKERS=1 \
    OPENAI_BASE_URL="http://provider.test:$echo_port/v1" \
    ANTHROPIC_API_KEY=none >"$tmp/log" 2>&1 &
master=$!
children="$master $children"
port=$(port_of "$tmp/log")
check "ready" within 10 healthy
echo "ready after $(($(now_ms) - began)) ms, with what this script takes"

# A Messages request for a model behind Chat; the answer is left in $answer.
ask() {
	local body='{"model":"openai/gpt-4o","max_tokens":99,"messages":[
	    {"role":"user","content":"Are you there?"}]}'

	exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
	printf '%s\r\n' 'POST /v1/messages HTTP/1.1' 'host: bare' \
	    'content-type: application/json' 'connection: close' \
	    "content-length: ${#body}" '' >&3
	printf '%s' "$body" >&3
	answer=$(timeout 10 cat <&3)
	exec 3>&-
	[[ $answer == 'HTTP/1.1 200 '* ]] && [[ $answer == *'"end_turn"'* ]] &&
	    [[ $answer == *'"type":"text"'* ]]
}

# Of the master and all below it; what they share counts once (PSS).
resident_kb() {
	local pid sum=0 kb

	for pid in $master $(cat "/proc/$master/task/$master/children"); do
		kb=$(sed -n 's/^Pss:[^0-9]*\([0-9]*\) kB/\1/p' \
		    "/proc/$pid/smaps_rollup")
		echo "process $pid: $kb kB" >&2
		sum=$((sum + ${kb:-1000000}))
	done
	echo "$sum"
}

# bounded NAME KB
bounded() {
	local kb

	kb=$(resident_kb)
	echo "resident: $kb kB"
	if grep -q __asan_init "$bin"; then
		echo "built with sanitizers: no bound on memory"
	else
		check "$1" test "$kb" -lt "$2"
	fi
}

# A network that comes later, as far as names go: the file takes the place of
# the one that was there when the workers gave up their rights.
echo "127.0.0.1 provider.test" >"$root/etc/hosts.new"
mv "$root/etc/hosts.new" "$root/etc/hosts"
bounded "idle, less than 1.4 MB" 1434
check "answers in another protocol" ask
bounded "then less than 2 MB" 2048

nothing_new() {
	diff <(cd "$root" && find . ! -type d | sort) - <<-END
	./dragoman
	./etc/hosts
	./etc/resolv.conf
	./etc/ssl/certs/ca-certificates.crt
	END
}
check "leaves nothing behind" nothing_new

ends() {
	kill "$master" && wait "$master"
}
check "ends in good order" ends

# Wall time is the machine's own affair; the least of some runs is told.
starts_quickly() {
	local wall cpu

	starting=$((20000 + RANDOM % 10000))
	read -r _ wall _ cpu < <(DRAGOMAN_LISTEN=127.0.0.1:$starting \
	    DRAGOMAN_WORKERS=1 DRAGOMAN_LOG=error ANTHROPIC_API_KEY=none \
	    OPENAI_BASE_URL="http://provider.test:$echo_port/v1" \
	    "$start" 20 $starting /v1/messages '{"model": "openai/gpt-4o",
	    "max_tokens": 9, "messages": [{"role": "user", "content": "?"}]}' \
	    "$chroot" "$root" /dragoman serve) || return 1
	echo "first answer after $wall us, with $cpu us of CPU"
	[ "$cpu" -lt 25000 ]
}
if [ -x "$start" ]; then
	check "its first answer comes within 25 ms of CPU" starts_quickly
fi
check "says nothing bad" bash -c '! grep -E "level=(error|warn)" "$1"' - "$tmp/log"
[ $failed = 0 ] || cat "$tmp/log"
sum_up
