/*
 * The referee finds each breach of the grammar of events, and only those.
 */
#include "test.h"

#include "proto/fail.h"
#include "proto/referee.h"

static const struct fail broken = { .kind = FAIL_SERVER };

/* One letter an event; a second letter is the kind of an OPEN. */
static struct ir_event
event_of(const char *code)
{
	static const char letters[] = "BODSCLXUP.F";
	static const char kinds[] = "tkrclmio";
	struct ir_event ev = {
		.type = (enum ir_event_type)(strchr(letters, code[0]) -
		    letters),
		.name = SLICE("n"), .id = SLICE("i"), .raw = SLICE("{}"),
		.text = SLICE("a"), .fail = &broken,
	};

	if (ev.type == IR_OPEN) {
		static const enum ir_kind map[] = { IR_TEXT, IR_THINK,
		    IR_REDACTED, IR_CALL, IR_RESULT, IR_IMAGE, IR_DOCUMENT,
		    IR_OPAQUE };

		ev.kind = map[strchr(kinds, code[1]) - kinds];
	}
	return ev;
}

/*
 * D delta, S sign, C cite, L logprobs, X close, U usage, P ping, . stop,
 * F fail.
 */
static const struct {
	const char	*events;
	bool		 good;
} rows[] = {
	{ "B.", true },
	{ "BU P U.", true },
	{ "BOt D D X.", true },
	{ "BOt U P D C X Ok D S X Or X Oc S D X Oo X.", true },
	{ "F", true },
	{ "BF", true },
	{ "BOt D F", true },
	{ "", false },			/* no end */
	{ "B", false },
	{ "BOt D X", false },
	{ "BOt .", false },		/* an open block at the end */
	{ ".", false },			/* no begin */
	{ "Ot X.", false },
	{ "P", false },
	{ "BB.", false },
	{ "BOt Ot X.", false },		/* two at once */
	{ "BD.", false },		/* pieces of nothing */
	{ "BS.", false },
	{ "BC.", false },
	{ "BX.", false },
	{ "BOt X X.", false },
	{ "BOt S D L X.", true },
	{ "BOk C X.", false },		/* pieces of another kind */
	{ "BOk L X.", false },
	{ "BOr S X.", false },
	{ "BOr D X.", false },
	{ "BOo D X.", false },
	{ "BOl X.", false },		/* a result is no part of an answer */
	{ "BOm X.", false },
	{ "B..", false },		/* more after the end */
	{ "B.F", false },
	{ "FB.", false },
	{ "B.U", false },
};

struct counter {
	struct sink	sink;
	size_t		n;
};

static void
count(struct sink *sink, const struct ir_event *ev)
{
	struct counter *c = (struct counter *)sink;

	(void)ev;
	c->n++;
}

static void
grammar(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct counter c = { { count, NULL }, 0 };
		struct referee r;
		size_t n = 0;

		referee_init(&r, &c.sink);
		for (const char *p = rows[i].events; *p; p++) {
			struct ir_event ev;

			if (*p == ' ')
				continue;
			ev = event_of(p);
			p += *p == 'O';
			r.sink.put(&r.sink, &ev);
			n++;
		}
		if (!referee_verdict(&r) != rows[i].good)
			printf("%s: %s\n", rows[i].events,
			    referee_verdict(&r) ? referee_verdict(&r) : "ok");
		CHECK(!referee_verdict(&r) == rows[i].good);
		CHECK(c.n == n);	/* all go on, good or bad */
	}
}

/* A block of that kind, with one thing changed. */
static bool
accepts(const char *open, struct ir_event part)
{
	struct ir_event begin = { .type = IR_BEGIN }, first = event_of(open);
	struct ir_event close = { .type = IR_CLOSE };
	struct ir_event stop = { .type = IR_STOP };
	struct referee r;

	referee_init(&r, NULL);
	r.sink.put(&r.sink, &begin);
	if (part.type == IR_OPEN)
		first = part;
	r.sink.put(&r.sink, &first);
	if (part.type != IR_OPEN)
		r.sink.put(&r.sink, &part);
	r.sink.put(&r.sink, &close);
	r.sink.put(&r.sink, &stop);
	return !referee_verdict(&r);
}

static void
contents(void)
{
	struct ir_event delta = { .type = IR_DELTA };
	struct ir_event open = { .type = IR_OPEN, .kind = IR_CALL };
	struct ir_event fail = { .type = IR_FAIL };
	struct referee r;

	delta.text = SLICE("a\\\"b\\\\");
	CHECK(accepts("Ot", delta));
	delta.text = SLICE("a\"b");
	CHECK(!accepts("Ot", delta));
	delta.text = SLICE("a\nb");
	CHECK(!accepts("Ot", delta));
	delta.text = SLICE("a\\");
	CHECK(!accepts("Ot", delta));

	CHECK(!accepts("Oc", open));
	open.name = SLICE("f");
	CHECK(accepts("Oc", open));
	open.kind = IR_OPAQUE;
	CHECK(!accepts("Oo", open));

	referee_init(&r, NULL);
	r.sink.put(&r.sink, &fail);
	CHECK(referee_verdict(&r));
}

TESTS(
	{ "grammar", grammar },
	{ "contents", contents })
