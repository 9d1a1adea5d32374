#!/bin/bash
# Does every room include only its floor and below?  src/README.md draws the
# house.  `floors.sh --selftest` shows that a forbidden include is found.
set -u
cd "$(dirname "$0")/.."

# room, what its files may include; main.c and command/ may include all.
rooms='
base	base/
json	base/ json/
wire	base/ wire/
net	base/ net/
proto	base/ json/ wire/sse.h proto/
gateway	base/ json/ wire/ net/ proto/ gateway/
admin	base/ json/ wire/ gateway/ admin/
echo	base/ json/ wire/ net/ gateway/client.h gateway/answer.h gateway/reader.h gateway/server.h echo/
'
# Who may see the third-party headers, and which rooms never see the system.
jsmn='src/json/json\.c'
bearssl='src/(net/(tls|trust|verify|alert|session|profile|shuttle|identity)|base/(sha256|hash))\.[ch]'
pure='json|wire|proto'
system='sys/(socket|epoll|un)\.h|netinet/|netdb\.h|unistd\.h|fcntl\.h|poll\.h'

# FILE:LINE:include for every include of the files below the given folders.
includes() {
	grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include' "$@"
}

check() {
	local room allowed bad passed=0 failed=0

	while read -r room allowed; do
		[ -d "$1/src/$room" ] || continue
		bad=$(cd "$1" && includes "src/$room" | grep '"' | grep -vE \
		    "\"(${allowed// /|}|version(_name)?\\.h\"|vendor/|jsmn|bearssl)")
		tell "$room" "$bad"
	done <<<"$(grep . <<<"$rooms")"
	tell jsmn "$(cd "$1" && includes src | grep -E '["</]jsmn' |
	    grep -vE "^($jsmn):")"
	tell bearssl "$(cd "$1" && includes src | grep -E '["</]bearssl' |
	    grep -vE "^($bearssl):")"
	tell pure "$(cd "$1" && includes src | grep -E "^src/($pure)/" |
	    grep -E "<($system)")"
	echo "$passed passed, $failed failed"
	[ $failed = 0 ]
}

tell() {
	if [ "$2" ]; then
		printf '%s\n%s: forbidden include\n' "$2" "$1"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
}

# A tree with one forbidden include per rule: each must be found, no other.
selftest() {
	local file line

	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
	while read -r file line; do
		mkdir -p "$tmp/src/${file%/*}"
		echo "#include $line" >>"$tmp/src/$file"
	done <<-'X'
		base/a.c "json/json.h"
		json/a.c "wire/sse.h"
		wire/a.c "buf.h"
		net/a.c "wire/http1.h"
		proto/a.c "wire/http1.h"
		gateway/a.c "admin/admin.h"
		admin/a.c "net/loop.h"
		echo/a.c "gateway/exchange.h"
		net/dial.c "bearssl/inc/bearssl.h"
		json/bind.c "jsmn/jsmn.h"
		wire/sse.c <sys/socket.h>
		net/tls.c "bearssl/inc/bearssl.h"
		json/json.c "jsmn/jsmn.h"
		proto/chat/sink.c "wire/sse.h"
	X
	[ "$(check "$tmp" | tail -1)" = "0 passed, 11 failed" ] &&
	    [ "$(check "$tmp" | grep -c '^src/')" = 11 ]
}

if ! selftest; then
	echo "floors.sh does not find what it must find"
	echo "0 passed, 1 failed"
	exit 1
fi
[ "${1:-}" = --selftest ] && { echo "1 passed, 0 failed"; exit 0; }
check .
