#include "command/command.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "json/text.h"

static const char help[] =
"usage: dragoman keygen [NAME]\n"
"\n"
"Make a new client key.  The key is printed once and kept nowhere: give it\n"
"to the client.  The line below it goes into \"keys\" of the configuration.\n";

enum { KEY_RANDOM = 40 };

int
keygen_main(int argc, char **argv)
{
	const struct option_row rows[] = { { 0 } };
	int words = command_options(argc, argv, rows, help);
	struct arena arena = { 0 };
	char key[3 + KEY_RANDOM + 1] = "dg-";
	struct slice hash, name;

	if (words == -2)
		return 0;
	if (words < 0 || words > 1) {
		fprintf(stderr, "usage: dragoman keygen [NAME]\n");
		return 2;
	}
	random_base62(key + 3, KEY_RANDOM);
	hash = sha256_hex(&arena, slice_of(key), SHA256_HEX);
	name = text_escape(&arena, words ? slice_of(argv[1])
	    : SLICE("client"));
	printf("key   %s\n", key);
	printf("line  { \"name\": \"%.*s\", \"sha256\": \"%.*s\" }\n",
	    SLICE_FMT(name), SLICE_FMT(hash));
	arena_reset(&arena);
	return 0;
}
