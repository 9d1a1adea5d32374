#!/bin/bash
# The image: what is in it, and does it run with nothing around it?  Its root
# is entered with chroot: no /proc, no /dev, no shell, no resolver's files.
set -u
cd "$(dirname "$0")/.."
build=${BUILD:-build}
. tests/lib.sh

command -v buildah >/dev/null || skip "buildah is not installed"
[ "$(id -u)" = 0 ] || skip "entering the image needs root"
unshare --mount --pid --fork true || skip "no namespaces within this container"

image=$build/dragoman-image.tar
check "is made without any tool for containers" \
    docker/image.sh "$image" amd64="$build/dragoman"
check "is made by buildah from the Dockerfile" docker/buildah.sh "$build"
[ $failed = 0 ] || { sum_up; exit; }

root=$build/unpacked
rm -rf "$root" "$build/by-buildah"
mkdir -p "$root" "$build/by-buildah"
trap 'rm -rf "$root" "$build/by-buildah"; [ -z "${init:-}" ] ||
    kill -9 "$init" 2>/dev/null' EXIT
# Both kinds of archive name their parts in manifest.json.
part() {			# ARCHIVE NAME
	tar -xOf "$1" manifest.json | node -e '
	    const [m] = JSON.parse(require("fs").readFileSync(0));
	    console.log([m[process.argv[1]]].flat().join("\n"));' "$2"
}
unpack() {			# ARCHIVE FOLDER
	local layer

	for layer in $(part "$1" Layers); do
		tar -xOf "$1" "$layer" | { gzip -dcf; } | tar --numeric-owner -xpf - -C "$2"
	done
}
unpack "$image" "$root"
unpack "$build/dragoman-buildah.tar" "$build/by-buildah"
config=$(tar -xOf "$image" "$(part "$image" Config)")

holds() {
	{
		echo ./dragoman
		echo ./etc/passwd
		echo ./etc/ssl/certs/ca-certificates.crt
		echo ./sbom.spdx.json
		[ ! -f LICENSE ] || echo ./licenses/dragoman.txt
		printf './licenses/%s.txt\n' bearssl ca-certificates jsmn musl
	} | sort | diff <(cd "$root" && find . ! -type d | sort) -
}
again() {
	(umask 077 && docker/image.sh "$build/again.tar" \
	    amd64="$build/dragoman" 2>/dev/null) &&
	    cmp "$image" "$build/again.tar" && rm "$build/again.tar"
}
alike() {
	diff -r "$root" "$build/by-buildah" &&
	    diff <(owners "$root") <(owners "$build/by-buildah")
}
owners() {
	(cd "$1" && find . -printf '%U:%G %m %p\n' | sort -k3)
}
true_of_itself() {
	node tests/ship/archive.mjs "$image" amd64="$build/dragoman"
}
# What a container is told: of the labels, those that tell no time or tool.
told() {
	tar -xOf "$1" "$(part "$1" Config)" | node -e '
	    const { architecture, os, config } =
		JSON.parse(require("fs").readFileSync(0));
	    const Env = config.Env.filter((e) => !e.startsWith("PATH="));
	    const Labels = Object.entries(config.Labels).sort().filter(([name]) =>
		!/buildah|created$/.test(name));
	    const { User, ExposedPorts, Entrypoint, StopSignal } = config;
	    const { Test, Interval, Timeout } = config.Healthcheck;
	    console.log(JSON.stringify({ architecture, os, User, ExposedPorts, Env,
		Entrypoint, StopSignal, Labels, Test, Interval, Timeout }, null, 1));'
}
told_alike() {
	diff <(told "$image") <(told "$build/dragoman-buildah.tar")
}
says() {
	grep -qF "$1" <<<"$config" || { echo "$config"; false; }
}
check "holds what it must and no more" holds
check "is below 700 KB, compressed, and all it says of itself is true" \
    true_of_itself
check "is the same, byte for byte, when another makes it again" again
check "holds the same as what buildah makes" alike
check "tells the same as what buildah makes" told_alike
check "runs as nobody in particular" says '"User":"65532:65532"'
check "starts the program" says '"Entrypoint":["/dragoman"]'
check "knows its health" says '"CMD","/dragoman","healthcheck"'

port=$((20000 + RANDOM % 10000))
enter="env -i PATH=$PATH DRAGOMAN_LISTEN=127.0.0.1:$port"
inside="chroot --userspec=65532:65532 $root /dragoman"
gone() {
	! kill -0 "$init" 2>/dev/null
}
healthy_or_gone() {
	$enter $inside healthcheck || gone
}
healthy() {
	within 10 healthy_or_gone && ! gone || { cat "$build/image.log"; false; }
}
stops() {
	# The process that unshare left in the new pid namespace is its init,
	# which the kernel spares all signals it has no handler for.
	kill -TERM $(cat "/proc/$init/task/$init/children") || return 1
	within 10 gone || return
	wait "$init" || { echo "status $?"; cat "$build/image.log"; false; }
}
check "is unhealthy before it runs" eval "! $enter $inside healthcheck"
$enter unshare --pid --fork --kill-child $inside serve --demo \
    >"$build/image.log" 2>&1 </dev/null &
init=$!
check "is healthy when it runs" healthy
check "ends on SIGTERM as process 1" stops
sum_up
