# The rules of form, for C files: one line FILE:LINE: RULE: what, per breach.
# Code is looked at with comments and the insides of literals blanked out.

BEGIN {
	split("strcpy stpcpy strcat strncpy strncat strtok sprintf vsprintf " \
	    "gets atoi atol atoll atof strtod alloca setjmp longjmp system " \
	    "popen sleep usleep", t)
	for (i in t)
		never[t[i]] = 1
	split("malloc calloc realloc reallocarray free strdup strndup " \
	    "asprintf vasprintf posix_memalign aligned_alloc", t)
	for (i in t)
		memory[t[i]] = 1
}

function say(rule, what) {
	printf "%s:%d: %s: %s\n", FILENAME, FNR, rule, what
}

# The line without comments and literals; `state` lasts over lines.
function blank(s,    out, i, c, two, n) {
	if (state == "" && s !~ /["'\/]/)
		return s
	out = ""
	n = length(s)
	for (i = 1; i <= n; i++) {
		c = substr(s, i, 1)
		two = substr(s, i, 2)
		if (state == "comment") {
			if (two == "*/") {
				state = ""
				i++
			}
		} else if (state != "") {
			if (c == "\\")
				i++
			else if (c == state) {
				state = ""
				out = out c
			}
		} else if (two == "/*") {
			state = "comment"
			out = out " "
			i++
		} else if (two == "//") {
			say("comment", "// is not our comment")
			break
		} else {
			if (c == "\"" || c == "'")
				state = c
			out = out c
		}
	}
	if (state != "comment")		# no literal goes on over a line
		state = ""
	return out
}

# Each NAME( of the line.
function calls(code,    name) {
	while (match(code, /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/)) {
		name = substr(code, RSTART, RLENGTH - 1)
		sub(/[ \t]+$/, "", name)
		if (name in never)
			say("forbidden", name "()")
		if (name in memory && !may_allocate &&
		    substr(code, RSTART - 1, 1) !~ /[.>]/)
			say("memory", name "() belongs to base/ and net/tls.c")
		code = substr(code, RSTART + RLENGTH)
	}
}

function columns(s,    i, n, c) {
	gsub(/[\200-\277]/, "", s)	# UTF-8: count letters
	if (s !~ /\t/)
		return length(s)
	n = split(s, t, "\t")
	c = 0
	for (i = 1; i < n; i++)
		c = int((c + length(t[i])) / 8 + 1) * 8
	return c + length(t[n])
}

FNR == 1 {
	state = ""
	long_line = long_used = long_here = start = 0
	may_allocate = FILENAME ~ /(^|\/)src\/(base\/|net\/tls\.c)/ ||
	    FILENAME ~ /(^|\/)tests\//
}

{
	code = blank($0)
	if (columns($0) > 80 && !long_line && $0 !~ /\/\* long line/)
		say("columns", "over 80")
	long_line = $0 ~ /^[ \t]*\/\* long line/
	if ($0 ~ /[ \t]$/)
		say("blank", "white space at the end")
	if ($0 ~ /^        /)
		say("blank", "indent by tabs")
	if (FNR == 601)
		say("length", "file over 600 lines")

	calls(code)
	if (code ~ /(^|[^A-Za-z0-9_])(float|double)([^A-Za-z0-9_]|$)/ ||
	    code ~ /(^|[^A-Za-z0-9_])[0-9]+\.[0-9]/)
		say("float", "no floating point")
	if (code ~ /(^|[^A-Za-z0-9_])goto[ \t]/ &&
	    code !~ /goto[ \t]+fail[ \t]*;/)
		say("goto", "the one label is fail")

	if ($0 ~ /\/\* long: /)
		long_here = 1
	if ($0 ~ /^{/)
		start = FNR
	if ($0 ~ /^}/) {
		size = start ? FNR - start - 1 : 0
		if (size > 60 && !(long_here && size <= 120 && !long_used))
			say("length", "function of " size " lines")
		if (size > 60)
			long_used = 1
		start = long_here = 0
	}
}
