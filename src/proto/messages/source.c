/*
 * The reader of Messages answers.  A whole body and a stream go the same way:
 * a body is its head, each of its blocks begun and ended at once, and its end.
 */
#include "json/write.h"
#include "proto/messages/apart.h"
#include "proto/messages/block.h"
#include "proto/messages/messages.h"
#include "proto/messages/quick.h"
#include "proto/messages/resume.h"
#include "proto/messages/tally.h"
#include "proto/usage.h"

enum { TOKENS_MAX = 1 << 22, FOREIGN = 3 };

struct answer {
	struct source	 source;	/* first: what the caller holds */
	struct talk	*talk;
	struct block_reader block;
	struct apart	 apart;		/* what waits for the open block */
	struct tally	 tally;
	struct resume	*resume;	/* NULL: it cannot pause */
	bool		 resumed;	/* this is not its first part */
	struct fail	 fail;
	bool		 begun;
	/* what message_delta said of the end; reason.ptr NULL: nothing yet */
	struct slice	 reason, sequence, explanation, tier;
	struct slice	 foreign[FOREIGN];	/* raw */
	/* raw: counts of tools that the provider ran, in this part of the
	 * answer and in those before it */
	struct slice	 tools, tools_before;
};

static const struct {
	const char	*word;
	enum ir_stop	 stop;
} reasons[] = {
	{ "end_turn", IR_STOP_END },
	{ "tool_use", IR_STOP_TOOL },
	{ "max_tokens", IR_STOP_LENGTH },
	{ "stop_sequence", IR_STOP_SEQUENCE },
	{ "refusal", IR_STOP_REFUSAL },
	{ "pause_turn", IR_STOP_PAUSE },
	{ "model_context_window_exceeded", IR_STOP_CONTEXT },
	{ "compaction", IR_STOP_END },
};

static void
put(struct answer *a, const struct ir_event *ev)
{
	a->source.to->put(a->source.to, ev);
}

/* ---- the end ---- */

static void
put_fail(struct answer *a)
{
	struct ir_event ev = { .type = IR_FAIL, .fail = &a->fail };

	a->source.done = true;
	put(a, &ev);
}

static void
give_up(struct answer *a, enum fail_kind kind, const char *what)
{
	(void)fail_set(&a->fail, a->talk->arena, kind, NULL, "%s", what);
	put_fail(a);
}

/* Calls that were made are to be run, whatever word the provider chose. */
static enum ir_stop
stop_of(const struct answer *a)
{
	enum ir_stop stop = IR_STOP_OTHER;

	if (!a->reason.len)
		stop = IR_STOP_END;
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (slice_is(a->reason, reasons[i].word))
			stop = reasons[i].stop;
	if (a->block.calls && (stop == IR_STOP_END || stop == IR_STOP_OTHER))
		return IR_STOP_TOOL;
	if (!a->block.calls && stop == IR_STOP_TOOL)
		return IR_STOP_END;
	return stop;
}

/* Members of a message that Chat has no word for, for whoever wants them. */
static const struct {
	const char	*name;
	const char	*says;		/* what is new in it; NULL: all */
} foreign[FOREIGN] = {
	{ "container", NULL },
	{ "context_management", NULL },
	{ "stop_details", "category" },
};

/* Those that came, as an object; absent: none. */
static struct slice
foreign_members(const struct answer *a)
{
	struct buf out = { 0 };
	struct writer w = { .out = &out };
	bool any = false;

	for (size_t i = 0; i < FOREIGN; i++)
		any |= a->foreign[i].len > 0;
	if (!any)
		return (struct slice){ 0 };
	write_object(&w);
	for (size_t i = 0; i < FOREIGN; i++) {
		if (!a->foreign[i].len)
			continue;
		write_key(&w, foreign[i].name);
		write_min(&w, a->foreign[i]);
	}
	write_end(&w);
	return gather(a->talk->scratch, &out);
}

static void
put_stop(struct answer *a)
{
	struct ir_event ev = {
		.type = IR_STOP,
		.stop = stop_of(a),
		.native = a->reason,
		.sequence = a->sequence,
		.explanation = a->explanation,
		.tier = a->tier,
		.usage = ir_usage_none(),
		.raw = foreign_members(a),
	};

	block_close(&a->block);
	if (a->talk->arena->failed || a->talk->scratch->failed) {
		give_up(a, FAIL_MEMORY, "The answer is too large.");
		return;
	}
	a->source.done = true;
	if (ev.stop == IR_STOP_PAUSE && a->resume && resume_may(a->resume))
		a->source.paused = true;
	else
		put(a, &ev);
}

/* ---- parts that a body and a stream share ---- */

/* Member `name` of `from`, if it is a text, kept for the end. */
static void
keep_text(struct answer *a, struct slice *into, struct jval from,
    const char *name)
{
	struct slice text = jval_get_text(from, name);

	if (text.ptr)
		*into = arena_dup(a->talk->arena, text);
}

/* Only this protocol's own clients are told of what stands at `path`. */
static void
missed(struct answer *a, const char *path)
{
	struct talk *talk = a->talk;

	if (talk->client != talk->provider)
		loss_add(&talk->losses, talk->arena, LOSS_DROPPED,
		    "answer.%s", path);
}

/* Chat counts what was written to the cache, but not for how long. */
static void
note_hour(struct answer *a, struct jval usage)
{
	uint64_t n;

	if (jval_u64(jval_get2(usage, "cache_creation",
	    "ephemeral_1h_input_tokens"), &n) && n)
		missed(a, "usage.cache_creation.ephemeral_1h_input_tokens");
}

/* A later count replaces an earlier one. */
static void
note_usage(struct answer *a, struct jval usage)
{
	struct jval tools = jval_get(usage, "server_tool_use");

	tally_add(&a->tally, usage);
	note_hour(a, usage);
	if (jval_is(tools, JSON_OBJECT))
		a->tools = arena_dup(a->talk->arena, jval_raw(tools));
}

/* Usage and reason stand side by side in a message, apart in a stream. */
static void
note_end(struct answer *a, struct jval usage, struct jval from)
{
	note_usage(a, usage);
	keep_text(a, &a->tier, usage, "service_tier");
	keep_text(a, &a->reason, from, "stop_reason");
	keep_text(a, &a->sequence, from, "stop_sequence");
	keep_text(a, &a->explanation, jval_get(from, "stop_details"),
	    "explanation");
}

static void
note_foreign(struct answer *a, struct jval from)
{
	bool told = talk_options(a->talk)->server_blocks;

	for (size_t i = 0; i < FOREIGN; i++) {
		struct jval member = jval_get(from, foreign[i].name);

		if (!jval_is(member, JSON_OBJECT) || (foreign[i].says &&
		    !jval_ok(jval_get(member, foreign[i].says))))
			continue;
		if (told)
			a->foreign[i] = arena_dup(a->talk->arena,
			    jval_raw(member));
		else
			missed(a, foreign[i].name);
	}
}

static void
put_usage(struct answer *a)
{
	struct ir_event ev = {
		.type = IR_USAGE, .usage = tally_usage(&a->tally),
		.raw = a->tools,
	};

	if (a->tools_before.len)
		ev.raw = usage_add_tools(a->talk->scratch, a->tools_before,
		    a->tools);
	put(a, &ev);
}

/* The head of the answer, once; `message` may be absent. */
static void
begin(struct answer *a, struct jval message)
{
	struct ir_event ev = { .type = IR_BEGIN };

	if (a->begun)
		return;
	a->begun = true;
	note_usage(a, jval_get(message, "usage"));
	keep_text(a, &a->tier, jval_get(message, "usage"), "service_tier");
	ev.id = jval_get_text(message, "id");
	ev.model = jval_get_text(message, "model");
	ev.usage = tally_usage(&a->tally);
	ev.tier = a->tier;
	put(a, &ev);
}

/* The blocks that a message holds already. */
static void
read_blocks(struct answer *a, struct jval message)
{
	struct jval content = jval_get(message, "content");
	uint64_t index = 0;

	if (jval_is(content, JSON_STRING))
		block_say(&a->block, IR_TEXT, jval_text(content));
	else if (jval_is(content, JSON_ARRAY))
		for (struct jval block = jval_first(content);
		    !jval_at_end(block); block = jval_next(block))
			block_begin(&a->block, index++, block);
	block_close(&a->block);
}

/* ---- the events of a stream ---- */

/*
 * Where nothing was left to make, as when a program that the provider runs
 * calls the next tool, the head holds all of the message, its end too.
 */
static void
on_message_start(struct answer *a, struct jval data)
{
	struct jval message = jval_get(data, "message");

	if (a->begun && !a->resumed)
		return;
	if (a->begun)
		note_usage(a, jval_get(message, "usage"));
	begin(a, message);
	read_blocks(a, message);
	note_end(a, (struct jval){ 0 }, message);
	note_foreign(a, message);
	a->source.ending = a->reason.len > 0;
	if (a->source.ending)
		put_usage(a);
}

static uint64_t
index_of(struct jval data)
{
	uint64_t index;

	return jval_u64(jval_get(data, "index"), &index) ? index : 0;
}

static void
on_block_start(struct answer *a, struct jval data)
{
	begin(a, (struct jval){ 0 });
	block_begin(&a->block, index_of(data),
	    jval_get(data, "content_block"));
}

static void
on_quick(struct answer *a, const struct quick *quick)
{
	begin(a, (struct jval){ 0 });
	if (quick->kind == IR_CALL)
		block_args(&a->block, quick->text);
	else
		block_say(&a->block, quick->kind, quick->text);
}

static void
on_block_delta(struct answer *a, struct jval data)
{
	struct jval delta = jval_get(data, "delta");
	struct jval type = jval_get(delta, "type");
	struct block_reader *b = &a->block;

	begin(a, (struct jval){ 0 });
	if (jval_text_is(type, "text_delta"))
		block_say(b, IR_TEXT, jval_get_text(delta, "text"));
	else if (jval_text_is(type, "input_json_delta"))
		block_args(b, jval_get_text(delta, "partial_json"));
	else if (jval_text_is(type, "thinking_delta"))
		block_say(b, IR_THINK, jval_get_text(delta, "thinking"));
	else if (jval_text_is(type, "signature_delta"))
		block_sign(b, jval_get_text(delta, "signature"));
	else if (jval_text_is(type, "citations_delta"))
		block_cite(b, jval_get(delta, "citation"));
}

static void
on_block_stop(struct answer *a, struct jval data)
{
	if (jval_ok(jval_get(data, "index")))
		block_end(&a->block, index_of(data));
	else
		block_close(&a->block);
}

static void
on_message_delta(struct answer *a, struct jval data)
{
	struct jval usage = jval_get(data, "usage");

	begin(a, (struct jval){ 0 });
	note_end(a, usage, jval_get(data, "delta"));
	note_foreign(a, jval_get(data, "delta"));
	note_foreign(a, data);
	a->source.ending = a->reason.len > 0;
	if (jval_ok(usage))
		put_usage(a);
}

static void
on_message_stop(struct answer *a, struct jval data)
{
	begin(a, jval_get(data, "message"));
	put_stop(a);
}

static void
on_ping(struct answer *a, struct jval data)
{
	struct ir_event ev = { .type = IR_PING };

	(void)data;
	if (a->begun)
		put(a, &ev);
}

static void
on_error(struct answer *a, struct jval data)
{
	fail_read(&a->fail, a->talk->arena, 0, jval_raw(data));
	put_fail(a);
}

/* The frequent ones first.  Others are ignored: new ones are to be expected. */
static const struct {
	const char	*type;
	void		(*on)(struct answer *, struct jval data);
} events[] = {
	{ "content_block_delta", on_block_delta },
	{ "content_block_start", on_block_start },
	{ "content_block_stop", on_block_stop },
	{ "ping", on_ping },
	{ "message_start", on_message_start },
	{ "message_delta", on_message_delta },
	{ "message_stop", on_message_stop },
	{ "error", on_error },
};

static void
tell(struct answer *a, struct jval data, struct slice name)
{
	struct jval type = jval_get(data, "type");

	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		if (jval_text_is(type, events[i].type) || (!jval_ok(type) &&
		    slice_is(name, events[i].type))) {
			events[i].on(a, data);
			return;
		}
	if (!jval_ok(type) && jval_ok(jval_get(data, "error")))
		on_error(a, data);
}

/* ---- events of several blocks at a time ---- */

/* It belongs to a block that has to wait: keep it. */
static bool
hold(struct answer *a, struct jval data)
{
	struct jval type = jval_get(data, "type");
	uint64_t index;

	if ((!a->block.open && !a->apart.first) || !jval_ok(type) ||
	    !jval_u64(jval_get(data, "index"), &index) ||
	    !apart_waits(&a->apart, index,
	    jval_text_is(type, "content_block_start"),
	    a->block.open && a->block.index != index))
		return false;
	apart_hold(&a->apart, a->talk->arena, index, jval_raw(data));
	return true;
}

/* What waited, once more; some of it may go on to wait. */
static void
tell_held(struct answer *a)
{
	struct json doc;
	struct json_fault fault;

	for (struct apart_event *ev = apart_take(&a->apart); ev; ev = ev->next)
		if (json_parse(&doc, a->talk->scratch, ev->data, TOKENS_MAX,
		    &fault) && !hold(a, json_root(&doc)))
			tell(a, json_root(&doc), SLICE(""));
}

static void
tell_in_turn(struct answer *a, struct jval data, struct slice name)
{
	if (hold(a, data))
		return;
	/* At the end nobody waits for a block that was not closed. */
	while (a->apart.first && !jval_ok(jval_get(data, "index")) &&
	    !jval_text_is(jval_get(data, "type"), "ping")) {
		block_close(&a->block);
		tell_held(a);
	}
	tell(a, data, name);
	while (a->apart.first && !a->block.open && !a->source.done)
		tell_held(a);
}

static void
answer_event(struct source *source, const struct sse_event *sse)
{
	struct answer *a = (struct answer *)source;
	struct json doc;
	struct json_fault fault;
	struct quick quick;

	if (source->done || slice_is(sse->data, "[DONE]"))
		return;
	if (!a->resume && !a->apart.first && quick_delta(sse->data, &quick)) {
		on_quick(a, &quick);
		return;
	}
	if (!json_parse(&doc, a->talk->scratch, sse->data, TOKENS_MAX,
	    &fault)) {
		give_up(a, FAIL_BAD_ANSWER,
		    "Upstream sent an event that is not JSON.");
		return;
	}
	if (a->resume)
		resume_event(a->resume, json_root(&doc));
	tell_in_turn(a, json_root(&doc), sse->name);
	source->unheard = !slice_is(sse->name, "error");
}

static void
answer_end(struct source *source)
{
	struct answer *a = (struct answer *)source;

	if (source->done)
		return;
	if (a->begun && a->reason.len)
		put_stop(a);
	else
		give_up(a, FAIL_TRUNCATED, "Upstream closed the stream "
		    "before the response was complete.");
}

/* ---- a whole body ---- */

static void
read_message(struct answer *a, struct jval message)
{
	begin(a, message);
	if (a->resume)
		resume_message(a->resume, message);
	note_end(a, jval_get(message, "usage"), message);
	note_foreign(a, message);
	read_blocks(a, message);
	put_usage(a);
	put_stop(a);
}

static void
answer_whole(struct source *source, struct slice body)
{
	struct answer *a = (struct answer *)source;
	struct json doc;
	struct json_fault fault;
	struct jval root;

	if (source->done)
		return;
	if (!json_parse(&doc, a->talk->scratch, body, TOKENS_MAX, &fault)) {
		give_up(a, FAIL_BAD_ANSWER,
		    "Upstream sent an answer that is not JSON.");
		return;
	}
	root = json_root(&doc);
	if (jval_text_is(jval_get(root, "type"), "error") ||
	    jval_ok(jval_get(root, "error")))
		on_error(a, root);
	else if (!jval_ok(jval_get(root, "content")) && fail_is_told(root))
		on_error(a, root);
	else if (jval_is(jval_get(root, "content"), JSON_ARRAY) ||
	    jval_text_is(jval_get(root, "type"), "message"))
		read_message(a, root);
	else
		give_up(a, FAIL_BAD_ANSWER, "Upstream returned no message.");
}

/* ---- an answer in several parts ---- */

static bool
answer_resume(struct source *source, struct slice sent, struct buf *out)
{
	struct answer *a = (struct answer *)source;

	source->done = source->paused = source->ending = false;
	a->resumed = true;
	a->reason = a->sequence = a->explanation = (struct slice){ 0 };
	tally_fold(&a->tally);
	a->tools_before = usage_add_tools(a->talk->arena, a->tools_before,
	    a->tools);
	a->tools = (struct slice){ 0 };
	return resume_write(a->resume, sent, out);
}

struct source *
messages_source(struct talk *talk, struct sink *to)
{
	struct answer *a = arena_alloc(talk->arena, sizeof *a);

	if (!a)
		return NULL;
	a->source = (struct source){
		.event = answer_event, .whole = answer_whole,
		.end = answer_end, .to = to,
	};
	a->talk = talk;
	a->resume = resume_new(talk);
	if (a->resume)
		a->source.resume = answer_resume;
	a->block.talk = talk;
	a->block.to = to;
	a->block.fenced = talk->unfence;
	return &a->source;
}
