#!/bin/bash
# What is released: is it all there, and is it true?  tests/dist.sh [full]
#
# By default with the program of here, and in the place of other platforms' the
# first bytes of one: what is looked at is the folder.  With `full`, which takes
# minutes, all programs are built, or those of PLATFORMS; then once more from a
# clone in another folder with another umask, and that of here from the source
# archive: the same bytes.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
. tests/lib.sh
full=${1:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

git rev-parse -q --verify HEAD >/dev/null ||
    skip "a release is made from a repository"

version=$(docker/version.sh)
release=dragoman-$version
platforms="amd64 arm64 arm riscv64"
programs=
# A program's class and machine, in octal, and nothing to run.
stand_in() {
	printf '%b' "\\0177ELF\\0$1\\1\\1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\3\\0\\0$2\\0"
	head -c 44 /dev/zero
}
if [ "$full" ]; then
	platforms=${PLATFORMS:-$platforms}
	dist=build/dist
	check "is made for all platforms" \
	    make -s -j"${JOBS:-2}" dist PLATFORMS="$platforms"
	for p in $platforms; do
		file=build/$p/dragoman
		[ "$p" != amd64 ] || file=build/dragoman
		programs="$programs $p=$file"
	done
else
	dist=$work/dist
	stand_in 2 267 >"$work/arm64"
	stand_in 1 50 >"$work/arm"
	stand_in 2 363 >"$work/riscv64"
	programs="amd64=$build/dragoman arm64=$work/arm64 arm=$work/arm
	    riscv64=$work/riscv64"
	check "is made" docker/dist.sh "$dist" $programs
fi
[ $failed = 0 ] || { sum_up; exit; }

complete() {
	{
		printf '%s\n' CHANGELOG.md LICENSES.txt SHA256SUMS \
		    "$release.tar.gz" "$release-image.tar"
		for p in $platforms; do
			echo "$release-linux-$p"
			echo "$release-linux-$p.spdx.json"
		done
	} | LC_ALL=C sort | diff - <(LC_ALL=C ls -A "$dist")
}
summed() {
	(cd "$dist" && sha256sum --quiet --strict -c SHA256SUMS &&
	    diff <(sed 's/^[0-9a-f]* .//' SHA256SUMS) \
	    <(LC_ALL=C ls -A -I SHA256SUMS))
}
the_programs() {
	local p

	for p in $programs; do
		cmp "${p#*=}" "$dist/$release-linux-${p%%=*}" || return 1
		[ -x "$dist/$release-linux-${p%%=*}" ] || return 1
	done
	[ "$("$dist/$release-linux-amd64" --version)" = "dragoman $version" ]
}
parts() {
	node tests/ship/sbom.mjs "$dist"/*.spdx.json >"$work/sums" &&
	    sha256sum --quiet --strict -c "$work/sums"
}
changes() {
	local number

	number=$(sed -n 's/^#define VERSION_NUMBER "\(.*\)"/\1/p' src/version.h)
	cmp src/CHANGELOG.md "$dist/CHANGELOG.md" &&
	    grep -q '^## \[Unreleased\]$\|^## \['"$number"'\] - 20' \
	    "$dist/CHANGELOG.md" && grep -qF "$number" "$dist/CHANGELOG.md"
}
licenses() {
	local each

	for each in bearssl ca-certificates jsmn musl; do
		grep -qx "=== $each" "$dist/LICENSES.txt" || return 1
	done
	diff <(cat vendor/musl/COPYRIGHT) <(sed -n '/^=== musl$/,/^=== /{
	    /^=== /d;p;}' "$dist/LICENSES.txt" | sed '1d;$d')
}
# In the middle of another repository, which is not its own.
source_archive() {
	mkdir "$work/other" && git init -q "$work/other" &&
	    tar -xzf "$dist/$release.tar.gz" -C "$work/other" &&
	    cd "$work/other/$release" || return 1
	diff <(git -C "$here" ls-tree -r --name-only HEAD | LC_ALL=C sort) \
	    <(find . -type f | sed 's|^\./||' | LC_ALL=C sort) &&
	    [ "$(docker/version.sh)" = "${version%-dirty}" ] &&
	    [ "$(docker/version.sh epoch)" = "$epoch" ] &&
	    [ "$(SOURCE_DATE_EPOCH=77 docker/version.sh epoch)" = 77 ]
}
# By what pulls images: each machine gets the program that is its own.
pulled() {
	local p arch id pod="podman --root $work/store --runroot $work/run
	    --storage-driver vfs"

	mkdir "$work/layout" &&
	    tar -C "$work/layout" -xf - <"$dist/$release-image.tar" &&
	    cd "$work" || return 1		# it makes a name of the path
	for p in $platforms; do
		arch="--arch $p"
		[ "$p" != arm ] || arch="--arch arm --variant v7"
		id=$($pod pull -q --os linux $arch \
		    oci:layout:dragoman:latest 2>"$work/log") &&
		    [ "$($pod inspect "$id" --format \
		    '{{.Architecture}} {{.Os}}' 2>>"$work/log")" = "$p linux" ] ||
		    { cat "$work/log"; return 1; }
	done
}
here=$PWD
epoch=$(docker/version.sh epoch)
check "holds what it must and no more" complete
check "has the digest of each" summed
check "has the programs, which know their version" the_programs
check "has an image in which all that it says is true" \
    node tests/ship/archive.mjs "$dist/$release-image.tar" $programs
if [ "$(id -u)" = 0 ] && command -v podman >/dev/null; then
	check "has an image of which each platform gets its own" \
	    eval '(pulled)'
fi
check "lists the parts of each program" parts
check "tells what changed" changes
check "has the licences of what is built in" licenses
check "has the source, which knows its version anywhere" eval \
    '(source_archive)'
[ "$full" ] || { sum_up; exit; }

# What was fetched is fetched; what is built is built anew.
fetched() {
	cp -a vendor/bearssl vendor/jsmn vendor/musl vendor/.stamp "$1/vendor/"
}
elsewhere() {
	git clone -q . "$work/clone" && fetched "$work/clone" &&
	    (umask 077 && cd "$work/clone" && LC_ALL=C TZ=Asia/Tokyo \
	    make -s -j"${JOBS:-2}" dist PLATFORMS="$platforms") &&
	    diff -r "$dist" "$work/clone/build/dist"
}
from_source() {
	fetched "$work/other/$release" &&
	    (cd "$work/other/$release" && make -s -j"${JOBS:-2}") &&
	    cmp build/dragoman "$work/other/$release/build/dragoman"
}
check "is the same, byte for byte, from a clone" elsewhere
check "and so is the program from the source archive" from_source
sum_up
