#include "command/command.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "json/text.h"

static const char help[] =
"usage: dragoman keygen [NAME] [--models LIST] [--rpm N] [--tpm N]\n"
"       [--concurrency N] [--budget USD [--per day|month|total]]\n"
"       [--expires DATE]\n"
"\n"
"Make a new client key.  The key is printed once and kept nowhere: give it\n"
"to the client.  The line below it goes into \"keys\" of the configuration;\n"
"a running gateway then reads it.  Take the line away to revoke the key.\n"
"\n"
"  --models LIST    what it may use, by commas: fast,anthropic/*\n"
"  --rpm N          requests in a minute\n"
"  --tpm N          tokens in a minute, input and output\n"
"  --concurrency N  requests at once\n"
"  --budget USD     dollars, such as 12.50, that it may spend ...\n"
"  --per PERIOD     ... in a day or month of UTC (the default), or in total\n"
"  --expires DATE   2027-01-31 is its last day; or 2027-01-31T12:00:00Z\n";

enum { KEY_RANDOM = 40 };

enum kind { NUMBER, DOLLARS, TEXT, LIST };

enum { OPTIONS = 7 };

static const struct {
	const char	*option, *member;
	enum kind	 kind;
} options[OPTIONS] = {
	{ "--models", "models", LIST },
	{ "--rpm", "rpm", NUMBER },
	{ "--tpm", "tpm", NUMBER },
	{ "--concurrency", "concurrency", NUMBER },
	{ "--budget", "budget_usd", DOLLARS },
	{ "--per", "per", TEXT },
	{ "--expires", "expires", TEXT },
};

static void
put_text(struct buf *out, struct arena *arena, struct slice plain)
{
	buf_byte(out, '"');
	buf_append(out, text_escape(arena, plain));
	buf_byte(out, '"');
}

/* Is it a number that JSON takes?  Its range is for the configuration. */
static bool
is_number(struct slice value, bool fraction)
{
	struct slice whole = slice_cut(&value, '.');
	uint64_t n;

	return slice_to_u64(whole, UINT32_MAX, &n) &&
	    (whole.len == 1 || *whole.ptr != '0') &&
	    (!value.ptr || (fraction && slice_to_u64(value, UINT64_MAX, &n)));
}

static bool
put_option(struct buf *out, struct arena *arena, size_t i, const char *value)
{
	struct slice rest = slice_of(value);
	const char *comma = "";

	buf_fmt(out, ", \"%s\": ", options[i].member);
	switch (options[i].kind) {
	case NUMBER:
	case DOLLARS:
		buf_append(out, rest);
		return is_number(rest, options[i].kind == DOLLARS);
	case TEXT:
		put_text(out, arena, rest);
		return rest.len > 0;
	case LIST:
		break;
	}
	buf_byte(out, '[');
	while (rest.ptr) {
		buf_text(out, comma);
		put_text(out, arena, slice_trim(slice_cut(&rest, ',')));
		comma = ", ";
	}
	buf_byte(out, ']');
	return true;
}

static bool
put_line(struct buf *out, struct arena *arena, struct slice name,
    const char *const *values)
{
	buf_text(out, "{ \"name\": ");
	put_text(out, arena, name);
	for (size_t i = 0; i < OPTIONS; i++)
		if (values[i] && !put_option(out, arena, i, values[i])) {
			fprintf(stderr, "dragoman: %s: \"%s\" is no value for "
			    "it; see --help\n", options[i].option, values[i]);
			return false;
		}
	return true;
}

int
keygen_main(int argc, char **argv)
{
	const char *values[OPTIONS] = { NULL };
	struct option_row rows[OPTIONS + 1] = { { 0 } };
	struct arena arena = { 0 };
	struct buf line = { 0 };
	char key[3 + KEY_RANDOM + 1] = "dg-";
	struct slice hash;
	int words;

	for (size_t i = 0; i < OPTIONS; i++)
		rows[i] = (struct option_row){ options[i].option, NULL,
		    &values[i], NULL };
	words = command_options(argc, argv, rows, help);
	if (words == -2)
		return 0;
	if (words < 0 || words > 1) {
		fprintf(stderr, "usage: dragoman keygen [NAME] [OPTIONS]; see "
		    "--help\n");
		return 2;
	}
	if (!put_line(&line, &arena, words ? slice_of(argv[1])
	    : SLICE("client"), values)) {
		buf_free(&line);
		arena_reset(&arena);
		return 2;
	}
	random_base62(key + 3, KEY_RANDOM);
	hash = sha256_hex(&arena, slice_of(key), SHA256_HEX);
	printf("key   %s\n", key);
	printf("line  %.*s, \"sha256\": \"%.*s\" }\n",
	    SLICE_FMT(buf_slice(&line)), SLICE_FMT(hash));
	buf_free(&line);
	arena_reset(&arena);
	return 0;
}
