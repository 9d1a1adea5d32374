#!/bin/bash
# Networks that come and go, and clocks that jump:
# tests/network.sh BIN ASAN_BIN [FILE...]
#
# Each file of network/ runs in a network and a mount namespace of its own, with
# an /etc of its own: v0 (192.0.2.1, 2001:db8::1) leads to a second network, isp,
# where the providers and name servers of network/world.mjs are.  The program
# that is released resolves names; clocks are moved under the other one, which
# can be told a time (network/clock.c).
set -u

# In the namespaces: make the world, and be the runner of node.
inside() {
	local keep

	mount -t tmpfs none /run && mkdir /run/netns /run/etc || exit 1
	for keep in alternatives ld.so.cache passwd group ssl; do
		[ ! -e "/etc/$keep" ] || cp -a "/etc/$keep" /run/etc/
	done
	mount --bind /run/etc /etc || exit 1
	ip link set lo up
	ip netns add isp && ip -n isp link set lo up
	ip link add v0 type veth peer name v1 netns isp || exit 1
	ip addr add 192.0.2.1/24 dev v0
	ip -n isp addr add fe80::53/64 dev v1 nodad
	for n in 2 3 4 53 54; do
		ip -n isp addr add "192.0.2.$n/24" dev v1
		ip -n isp addr add "2001:db8::$n/64" dev v1 nodad
	done
	ip -n isp link set v1 up
	exec node --test --test-reporter=spec "$1"
}
[ "${1:-}" != --inside ] || inside "$2"

usage='usage: tests/network.sh BIN ASAN_BIN [FILE...]'
DRAGOMAN_BIN=$(realpath "${1:?$usage}") || exit 1
DRAGOMAN_ASAN=$(realpath "${2:?$usage}") || exit 1
export DRAGOMAN_BIN DRAGOMAN_ASAN
shift 2
here=$(dirname "$(realpath "$0")")
[ $# != 0 ] || set -- "$here"/network/*.test.mjs
. "$here/lib.sh"

[ "$(id -u)" = 0 ] || skip "namespaces need root"
for tool in ip unshare nsenter; do
	command -v $tool >/dev/null || skip "$tool is not there"
done
unshare -n -m -p -f --propagation private sh -c '
    mount -t tmpfs none /run && ip link add v0 type veth peer name v1' \
    2>/dev/null || skip "namespaces are not allowed here"

unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export TMPDIR=$tmp
# They wait more than they work: all at once.
for file in "$@"; do
	timeout -k 5 120 unshare -n -m -p -f --mount-proc --kill-child \
	    --propagation private "$here/network.sh" --inside \
	    "$(realpath "$file")" >"$tmp/$(basename "$file")" 2>&1 &
done
wait

number() {
	sed -n "s/^ℹ $1 \([0-9]*\)\$/\1/p" "$2" | tail -1
}
for file in "$@"; do
	log=$tmp/$(basename "$file")
	echo "--- $(basename "$file")"
	cat "$log"
	good=$(number pass "$log")
	bad=$(($(number fail "$log") + $(number cancelled "$log") + 0))
	# Nothing ran, or it died before it could count.
	[ "${good:-0}" != 0 ] || [ $bad != 0 ] || bad=1
	passed=$((passed + ${good:-0}))
	failed=$((failed + bad))
done
sum_up
