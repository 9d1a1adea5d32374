#include "command/translate.h"

#include <stdarg.h>
#include <stdio.h>

#include "command/task.h"
#include "json/text.h"
#include "proto/compress.h"
#include "proto/gather.h"
#include "proto/proto.h"
#include "proto/referee.h"
#include "proto/usage.h"

enum {
	INPUT_MAX = 64 << 20,
	READ_STEP = 65536,
	FEED_STEP = 997,	/* small, so that events are cut in two */
};

struct job {
	struct task	 task;
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
	const char *model = job->task.model;

	if (talk->request && !talk->client_model.len)
		talk->client_model = talk->request->model;
	talk->model = model ? text_escape(&job->arena, slice_of(model)) :
	    talk->client_model;
	quirks_find(&talk->quirks, job->task.dialect,
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

/* In strict mode any loss refuses the request. */
static bool
judge_losses(struct job *job)
{
	const struct loss *loss = job->talk.losses.first;
	struct buf text = { 0 };

	if (!loss || !job->task.strict)
		return true;
	buf_text(&text, "The target cannot take this as it is: ");
	loss_explain(&job->talk.losses, &text, LOSS_HEADER_MAX);
	fail_say(&job->talk.fail, &job->arena, FAIL_UNSUPPORTED,
	    arena_cstr(&job->arena, loss->path), buf_slice(&text));
	buf_free(&text);
	return false;
}

/* Read the client's request into the tree. */
static bool
understand(struct job *job, struct jval body)
{
	struct talk *talk = &job->talk;

	talk->request = arena_alloc(&job->arena, sizeof *talk->request);
	if (!talk->request || !talk->client->decode(talk, body))
		return false;
	settle_model(job);
	(void)usage_input(talk);	/* encoders change the tree */
	return true;
}

static bool
convert(struct job *job, struct jval body, struct buf *out)
{
	struct talk *talk = &job->talk;

	return understand(job, body) && talk->provider->encode(talk, out) &&
	    judge_losses(job);
}

/* What the gateway would leave out; the shorter body takes its place. */
static bool
compress(struct job *job, struct json *doc)
{
	struct compressed done;
	struct buf shorter = { 0 };
	int got = compress_request(job->talk.client->id, json_root(doc),
	    COMPRESS_ALL, &shorter, &done);
	struct slice text = gather(&job->arena, &shorter);

	return got == 0 || (got > 0 && parse_body(job, text, doc));
}

/*
 * The client's request as the provider gets it, into `out`.  `known`: an answer
 * to it will be told, so it must be understood even if it is only passed on.
 */
static bool
translate_request(struct job *job, struct slice text, struct buf *out,
    bool known)
{
	struct json *doc = arena_alloc(&job->arena, sizeof *doc);

	if (!doc || !parse_body(job, text, doc) ||
	    (job->task.compress && !compress(job, doc)))
		return false;
	if (job->talk.client != job->talk.provider)
		return convert(job, json_root(doc), out);
	return known ? understand(job, json_root(doc)) :
	    pass_on(job, json_root(doc), out);
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
translate_answer(struct job *job)
{
	struct talk *talk = &job->talk;
	bool stream = job->task.stream;
	struct gate gate = { { gate_put, NULL }, job, stream, false, false };
	struct sink *to = usage_sink(talk, &gate.sink);
	struct referee referee;
	struct source *source;
	bool read = true;

	gate.sink.next = stream ? talk->client->sink_stream(talk, &job->out) :
	    talk->client->sink_whole(talk, &job->out);
	referee_init(&referee, to);
	job->task.options.learn = false;	/* nobody can be asked again */
	source = talk->provider->source(talk, &referee.sink);
	if (!gate.sink.next || !source)
		return complain("out of memory");
	if (job->task.what == TASK_STREAM)
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
	struct buf sent = { 0 };
	bool known = true;

	if (job->task.request)
		known = translate_request(job, buf_slice(&job->request),
		    &sent, true);
	else
		settle_model(job);
	buf_free(&sent);
	job->talk.losses = (struct losses){ 0 };	/* the request's */
	job->talk.stream = job->task.stream;
	return known && translate_answer(job);
}

static bool
translate_error(struct job *job)
{
	struct fail fail = { 0 };
	unsigned status;

	fail_read(&fail, &job->arena, (unsigned)job->task.status,
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
	const char *name = job->task.request;
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

	switch (job->task.what) {
	case TASK_REQUEST:
		done = translate_request(job, buf_slice(&job->in), &job->out,
		    false);
		break;
	case TASK_RESPONSE:
	case TASK_STREAM:
		done = answer(job);
		break;
	case TASK_ERROR:
		done = translate_error(job);
		break;
	case TASK_WHATS:
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

static void
begin(struct job *job)
{
	job->talk = (struct talk){
		.arena = &job->arena, .scratch = &job->scratch,
		.client = job->task.client, .provider = job->task.provider,
		.request_id = job->task.id,
		.created_s = (int64_t)job->task.now_s,
		.own_key = job->task.own_key,
		.mark_cache = job->task.mark_cache,
		.options = &job->task.options,
		.as_array = job->task.as_array,
		.losses.way = LOSS_WAY(job->task.client->id,
		    job->task.provider->id),
	};
	if (job->task.client->id != PROTO_GEMINI)
		return;
	/* Its address tells what other protocols say in the body. */
	job->talk.stream = job->task.stream;
	job->talk.client_model = text_escape(&job->arena,
	    slice_of(job->task.client_model ? job->task.client_model :
	    job->task.model ? job->task.model : "model"));
}

int
translate_main(int argc, char **argv)
{
	struct job job = { 0 };
	int asked = task_read(&job.task, argc, argv);
	bool done;

	if (asked < 1)
		return asked ? 2 : 0;
	begin(&job);
	done = read_input(&job) && run(&job);
	arena_reset(&job.arena);
	arena_reset(&job.scratch);
	buf_free(&job.in);
	buf_free(&job.request);
	buf_free(&job.out);
	return done ? 0 : 1;
}
