#!/bin/bash
# The image without any container tool: docker/image.sh OUT PLATFORM=PROGRAM...
#
#	docker/image.sh build/dragoman-image.tar amd64=build/dragoman
#
# Writes an OCI image layout (image-spec 1.0) in one tar file, with an index of
# all platforms, that `podman load` and `docker load` take.  Docker may read its
# older manifest.json alone, which knows of no platforms: there the first is
# dragoman:latest, and each has a name of its own, as dragoman:arm64.
#
# The same programs give the same bytes: no time, no names, no order of a file
# system gets in.
set -eu
shopt -s inherit_errexit
umask 022
cd "$(dirname "$0")/.."
out=${1:?usage: docker/image.sh OUT PLATFORM=PROGRAM...}
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
blobs=$work/layout/blobs/sha256
mkdir -p "$blobs"
version=$(docker/version.sh)
created=$(date -u -d "@$(docker/version.sh epoch)" +%Y-%m-%dT%H:%M:%SZ)

# The bytes of stdin become a blob: "DIGEST SIZE".
blob() {
	local sum

	cat >"$work/blob"
	sum=$(sha256sum <"$work/blob" | cut -d' ' -f1)
	mv "$work/blob" "$blobs/$sum"
	echo "$sum $(stat -c %s "$blobs/$sum")"
}

# tar, so that what it writes depends on nothing but the files; they belong to
# user $1.
pack() {
	tar --sort=name --mtime=@0 --owner="$1" --group="$1" --numeric-owner \
	    --format=ustar "${@:2}"
}

descriptor() {		# TYPE DIGEST SIZE [MORE]
	printf '{"mediaType":"application/vnd.oci.image.%s","digest":"sha256:%s","size":%s%s}' \
	    "$1" "$2" "$3" "${4:-}"
}

# One platform: its manifest's descriptor goes to stdout.
platform() {
	local name=$1 program=$2 arch=$1 variant= diff layer size config csize
	local labels manifest msize

	if [ "$name" = arm ]; then
		variant=',"variant":"v7"'
	fi
	docker/root.sh "$work/$name" "$program"
	pack 0 -C "$work/$name" --exclude=./var/lib/dragoman \
	    -cf "$work/layer.tar" .
	pack 65532 -C "$work/$name" -rf "$work/layer.tar" ./var/lib/dragoman
	diff=$(sha256sum <"$work/layer.tar" | cut -d' ' -f1)
	# gzip's form, 4 % smaller than its own
	zopfli --i15 "$work/layer.tar"
	read -r layer size <<<"$(blob <"$work/layer.tar.gz")"
	labels=$(printf '"org.opencontainers.image.%s":"%s",' \
	    title dragoman version "$version" created "$created" \
	    description "A gateway between LLM clients and LLM providers")
	read -r config csize <<<"$(blob <<-END
	{"created":"$created","architecture":"$arch"$variant,"os":"linux","config":{"User":"65532:65532","ExposedPorts":{"4000/tcp":{}},"Env":["DRAGOMAN_LISTEN=:4000"],"Entrypoint":["/dragoman"],"WorkingDir":"/","StopSignal":"SIGTERM","Healthcheck":{"Test":["CMD","/dragoman","healthcheck"],"Interval":10000000000,"Timeout":3000000000},"Labels":{${labels%,}}},"rootfs":{"type":"layers","diff_ids":["sha256:$diff"]},"history":[{"created":"$created","created_by":"docker/image.sh"}]}
	END
	)"
	read -r manifest msize <<<"$(blob <<-END
	{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":$(descriptor config.v1+json "$config" "$csize"),"layers":[$(descriptor layer.v1.tar+gzip "$layer" "$size")]}
	END
	)"
	printf '{"Config":"blobs/sha256/%s","RepoTags":[%s"dragoman:%s"],"Layers":["blobs/sha256/%s"]}\n' \
	    "$config" "${first:+\"dragoman:latest\",}" "$name" "$layer" \
	    >>"$work/platforms"
	echo "$name: $((size + csize + msize)) bytes compressed" >&2
	descriptor manifest.v1+json "$manifest" "$msize" \
	    ",\"platform\":{\"architecture\":\"$arch\"$variant,\"os\":\"linux\"}"
}

list=
first=true
for each; do
	one=$(platform "${each%%=*}" "${each#*=}")
	list=$list,$one
	first=
done
read -r index isize <<<"$(blob <<END
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[${list#,}]}
END
)"
cat >"$work/layout/index.json" <<END
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[$(descriptor index.v1+json "$index" "$isize" ',"annotations":{"org.opencontainers.image.ref.name":"dragoman:latest"}')]}
END
printf '{"imageLayoutVersion":"1.0.0"}\n' >"$work/layout/oci-layout"
echo "[$(paste -sd , "$work/platforms")]" >"$work/layout/manifest.json"
pack 0 -C "$work/layout" -cf "$out" oci-layout index.json manifest.json blobs
echo "$out: $(stat -c %s "$out") bytes" >&2
