/* config_text: comments and commas, variables, files. */
#include "test.h"

#include "gateway/config_text.h"

#define CHECK_SLICE(got, want) \
	CHECK_BYTES((got).ptr, (got).len, (want), strlen(want))

/* Relax `text` and compare; the byte behind its end cannot be touched. */
static void
relaxed(const char *text, const char *want)
{
	size_t len = strlen(text);
	char *copy = guard_page(text, len);

	config_text_relax(copy, len);
	CHECK_BYTES(copy, len, want, strlen(want));
	guard_page_free(copy, len);
}

static void
comments(void)
{
	relaxed("{} // c", "{}     ");
	relaxed("//", "  ");
	relaxed("1 // a\n2", "1     \n2");
	relaxed("1 // a\r\n2", "1      \n2");
	relaxed("/* a */1/* b\nc */2", "       1    \n    2");
	relaxed("/**/1", "    1");
	relaxed("/* // */1", "        1");
	relaxed("// /* \n1 */", "      \n1 */");
}

/* What does not end is left for the parser to complain about. */
static void
unterminated(void)
{
	relaxed("1 /* a", "1 /* a");
	relaxed("1 /*/", "1 /*/");
	relaxed("1 /", "1 /");
	relaxed("{\"a", "{\"a");
	relaxed("{\"a\\", "{\"a\\");
	relaxed("{\"a\\\"", "{\"a\\\"");
}

static void
strings(void)
{
	relaxed("\"http://x\"", "\"http://x\"");
	relaxed("\"/* a */\"", "\"/* a */\"");
	relaxed("\"a,\"]", "\"a,\"]");
	relaxed("\"\\\"//\"//", "\"\\\"//\"  ");
	relaxed("\"\\\\\"//", "\"\\\\\"  ");
	relaxed("[\",]\",]", "[\",]\" ]");
}

static void
commas(void)
{
	relaxed("[1,]", "[1 ]");
	relaxed("[1,\n]", "[1 \n]");
	relaxed("{\"a\":1,}", "{\"a\":1 }");
	relaxed("[1, // last\n]", "[1         \n]");
	relaxed("[1,/* , */]", "[1        ]");
	relaxed("[[1,],]", "[[1 ] ]");
	relaxed("[1,,]", "[1, ]");
	relaxed("[1,2]", "[1,2]");
	relaxed("[1,", "[1,");
}

/* Nothing but what stands for nothing becomes a blank; lines stay lines. */
static void
all_cuts(void)
{
	static const char text[] = "{ // one\n \"a//\\\"\": [1, /* two\n */ ],"
	    "\r\n\t\"b\": \"${X}\", }\n";

	for (size_t len = 0; len < sizeof text; len++) {
		char *copy = guard_page(text, len);

		config_text_relax(copy, len);
		for (size_t i = 0; i < len; i++)
			CHECK(copy[i] == text[i] || (copy[i] == ' ' &&
			    text[i] != '\n'));
		guard_page_free(copy, len);
	}
}

/* Expand `plain`; `want` NULL: it fails, and the reason holds `why`. */
static void
expanded(const char *plain, const char *want, const char *why)
{
	struct arena arena = { 0 };
	struct slice out;
	const char *said = "";
	char *copy = guard_page(plain, strlen(plain));
	bool good = config_text_expand(&arena, (struct slice){ copy,
	    strlen(plain) }, &out, &said);

	CHECK(good == (want != NULL));
	if (want)
		CHECK_SLICE(out, want);
	else
		CHECK(strstr(said, why));
	CHECK(!arena.failed);
	guard_page_free(copy, strlen(plain));
	arena_reset(&arena);
}

static void
variables(void)
{
	setenv("GW_A", "one", 1);
	setenv("GW_B", "", 1);
	unsetenv("GW_NONE");
	expanded("", "", NULL);
	expanded("plain $ { } $x", "plain $ { } $x", NULL);
	expanded("${GW_A}", "one", NULL);
	expanded("<${GW_A}-${GW_A}>", "<one-one>", NULL);
	expanded("a${GW_B}b", "ab", NULL);
	expanded("$${GW_A}", "${GW_A}", NULL);
	expanded("a$${", "a${", NULL);
	expanded("$${GW_A} ${GW_A}", "${GW_A} one", NULL);
	expanded("$$${GW_A}", "$${GW_A}", NULL);
	expanded("${GW_NONE}", NULL, "GW_NONE is not set");
	expanded("${}", NULL, "is not set");
	expanded("${GW_A", NULL, "\"}\"");
	expanded("${GW_A} ${", NULL, "\"}\"");
	/* a value is not looked at again */
	setenv("GW_C", "${GW_A}", 1);
	expanded("${GW_C}", "${GW_A}", NULL);
}

static void
write_file(char *path, const char *text)
{
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void
files(void)
{
	char path[] = "/tmp/gateway-text-XXXXXX", text[128];

	write_file(path, "s3cret\r\n");
	snprintf(text, sizeof text, "k=${file:%s}.", path);
	expanded(text, "k=s3cret.", NULL);
	unlink(path);
	expanded(text, NULL, "cannot be read");
	expanded("${file:}", NULL, "cannot be read");
	expanded("${file:/}", NULL, "cannot be read");
}

/* The value of GW_E or of the file that GW_E_FILE names. */
static void
environment(void)
{
	char path[] = "/tmp/gateway-text-XXXXXX";
	struct arena arena = { 0 };
	struct slice out;
	const char *why = "";

	unsetenv("GW_E");
	unsetenv("GW_E_FILE");
	CHECK(config_text_env(&arena, "GW_E", &out, &why));
	CHECK(!out.len);
	write_file(path, " from-file \n");
	setenv("GW_E_FILE", path, 1);
	CHECK(config_text_env(&arena, "GW_E", &out, &why));
	CHECK_SLICE(out, "from-file");
	setenv("GW_E", " direct\n", 1);
	CHECK(config_text_env(&arena, "GW_E", &out, &why));
	CHECK_SLICE(out, "direct");
	/* set to nothing, as compose files do, is not set */
	setenv("GW_E", "", 1);
	CHECK(config_text_env(&arena, "GW_E", &out, &why));
	CHECK_SLICE(out, "from-file");
	unlink(path);
	CHECK(!config_text_env(&arena, "GW_E", &out, &why));
	CHECK(strstr(why, path) && strstr(why, "cannot be read"));
	setenv("GW_E_FILE", "", 1);
	CHECK(config_text_env(&arena, "GW_E", &out, &why));
	CHECK(!out.len);
	arena_reset(&arena);
}

static void
reading(void)
{
	char path[] = "/tmp/gateway-text-XXXXXX";
	struct arena arena = { 0 };
	struct slice out;
	const char *why = "";

	write_file(path, "");
	CHECK(config_text_read(&arena, path, &out, &why));
	CHECK(!out.len);
	CHECK(!truncate(path, CONFIG_FILE_MAX));
	CHECK(config_text_read(&arena, path, &out, &why));
	CHECK(out.len == CONFIG_FILE_MAX);
	CHECK(!truncate(path, CONFIG_FILE_MAX + 1));
	CHECK(!config_text_read(&arena, path, &out, &why));
	CHECK(strstr(why, "4 MB"));
	unlink(path);
	CHECK(!config_text_read(&arena, path, &out, &why));
	CHECK(strstr(why, "No such file"));
	arena_reset(&arena);
}

TESTS(
	{ "comments become blanks", comments },
	{ "what does not end stays", unterminated },
	{ "strings stay as they are", strings },
	{ "commas before a bracket", commas },
	{ "every byte keeps its place", all_cuts },
	{ "variables", variables },
	{ "contents of files", files },
	{ "a variable or its file", environment },
	{ "reading a file", reading })
