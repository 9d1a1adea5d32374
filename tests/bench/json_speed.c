/*
 * json_speed - how fast requests are parsed, in MB/s of processor time.
 *
 * Build as for release and run, from the top of the tree:
 *
 *	gcc -specs build/static-pie.specs -std=c11 -D_GNU_SOURCE -O3 -fPIE \
 *	    -Isrc -isystem vendor tests/bench/json_speed.c src/json/[a-z]*.c \
 *	    src/base/{arena,buf,check,slice,utf8}.c -o /tmp/json_speed
 *	/tmp/json_speed
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/buf.h"
#include "json/json.h"
#include "json/write.h"

enum { ROUND_MS = 300, ROUNDS = 5 };

static const char prose[] =
    "The gateway keeps one buffer for each direction, and neither grows "
    "beyond its limit: when the client is slow the provider has to wait. "
    "What was said in \"one\" protocol is told in the other, word by word, "
    "and nothing that cannot be said is left out silently.\n";

static const char code[] =
    "static bool\nfits(const struct buf *b, size_t want)\n{\n\tsize_t len = "
    "buf_len(b);\n\n\tif (want > b->limit - len)\n\t\treturn false;\n\t"
    "return b->cap - b->end >= want;\t/* \"end\" is behind the last */\n}\n";

static void
message(struct writer *w, const char *role, const char *text, size_t times)
{
	write_object(w);
	write_member_plain(w, "role", role);
	write_key(w, "content");
	write_text_begin(w);
	while (times--) {
		struct buf escaped = { 0 };
		struct writer inner = { .out = &escaped };

		write_string(&inner, slice_of(text));
		write_text_piece(w, slice_sub(buf_slice(&escaped), 1,
		    buf_len(&escaped) - 2));
		buf_free(&escaped);
	}
	write_text_end(w);
	write_end(w);
}

/* A question with some history: 4 KB. */
static void
chat(struct writer *w)
{
	write_object(w);
	write_member_plain(w, "model", "a-model-of-some-size");
	write_member_bool(w, "stream", true);
	write_member_raw(w, "temperature", SLICE("0.7"));
	write_key(w, "messages");
	write_array(w);
	message(w, "system", "You are a helpful assistant.", 1);
	for (int i = 0; i < 4; i++) {
		message(w, "user", prose, 1);
		message(w, "assistant", prose, 2);
	}
	message(w, "user", "And what then?", 1);
	write_end(w);
	write_end(w);
}

static void
tool(struct writer *w, unsigned i)
{
	write_object(w);
	write_member_plain(w, "type", "function");
	write_key(w, "function");
	write_object(w);
	write_key(w, "name");
	write_text_begin(w);
	write_text_piece(w, SLICE("tool_"));
	buf_u64(w->out, i);
	write_text_end(w);
	write_member_plain(w, "description", prose);
	write_member_raw(w, "parameters", SLICE("{\"type\":\"object\","
	    "\"properties\":{\"path\":{\"type\":\"string\",\"description\":"
	    "\"The file to look at\"},\"offset\":{\"type\":\"integer\","
	    "\"minimum\":0},\"limit\":{\"type\":\"integer\",\"default\":100},"
	    "\"mode\":{\"enum\":[\"text\",\"bytes\"]}},"
	    "\"required\":[\"path\"],\"additionalProperties\":false}"));
	write_end(w);
	write_end(w);
}

/* Many tools, many turns of short calls and results with code: 200 KB. */
static void
agent(struct writer *w)
{
	write_object(w);
	write_member_plain(w, "model", "a-model-of-some-size");
	write_key(w, "tools");
	write_array(w);
	for (unsigned i = 0; i < 40; i++)
		tool(w, i);
	write_end(w);
	write_key(w, "messages");
	write_array(w);
	message(w, "system", prose, 40);
	for (int i = 0; i < 110; i++) {
		write_raw(w, SLICE("{\"role\":\"assistant\",\"content\":null,"
		    "\"tool_calls\":[{\"id\":\"call_0123456789abcdef\","
		    "\"type\":\"function\",\"function\":{\"name\":\"tool_7\","
		    "\"arguments\":\"{\\\"path\\\":\\\"src/base/buf.c\\\","
		    "\\\"offset\\\":100}\"}}]}"));
		message(w, "tool", code, 5);
	}
	write_end(w);
	write_end(w);
}

/* One picture of 5 MB, as base64. */
static void
image(struct writer *w)
{
	write_object(w);
	write_member_plain(w, "model", "a-model-of-some-size");
	write_key(w, "messages");
	write_array(w);
	write_raw(w, SLICE("{\"role\":\"user\",\"content\":[{\"type\":\"text\","
	    "\"text\":\"What is this?\"},{\"type\":\"image_url\","
	    "\"image_url\":{\"url\":\"data:image/png;base64,"));
	for (int i = 0; i < 5 << 14; i++)
		buf_text(w->out, "iVBORw0KGgoAAAANSUhEUgAAB4AAAAQ4CAYAAADo08FD"
		    "AAAABHNCSVQICAgIfAhki");
	buf_text(w->out, "\"}}]}");
	write_end(w);
	write_end(w);
}

static int64_t
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Bytes per microsecond of one round: MB/s. */
static uint64_t
one_round(struct slice text, uint32_t *tokens)
{
	int64_t start = cpu_us(), spent = 0;
	uint64_t bytes = 0;

	while (spent < ROUND_MS * 1000) {
		struct arena a = { 0 };
		struct json_fault fault;
		struct json j;

		CHECK(json_parse(&j, &a, text, 0, &fault));
		*tokens = j.count;
		arena_reset(&a);
		bytes += text.len;
		spent = cpu_us() - start;
	}
	return bytes / (uint64_t)spent;
}

/* The best of some rounds: the machine has other things to do. */
static void
measure(const char *name, void (*make)(struct writer *))
{
	struct buf text = { 0 };
	struct writer w = { .out = &text };
	uint64_t best = 0;
	uint32_t tokens = 0;

	make(&w);
	CHECK(!text.failed);
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t speed = one_round(buf_slice(&text), &tokens);

		best = speed > best ? speed : best;
	}
	printf("%-6s %8zu bytes %6" PRIu32 " tokens %6" PRIu64 " MB/s\n", name,
	    buf_len(&text), tokens, best);
	buf_free(&text);
}

int
main(void)
{
	measure("chat", chat);
	measure("agent", agent);
	measure("image", image);
	return 0;
}
