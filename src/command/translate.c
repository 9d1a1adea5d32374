#include "command/translate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "json/text.h"
#include "proto/proto.h"
#include "proto/referee.h"

enum {
	INPUT_MAX = 64 << 20,
	READ_STEP = 65536,
	FEED_STEP = 997,	/* small, so that events are cut in two */
};

static const char usage[] =
"usage: dragoman translate --from P --to P [options] <in >out\n"
"\n"
"Translate a request or an answer from one protocol to another.  P is chat or\n"
"messages.  A request goes from the client's protocol to the provider's, an\n"
"answer from the provider's to the client's.\n"
"\n"
"  --what W        request (the default), response (a whole answer), stream\n"
"                  (an answer as events), error (an error body of a provider)\n"
"  --model M       the model as the provider knows it; decides what it can do\n"
"  --dialect D     the kind of provider: openai, deepseek, ollama, ...\n"
"  --request FILE  the client's request that the answer is for\n"
"  --whole         tell the answer whole, although it comes as a stream\n"
"  --stream        tell the answer as a stream, although it comes whole\n"
"  --status N      the HTTP status that the provider's error came with\n"
"  --own-key       the provider's key is the gateway's, not the client's\n"
"  --strict        refuse what cannot be translated without a loss\n"
"  --now T         seconds since 1970, for answers that carry a time\n"
"  --id R          the request id, for answers that carry it\n"
"  --help          this text\n"
"\n"
"Losses are named on standard error, one name=action a line.  Exit status: 0;\n"
"1 refused, and standard output holds the client's error body; 2 usage.\n";

enum what { WHAT_REQUEST, WHAT_RESPONSE, WHAT_STREAM, WHAT_ERROR, WHATS };

static const char *const what_names[WHATS] = {
	[WHAT_REQUEST] = "request", [WHAT_RESPONSE] = "response",
	[WHAT_STREAM] = "stream", [WHAT_ERROR] = "error",
};

struct options {			/* as they were spelled; NULL: not */
	const char	*from, *to, *what, *model, *dialect, *request;
	const char	*status, *now, *id;
	const char	*strict, *whole, *stream, *own_key, *help;
};

static const struct option_row {
	const char	*name;
	size_t		 offset;
	bool		 alone;		/* no value follows */
} option_rows[] = {
	{ "--from", offsetof(struct options, from), false },
	{ "--to", offsetof(struct options, to), false },
	{ "--what", offsetof(struct options, what), false },
	{ "--model", offsetof(struct options, model), false },
	{ "--dialect", offsetof(struct options, dialect), false },
	{ "--request", offsetof(struct options, request), false },
	{ "--status", offsetof(struct options, status), false },
	{ "--now", offsetof(struct options, now), false },
	{ "--id", offsetof(struct options, id), false },
	{ "--strict", offsetof(struct options, strict), true },
	{ "--whole", offsetof(struct options, whole), true },
	{ "--stream", offsetof(struct options, stream), true },
	{ "--own-key", offsetof(struct options, own_key), true },
	{ "--help", offsetof(struct options, help), true },
};

struct job {
	struct options	 options;
	enum what	 what;
	enum quirk_dialect dialect;
	uint64_t	 status;
	struct arena	 arena, scratch;
	struct talk	 talk;
	struct buf	 in, request, out;
};

static bool
complain(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("dragoman translate: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	return false;
}

/* ---- what was asked for ---- */

static const struct option_row *
find_option(const char *name)
{
	for (size_t i = 0; i < sizeof option_rows / sizeof *option_rows; i++)
		if (!strcmp(name, option_rows[i].name))
			return &option_rows[i];
	return NULL;
}

static bool
read_options(struct options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const struct option_row *row = find_option(argv[i]);
		const char **into;

		if (!row)
			return complain("no such option: %s", argv[i]);
		if (!row->alone && i + 1 == argc)
			return complain("%s wants a value", argv[i]);
		into = (const char **)(void *)((char *)o + row->offset);
		*into = row->alone ? argv[i] : argv[++i];
	}
	return true;
}

static bool
pick_what(struct job *job)
{
	const char *name = job->options.what;

	if (!name)
		return true;
	for (job->what = 0; job->what < WHATS; job->what++)
		if (!strcmp(name, what_names[job->what]))
			return true;
	return complain("--what %s: request, response, stream or error", name);
}

static const struct protocol *
pick_protocol(const char *option, const char *name)
{
	const struct protocol *protocol;

	if (!name) {
		complain("%s is missing", option);
		return NULL;
	}
	protocol = protocol_by_name(slice_of(name));
	if (!protocol)
		complain("%s %s: chat or messages", option, name);
	return protocol;
}

static bool
pick_sides(struct job *job)
{
	const struct protocol *from, *to;
	bool request = job->what == WHAT_REQUEST;

	from = pick_protocol("--from", job->options.from);
	to = from ? pick_protocol("--to", job->options.to) : NULL;
	job->talk.client = request ? from : to;
	job->talk.provider = request ? to : from;
	return to != NULL;
}

static bool
pick_dialect(struct job *job)
{
	const char *name = job->options.dialect;

	job->dialect = job->talk.provider->id == PROTO_MESSAGES ?
	    DIALECT_ANTHROPIC : DIALECT_GENERIC;
	if (!name)
		return true;
	job->dialect = quirk_dialect_by_name(slice_of(name));
	if (job->dialect == DIALECT_GENERIC &&
	    strcmp(name, quirk_dialect_name(DIALECT_GENERIC)) != 0)
		return complain("--dialect %s is not known", name);
	return true;
}

static bool
pick_number(const char *option, const char *text, uint64_t max, uint64_t *n)
{
	if (!text || slice_to_u64(slice_of(text), max, n))
		return true;
	return complain("%s %s: a number up to %llu", option, text,
	    (unsigned long long)max);
}

static bool
pick_all(struct job *job)
{
	const struct options *o = &job->options;
	uint64_t now = (uint64_t)clock_wall_s();

	if (!pick_what(job) || !pick_sides(job) || !pick_dialect(job) ||
	    !pick_number("--now", o->now, INT64_MAX, &now) ||
	    !pick_number("--status", o->status, 599, &job->status))
		return false;
	job->talk.created_s = (int64_t)now;
	job->talk.request_id = slice_of(o->id ? o->id : "req_translate");
	job->talk.own_key = o->own_key != NULL;
	job->talk.arena = &job->arena;
	job->talk.scratch = &job->scratch;
	return true;
}

/* ---- requests ---- */

static bool
refuse(struct job *job, enum fail_kind kind, const char *why)
{
	return fail_set(&job->talk.fail, &job->arena, kind, NULL, "%s", why);
}

/* Read `text` as JSON object; it and the tokens live as long as the job. */
static bool
parse_body(struct job *job, struct slice text, struct json *doc)
{
	struct json_fault fault;
	unsigned line, column;

	if (!json_parse(doc, &job->arena, text, 0, &fault)) {
		json_where(text, fault.at, &line, &column);
		return fail_set(&job->talk.fail, &job->arena, FAIL_INVALID,
		    NULL, "The body is not valid JSON: %s at line %u, "
		    "column %u.", fault.why, line, column);
	}
	if (!jval_is(json_root(doc), JSON_OBJECT))
		return refuse(job, FAIL_INVALID,
		    "The body must be a JSON object.");
	return true;
}

/* The client's model is known: which one is it here, and what can it do? */
static void
settle_model(struct job *job)
{
	struct talk *talk = &job->talk;
	const char *model = job->options.model;

	if (talk->request && !talk->client_model.len)
		talk->client_model = talk->request->model;
	talk->model = model ? text_escape(&job->arena, slice_of(model)) :
	    talk->client_model;
	quirks_find(&talk->quirks, job->dialect,
	    text_unescape(&job->arena, talk->model));
}

static bool
pass_on(struct job *job, struct jval body, struct buf *out)
{
	struct talk *talk = &job->talk;
	struct splice splice = { .text = jval_raw(body) };

	if (!talk->client->peek(talk, body))
		return false;
	settle_model(job);
	if (!talk->client->pass(talk, body, &splice))
		return false;
	splice_write(&splice, out);
	if (splice.failed)
		return refuse(job, FAIL_TOO_LARGE,
		    "The body needs too many edits.");
	return true;
}

/* In strict mode the first loss refuses the request. */
static bool
judge_losses(struct job *job)
{
	const struct loss *loss = job->talk.losses.first;

	if (!loss || !job->options.strict)
		return true;
	return fail_set(&job->talk.fail, &job->arena, FAIL_UNSUPPORTED,
	    arena_cstr(&job->arena, loss->path),
	    "The target cannot take this as it is (%.*s=%s), and losses are "
	    "not allowed.", SLICE_FMT(loss->path),
	    loss_action_name(loss->action));
}

static bool
convert(struct job *job, struct jval body, struct buf *out)
{
	struct talk *talk = &job->talk;

	talk->request = arena_alloc(&job->arena, sizeof *talk->request);
	if (!talk->request || !talk->client->decode(talk, body))
		return false;
	settle_model(job);
	return talk->provider->encode(talk, out) && judge_losses(job);
}

/* The client's request as the provider gets it, into `out`. */
static bool
translate_request(struct job *job, struct slice text, struct buf *out)
{
	struct json *doc = arena_alloc(&job->arena, sizeof *doc);

	if (!doc || !parse_body(job, text, doc))
		return false;
	if (job->talk.client == job->talk.provider)
		return pass_on(job, json_root(doc), out);
	return convert(job, json_root(doc), out);
}

/* ---- answers ---- */

/*
 * A failure that comes before anything was told, or while a whole body is put
 * together, is told as an error body, as the gateway does.
 */
struct gate {
	struct sink	 sink;		/* first: what the referee holds */
	struct job	*job;
	bool		 stream;	/* the client gets events */
	bool		 begun, failed;
};

static void
gate_put(struct sink *sink, const struct ir_event *ev)
{
	struct gate *gate = (struct gate *)sink;
	struct job *job = gate->job;

	gate->begun |= ev->type == IR_BEGIN;
	gate->failed |= ev->type == IR_FAIL;
	if (ev->type != IR_FAIL || (gate->stream && gate->begun)) {
		sink->next->put(sink->next, ev);
		return;
	}
	buf_clear(&job->out);
	job->talk.client->error(&job->talk, ev->fail, &job->out);
}

/* Give the stream to its reader piece by piece, as a network would. */
static bool
feed(struct job *job, struct source *source)
{
	struct sse_reader reader = { 0 };
	struct sse_event ev;
	struct buf queue = { 0 };
	struct slice rest = buf_slice(&job->in);
	int got = 0;

	while (rest.len && got >= 0) {
		buf_append(&queue, slice_sub(rest, 0, FEED_STEP));
		rest = slice_skip(rest, FEED_STEP);
		while ((got = sse_next(&reader, &queue, &ev)) > 0) {
			source->event(source, &ev);
			arena_reset(&job->scratch);
		}
	}
	while (got >= 0 && (got = sse_last(&reader, &queue, &ev)) > 0) {
		source->event(source, &ev);
		arena_reset(&job->scratch);
	}
	source->end(source);
	sse_free(&reader);
	buf_free(&queue);
	return got >= 0 || complain("an event is too long");
}

/* The answer through the chain; false: it failed, and `out` tells of it. */
static bool
translate_answer(struct job *job, bool stream)
{
	struct talk *talk = &job->talk;
	struct gate gate = { { gate_put, NULL }, job, stream, false, false };
	struct referee referee;
	struct source *source;
	bool read = true;

	gate.sink.next = stream ? talk->client->sink_stream(talk, &job->out) :
	    talk->client->sink_whole(talk, &job->out);
	referee_init(&referee, &gate.sink);
	source = talk->provider->source(talk, &referee.sink);
	if (!gate.sink.next || !source)
		return complain("out of memory");
	if (job->what == WHAT_STREAM)
		read = feed(job, source);
	else
		source->whole(source, buf_slice(&job->in));
	if (referee_verdict(&referee))
		return complain("events out of order: %s",
		    referee_verdict(&referee));
	return read && !gate.failed;
}

static bool
answer(struct job *job)
{
	const struct options *o = &job->options;
	bool stream = o->stream || (job->what == WHAT_STREAM && !o->whole);
	struct buf sent = { 0 };
	bool known = true;

	if (o->request)
		known = translate_request(job, buf_slice(&job->request),
		    &sent);
	else
		settle_model(job);
	buf_free(&sent);
	job->talk.losses = (struct losses){ 0 };	/* the request's */
	job->talk.stream = stream;
	return known && translate_answer(job, stream);
}

static bool
translate_error(struct job *job)
{
	struct fail fail = { 0 };
	unsigned status;

	fail_read(&fail, &job->arena, (unsigned)job->status,
	    buf_slice(&job->in));
	status = job->talk.client->error(&job->talk, &fail, &job->out);
	fprintf(stderr, "status=%u\n", status);
	return true;
}

/* ---- in and out ---- */

static bool
read_file(FILE *file, const char *name, struct buf *into)
{
	char *at;
	size_t n;

	into->limit = INPUT_MAX;
	do {
		at = buf_reserve(into, READ_STEP);
		n = at ? fread(at, 1, READ_STEP, file) : 0;
		buf_commit(into, n);
	} while (n);
	if (into->failed)
		return complain("%s: more than %d MB", name, INPUT_MAX >> 20);
	return !ferror(file) || complain("%s: cannot be read", name);
}

static bool
read_input(struct job *job)
{
	const char *name = job->options.request;
	FILE *file;
	bool ok;

	if (!read_file(stdin, "standard input", &job->in))
		return false;
	if (!name)
		return true;
	file = fopen(name, "rb");
	if (!file)
		return complain("%s: cannot be opened", name);
	ok = read_file(file, name, &job->request);
	fclose(file);
	return ok;
}

static void
print_losses(const struct losses *losses)
{
	for (const struct loss *l = losses->first; l; l = l->next)
		fprintf(stderr, "%.*s=%s\n", SLICE_FMT(l->path),
		    loss_action_name(l->action));
}

/* What came out; JSON gets a line end, events have theirs. */
static bool
print_output(struct job *job)
{
	struct slice out = buf_slice(&job->out);

	if (job->out.failed || job->arena.failed || job->scratch.failed)
		return complain("out of memory");
	if (out.len)
		fwrite(out.ptr, 1, out.len, stdout);
	if (out.len && out.ptr[out.len - 1] != '\n')
		fputc('\n', stdout);
	if (fflush(stdout) || ferror(stdout))
		return complain("standard output cannot be written");
	return true;
}

static bool
run(struct job *job)
{
	bool done = false;

	switch (job->what) {
	case WHAT_REQUEST:
		done = translate_request(job, buf_slice(&job->in), &job->out);
		break;
	case WHAT_RESPONSE:
	case WHAT_STREAM:
		done = answer(job);
		break;
	case WHAT_ERROR:
		done = translate_error(job);
		break;
	case WHATS:
		break;
	}
	if (job->talk.fail.kind) {
		buf_clear(&job->out);
		job->talk.client->error(&job->talk, &job->talk.fail,
		    &job->out);
		return print_output(job) && false;
	}
	print_losses(&job->talk.losses);
	return print_output(job) && done;
}

int
translate_main(int argc, char **argv)
{
	struct job job = { 0 };
	bool done = false;

	if (!read_options(&job.options, argc, argv)) {
		fputs(usage, stderr);
		return 2;
	}
	if (job.options.help) {
		fputs(usage, stdout);
		return 0;
	}
	if (!pick_all(&job))
		return 2;
	done = read_input(&job) && run(&job);
	arena_reset(&job.arena);
	arena_reset(&job.scratch);
	buf_free(&job.in);
	buf_free(&job.request);
	buf_free(&job.out);
	return done ? 0 : 1;
}
