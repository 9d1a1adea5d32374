#!/bin/sh
# Replay recorded traffic of real providers through `dragoman translate`.
#
#	replay.sh [PROGRAM [FOLDER]]
#
# Each recording under FOLDER, or else under $TRAFFIC, is a folder with
# meta.json, response.json or response.sse, and often request.json.  It goes to
# the other protocol and back; what a client library gets to see (text,
# thinking, tool calls, usage, the reason of the end) must be what the provider
# said.  Without recordings, which are not part of this tree, nothing is done.
set -u
here=$(cd "$(dirname "$0")" && pwd)
program=${1:-${BUILD:-build}/asan/dragoman}
folder=${2:-${TRAFFIC:-}}
if [ -z "$folder" ] || [ ! -d "$folder" ]; then
	echo "replay: skipped, no recordings: name their folder or set TRAFFIC"
	echo "0 passed, 0 failed"
	exit 77
fi
command -v node >/dev/null || { echo "replay: skipped, no node"; exit 77; }
[ -x "$program" ] || { echo "replay: no program $program"; exit 1; }
exec node "$here/replay/replay.mjs" "$program" "$folder"
