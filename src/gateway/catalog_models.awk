# catalog_models.txt as a table in C; see the head of that file.

BEGIN {
	FS = "[ \t]*\\|[ \t]*"
	split("text image audio video pdf", modality, " ")
	for (i = 1; i <= 5; i++)
		letter[substr(modality[i], 1, 1)] = 2 ^ (i - 1)
	split("chat messages responses gemini", t, " ")
	for (i = 1; i <= 4; i++)
		protocol[substr(t[i], 1, 1)] = 2 ^ (i - 1)
}

function bad(what) {
	printf "%s:%d: %s\n", FILENAME, FNR, what >"/dev/stderr"
	failed = 1
	exit 1
}

# Dollars to millionths, digit by digit: nothing is rounded.
function dollars(s,    at, rest) {
	if (s == "-" || s == "")
		return "PRICE_UNKNOWN"
	if (s !~ /^[0-9]+(\.[0-9]+)?$/)
		bad("not a price: " s)
	at = index(s, ".")
	rest = at ? substr(s, at + 1) : ""
	if (length(rest) > 6)
		bad("more than six digits: " s)
	s = at ? substr(s, 1, at - 1) : s
	s = s rest substr("000000", length(rest) + 1)
	sub(/^0+/, "", s)
	return s == "" ? "0" : s
}

function price(s,    p, n) {
	n = split(s, p, " ")
	if (n > 5)
		bad("more than five prices")
	return "{ " dollars(p[1]) ", " dollars(p[2]) ", " dollars(p[3]) \
	    ", " dollars(p[4]) ", " dollars(p[5]) " }"
}

# Days since 1970-01-01.
function days(s,    p, y, era) {
	if (s == "-" || s == "")
		return 0
	if (s !~ /^20[0-9][0-9]-[01][0-9]-[0-3][0-9]$/)
		bad("not a date: " s)
	split(s, p, "-")
	y = p[1] - (p[2] <= 2)
	era = int(y / 400)
	y -= era * 400
	return era * 146097 + y * 365 + int(y / 4) - int(y / 100) + \
	    int((153 * (p[2] + (p[2] > 2 ? -3 : 9)) + 2) / 5) + p[3] - 719469
}

function bits(s, of,    i, n) {
	n = 0
	if (s == "-" || s == "")
		return 0
	for (i = 1; i <= length(s); i++) {
		if (!(substr(s, i, 1) in of))
			bad("not known: " s)
		n += of[substr(s, i, 1)]
	}
	return n
}

# Other names, or nothing: behind each string the compiler puts a NUL.
function text(s) {
	return "\"" (s == "-" ? "" : s) "\\0\""
}

# The place of a value in the list of its kind, which holds each once.
function place(kind, value) {
	if (!((kind, value) in seen)) {
		seen[kind, value] = count[kind]++
		list[kind] = list[kind] "\t" value ",\n"
	}
	if (count[kind] > 256)
		bad("more than 256 different values: " kind)
	return seen[kind, value]
}

function print_list(type, kind) {
	print "static const " type " " kind "[] = {\n" list[kind] "};\n"
}

function number(s) {
	if (s == "-")
		return 0
	if (s !~ /^[0-9]+$/)
		bad("not a number: " s)
	return s
}

# "200000: 6 22.5 0.6, 500000: 8 30": appended to what all rows have.
function tier_rows(s,    t, n, i, p) {
	n = s == "" || s == "-" ? 0 : split(s, t, /, */)
	for (i = 1; i <= n; i++) {
		if (split(t[i], p, /: */) != 2 || p[1] !~ /^[0-9]+$/)
			bad("not a tier: " t[i])
		tiers = tiers "\t{ " p[1] ", " price(p[2]) " },\n"
	}
	return n
}

/^#/ || /^[ \t]*$/ {
	next
}

# = preset | as of
/^=/ {
	preset = $1
	sub(/^= */, "", preset)
	name[++sections] = preset
	known = $2
	next
}

{
	if (NF < 7 || NF > 11)
		bad("has " NF " fields")
	split($5, m, ">")
	delete day
	split($8, day, " ")
	n = tier_rows($9)
	texts = texts sprintf("\t%s %s %s\n", text($1), text($2), text($10))
	rows = rows sprintf("\t{ %d, %d, %d, %d, %d, %d, %d, %d, %d, %d },\n",
	    days(day[1]), days(day[2]), place("prices", price($7)),
	    place("lengths", number($3)), place("lengths", number($4)),
	    place("days", days(day[3] == "" ? known : day[3])), n,
	    bits(m[1], letter),
	    bits(m[2] == "" && m[1] != "-" ? "t" : m[2], letter),
	    bits($11, protocol) + ($6 == "r" ? 16 : 0))
	size[preset]++
}

END {
	if (failed)
		exit 1
	print_list("struct price", "prices")
	print_list("uint32_t", "lengths")
	print_list("uint16_t", "days")
	print "static const struct price_tier tiers[] = {\n" tiers "};\n"
	print "static const struct {\n\tconst char\t*preset;\n" \
	    "\tsize_t\t\t rows;\n} sections[] = {"
	for (i = 1; i <= sections; i++)
		printf "\t{ \"%s\", %d },\n", name[i], size[name[i]]
	print "};\n"
	print "static const char texts[] =\n" texts ";\n"
	print "static const struct packed rows[] = {\n" rows "};"
}
