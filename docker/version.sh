#!/bin/sh
# What this is: the last tag, how far behind it is, and which commit; with the
# argument "epoch", when that was, in seconds.  In an archive that git made the
# answer stands in src/version.txt, wherever it is unpacked, and is the same;
# with neither it is VERSION, or the header's number.
set -eu
cd "$(dirname "$0")/.."
number=$(sed -n 's/^#define VERSION_NUMBER "\(.*\)"/\1/p' src/version.h)
{ read -r name && read -r seconds && read -r commit; } <src/version.txt
archive=true
case $commit in
*Format*)	archive=false ;;	# which git archive replaces
esac
if [ "${1:-}" = epoch ]; then
	if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
		echo "$SOURCE_DATE_EPOCH"
	elif $archive; then
		echo "$seconds"
	else
		git log -1 --format=%ct 2>/dev/null || echo 0
	fi
	exit
fi
# As many digits everywhere, however large a repository is.
if ! $archive; then
	name=$(git describe --tags --always --abbrev=12 --dirty 2>/dev/null) ||
	    name=
elif [ -z "$name" ]; then
	name=$(echo "$commit" | cut -c 1-12)		# there is no tag
fi
case $name in
v[0-9]*)	echo "${name#v}" ;;
*[!0-9a-z-]*|'')	echo "${VERSION:-$number}" ;;
*)		echo "$number-g$name" ;;
esac
