#!/bin/sh
# The tables of README.md that the program's own tables make, and the schema of
# its configuration.
#
#	tables.sh PROGRAM		rewrite them
#	tables.sh PROGRAM check		are they as the program has them?
#
# PROGRAM prints one by its name (tests/tables/).  In README.md a table stands
# between the lines "<!-- table: NAME -->" and "<!-- end -->".
set -u
program=${1:?"usage: tables.sh PROGRAM [check]"}
cd "$(dirname "$0")/.." || exit 1
new=$(mktemp) && one=$(mktemp) || exit 1
trap 'rm -f "$new" "$one"' EXIT
passed=0
failed=0
cp README.md "$new"
for name in $("$program"); do
	"$program" "$name" >"$one" || exit 1
	if ! grep -q "^<!-- table: $name -->\$" README.md; then
		echo "README.md has no place for the table $name"
		failed=$((failed + 1))
		continue
	fi
	awk -v name="$name" -v table="$one" '
		$0 == "<!-- table: " name " -->" {
			print
			while ((getline line <table) > 0)
				print line
			inside = 1
		}
		inside && $0 == "<!-- end -->" { inside = 0 }
		!inside && !($0 == "<!-- table: " name " -->") { print }
	' "$new" >"$new.next" && mv "$new.next" "$new"
done
schema=docker/dragoman.schema.json
"$program" schema >"$one" || exit 1
if [ "${2-}" != check ]; then
	cmp -s "$one" $schema || cat "$one" >$schema
	cmp -s "$new" README.md || cat "$new" >README.md
	exit $failed
fi
if cmp -s "$new" README.md; then
	passed=$((passed + 1))
else
	echo "README.md is not as the tables are: run make tables"
	diff README.md "$new" | head -20
	failed=$((failed + 1))
fi
if cmp -s "$one" $schema; then
	passed=$((passed + 1))
else
	echo "$schema is not as the program's tables are: run make tables"
	failed=$((failed + 1))
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
