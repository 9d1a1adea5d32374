#!/bin/sh
# What the program counts for recorded requests, beside what providers counted.
#
#	estimate.sh [PROGRAM [FOLDER]]
#
# The recordings under FOLDER, or else under $TRAFFIC, are those of replay.sh.
# A row for each; half of a class must be within the limit of its class.
set -u
here=$(cd "$(dirname "$0")" && pwd)
program=${1:-${BUILD:-build}/asan/dragoman}
folder=${2:-${TRAFFIC:-}}
if [ -z "$folder" ] || [ ! -d "$folder" ]; then
	echo "estimate: skipped, no recordings: name their folder or set TRAFFIC"
	echo "0 passed, 0 failed"
	exit 77
fi
command -v node >/dev/null || { echo "estimate: skipped, no node"; exit 77; }
[ -x "$program" ] || { echo "estimate: no program $program"; exit 1; }
exec node "$here/replay/estimate.mjs" "$program" "$folder"
