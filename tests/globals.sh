#!/bin/sh
# Writable variables that outlive a call stand in base/ alone (the log's
# level, the clock, spare memory).  Looks at the release objects below the
# folder given, where each variable has a section of its own.
#
# Let pass, for they are never written: FILE/NAME whose address is all that
# counts, and what BearSSL wants without const.
set -eu
pass='proto/schema\.o/(on_the_way|done)|proto/schema_tool\.o/present'
pass="$pass|net/profile\.o/rel\.local\.protocols"

find "$1/src" -name '*.o' ! -path '*/src/base/*' -exec ${OBJDUMP:-objdump} -h {} + |
    awk -v pass="/src/($pass)(\\\\.[0-9]+)?\$" '
	/file format/ { object = substr($1, 1, length($1) - 1) }
	$2 ~ /^\.(bss|data|tbss|tdata)\./ && $2 !~ /^\.data\.rel\.ro/ {
		sub(/^\.[a-z]*\./, "", $2)
		if (object "/" $2 ~ pass)
			next
		print object ": global: " $2
		failed = 1
	}
	END { exit failed }'
