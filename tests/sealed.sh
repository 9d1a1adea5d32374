#!/bin/bash
# The sealed program, seen from outside: tests/sealed.sh BIN
#
# In a network of its own, with a name server of its own.  Running processes
# are made to do what they may not (sealed/inject.c), their memory is searched
# for keys (sealed/find.c), their system calls are compared with those that are
# allowed (sealed/allowed.c), and kernels that lack a part are played
# (sealed/lack.c).
set -u
bin=$(realpath "${1:?usage: tests/sealed.sh BIN}") || exit 1
cd "$(dirname "$0")/sealed" || exit 1
. ../lib.sh

[ "$(id -u)" = 0 ] || skip "looking into other processes needs root"
[ "$(uname -m)" = x86_64 ] || skip "it is written for x86-64"
! grep -q __asan_init "$bin" || skip "with sanitizers nothing is sealed"
for tool in gcc strace curl openssl node ip; do
	command -v $tool >/dev/null || skip "no $tool"
done
if [ -z "${SEALED_APART:-}" ]; then
	unshare -nm true 2>/dev/null ||
	    skip "a network of its own is not allowed here"
	SEALED_APART=1 exec unshare -nm "$PWD/../sealed.sh" "$bin"
fi
ip link set lo up || skip "the network of its own does not come up"
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY

tmp=$(mktemp -d)
children=
finish() {
	end_children
	umount /etc/resolv.conf 2>/dev/null
	rm -rf "$tmp"
}
trap finish EXIT
for tool in inject find lack; do
	gcc -std=c11 -O1 -o "$tmp/$tool" $tool.c || exit 1
done
gcc -std=c11 -D_GNU_SOURCE -O1 -I../../src -o "$tmp/allowed" allowed.c ||
    exit 1
names=$PWD/names.mjs
mkdir "$tmp/money"
cd "$tmp" || exit 1
"$tmp/lack" -- /bin/true || skip "no filter of system calls is allowed here"

log_says() {
	grep -qE "$2" "$1"
}

certificate() {
	openssl req -x509 -nodes -newkey ec -pkeyopt \
	    ec_paramgen_curve:P-256 -keyout "$1.key" -out "$1.pem" \
	    -subj "/CN=$1" -days 2 -addext subjectAltName=DNS:provider.test \
	    2>/dev/null
}

secret() {
	printf '%s-%s' "$1" "$(openssl rand -hex 24)"
}

workers() {
	grep -o '[0-9]*' "/proc/$master/task/$master/children" 2>/dev/null
}

everybody() {
	echo "$master"
	workers
}

count_is() {
	[ "$(workers | wc -l)" = "$1" ]
}

status_of() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

# ---- a provider, over TCP and over TLS, and a server of names

echo "nameserver 127.0.0.1" >resolv.conf
mount --bind resolv.conf /etc/resolv.conf ||
    skip "/etc/resolv.conf cannot be covered"
node "$names" provider.test >names.log 2>&1 &
children=$!
"$bin" echo --listen 127.0.0.1:0 >echo.log 2>&1 &
children="$! $children"
plain=$(port_of echo.log)
certificate front
cat >front.json <<-END
{ "listen": [{ "address": "127.0.0.1:0",
    "tls": { "cert": "$tmp/front.pem", "key": "$tmp/front.key" } }],
  "workers": 1,
  "providers": { "openai": { "base_url": "http://127.0.0.1:$plain/v1" } } }
END
env -i "$bin" serve -c front.json >front.log 2>&1 &
children="$! $children"
front=$(port_of front.log ' \(TLS\)')
within 10 log_says names.log ready || exit 1

# ---- a gateway with keys of all kinds; each is told in another way

for n in 1 2; do
	for key in provider far admin client; do
		secret "sk-$key" >"$key.$n"
	done
	certificate "own$n"
done
secret sk-groq >groq

# configure N: with the N-th of each key, which clients use from here on.
configure() {
	n=$1
	cp "provider.$1" provider.key
	cp "admin.$1" admin.key
	cp "own$1.pem" own.pem
	cp "own$1.key" own.key
	cat >conf.new <<-END
	{ "listen": ["127.0.0.1:0", "unix:$tmp/socket", "[::1]:0",
	    { "address": "127.0.0.1:0",
	      "tls": { "cert": "$tmp/own.pem", "key": "$tmp/own.key" } }],
	  "workers": 3, "limits": { "drain_s": 5 },
	  "ledger": { "path": "$tmp/money/ledger.jsonl", "rotate_mb": 1,
	    "sync": "always" },
	  "cache": { "max_mb": 4, "single_flight": true },
	  "keys": [{ "name": "one", "sha256": "$(printf %s "$(cat "client.$1")" |
	      sha256sum | cut -d' ' -f1)" }],
	  "providers": {
	    "openai": { "base_url": "http://127.0.0.1:$plain/v1",
	      "key": "\${file:$tmp/provider.key}" },
	    "anthropic": { "base_url": "http://127.0.0.1:$plain",
	      "key": "\${file:$tmp/provider.key}" },
	    "gemini": { "base_url": "http://127.0.0.1:$plain/v1beta",
	      "key": "\${file:$tmp/provider.key}" },
	    "far": { "chat": "https://provider.test:$front/v1",
	      "key": "$(cat "far.$1")" },
	    "groq": { "base_url": "http://127.0.0.1:$plain/v1" } } }
	END
	mv conf.new conf.json
}

# start WHAT...: the gateway, behind a command that becomes it.
start() {
	: >log
	env -i SSL_CERT_FILE="$tmp/front.pem" GROQ_API_KEY="$(cat groq)" \
	    DRAGOMAN_ADMIN_KEY_FILE="$tmp/admin.key" \
	    DRAGOMAN_LOG=debug PATH="$PATH" \
	    "$@" "$bin" serve -c conf.json >log 2>&1 &
	master=$!
	children="$master $children"
	port=$(port_of log) && tls=$(port_of log ' \(TLS\)') &&
	    within 10 count_is 3 && return
	cat log
	echo "the gateway does not start"
	exit 1
}

# post PATH MODEL-AND-MEMBERS MESSAGES-MEMBER [OPTION...]: its answer.
post() {
	local path=$1 body=$2

	shift 2
	curl -sk --max-time 10 -H "authorization: Bearer $(cat "client.$n")" \
	    -H content-type:application/json -d "$body" "$@" \
	    "${base:-http://127.0.0.1:$port}$path"
}

hello='"messages":[{"role":"user","content":"Are you there?"}]'
contents='{"contents":[{"role":"user","parts":[{"text":"Are you there?"}]}]}'

serves() {
	post /v1/chat/completions \
	    "{\"model\":\"openai/gpt-4o\",$hello}" | grep -q '"stop"'
}

# Every protocol in and out, whole and streamed.
ask_all() {
	local model

	for model in openai/gpt-4o anthropic/claude-opus-4-8 far/gpt-4o \
	    gemini/gemini-2.5-pro groq/llama; do
		for stream in true false; do
			post /v1/chat/completions \
			    "{\"model\":\"$model\",\"stream\":$stream,$hello}"
			post /v1/messages "{\"model\":\"$model\",\"max_tokens\":9,
			    \"stream\":$stream,$hello}"
			post /v1/responses "{\"model\":\"$model\",
			    \"stream\":$stream,\"input\":\"Are you there?\"}"
		done
		post "/v1beta/models/$model:generateContent" "$contents"
		post "/v1beta/models/$model:streamGenerateContent?alt=sse" \
		    "$contents"
	done
}

# Over every address, and the operator's pages.
ask_everywhere() {
	local models=http://127.0.0.1:$port/v1beta/models

	ask_all
	base=https://127.0.0.1:$tls ask_all
	post /v1/chat/completions "{\"model\":\"far/gpt-4o\",$hello}" \
	    --unix-socket socket
	curl -s -H content-type:application/json -d "$contents" \
	    "$models/gemini-2.5-pro:generateContent?key=$(cat "client.$n")"
	curl -s -H "authorization: Bearer $(cat "admin.$n")" \
	    -H connection:close \
	    "http://127.0.0.1:$port/metrics"
}

# ---- what every process gave up

configure 1
start

gave_up() {
	local pid

	for pid in $(everybody); do
		[ "$(status_of "$pid" Seccomp)" = 2 ] &&
		    [ "$(status_of "$pid" NoNewPrivs)" = 1 ] &&
		    [ -z "$(status_of "$pid" CapEff | tr -d 0)" ] &&
		    [ -z "$(status_of "$pid" CapPrm | tr -d 0)" ] || return
	done
}
check "every process has a filter and no privileges" gave_up
check "the log says what is in force" log_says log \
    'msg=sealed privileges=on memory=on files=on landlock=[0-9]+ calls=on'
landlock=$(sed -n 's/.* landlock=\([0-9]*\).*/\1/p' log)
check "it serves" serves

# ---- what is not allowed

inject() {
	timeout 10 "$tmp/inject" "$@" 2>&1
}

worker_died() {
	log_says log "worker $1 died of signal 31 .*seal forbids"
}

# ends NUMBER ARGUMENT...: that call ends a worker, and another takes its place.
ends() {
	local worker

	worker=$(workers | head -1)
	[ "$(inject "$worker" "$@")" = "ended by signal 31" ] &&
	    within 10 worker_died "$worker" && within 10 count_is 3 &&
	    ! workers | grep -qx "$worker" && serves
}

# A worker that died in its first second is replaced after a pause.
sleep 1
while read -r what call; do
	# shellcheck disable=SC2086
	check "a worker that tries ${what//_/ } is ended and replaced" \
	    ends $call
done <<END
to_run_a_program 59 @/bin/sh 0 0
to_signal_the_master 62 $master 9
packet_sockets 41 17 3 0
END
for call in "101 16 $master 0 0" "310 $master 0 0 0 0 0" "165 0 @/ 0 0 0" \
    "41 1 1 0" "56 17 0 0 0 0" "9 0 4096 5 34 -1 0" "72 0 8 $master"; do
	sleep 0.4
	# shellcheck disable=SC2086
	check "so is one that calls $call" ends $call
done

refuses() {
	local error=$1

	shift
	[ "$(inject "$(workers | tail -1)" "$@")" = "returned -$error" ]
}
echo "a secret" >outside
check "a worker cannot open other files" refuses 13 2 "@$tmp/outside" 0 0
check "nor those of /proc" refuses 13 2 "@/proc/$master/environ" 0 0
check "nor write where names are" refuses 13 2 @/etc/hosts 1 0

# A socket, made by the worker, that is then bound or connected.
refuses_socket() {
	local worker made

	worker=$(workers | tail -1)
	made=$(inject "$worker" 41 2 1 0)
	[ "$(inject "$worker" "$1" "${made#returned }" "$2" 16)" = \
	    "returned -13" ]
}
if [ "$landlock" -ge 4 ]; then
	check "a worker cannot bind a port" refuses_socket 49 \
	    hex:0200000000000000000000000000000000
	check "nor connect to one that is nobody's provider" \
	    refuses_socket 42 hex:020000167f0000010000000000000000
fi
check "the master cannot write other files" test "$(inject "$master" \
    2 "@$tmp/outside" 1 0)" = "returned -13"
check "it serves on" serves

nobody_left() {
	local pid

	for pid in $1; do
		[ ! -d "/proc/$pid" ] || return
	done
}
all=$(workers)
check "the master that runs a program is ended, too" test \
    "$(inject "$master" 59 @/bin/sh 0 0)" = "ended by signal 31"
check "and its workers end" within 10 nobody_left "$all"
wait "$master" 2>/dev/null

# ---- keys in memory

# found TEXT: the places, but for the environment of a process.
places() {
	everybody | xargs "$tmp/find" "$1"
}

# The number of the private key, which stands in memory without its PEM.
scalar() {
	printf 'hex:%s' "$(openssl ec -in "$1" -text -noout 2>/dev/null |
	    awk '/^pub/ { on = 0 } on { printf "%s", $0 } /^priv/ { on = 1 }' |
	    tr -d ': ' | sed 's/^00//')"
}

secrets() {
	local key

	for key in provider far admin client; do
		cat "$key.$1"
		echo
	done
	scalar "own$1.key"
	echo
	sed -n 3p "own$1.key"
}

# Each key of that set, where it stands, in memory that may be written to swap
# or a dump; nothing: all is well.
unguarded() {
	local key

	while read -r key; do
		places "$key"
	done < <(secrets "$1"; cat groq; echo) | grep -vE ' [^ ]*,lo,.*dd'
}

# Keys of that set that stand anywhere.
anywhere() {
	local key

	while read -r key; do
		places "$key"
	done < <(secrets "$1")
}

configure 1
start
nothing() {
	local seen

	seen=$("$@")
	[ -z "$seen" ] || echo "$seen"
	[ -z "$seen" ]
}
check "keys are found" test -n "$(places "$(cat provider.1)")"
check "keys are in guarded memory from the start" nothing unguarded 1
ask_everywhere >answers
check "all was answered" test "$(grep -c '"error":{' answers)" = 0
check "and so they are when requests are over" nothing unguarded 1
configure 2
old=$(workers)
kill -HUP "$master"
within 10 log_says log "configuration read anew"
within 10 nobody_left "$old"
check "of the keys of before nothing is left" nothing anywhere 1
check "the new ones are guarded" nothing unguarded 2
check "they are in force" serves
no_key_in_log() {
	! grep -qFf <(secrets 1; secrets 2; cat groq; echo) log
}
check "no key is in the log, at its most talkative" no_key_in_log

# ---- cores

ulimit -c unlimited
crashes() {
	local worker

	worker=$(workers | head -1)
	kill -SEGV "$worker"
	within 10 log_says log "worker $worker died of signal 11" && serves
}
check "a worker that crashes is replaced" crashes
if [ "$(cut -c1 /proc/sys/kernel/core_pattern)" = "|" ]; then
	echo "cores go to a program here: not looked at"
else
	check "and leaves no core" test -z "$(find . -name '*core*')"
fi
kill "$master"
wait "$master"
check "it ends in good order" test $? = 0

# ---- the calls that are made, and those that are allowed

# The role of a process grows by one with each filter: 1 the master, 2 a worker.
roles() {
	awk '{
		pid = $1
		sub(/^[0-9]+ +/, "")
	}
	/^<\.\.\. / { name = $2; line = began[pid] $0 }
	!/^<\.\.\. / { name = $0; sub(/\(.*/, "", name); line = $0 }
	/<unfinished/ { began[pid] = line }
	name ~ /^[a-z_0-9]+$/ { print role[pid] + 0, name }
	name ~ /^(fork|clone)$/ && match(line, /= [0-9]+$/) {
		role[substr(line, RSTART + 2)] = role[pid]
	}
	name == "prctl" && line ~ /PR_SET_SECCOMP.*= 0$/ { role[pid]++ }' \
	    "$1" | sort -u
}

configure 1
start strace -D -f -qq -o "$tmp/trace"
ask_everywhere >answers
check "all was answered under strace" test "$(grep -c '"error":{' answers)" = 0
# more than a block of a connection
long=$(head -c 600000 /dev/zero | tr '\0' x)
printf '{"model":"openai/gpt-4o",%s}' \
    "\"messages\":[{\"role\":\"user\",\"content\":\"$long\"}]" >long
post /v1/chat/completions @long >/dev/null
configure 2
kill -HUP "$master"
within 10 log_says log "configuration read anew"
within 10 count_is 3
ask_everywhere >answers
worker=$(workers | head -1)
kill -STOP "$worker"
kill -CONT "$worker"
kill -ABRT "$worker"
within 10 log_says log "worker $worker died of signal 6"
kill "$master"
wait "$master"
check "it ended in good order" test $? = 0
roles "$tmp/trace" >by-role

numbered() {
	awk 'NR == FNR { name[$3] = substr($2, 6); next } { print name[$1] }' \
	    <(grep '^#define __NR_' /usr/include/*/asm/unistd_64.h |
	    sed 's/.*#define/#define/') - | sort
}
for role in master worker; do
	"$tmp/allowed" $role | numbered >"allowed.$role"
done
sed -n 's/^2 //p' by-role >made.worker
sed -n 's/^1 //p' by-role >made.master
all_allowed() {
	local beyond

	beyond=$(comm -13 "allowed.$1" "made.$1")
	echo "made by the $1: $(wc -l <"made.$1"), allowed: $(wc -l \
	    <"allowed.$1")"
	[ -s "made.$1" ] && [ -z "$beyond" ]
}
check "a worker makes no call beyond those" all_allowed worker
check "the master makes no call beyond those" all_allowed master

# Allowed and not seen here, and why.
cat >why <<-END
brk musl: the heap
exit musl: a thread ends
clock_gettime where the kernel's page does not tell the time
gettid musl: a child after its fork
ioctl musl: the index of an interface, for a name server's scope
lseek musl: a file of names that is read in pieces
mremap musl: a large piece of memory grows
readv musl: /etc/hosts
writev musl: standard output
recvmsg newer musl: name servers
restart_syscall the kernel's own, after a stop
rt_sigaction abort()
tkill abort()
ftruncate the ledger's torn last line
fsync the ledger's folder
rename the ledger's file gets another name
set_robust_list musl: a lock that processes share
poll musl: name servers
END
needed() {
	local idle

	idle=$(comm -23 allowed.worker made.worker |
	    grep -vxFf <(cut -d' ' -f1 why))
	echo "allowed, not seen here: $(comm -23 allowed.worker made.worker |
	    tr '\n' ' ')"
	[ -z "$idle" ] || echo "nobody knows why: $idle"
	[ -z "$idle" ]
}
check "a worker may do nothing that nobody needs" needed

# ---- kernels that lack a part

# ended STATUS: it ends in good order, and all before was well.
ended() {
	kill "$master" && wait "$master" && return "$1"
}

# lacks PATTERN WHAT...: it warns in one line, and serves.
lacks() {
	local pattern=$1

	shift
	start "$tmp/lack" "$@" --
	[ "$(grep -c 'level=warn msg="not sealed' log)" = \
	    "${warnings:-1}" ] &&
	    log_says log "level=warn msg=\"not sealed: $pattern" && serves
	ended $?
}
configure 1
while IFS=, read -r name pattern what; do
	# shellcheck disable=SC2086
	check "without $name" lacks "$pattern" $what
done <<END
Landlock,files .Landlock.: unknown,444=38
Landlock in use,files .Landlock.: unknown,444=95
seccomp,system calls .seccomp.: unknown,157:22=22
leave for seccomp,system calls .seccomp.: failed,157:22=1
leave to drop capabilities,privileges: failed,126=1
memory that may be locked,memory with keys.* failed,325=1 149=1
END
lacks_all() {
	warnings=4 lacks "files .Landlock.: unknown" 444=38 157:22=22 126=1 \
	    325=38 149=1 && log_says log "not sealed: memory" &&
	    log_says log "not sealed: privileges" &&
	    log_says log "not sealed: system calls"
}
check "without all of it" lacks_all
old_lock() {
	start "$tmp/lack" 325=38 --
	! log_says log level=warn && nothing unguarded 1
	ended $?
}
check "memory is locked where mlock2 is unknown" old_lock
version() {
	start "$tmp/lack" "landlock=$1" --
	! log_says log level=warn && log_says log "landlock=$1 calls=on" &&
	    [ "$(inject "$(workers | tail -1)" 2 "@$tmp/outside" 0 0)" = \
	    "returned -13" ] && serves
	ended $?
}
for known in 1 2 3 4 5 6; do
	[ $known -gt "$landlock" ] ||
	    check "version $known of Landlock" version $known
done

sum_up
