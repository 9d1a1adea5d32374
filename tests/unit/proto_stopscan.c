/* Stop sequences that the gateway looks for itself. */
#include "test.h"

#include "answer.h"
#include "proto/stopscan.h"

struct scan_case {
	const char	*stops[4];
	const char	*text;		/* escaped */
	const char	*out, *stop;	/* stop NULL: none is met */
};

static const struct scan_case cases[] = {
	{ { "END" }, "abENDxyz", "ab", "END" },
	{ { "END" }, "abENxyz EN", "abENxyz EN", NULL },
	{ { "aab" }, "aaab", "a", "aab" },
	{ { "abab" }, "ababab", "", "abab" },
	{ { "abcd", "bc" }, "abcd", "a", "bc" },
	{ { "abc", "bc" }, "xabc", "x", "abc" },
	{ { "\\n\\n" }, "a\\nb\\n\\nc", "a\\nb", "\\n\\n" },
	{ { "\\\"q\\\"" }, "say \\\"q\\u0022!", "say ", "\\\"q\\\"" },
	{ { "é", "x" }, "caf\\u00e9", "caf", "é" },
	{ { "long stop" }, "a long sto", "a long sto", NULL },
};

struct chain {
	struct arena	 arena, scratch;
	struct dump	 dump;
	struct referee	 referee;
	struct stopscan	 scan;
};

static void
chain_init(struct chain *c, const struct scan_case *sc)
{
	struct ir_text *stops = NULL;

	*c = (struct chain){ .dump.sink.put = dump_put };
	referee_init(&c->referee, &c->dump.sink);
	for (size_t i = 0; sc->stops[i]; i++)
		CHECK(ir_text_add(&stops, &c->arena,
		    slice_of(sc->stops[i])));
	CHECK(stopscan_init(&c->scan, stops, &c->arena, &c->scratch,
	    &c->referee.sink));
}

static void
put(struct chain *c, struct ir_event ev)
{
	c->scan.sink.put(&c->scan.sink, &ev);
	arena_reset(&c->scratch);
}

/* The length of the escape or character that stands at `at`. */
static size_t
unit(const char *at)
{
	if (*at == '\\')
		return at[1] == 'u' ? 6 : 2;
	return 1;
}

/* The text in pieces of `step` units, between thinking that holds stops too. */
static void
run(const struct scan_case *sc, size_t step)
{
	struct chain c;
	struct buf want = { 0 };
	const char *at = sc->text;

	chain_init(&c, sc);
	put(&c, (struct ir_event){ .type = IR_BEGIN });
	put(&c, (struct ir_event){ .type = IR_OPEN, .kind = IR_THINK });
	put(&c, (struct ir_event){ .type = IR_DELTA,
	    .text = slice_of(sc->stops[0]) });
	put(&c, (struct ir_event){ .type = IR_CLOSE });
	put(&c, (struct ir_event){ .type = IR_OPEN, .kind = IR_TEXT });
	while (*at) {
		const char *end = at;

		for (size_t i = 0; i < step && *end; i++)
			end += unit(end);
		put(&c, (struct ir_event){ .type = IR_DELTA,
		    .text = { at, (size_t)(end - at) } });
		at = end;
	}
	put(&c, (struct ir_event){ .type = IR_CLOSE });
	put(&c, (struct ir_event){ .type = IR_STOP, .stop = IR_STOP_END });

	buf_fmt(&want, "begin  \nopen think\n+%s\nclose\nopen text\n",
	    sc->stops[0]);
	if (*sc->out)
		buf_fmt(&want, "+%s\n", sc->out);
	buf_fmt(&want, "close\nstop %s%s\n", sc->stop ? "sequence at " :
	    "end", sc->stop ? sc->stop : "");
	CHECK_BYTES(c.dump.lines.data, buf_len(&c.dump.lines), want.data,
	    buf_len(&want));
	CHECK(!referee_verdict(&c.referee));
	CHECK(c.scan.over == (sc->stop != NULL));
	buf_free(&want);
	buf_free(&c.dump.lines);
	arena_reset(&c.arena);
}

static void
any_pieces(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t step = 1; step < 12; step++)
			run(&cases[i], step);
}

/* What was held back comes before the failure. */
static void
failing(void)
{
	static const struct scan_case sc = { .stops = { "END" } };
	static const char want[] = "begin  \nopen text\n+aEN\nfail server \n";
	struct fail fail = { .kind = FAIL_SERVER };
	struct chain c;

	chain_init(&c, &sc);
	put(&c, (struct ir_event){ .type = IR_BEGIN });
	put(&c, (struct ir_event){ .type = IR_OPEN, .kind = IR_TEXT });
	put(&c, (struct ir_event){ .type = IR_DELTA, .text = SLICE("aEN") });
	put(&c, (struct ir_event){ .type = IR_FAIL, .fail = &fail });
	CHECK_BYTES(c.dump.lines.data, buf_len(&c.dump.lines), want,
	    sizeof want - 1);
	CHECK(!referee_verdict(&c.referee));
	buf_free(&c.dump.lines);
	arena_reset(&c.arena);
}

TESTS(
	{ "any pieces", any_pieces },
	{ "failing", failing })
