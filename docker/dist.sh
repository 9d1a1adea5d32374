#!/bin/bash
# What is released: docker/dist.sh DIR PLATFORM=PROGRAM...
#
# The source as git has it, the program and its list of parts for each
# platform, the image of all of them, and the digests of all that.
set -eu
cd "$(dirname "$0")/.."
dir=${1:?usage: docker/dist.sh DIR PLATFORM=PROGRAM...}
shift
version=$(docker/version.sh)
name=dragoman-$version

rm -rf "$dir"
mkdir -p "$dir"
git archive --format=tar --prefix="$name/" HEAD | gzip -n -9 \
    >"$dir/$name.tar.gz"
for each; do
	program=$dir/$name-linux-${each%%=*}
	install -m 755 "${each#*=}" "$program"
	docker/sbom.sh "$program" >"$program.spdx.json"
done
docker/image.sh "$dir/$name-image.tar" "$@"
(cd "$dir" && sha256sum -- * >SHA256SUMS)
cat "$dir/SHA256SUMS"
