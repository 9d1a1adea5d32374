#include "echo/compose.h"

#include <inttypes.h>

#include "base/log.h"
#include "echo/prompt_form.h"
#include "echo/check.h"
#include "echo/path.h"
#include "echo/replay.h"
#include "echo/speak.h"
#include "wire/url.h"

enum { MODELS_MAX = 4096, UNAVAILABLE = 503, BAD_REQUEST = 400 };

static const struct {
	const struct tongue *tongue;
	bool	(*check)(const struct prompt *, struct fault *, struct arena *);
	const char	*id_header;
	/* of a body that is no JSON, and of one that is too long */
	const char	*garbled;
	struct slice	 overflow, overflow_code;
} dialects[] = {
	[DIALECT_CHAT] = { &speak_chat, check_chat, "x-request-id",
	    "We could not parse the JSON body of your request: ",
	    SLICE_INIT("This model's maximum context length is 200000 tokens. "
	    "However, your messages resulted in 200001 tokens. Please reduce "
	    "the length of the messages."),
	    SLICE_INIT("context_length_exceeded") },
	[DIALECT_MESSAGES] = { &speak_messages, check_messages, "request-id",
	    "The request body is not valid JSON: ",
	    SLICE_INIT("prompt is too long: 200001 tokens > 200000 maximum"),
	    { NULL, 0 } },
	[DIALECT_RESPONSES] = { &speak_responses, check_responses,
	    "x-request-id",
	    "We could not parse the JSON body of your request: ",
	    SLICE_INIT("Your input exceeds the context window of this model. "
	    "Please adjust your input and try again."),
	    SLICE_INIT("context_length_exceeded") },
	[DIALECT_GEMINI] = { &speak_gemini, check_gemini, NULL,
	    "Invalid JSON payload received. ",
	    SLICE_INIT("The input token count (200001) exceeds the maximum "
	    "number of tokens allowed (200000)."), { NULL, 0 } },
};

/* ---- errors ---- */

static void
say_fault(struct visit *v, enum dialect dialect, struct fault *fault)
{
	if (!fault->message.len)
		fault->message = speak_sentence(fault->status);
	fault->id = v->reply.id;
	if (v->script.retry > 0)
		fault->retry = (uint64_t)v->script.retry;
	if (v->script.code.len)
		fault->code = v->script.code;
	v->reply.status = fault->status;
	v->reply.google = dialect == DIALECT_GEMINI;
	dialects[dialect].tongue->fault(&v->feed, fault);
	feed_mark(&v->feed);
}

void
compose_status(struct visit *v, enum dialect dialect, unsigned status,
    struct slice message)
{
	struct fault fault = { .status = status, .message = message };

	say_fault(v, dialect, &fault);
}

/* ---- what the script wants ---- */

/* Directives of the model's name, then of the headers. */
static bool
read_script(struct visit *v, const struct prompt *a)
{
	const struct http_head *head = v->reader.head;
	struct slice wrong;
	bool good = script_read(&v->script, a->directives, &wrong);

	for (size_t i = 0; good && i < head->count; i++)
		if (slice_eq_ci(head->headers[i].name, SLICE("x-echo")))
			good = script_read(&v->script, head->headers[i].value,
			    &wrong);
	if (!good)
		compose_status(v, a->dialect, 400, arena_fmt(&v->arena,
		    "echo: \"%.*s\" is no directive; see `dragoman echo "
		    "--help`", SLICE_FMT(wrong)));
	return good;
}

/* Count a failure of this model; false: it has failed often enough. */
static bool
fails_still(struct echo *e, struct slice model, int64_t times)
{
	uint64_t *count = map_get(&e->fails, model);

	if (!count && e->fails.count < MODELS_MAX) {
		count = arena_alloc(&e->arena, sizeof *count);
		if (!count || !map_put(&e->fails, &e->arena,
		    arena_dup(&e->arena, model), count))
			return false;
	}
	return count && (*count)++ < (uint64_t)times;
}

static bool
has_credential(const struct http_head *head)
{
	static const char *const names[] = {
		"authorization", "x-api-key", "x-goog-api-key",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (http1_get(head, slice_of(names[i])).len)
			return true;
	return url_query_get(head->query, SLICE("key")).len;
}

/* The error that the script orders, or 0. */
static unsigned
ordered_status(struct visit *v, const struct prompt *a)
{
	const struct script *s = &v->script;

	if (s->auth && !has_credential(v->reader.head))
		return a->dialect == DIALECT_GEMINI ? 403 : 401;
	if (s->fail >= 0) {
		if (!fails_still(v->echo, a->model, s->fail))
			return 0;
		return s->status > 0 ? (unsigned)s->status : UNAVAILABLE;
	}
	/* Beside a recording it is the status that this is sent with. */
	return s->status > 0 && !s->replay.len ? (unsigned)s->status : 0;
}

/* ---- answers ---- */

static void
say_recorded(struct visit *v, const struct prompt *a)
{
	const struct script *s = &v->script;
	struct recording r;
	bool found = s->replay.len
	    ? replay_find(&r, &v->arena, v->echo->replay_dir, s->replay)
	    : replay_file(&r, &v->arena, v->echo->replay_file);

	if (!found) {
		compose_status(v, a->dialect, 404, arena_fmt(&v->arena,
		    "echo: no recording \"%.*s\"", SLICE_FMT(s->replay)));
		return;
	}
	if (s->replay.len && s->status >= 100)
		v->reply.status = (unsigned)s->status;
	v->reply.stream = r.stream;
	feed_recorded(&v->feed, r.bytes, r.stream);
}

/* What a later request may name, if it is an answer that is to be kept. */
static void
keep_answer(struct visit *v, const struct prompt *a, const struct speech *s)
{
	struct buf items = { 0 };

	if (a->dialect != DIALECT_RESPONSES ||
	    jval_is(jval_get(a->root, "store"), JSON_FALSE))
		return;
	speak_items(&items, &v->feed, a, s);
	if (!items.failed)
		archive_keep(&v->echo->archive, a,
		    speak_answer_id(&v->arena, s), buf_slice(&items));
	buf_free(&items);
}

static void
say_speech(struct visit *v, const struct prompt *a)
{
	const struct tongue *tongue = dialects[a->dialect].tongue;
	struct fault fault = { .status = 500, .id = v->reply.id,
		.code = v->script.code,
		.message = SLICE("The provider failed in mid-answer.") };
	struct speech speech;

	speech_compose(&speech, a, &v->script, v->echo->requests, &v->arena);
	keep_answer(v, a, &speech);
	if (v->script.error < 0) {
		v->tokens_in = speech.tokens_in;
		v->tokens_out = speech.tokens_out *
		    (a->dialect == DIALECT_CHAT ? a->n : 1);
	}
	v->reply.stream = v->script.sse || (a->stream && !v->script.json);
	if (!v->reply.stream) {
		if (v->script.error >= 0)
			tongue->fault(&v->feed, &fault);
		else
			tongue->whole(&v->feed, a, &speech);
		feed_mark(&v->feed);
		return;
	}
	tongue->stream(&v->feed, a, &speech);
	if (v->script.error >= 0) {
		feed_cut(&v->feed, (size_t)v->script.error);
		tongue->stream_fault(&v->feed, &fault);
	}
}

/* The script's last say: bodies that are cut or broken. */
static void
spoil(struct visit *v)
{
	const struct script *s = &v->script;
	size_t len = buf_len(&v->feed.bytes);
	int64_t cut = s->cut >= 0 ? s->cut : s->rst;

	if (s->badjson && !v->reply.stream && len) {
		feed_trim(&v->feed, len - 1);
		len--;
	}
	v->reply.cut = cut;
	if (cut < 0 || v->reply.stream)
		return;
	/* Of a whole body that many bytes come, fewer than were promised. */
	v->reply.cut = cut > 0;
	if ((size_t)cut < len) {
		feed_trim(&v->feed, (size_t)cut);
		v->reply.hidden = len - (size_t)cut;
	}
}

static void
count(struct visit *v, const struct prompt *a)
{
	v->counted = true;
	v->echo->open++;
	v->stream_counted = a->stream;
	v->echo->streams += a->stream;
}

void
compose_answer(struct visit *v, struct prompt *a)
{
	struct fault fault = { .status = BAD_REQUEST };
	unsigned status;

	count(v, a);
	if (!read_script(v, a))
		return;
	status = ordered_status(v, a);
	if (status) {
		compose_status(v, a->dialect, status, (struct slice){ 0 });
	} else if (v->script.overflow) {
		fault.message = dialects[a->dialect].overflow;
		fault.code = dialects[a->dialect].overflow_code;
		say_fault(v, a->dialect, &fault);
	} else if (v->script.replay.len || v->echo->replay_file) {
		say_recorded(v, a);
	} else if (!archive_resolve(&v->echo->archive, a, &fault, &v->arena) ||
	    !dialects[a->dialect].check(a, &fault, &v->arena)) {
		say_fault(v, a->dialect, &fault);
	} else {
		prompt_listen(a, &v->arena);
		say_speech(v, a);
	}
	spoil(v);
}

struct prompt *
compose_prompt(struct visit *v, enum dialect dialect)
{
	struct prompt *a = arena_alloc(&v->arena, sizeof *a);
	const char *why = "out of memory";

	v->echo->requests++;
	v->reply.id = arena_fmt(&v->arena, "req_01echo%014" PRIx64,
	    v->echo->requests);
	v->reply.id_header = dialects[dialect].id_header;
	v->reply.google = dialect == DIALECT_GEMINI;
	v->feed.ping = dialects[dialect].tongue->ping;
	if (a && prompt_read(a, &v->arena, dialect, v->reader.body, &why))
		return a;
	compose_status(v, dialect, BAD_REQUEST, arena_fmt(&v->arena, "%s%s.",
	    dialects[dialect].garbled, why));
	return NULL;
}

static void
begin(struct visit *v)
{
	v->feed.arena = &v->arena;
	v->feed.script = &v->script;
	v->reply = (struct reply){ .status = 200, .cut = -1 };
}

static void
end(struct visit *v)
{
	if (feed_failed(&v->feed)) {
		/* What was rendered is not whole; without memory no words. */
		feed_free(&v->feed);
		v->reply = (struct reply){ .status = 500, .cut = -1 };
	}
	if (v->reply.stream && !v->feed.array)
		v->reply.type = SLICE("text/event-stream; charset=utf-8");
	else
		v->reply.type = v->reply.google
		    ? SLICE("application/json; charset=UTF-8")
		    : SLICE("application/json");
}

void
compose(struct visit *v)
{
	begin(v);
	path_take(v);
	end(v);
	log_debug("echo: %.*s %.*s: %u, %zu events",
	    SLICE_FMT(v->reader.head->method),
	    SLICE_FMT(v->reader.head->path), v->reply.status, v->feed.count);
}

void
compose_refusal(struct visit *v, unsigned status, const char *why)
{
	begin(v);
	compose_status(v, DIALECT_CHAT, status, slice_of(why));
	end(v);
}
