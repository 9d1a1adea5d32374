#!/bin/sh
# Writable variables that outlive a call stand in base/ alone (the log's
# level, the clock, spare memory).  Looks at the release objects below the
# folder given, where each variable has a section of its own.
set -eu
find "$1/src" -name '*.o' ! -path '*/src/base/*' -exec objdump -h {} + | awk '
	/file format/ { object = $1 }
	$2 ~ /^\.(bss|data|tbss|tdata)\./ && $2 !~ /^\.data\.rel\.ro/ {
		sub(/^\.[a-z]*\./, "", $2)
		print object " global: " $2
		failed = 1
	}
	END { exit failed }'
