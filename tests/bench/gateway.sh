#!/bin/bash
# What a request costs: CPU of the gateway per 10,000 requests (or stream
# events), for a translated and a passed-on request, beside haproxy and nginx
# as plain proxies where they are installed.  All in one run on loopback, with
# the built-in provider behind; ratios count, absolute figures vary.
#
#	tests/bench/gateway.sh [SECONDS]	after `make bench-programs`
set -u
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build} seconds=${1:-3}
bin=$BUILD/dragoman load=$BUILD/bench/load
dir=$(mktemp -d)
port=${PORT_BASE:-18400}
pids=
trap 'kill $pids 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT

# run NAME COMMAND...: in the background, on the first CPU.
run() {
	local name=$1
	shift
	taskset -c 0 "$@" >"$dir/$name.log" 2>&1 &
	pids="$pids $!"
	eval "pid_$name=$!"
}
tree() {
	local child
	echo "$1"
	for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
		tree "$child"
	done
}
# Clock ticks of CPU of a process and its children.
ticks() {
	local p
	for p in $(tree "$1"); do
		sed 's/.*) //' "/proc/$p/stat" 2>/dev/null
	done | awk '{ sum += $12 + $13 } END { print sum + 0 }'
}
# body MODEL STREAM: a request of about 1 KB in several turns.
body() {
	local text='Look at \"config.yaml\" \u2014 the na\u00efve default.\n'
	text=$text$text$text$text
	printf '{"model":"%s","max_tokens":1024,"stream":%s,"messages":[' "$1" "$2"
	for _ in 1 2; do
		printf '{"role":"user","content":"%s"},' "$text"
		printf '{"role":"assistant","content":"%s"},' "$text"
	done
	printf '{"role":"user","content":"And in short?"}]}'
}
# measure LABEL PID ADDRESS PATH BODY EVENTS
measure() {
	local before after out hz
	hz=$(getconf CLK_TCK)
	taskset -c 1 "$load" "$3" "$4" "$5" 64 1 >/dev/null
	before=$(ticks "$2")
	out=$(taskset -c 1 "$load" "$3" "$4" "$5" 64 "$seconds")
	after=$(ticks "$2")
	awk -v label="$1" -v t=$((after - before)) -v hz="$hz" -v out="$out" \
	    -v events="$6" -v s="$seconds" 'BEGIN {
		split(out, o); n = o[1] ? o[1] : 1
		printf "%-28s %9.0f req/s  %6.3f CPU s per 10,000", label, \
		    o[1] / s, t / hz / n * 1e4
		if (events > 1)
			printf "  %5.2f us an event", t / hz / n / events * 1e6
		printf "  %d errors\n", o[2]
	}'
}

conf() {
	cat >"$dir/gateway.json" <<-X
	{ "listen": ["127.0.0.1:$((port + 1))"], "workers": 1, "log": "warn",
	  "env": false, "providers": {
	    "m": { "messages": "http://127.0.0.1:$port" },
	    "c": { "chat": "http://127.0.0.1:$port/v1" } } }
	X
	cat >"$dir/haproxy.cfg" <<-X
	global
	  nbthread 1
	defaults
	  mode http
	  timeout connect 5s
	  timeout client 60s
	  timeout server 60s
	  option http-no-delay
	  http-reuse always
	listen f
	  bind 127.0.0.1:$((port + 2))
	  server m 127.0.0.1:$port
	X
	mkdir -p "$dir/nginx/logs"
	cat >"$dir/nginx/nginx.conf" <<-X
	daemon off; master_process off; worker_processes 1;
	error_log $dir/nginx/logs/error.log crit; pid $dir/nginx/pid;
	events { worker_connections 1024; }
	http {
	  access_log off; keepalive_requests 100000000;
	  client_body_temp_path $dir/nginx/b; proxy_temp_path $dir/nginx/p;
	  fastcgi_temp_path $dir/nginx/f; uwsgi_temp_path $dir/nginx/u;
	  scgi_temp_path $dir/nginx/s;
	  upstream m { server 127.0.0.1:$port; keepalive 256;
	    keepalive_requests 100000000; }
	  server { listen 127.0.0.1:$((port + 3));
	    location / { proxy_pass http://m; proxy_http_version 1.1;
	      proxy_set_header Connection ""; proxy_buffering off; } }
	}
	X
}

conf
taskset -c 1 "$bin" echo --listen "127.0.0.1:$port" >"$dir/echo.log" 2>&1 &
pids="$pids $!"
run gateway env -u DRAGOMAN_LOG -u DRAGOMAN_LISTEN "$bin" serve \
    -c "$dir/gateway.json"
PATH=$PATH:/usr/sbin
command -v haproxy >/dev/null && run haproxy haproxy -f "$dir/haproxy.cfg"
command -v nginx >/dev/null && run nginx nginx -p "$dir/nginx" \
    -c "$dir/nginx/nginx.conf"
sleep 1
body m/claude-haiku-4-5+text=700 false >"$dir/told"
body c/gpt-4o+text=700 false >"$dir/passed"
body gpt-4o+text=700 false >"$dir/plain"
body m/claude-haiku-4-5+events=200 true >"$dir/told.s"
body c/gpt-4o+events=200 true >"$dir/passed.s"
body gpt-4o+events=200 true >"$dir/plain.s"
chat=/v1/chat/completions

for kind in "" .s; do
	[ "$kind" ] && events=200 || events=1
	[ "$kind" ] && echo "streams of 200 events" || echo "whole answers"
	at=127.0.0.1:$((port + 1))
	measure "  Chat to Messages" "$pid_gateway" $at $chat "$dir/told$kind" $events
	measure "  Chat passed on" "$pid_gateway" $at $chat "$dir/passed$kind" $events
	[ "${pid_haproxy:-}" ] && measure "  haproxy, forwarding" "$pid_haproxy" \
	    127.0.0.1:$((port + 2)) $chat "$dir/plain$kind" $events
	[ "${pid_nginx:-}" ] && measure "  nginx, forwarding" "$pid_nginx" \
	    127.0.0.1:$((port + 3)) $chat "$dir/plain$kind" $events
done
exit 0
