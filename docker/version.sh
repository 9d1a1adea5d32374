#!/bin/sh
# What this is: the last tag, how far behind it is, and which commit; with the
# argument "epoch", when that was, in seconds.  In an archive that git made the
# answer stands in src/version.txt; with neither it is VERSION, or the header's
# number.
set -eu
cd "$(dirname "$0")/.."
number=$(sed -n 's/^#define VERSION_NUMBER "\(.*\)"/\1/p' src/version.h)
if [ "${1:-}" = epoch ]; then
	if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
		echo "$SOURCE_DATE_EPOCH"
	else
		git log -1 --format=%ct 2>/dev/null ||
		    sed -n '2{s/[^0-9].*//;s/^$/0/;p;}' src/version.txt
	fi
	exit
fi
if name=$(git describe --tags --always --dirty 2>/dev/null); then
	:
else
	name=$(sed -n 1p src/version.txt)
fi
case $name in
v[0-9]*)	echo "${name#v}" ;;
*[!0-9a-z-]*|'')	echo "${VERSION:-$number}" ;;	# an archive of something else
*)		echo "$number-g$name" ;;
esac
