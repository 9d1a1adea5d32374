#include "command/task.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "command/command.h"

static const char help[] =
"usage: dragoman translate --from P --to P [options] <in >out\n"
"\n"
"Translate a request or an answer from one protocol to another.  P is chat,\n"
"messages, responses or gemini.  A request goes from the client's protocol to\n"
"the provider's, an answer from the provider's to the client's.\n"
"\n"
"  --what W        request (the default), response (a whole answer), stream\n"
"                  (an answer as events), error (an error body of a provider)\n"
"  --model M       the model as the provider knows it; decides what it can do\n"
"  --dialect D     the kind of provider: openai, deepseek, ollama, ...\n"
"  --options L     the configuration's options, as name=value,name=value\n"
"  --request FILE  the client's request that the answer is for\n"
"  --client-model M  the model in the address of a Gemini client's request\n"
"  --array         its stream is one JSON array: asked for without alt=sse\n"
"  --whole         tell the answer whole, although it comes as a stream\n"
"  --stream        tell the answer as a stream, although it comes whole; of\n"
"                  a Gemini client's request: a stream is asked for\n"
"  --status N      the HTTP status that the provider's error came with\n"
"  --own-key       the provider's key is the gateway's, not the client's\n"
"  --compress      of a request: as \"compress\" of the configuration does\n"
"  --prompt-cache  of a request: as \"prompt_cache\": \"auto\" does\n"
"  --strict        refuse what cannot be translated without a loss\n"
"  --now T         seconds since 1970, for answers that carry a time\n"
"  --id R          the request id, for answers that carry it\n"
"\n"
"Losses are named on standard error, one name=action a line.  Exit status: 0;\n"
"1 refused, and standard output holds the client's error body; 2 usage.\n";

static const char *const what_names[TASK_WHATS] = {
	[TASK_REQUEST] = "request", [TASK_RESPONSE] = "response",
	[TASK_STREAM] = "stream", [TASK_ERROR] = "error",
};

struct words {			/* as they were spelled; NULL: not said */
	const char	*from, *to, *what, *dialect, *options, *status, *now;
	const char	*id;
	bool		 whole, stream;
};

static bool
complain(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("dragoman translate: ", stderr);
	vfprintf(stderr, fmt, args);
	fputs("; see --help\n", stderr);
	va_end(args);
	return false;
}

static bool
pick_what(struct task *task, const char *name)
{
	if (!name)
		return true;
	for (task->what = 0; task->what < TASK_WHATS; task->what++)
		if (!strcmp(name, what_names[task->what]))
			return true;
	return complain("--what %s: request, response, stream or error", name);
}

static bool
pick_protocol(const char *option, const char *name,
    const struct protocol **protocol)
{
	if (!name)
		return complain("%s is missing", option);
	*protocol = protocol_by_name(slice_of(name));
	return *protocol || complain("%s %s: chat, messages, responses or "
	    "gemini", option, name);
}

static bool
pick_sides(struct task *task, const struct words *words)
{
	bool asks = task->what == TASK_REQUEST;

	return pick_protocol("--from", words->from,
	    asks ? &task->client : &task->provider) &&
	    pick_protocol("--to", words->to,
	    asks ? &task->provider : &task->client);
}

static bool
pick_dialect(struct task *task, const char *name)
{
	task->dialect = task->provider->id == PROTO_MESSAGES ?
	    DIALECT_ANTHROPIC : task->provider->id == PROTO_GEMINI ?
	    DIALECT_GEMINI : DIALECT_GENERIC;
	if (!name)
		return true;
	task->dialect = quirk_dialect_by_name(slice_of(name));
	if (task->dialect == DIALECT_GENERIC &&
	    strcmp(name, quirk_dialect_name(DIALECT_GENERIC)) != 0)
		return complain("--dialect %s is not known", name);
	return true;
}

static bool
pick_options(struct task *task, const char *pairs)
{
	struct slice wrong;
	const char *want;

	task->options = options_default;
	if (option_set_all(&task->options, slice_of(pairs), &wrong, &want))
		return true;
	return complain("--options %.*s: must be %s", SLICE_FMT(wrong), want);
}

static bool
pick_number(const char *option, const char *text, uint64_t max, uint64_t *n)
{
	if (!text || slice_to_u64(slice_of(text), max, n))
		return true;
	return complain("%s %s: a number up to %llu", option, text,
	    (unsigned long long)max);
}

int
task_read(struct task *task, int argc, char **argv)
{
	struct words words = { 0 };
	const struct option_row rows[] = {
		{ "--from", NULL, &words.from, NULL },
		{ "--to", NULL, &words.to, NULL },
		{ "--what", NULL, &words.what, NULL },
		{ "--model", NULL, &task->model, NULL },
		{ "--client-model", NULL, &task->client_model, NULL },
		{ "--dialect", NULL, &words.dialect, NULL },
		{ "--options", NULL, &words.options, NULL },
		{ "--request", NULL, &task->request, NULL },
		{ "--status", NULL, &words.status, NULL },
		{ "--now", NULL, &words.now, NULL },
		{ "--id", NULL, &words.id, NULL },
		{ "--strict", NULL, NULL, &task->strict },
		{ "--own-key", NULL, NULL, &task->own_key },
		{ "--compress", NULL, NULL, &task->compress },
		{ "--prompt-cache", NULL, NULL, &task->mark_cache },
		{ "--array", NULL, NULL, &task->as_array },
		{ "--whole", NULL, NULL, &words.whole },
		{ "--stream", NULL, NULL, &words.stream },
		{ 0 },
	};
	int extra;

	*task = (struct task){ .now_s = (uint64_t)clock_wall_s() };
	extra = command_options(argc, argv, rows, help);
	if (extra == -2)
		return 0;
	if (extra < 0 ||
	    (extra && !complain("%s: no such argument", argv[1])) ||
	    !pick_what(task, words.what) || !pick_sides(task, &words) ||
	    !pick_dialect(task, words.dialect) ||
	    !pick_options(task, words.options) ||
	    !pick_number("--now", words.now, INT64_MAX, &task->now_s) ||
	    !pick_number("--status", words.status, 599, &task->status))
		return -1;
	task->id = slice_of(words.id ? words.id : "req_translate");
	task->stream = words.stream ||
	    (task->what == TASK_STREAM && !words.whole);
	return 1;
}
