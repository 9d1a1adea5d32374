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
log=$(mktemp)
trap 'rm -f "$log"' EXIT
parts=1
node "$here/replay/replay.mjs" "$program" "$folder" | tee "$log"
# Through the gateway, with the official SDKs, where they are installed.
if [ -d "$here/e2e/node_modules" ]; then
	parts=3
	node "$here/replay/sdk.mjs" "$program" "$folder" | tee -a "$log"
	node "$here/replay/pairs.mjs" "$program" "$folder" | tee -a "$log"
else
	echo "replay: without the SDKs; tests/e2e/run.sh installs them"
fi
# A part that died without its last line has failed.
awk -v parts=$parts '
/^[0-9]+ passed, [0-9]+ failed$/ { parts--; p += $1; f += $3 }
END {
	f += parts
	print p + 0 " passed, " f + 0 " failed"
	exit f > 0 || !p
}' "$log"
