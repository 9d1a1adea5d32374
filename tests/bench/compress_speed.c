/*
 * compress_speed - what compression saves of conversations such as agents
 * have, and how fast it is, in MB/s of processor time.
 *
 * `make bench` builds and runs it; with names of files, requests of Chat, it
 * tells what becomes of those.
 */
#include <stdio.h>
#include <time.h>

#include "json/text.h"
#include "json/write.h"
#include "proto/compress.h"

enum { ROUND_MS = 300, ROUNDS = 5 };

static uint32_t state = 3;

static uint32_t
draw(uint32_t n)
{
	state = state * 1664525u + 1013904223u;
	return (state >> 16) % n;
}

/* ---- what tools say ---- */

static const char *const words[] = {
	"request", "limit", "buffer", "the", "of", "client", "provider",
	"static", "return", "if", "size_t", "struct", "answer", "a", "to",
};

/* A source file with numbered lines, as tools for reading give it. */
static void
put_file(struct buf *out, unsigned which, unsigned lines)
{
	uint32_t kept = state;

	state = which * 7919 + 1;
	for (unsigned i = 1; i <= lines; i++) {
		buf_fmt(out, "%6u\t%*s", i, (int)(draw(4) * 4), "");
		for (unsigned n = draw(9); n; n--)
			buf_fmt(out, "%s ", words[draw(15)]);
		buf_text(out, ";\n");
	}
	state = kept;
}

/* A terminal of 120 columns. */
static void
put_screen(struct buf *out, unsigned lines)
{
	for (unsigned i = 0; i < lines; i++) {
		buf_fmt(out, "-rw-r--r-- 1 root root %8u Jan %2u 12:%02u "
		    "%s_%s.c", draw(99999), draw(28) + 1, draw(60),
		    words[draw(15)], words[draw(15)]);
		buf_fmt(out, "%*s\n", draw(2) ? 0 : 50, "");
	}
}

/* What an interface answers, as most libraries print it. */
static void
put_pretty(struct buf *out, unsigned items)
{
	buf_text(out, "{\n  \"total\": 10,\n  \"items\": [\n");
	for (unsigned i = 0; i < items; i++)
		buf_fmt(out, "    {\n      \"id\": %u,\n      \"title\": "
		    "\"%s %s %s\",\n      \"labels\": [\n        \"%s\",\n"
		    "        \"%s\"\n      ],\n      \"open\": true\n    }%s\n",
		    draw(9999), words[draw(15)], words[draw(15)],
		    words[draw(15)], words[draw(15)], words[draw(15)],
		    i + 1 < items ? "," : "");
	buf_text(out, "  ]\n}\n");
}

struct mix {
	const char	*name;
	unsigned	 reads, files;	/* of so many different ones */
	unsigned	 screens, pretties;
};

/* Of eight results so many are of a kind. */
static const struct mix mixes[] = {
	{ "files read, each about twice", 8, 20, 0, 0 },
	{ "files read once", 8, 1000, 0, 0 },
	{ "terminal", 0, 1, 8, 0 },
	{ "interfaces that answer JSON", 0, 1, 0, 8 },
	{ "a coding agent: all of it", 4, 12, 3, 1 },
};

static void
put_conversation(struct buf *out, const struct mix *mix, unsigned rounds)
{
	struct writer w = { .out = out };

	state = 3;
	write_object(&w);
	write_member_plain(&w, "model", "gpt-4o");
	write_key(&w, "messages");
	write_array(&w);
	for (unsigned i = 0; i < rounds; i++) {
		struct buf text = { 0 }, call = { 0 };
		unsigned kind = draw(8), which = draw(mix->files);
		bool read = kind < mix->reads;

		buf_fmt(&call, "{\"role\":\"assistant\",\"content\":null,"
		    "\"tool_calls\":[{\"id\":\"call_%u\",\"type\":\"function\","
		    "\"function\":{\"name\":\"%s\",\"arguments\":"
		    "\"{\\\"path\\\":\\\"src/file_%u.c\\\"}\"}}]}", i,
		    read ? "read" : "run", read ? which : i);
		write_raw(&w, buf_slice(&call));
		if (read)
			put_file(&text, which, 150);
		else if (kind < mix->reads + mix->screens)
			put_screen(&text, 40);
		else
			put_pretty(&text, 30);
		write_object(&w);
		write_member_plain(&w, "role", "tool");
		buf_clear(&call);
		buf_fmt(&call, "call_%u", i);
		write_key(&w, "tool_call_id");
		write_string(&w, buf_slice(&call));
		write_key(&w, "content");
		write_string(&w, buf_slice(&text));
		write_end(&w);
		buf_free(&text);
		buf_free(&call);
	}
	write_end(&w);
	write_end(&w);
}

/* ---- measuring ---- */

static int64_t
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Thousandths of MB/s: bytes in a millisecond. */
static uint64_t
speed(const struct json *doc, struct buf *out, struct compressed *done)
{
	uint64_t best = 0;

	for (int round = 0; round < ROUNDS; round++) {
		int64_t began = cpu_us(), us = 0;
		uint64_t bytes = 0;

		while (us < ROUND_MS * 1000) {
			buf_clear(out);
			(void)!compress_request(PROTO_CHAT, json_root(doc),
			    COMPRESS_ALL, out, done);
			bytes += doc->text.len;
			us = cpu_us() - began;
		}
		if (bytes * 1000 / (uint64_t)us > best)
			best = bytes * 1000 / (uint64_t)us;
	}
	return best;
}

static void
measure(const char *name, struct slice text)
{
	struct arena arena = { 0 };
	struct json_fault fault;
	struct json doc;
	struct buf out = { 0 };
	struct compressed done = { 0 };
	struct talk talk = { .model = SLICE("gpt-4o") };
	struct tally all = { 0 };
	uint64_t kbs, tokens;

	if (!json_parse(&doc, &arena, text, 0, &fault)) {
		printf("%s: %s\n", name, fault.why);
		return;
	}
	kbs = speed(&doc, &out, &done);
	estimate_add_json(&all, text);
	tokens = estimate_answer(&talk, &all, 0);
	printf("%-32s %8zu B %7zu saved (%2zu %%), some %llu of %llu tokens, "
	    "%llu MB/s\n", name, text.len, done.saved,
	    100 * done.saved / text.len,
	    (unsigned long long)estimate_answer(&talk, &done.tally, 0),
	    (unsigned long long)tokens, (unsigned long long)kbs / 1000);
	buf_free(&out);
	arena_reset(&arena);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct buf text = { 0 };
		FILE *f = fopen(argv[i], "r");
		size_t got = 1;

		while (f && got) {
			char *room = buf_reserve(&text, 65536);

			got = room ? fread(room, 1, 65536, f) : 0;
			buf_commit(&text, got);
		}
		if (f)
			fclose(f);
		measure(argv[i], buf_slice(&text));
		buf_free(&text);
	}
	for (size_t i = 0; argc < 2 && i < sizeof mixes / sizeof *mixes; i++) {
		struct buf text = { 0 };

		put_conversation(&text, &mixes[i], 60);
		measure(mixes[i].name, buf_slice(&text));
		buf_free(&text);
	}
	return 0;
}
