#!/bin/bash
# The image in containers: tests/containers.sh
#
# podman loads what docker/image.sh makes, and each runtime that works here runs
# it: read-only, without capabilities, in little memory.  Then it keeps a ledger
# on a volume, and docker/k8s/pod.yaml runs as it is, beside an application that
# uses OpenAI's SDK.
#
# Networks, mounts and processes are namespaces of this script's own; storage is
# memory that ends with them.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
program=$(realpath "$build/dragoman")
archive=$build/dragoman-image.tar
. tests/lib.sh

outside() {
	[ "$(id -u)" = 0 ] || skip "containers need root here"
	command -v podman >/dev/null || skip "podman is not installed"
	unshare --mount --net --pid --fork --mount-proc sh -c \
	    'mount -t tmpfs none /run && ip link set lo up' 2>/dev/null ||
	    skip "no namespaces within this container"
	docker/image.sh "$archive" amd64="$program" 2>/dev/null || exit 1
	if command -v buildah >/dev/null; then
		docker/buildah.sh "$build" || exit 1
	fi
	[ -d tests/e2e/node_modules/openai ] || (cd tests/e2e &&
	    npm ci --no-audit --no-fund --loglevel=error) || exit 1
	mkdir -p "$build/containers"
	cgroups=$(find /sys/fs/cgroup -maxdepth 2 -name libpod_parent)
	unshare --mount --net --pid --fork --kill-child --mount-proc \
	    tests/containers.sh inside &
	child=$!
	# unshare itself does not heed them; what it runs puts things away.
	trap 'kill -TERM $(<"/proc/$child/task/$child/children")' TERM INT
	wait "$child"
	status=$?
	while kill -0 "$child" 2>/dev/null; do
		wait "$child"
	done
	rmdir "$build/containers"
	[ "$cgroups" ] || find /sys/fs/cgroup -depth -path '*/libpod_parent*' \
	    -type d -exec rmdir {} + 2>/dev/null
	return $status
}

# A place of podman's own.
settle() {
	local files place

	files=$(ulimit -Hn)
	[ "$files" != unlimited ] && [ "$files" -lt 10000 ] || files=10000
	work=$(realpath "$build/containers")
	for place in "$work" /run /var/lib; do
		mount -t tmpfs none "$place" || exit 1
	done
	ip link set lo up
	# crun refuses what other systems leave there; here it is ours to remove.
	umount /sys/fs/cgroup/unified 2>/dev/null
	mkdir "$work/empty" "$work/net"
	cat >"$work/containers.conf" <<-END
	[containers]
	default_ulimits = ["nofile=$files:$files", "nproc=4000:4000"]
	log_driver = "k8s-file"
	[engine]
	cgroup_manager = "cgroupfs"
	events_logger = "file"
	infra_image = "localhost/pause:1"
	[network]
	network_config_dir = "$work/net"
	END
	cat >"$work/storage.conf" <<-END
	[storage]
	driver = "vfs"
	graphroot = "$work/store"
	runroot = "$work/run"
	END
	export CONTAINERS_CONF=$work/containers.conf
	export CONTAINERS_STORAGE_CONF=$work/storage.conf
	export TMPDIR=$work
}

finish() {
	podman pod rm -t 0 -f -a >/dev/null 2>&1
	podman rm -t 0 -f -a >/dev/null 2>&1
}

of() {				# NAME FIELD...
	local name=$1
	shift
	podman inspect --format "$(printf '{{%s}} ' "$@")" "$name" |
	    sed 's/ $//'
}

quiet() {
	"$@" >/dev/null
}

# same COMMAND... EXPECTED
same() {
	local wanted=${*: -1} got

	got=$("${@:1:$#-1}")
	[ "$got" = "$wanted" ] || { echo "    $got"; false; }
}

# start NAME OPTION... -- ARGUMENT...: as an operator would who trusts nobody,
# in a network of its own but for what the variable says.
start() {
	local name=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	podman --runtime "$runtime" run -d --name "$name" \
	    --network "${network:-none}" --read-only --cap-drop all \
	    --security-opt no-new-privileges "${options[@]}" \
	    localhost/dragoman "${@:2}" >/dev/null
}
healthy() {
	within 20 podman exec "$1" /dragoman healthcheck 2>/dev/null ||
	    { podman logs "$1" 2>&1 | tail -5; false; }
}

# Chat's request for a model of Anthropic's, from the container's own network.
request() {			# NAME MODEL MORE
	nsenter -t "$(of "$1" .State.Pid)" -n bash -c '
	    body="{\"model\": \"$1\", $2 \"messages\":
		[{\"role\": \"user\", \"content\": \"Are you there?\"}]}"
	    exec 3<>/dev/tcp/127.0.0.1/4000 || exit 1
	    printf "%s\r\n" "POST /v1/chat/completions HTTP/1.1" "host: here" \
		"content-type: application/json" "connection: close" \
		"content-length: ${#body}" "" >&3
	    printf %s "$body" >&3
	    timeout 20 cat <&3' - "$2" "${3:-}"
}
ask() {
	local answer

	answer=$(request "$1" claude-opus-4-8)
	[[ $answer == 'HTTP/1.1 200 '* ]] && [[ $answer == *'Are you there?'* ]] &&
	    [[ $answer == *'"finish_reason":"stop"'* ]] || { echo "$answer"; false; }
}

sealed_line() {
	sed -n 's/.* msg=sealed //p'
}
# What the kernel lets the program give up with no container around it.
sealed_outside() {
	DRAGOMAN_LISTEN=127.0.0.1:0 timeout -k 5 1 "$program" serve --demo 2>&1 |
	    sealed_line
}
sealed() {
	local line

	line=$(podman logs "$1" 2>&1 | sealed_line)
	[[ $line == 'privileges=on '*' calls=on' ]] &&
	    [ "$line" = "$outside" ] || { echo "    $line, not $outside"; false; }
}

# It takes its bound from the container's limit, not from the machine.
bounded() {
	local most=${2%m} may

	may=$(podman logs "$1" 2>&1 |
	    sed -n 's/.*requests may take \([0-9]*\) MB.*/\1/p')
	[ -n "$may" ] && [ "$may" -lt "$most" ] || { echo "    $may MB"; false; }
}

# Every process: whose it is, and how many filters the kernel asks; the
# runtime's comes first, so a second one is the program's.
confined() {
	local pid status count=0

	for pid in $(podman top "$1" hpid | tail -n +2); do
		status=$(<"/proc/$pid/status")
		count=$((count + 1))
		grep -qE '^Uid:\s65532\s65532\s65532\s65532$' <<<"$status" &&
		    grep -q $'^NoNewPrivs:\t1$' <<<"$status" &&
		    ! grep -qE '^Cap(Inh|Prm|Eff|Bnd|Amb):\s.*[1-9a-f]' <<<"$status" &&
		    grep -qE '^Seccomp_filters:\s*([2-9]|[1-9][0-9])$' <<<"$status" ||
		    { echo "$status"; return 1; }
	done
	# the master and a worker, at least
	[ $count -ge 2 ]
}

ended() {
	same of "$1" .State.ExitCode .State.OOMKilled '0 false' &&
	    podman logs "$1" 2>&1 | tail -1 | grep -q 'msg=stopped'
}
stops() {
	quiet podman stop -t 20 "$1" && ended "$1"
}

# A stream that is under way when the container is told to stop.
drains() {
	local answer=$work/stream client

	start slow -- serve --demo && healthy slow || return
	request slow claude-opus-4-8+drip=500 '"stream": true,' >"$answer" &
	client=$!
	within 10 grep -q '^data: ' "$answer" &&
	    ! grep -q '^data: .DONE' "$answer" && stops slow && wait $client &&
	    grep -q '^data: .DONE' "$answer" || { cat "$answer"; false; }
}

# podman itself puts mount points and names there, for any program.
changes() {
	podman diff "$1" | sort
}

in_a_container() {		# MEMORY OPTION...
	local name=$runtime-$1 what="$runtime, $1"

	check "$what: starts" start "$name" --memory "$@" -- serve --demo
	check "$what: is healthy" healthy "$name"
	check "$what: answers in another protocol" ask "$name"
	check "$what: is sealed as it is outside" sealed "$name"
	check "$what: has no rights in any process" confined "$name"
	check "$what: knows its memory" bounded "$name" "$1"
	check "$what: ends on SIGTERM as process 1" stops "$name"
	check "$what: writes nothing" same changes "$name" "$nothing"
	podman rm "$name" >/dev/null
}

runs() {
	podman --runtime "$1" run --rm --network none localhost/dragoman version \
	    >/dev/null 2>&1
}

# idle OPTION...: what podman alone changes
idle() {
	start idle "$@" -- version
	podman wait idle >/dev/null
	changes idle
	podman rm idle >/dev/null
}
each_runtime() {
	for runtime in $runtimes; do
		nothing=$(idle)
		in_a_container 64m
		in_a_container 16m
	done
	# What it may, it need not; and its :4000 is there without IPv6.
	nothing=$(idle --read-only=false)
	in_a_container 32m --read-only=false \
	    --sysctl net.ipv6.conf.all.disable_ipv6=1
}

the_image() {
	check "podman says who runs it" \
	    same of localhost/dragoman .Config.User 65532:65532
	check "and what" same of localhost/dragoman .Config.Entrypoint '[/dragoman]'
	check "and how it ends" \
	    same of localhost/dragoman .Config.StopSignal SIGTERM
	check "and its version" same of localhost/dragoman \
	    'index .Labels "org.opencontainers.image.version"' \
	    "$("$program" version | cut -d' ' -f2)"
}

# podman leaves out an OCI image's own check of health; docker's form has it.
dockers_form() {
	[ -f "$build/dragoman-buildah.tar" ] || return 0
	podman load -q -i "$build/dragoman-buildah.tar" >/dev/null
	podman tag localhost/dragoman localhost/dockers
	check "docker's form: knows its health" same of localhost/dockers \
	    .HealthCheck.Test '[CMD /dragoman healthcheck]'
	podman --runtime "$runtime" run -d --name dockers --network none \
	    localhost/dockers serve --demo >/dev/null 2>&1
	check "docker's form: podman asks for it" \
	    within 20 podman healthcheck run dockers
	podman rm -t 0 -f dockers >/dev/null 2>&1
}

entries() {
	podman exec "$1" /dragoman usage --json |
	    node -e 'const { total } = JSON.parse(require("fs").readFileSync(0));
		console.log(total.requests)'
}
# A named volume takes over whose the folder in the image is.
a_ledger() {
	start kept --memory 64m -v kept:/var/lib/dragoman \
	    -e DRAGOMAN_LEDGER=/var/lib/dragoman/ledger.jsonl -- serve --demo
	check "a ledger on a volume: is healthy" healthy kept
	check "a ledger on a volume: answers" ask kept
	check "a ledger on a volume: ends" stops kept
	podman start kept >/dev/null
	check "a ledger on a volume: is healthy again" healthy kept
	check "a ledger on a volume: answers again" ask kept
	check "a ledger on a volume: has both" \
	    within 5 eval '[ "$(entries kept)" = 2 ]'
	podman rm -t 5 -f kept >/dev/null
}

# What tells names in a container is mounted there, file by file.
by_name() {
	start named --add-host provider.test:127.0.0.1 \
	    -e DRAGOMAN_LISTEN=127.0.0.1:4000 -e ANTHROPIC_API_KEY=none \
	    -e ANTHROPIC_BASE_URL=http://provider.test:4010 -- serve &&
	    network=container:named start provider -- echo &&
	    healthy named && within 10 ask named &&
	    quiet podman rm -t 5 -f provider && quiet podman rm -t 5 -f named
}

# As the README has it.
a_port() {
	quiet podman --runtime "$runtime" run -d --name public -p 4321:4000 \
	    localhost/dragoman serve --demo && within 20 published
}
published() {
	local answer

	exec 3<>/dev/tcp/127.0.0.1/4321 || return 1
	printf 'GET /readyz HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n' >&3
	answer=$(timeout 5 cat <&3)
	exec 3>&-
	[[ $answer == *'"ready"'* ]]
}

# The application: node, what it is linked with, and the SDK.
make_app() {
	local app=$work/app node file

	node=$(command -v node)
	mkdir -p "$app/node_modules"
	for file in $(ldd "$node" | grep -o '/[^ ]*'); do
		install -D "$file" "$app$file"
	done
	cp -L "$node" "$app/node"
	# Debian's node has parts of itself in files.
	for file in /usr/share/nodejs/{acorn,acorn-walk,cjs-module-lexer,undici}; do
		[ ! -d $file ] || cp -rL --parents $file "$app"
	done
	cp tests/containers/app.mjs "$app/"
	(cd tests/e2e/node_modules && find openai \( -name '*.mjs' -o \
	    -name '*.js' -o -name package.json \) ! -path '*/src/*' |
	    tar -cf - -T -) | tar -xf - -C "$app/node_modules"
	tar -C "$app" -c . | podman import -q -c 'USER 65532' \
	    -c 'ENTRYPOINT ["/node", "/app.mjs"]' - localhost/app:latest \
	    >/dev/null
	rm -rf "$app"
}
make_pause() {
	musl-gcc -static -Os -o "$work/pause" tests/containers/pause.c
	tar -C "$work" -c pause | podman import -q -c 'ENTRYPOINT ["/pause"]' - \
	    localhost/pause:1 >/dev/null
}

ends_with_pod() {
	quiet podman pod stop -t 20 app && ended app-dragoman
}
said() {
	podman logs app-app 2>&1 | grep -qxF "$1" ||
	    { [ "${2:-}" ] && podman logs app-app 2>&1 | tail -5; false; }
}
# The file as it is; where the provider is comes from the ConfigMap that the pod
# leaves open.  podman looks for folders named like images in the current one.
play() {
	(cd "$work/empty" && podman --runtime "$runtime" kube play -q \
	    --network none --configmap ../env.yaml "$1") >/dev/null
}
a_pod() {
	local file

	file=$(realpath docker/k8s/pod.yaml)
	cat >"$work/env.yaml" <<-END
	apiVersion: v1
	kind: ConfigMap
	metadata:
	  name: dragoman-env
	data:
	  ANTHROPIC_BASE_URL: http://127.0.0.1:4010
	END
	check "pod: podman takes the file as it is" play "$file"
	check "pod: a provider joins it" quiet podman --runtime "$runtime" run -q -d \
	    --pod app --name app-provider localhost/dragoman echo
	check "pod: the application has a whole answer" \
	    within 30 said 'whole: You said: Are you there?'
	check "pod: and a streamed one" \
	    within 30 said 'streamed: You said: Are you there?'
	check "pod: which came in parts" within 5 said 'in parts' or-tell
	check "pod: the gateway is healthy" healthy app-dragoman
	check "pod: and sealed" sealed app-dragoman
	check "pod: and has no rights" confined app-dragoman
	check "pod: and cannot write" same of app-dragoman \
	    .HostConfig.ReadonlyRootfs true
	check "pod: and says no key" eval \
	    '! podman logs app-dragoman 2>&1 | grep -q replace-me'
	check "pod: the gateway ends with it" ends_with_pod
	check "pod: podman takes it down" quiet podman kube down "$file"
	check "pod: nothing is left of it" same podman pod ps -q ''
}

if [ "${1:-}" != inside ]; then
	outside
	exit
fi
settle
trap finish EXIT
trap 'exit 1' TERM INT
check "podman loads it" podman load -q -i "$archive"
runtimes=
for runtime in crun runc; do
	! command -v $runtime >/dev/null || ! runs $runtime ||
	    runtimes="$runtimes $runtime"
done
[ "$runtimes" ] || skip "neither crun nor runc runs anything here"
echo "runtimes:$runtimes"
outside=$(sealed_outside)
the_image
each_runtime
a_ledger
check "a stream that is under way ends before its container" drains
check "a sealed worker finds a provider by its name" by_name
if [ -x /usr/lib/cni/portmap ] || [ -x /usr/lib/podman/netavark ]; then
	check "a port of the machine leads to it" a_port
fi
make_pause
make_app
a_pod
dockers_form
sum_up
