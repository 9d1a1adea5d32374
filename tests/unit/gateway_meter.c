/* meter: what it counts, what it keeps back, when it commits. */
#include "test.h"

#include "gateway/meter.h"

#define CHECK_SLICE(got, want) \
	CHECK_BYTES((got).ptr, (got).len, (want), strlen(want))

struct scene {
	struct sink	sink;		/* behind the meter */
	struct meter	meter;
	struct arena	arena;
	unsigned	commits, events, events_at_commit, fails;
};

static void
take(struct sink *sink, const struct ir_event *ev)
{
	struct scene *s = (struct scene *)sink;

	s->events++;
	s->fails += ev->type == IR_FAIL;
}

static void
on_commit(void *owner)
{
	struct scene *s = owner;

	s->commits++;
	s->events_at_commit = s->events;
}

static void
start(struct scene *s)
{
	memset(s, 0, sizeof *s);
	s->sink.put = take;
	meter_init(&s->meter, &s->arena, &s->sink, on_commit, s);
}

static void
put(struct scene *s, struct ir_event ev)
{
	s->meter.sink.put(&s->meter.sink, &ev);
}

static void
good_answer(void)
{
	struct ir_usage usage = ir_usage_none();
	struct scene s;

	start(&s);
	CHECK(!s.meter.begun && s.meter.usage.in == -1);
	usage.in = 7;
	usage.out = 1;
	put(&s, (struct ir_event){ .type = IR_BEGIN, .usage = usage });
	CHECK(s.commits == 1 && s.events_at_commit == 0 && s.events == 1);
	CHECK(s.meter.begun && s.meter.first_us);
	put(&s, (struct ir_event){ .type = IR_OPEN, .usage = usage });
	put(&s, (struct ir_event){ .type = IR_DELTA });
	put(&s, (struct ir_event){ .type = IR_CLOSE });
	usage = ir_usage_none();
	usage.out = 9;
	put(&s, (struct ir_event){ .type = IR_USAGE, .usage = usage });
	put(&s, (struct ir_event){ .type = IR_STOP, .stop = IR_STOP_TOOL });
	CHECK(s.commits == 1 && s.events == 6);
	/* later numbers replace earlier ones, and only those that came */
	CHECK(s.meter.usage.in == 7 && s.meter.usage.out == 9);
	CHECK(s.meter.stopped && s.meter.stop == IR_STOP_TOOL);
	CHECK(s.meter.fail.kind == FAIL_NONE);
	arena_reset(&s.arena);
}

/* A failure is the exchange's to tell, and outlives the event. */
static void
failures(void)
{
	char words[] = "went wrong";
	struct fail fail = { .kind = FAIL_RATE, .status = 429,
	    .message = { words, sizeof words - 1 } };
	struct fail later = { .kind = FAIL_TIMEOUT };
	struct scene s;

	start(&s);
	put(&s, (struct ir_event){ .type = IR_FAIL, .fail = &fail });
	memset(words, 'x', sizeof words - 1);
	put(&s, (struct ir_event){ .type = IR_FAIL, .fail = &later });
	CHECK(!s.events && !s.commits && !s.meter.begun);
	CHECK(s.meter.fail.kind == FAIL_RATE && s.meter.fail.status == 429);
	CHECK_SLICE(s.meter.fail.message, "went wrong");
	arena_reset(&s.arena);

	start(&s);
	put(&s, (struct ir_event){ .type = IR_BEGIN,
	    .usage = ir_usage_none() });
	put(&s, (struct ir_event){ .type = IR_FAIL, .fail = &later });
	CHECK(s.events == 1 && s.commits == 1 && !s.fails);
	CHECK(s.meter.fail.kind == FAIL_TIMEOUT);
	arena_reset(&s.arena);
}

/* A ping promises nothing: it does not commit, and is not first. */
static void
pings(void)
{
	struct scene s;

	start(&s);
	put(&s, (struct ir_event){ .type = IR_PING });
	CHECK(!s.commits && !s.events && !s.meter.begun && !s.meter.first_us);
	put(&s, (struct ir_event){ .type = IR_BEGIN,
	    .usage = ir_usage_none() });
	put(&s, (struct ir_event){ .type = IR_PING });
	CHECK(s.commits == 1 && s.events == 2);
	arena_reset(&s.arena);
}

/* With nobody behind it, as for bytes that are passed on. */
static void
alone(void)
{
	struct scene s;

	start(&s);
	meter_init(&s.meter, &s.arena, NULL, on_commit, &s);
	put(&s, (struct ir_event){ .type = IR_BEGIN,
	    .usage = ir_usage_none() });
	put(&s, (struct ir_event){ .type = IR_STOP, .stop = IR_STOP_END });
	CHECK(s.commits == 1 && s.meter.stopped && !s.events);
	arena_reset(&s.arena);
}

static void
names(void)
{
	for (int stop = 0; stop <= IR_STOP_OTHER; stop++)
		CHECK(meter_stop_name((enum ir_stop)stop));
	CHECK(!strcmp(meter_stop_name(IR_STOP_END), "end"));
	CHECK(!strcmp(meter_stop_name(IR_STOP_OTHER), "other"));
}

TESTS(
	{ "a good answer", good_answer },
	{ "failures are kept", failures },
	{ "pings", pings },
	{ "nobody behind it", alone },
	{ "names of reasons", names })
