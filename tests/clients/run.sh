#!/bin/bash
# The programs that people use, against BIN: run.sh BIN [PROGRAM[:...]...]
#
# Installs what the locks of programs/ name, one after the other, and runs
# run.mjs where there is no network but loopback, if the system lets us.
set -u
bin=${1:?"usage: tests/clients/run.sh BIN [PROGRAM...]"}
DRAGOMAN_BIN=$(realpath "$bin") || exit 1
shift
cd "$(dirname "$0")" || exit 1

# Each program stands in a folder, lock and installation of its own.
. ../lib.sh

names=$(printf '%s\n' "$@" | cut -d: -f1)
[ "$names" ] || names=$(ls programs)
for name in $names; do
	packages "programs/$name" || { echo "0 passed, 1 failed"; exit 1; }
done

alone=
unshare -rn ip link set lo up 2>/dev/null &&
	alone='unshare -rn sh -c "ip link set lo up && exec \"\$@\"" sh'
[ "$alone" ] || echo "the network cannot be shut out here"
eval exec $alone env -i PATH='"$PATH"' TMPDIR='"${TMPDIR:-/tmp}"' \
    VERBOSE='"${VERBOSE:-}"' KEEP='"${KEEP:-}"' \
    DRAGOMAN_BIN='"$DRAGOMAN_BIN"' node run.mjs '"$@"'
