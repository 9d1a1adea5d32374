#!/bin/bash
# Which functions a process runs at its start and for a usual request, as a
# script for the linker: they come to stand side by side, so that few pages of
# the program are ever touched.  `make order` writes it anew; needs valgrind.
#
#	tests/bench/order.sh PROGRAM	with symbols and lines, not packed
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
bin=$1
dir=$(mktemp -d)
pids=
trap 'kill $pids 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT

# traced GROUP CONFIG: the program runs; its port is left in $port.
traced() {
	valgrind --tool=callgrind --trace-children=yes --dump-instr=no \
	    --callgrind-out-file="$dir/$1.%p" \
	    "$bin" serve -c "$2" >"$dir/$1.log" 2>&1 &
	traced=$!
	pids="$pids $traced"
	port=$(port_of "$dir/$1.log") || { cat "$dir/$1.log" >&2; exit 1; }
}
ended() {
	kill $traced
	wait $traced
}

"$bin" echo --listen 127.0.0.1:0 >"$dir/echo.log" 2>&1 &
pids=$!
echo=http://127.0.0.1:$(port_of "$dir/echo.log")
cat >"$dir/config" <<END
{ "listen": ["127.0.0.1:0"], "workers": 1, "env": false, "seal": false,
  "providers": { "a": { "chat": "$echo/v1", "key": "k" },
                 "b": { "messages": "$echo", "key": "k" },
                 "c": { "messages": "https://127.0.0.1:1", "key": "k" } } }
END

# 1: a process that waits, and says that it is well
traced 1 "$dir/config"
for _ in 1 2 3; do
	curl -sf "http://127.0.0.1:$port/healthz" >/dev/null || exit 1
	curl -sf "http://127.0.0.1:$port/readyz" >/dev/null || exit 1
	curl -sf -H 'connection: close' "http://127.0.0.1:$port/readyz" \
	    >/dev/null || exit 1
done
ended

# 2: answers, passed and translated, whole and streamed
traced 2 "$dir/config"
for model in a/gpt-4o b/claude-opus-4-8; do
	for stream in true false; do
		for path in chat/completions messages; do
			curl -sf "http://127.0.0.1:$port/v1/$path" \
			    -H 'content-type: application/json' \
			    -d '{"model": "'$model'", "max_tokens": 100,
				"stream": '$stream', "messages": [
				{"role": "user", "content": "Hello\n\"you\""}]}' \
			    >/dev/null || exit 1
		done
	done
done
ended

# Each group's lines "object function", those of the second without the first's.
# Files and functions have numbers, told with the first mention; a clone of a
# function has its name and a dot.
functions() {
	awk 'FNR == 1 { split("", file); split("", name) }
	/^(c?f[lie]|fn|cfn)=/ {
		kind = $1; sub(/=.*/, "", kind)
		id = $1; sub(/^[^=]*=/, "", id)
		if (kind ~ /fn/) {
			if ($2) name[id] = $2
			n = name[id]
		} else {
			if ($2) file[id] = $2
			if (kind == "fl") at = file[id]
		}
		if (kind != "fn" || at !~ /\.c$/)
			next
		sub(/[.\047].*/, "", n)
		object = at
		sub(/\.c$/, ".o", object)
		sub(/.*\/src\//, "src/", object)
		if (object ~ /^src\//)
			print object, n
	}' "$dir/$1".[0-9]* | sort -u
}
# One statement for each object.
script() {
	awk '$1 != object {
		if (object) print ")"
		object = $1
		line = sprintf("\t\t*%s(", object)
		printf "%s", line
		width = length(line) + 14
	}
	{
		word = ".text." $2 "* "
		width += length(word)
		if (width > 79) {
			printf "\n\t\t    "
			width = 20 + length(word)
		}
		printf "%s", word
	}
	END { print ")" }' "$1" | sed 's/ *$//; s/ )$/)/'
}
functions 1 >"$dir/first"
functions 2 | comm -13 "$dir/first" - >"$dir/second"
[ -s "$dir/first" ] && [ -s "$dir/second" ] || exit 1

cat <<END
/*
 * What every process runs at its start, then what usual requests run, side by
 * side; the rest follows.  Written by \`make order\`; names that are gone do no
 * harm, new ones are only not among them.
 */
SECTIONS
{
	.text.first : {
END
script "$dir/first"
printf '\t\t*libc.a:*(.text .text.*)\n'
script "$dir/second"
cat <<END
	}
}
INSERT BEFORE .text;
END
