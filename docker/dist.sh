#!/bin/bash
# What is released: docker/dist.sh DIR PLATFORM=PROGRAM...
#
# The source as git has it, what changed, the program and its list of parts for
# each platform, the licences of those parts, the image of all platforms, and
# the digests of all that.
set -eu
umask 022
export LC_ALL=C
cd "$(dirname "$0")/.."
dir=${1:?usage: docker/dist.sh DIR PLATFORM=PROGRAM...}
shift
version=$(docker/version.sh)
name=dragoman-$version

# The licence texts of a program's root, each below its name.
licenses() {
	local file

	for file in "$1"/licenses/*.txt; do
		printf '=== %s\n\n' "$(basename "$file" .txt)"
		cat "$file"
		echo
	done
}

rm -rf "$dir"
mkdir -p "$dir"
trap 'rm -rf "$dir/root"' EXIT
case $version in
*-dirty)	echo "$name: the source archive lacks what is not committed" >&2 ;;
esac
git archive --format=tar --prefix="$name/" HEAD | gzip -n -9 \
    >"$dir/$name.tar.gz"
cp src/CHANGELOG.md "$dir/CHANGELOG.md"
for each; do
	program=$dir/$name-linux-${each%%=*}
	install -m 755 "${each#*=}" "$program"
	docker/sbom.sh "$program" >"$program.spdx.json"
	docker/root.sh "$dir/root" "$program"
done
licenses "$dir/root" >"$dir/LICENSES.txt"
rm -rf "$dir/root"
docker/image.sh "$dir/$name-image.tar" "$@"
(cd "$dir" && sha256sum -- * >SHA256SUMS)
cat "$dir/SHA256SUMS"
