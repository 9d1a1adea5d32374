#!/bin/bash
# The rules of form that a machine can check, over src/ and the tests in C.
# The rules stand in lint.awk.  A line may be longer than 80 columns if it
# ends in or follows a comment that begins with "long line"; one function of
# a file may have up to 120 lines if a comment "long: why" is in it or on it.
#
# `lint.sh FILE...` looks at these files only.  Every run, and `--selftest`
# alone, shows first that each rule finds what it forbids.
set -u
cd "$(dirname "$0")/.."
rules='forbidden memory float goto comment columns blank length'

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
lint() {
	awk -f tests/lint.awk "$@"
}

repeat() {
	for ((i = 0; i < $1; i++)); do echo "$2"; done
}

# Each case: the rule and the breaches it must name ("-" and 0: clean code),
# the file's name, the text.  Prints what went wrong.
selftest() {
	local wide
	wide=$(printf '%081d' 0)

	expect forbidden 1 src/wire/a.c '	strcpy (a, b);'
	expect forbidden 2 src/base/a.c '	if (sprintf(a, "b") + atoi(c))'
	expect memory 1 src/json/a.c '	p = malloc(3);'
	expect memory 1 src/net/dial.c '	free(p);'
	expect float 1 src/base/a.c '	double d;'
	expect float 1 src/base/a.c '	x = n * 1.5;'
	expect goto 1 src/base/a.c '	goto out;'
	expect comment 1 src/base/a.c '	a = b;	// c'
	expect columns 1 src/base/a.c "$wide"
	expect columns 1 src/base/a.c "$(printf '\t%073d' 0)"
	expect blank 1 src/base/a.c 'int a; '
	expect blank 1 src/base/a.c '        int a;'
	expect length 1 src/base/a.c "$(repeat 601 'int a;')"
	expect length 1 src/base/a.c "{
$(repeat 61 '	a++;')
}"
	expect length 1 src/base/a.c "/* long: a table */
{
$(repeat 121 '	a++;')
}"
	expect length 1 src/base/a.c "/* long: a table */
{
$(repeat 61 '	a++;')
}
{
	/* long: another */
$(repeat 61 '	a++;')
}"
	expect - 0 src/base/a.c "/*
 * strcpy(a, b) // float 1.5 goto out; it's
 */
	p = malloc(3);
	goto fail;
	s = \"// strcpy() \\\" 1.5 double\"; /* long line */ /* $wide */
	c = '\"'; free_all(q); obj->free(p); my_strcpy(a); double_it(x1.y);
/* long line: an address */
	s = \"$wide\";
/* long: a table */
{
$(repeat 61 '	a++;')
}"
	expect - 0 src/net/tls.c '	p = malloc(3);'
}

expect() {
	local file=$tmp/$3 got

	mkdir -p "${file%/*}"
	printf '%s\n' "$4" >"$file"
	got=$(lint "$file" | grep -c "$([ "$1" = - ] && echo . || echo ": $1: ")")
	rm "$file"
	cases=$((cases + 1))
	[ "$got" = "$2" ] && return
	echo "lint.sh: $got breaches of \"$1\" instead of $2 found in:"
	head -5 <<<"$4"
	broken=$((broken + 1))
}

cases=0 broken=0
selftest
if [ "${1:-}" = --selftest ] || [ $broken != 0 ]; then
	echo "$((cases - broken)) passed, $broken failed"
	exit $((broken != 0))
fi

if [ $# = 0 ]; then
	mapfile -t files < <(find src tests -name node_modules -prune \
	    -o -name '*.[ch]' -print | sort)
	set -- "${files[@]}"
fi
found=$(lint "$@")
[ -z "$found" ] || echo "$found"
passed=0 failed=0
for rule in $rules; do
	if grep -q ": $rule: " <<<"$found"; then
		echo "rule broken: $rule"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
