#include "command/command.h"

#include <stdio.h>
#include <unistd.h>

#include "command/route_print.h"
#include "gateway/admit.h"
#include "gateway/weigh.h"
#include "json/text.h"

static const char help[] =
"usage: dragoman route [MODEL] [-c FILE] [--protocol P] [--key NAME]\n"
"                      [--header 'NAME: VALUE']... [--stream] [--json]\n"
"                      [< request.json]\n"
"\n"
"Where a request would go, and why, with the configuration in force.  Nobody\n"
"is asked: what is learned from answers, circuits and limits is not known.\n"
"\n"
"  MODEL       in the place of what the request names\n"
"  --protocol  of the client: chat (the default), messages, responses, gemini\n"
"  --key       the name of the client key that it comes with\n"
"  --header    one of the request's\n"
"  --stream    the request wants a stream, though its body does not say so\n"
"  --json      for programs\n"
"\n"
"Exit code 1 if it would be refused.\n";

enum { READ_STEP = 65536 };

struct dry_run {
	struct arena	 arena;
	struct config	 config;
	struct plan	 plan;
	struct worker	 worker;
	struct exchange	 ex;
	struct http_head head;
	struct buf	 body;
	const char	*key, *protocol;
	bool		 json, stream;
};

static bool
complain(const char *what, const char *name)
{
	fprintf(stderr, "dragoman route: %s \"%s\"; see --help\n", what,
	    name);
	return false;
}

/* ---- the request ---- */

/* Take all "--header X" off the arguments; there can be many. */
static bool
take_headers(struct dry_run *d, int *argc, char **argv)
{
	int kept = 1;

	for (int i = 1; i < *argc; i++) {
		struct slice rest, name;

		if (!slice_is(slice_of(argv[i]), "--header")) {
			argv[kept++] = argv[i];
			continue;
		}
		rest = slice_of(++i < *argc ? argv[i] : "");
		name = slice_trim(slice_cut(&rest, ':'));
		if (!name.len || !rest.ptr || d->head.count ==
		    HTTP_HEADERS_MAX)
			return complain("no header is", i < *argc ? argv[i]
			    : "");
		d->head.headers[d->head.count++] = (struct http_header){
			name, slice_trim(rest) };
	}
	*argc = kept;
	return true;
}

static bool
read_body(struct dry_run *d)
{
	size_t n;

	d->body.limit = (size_t)d->config.limits.body_mb << 20;
	if (isatty(STDIN_FILENO))
		return true;
	do {
		char *at = buf_reserve(&d->body, READ_STEP);

		n = at ? fread(at, 1, READ_STEP, stdin) : 0;
		buf_commit(&d->body, n);
	} while (n);
	return !d->body.failed ||
	    complain("the request is larger than", "limits.body_mb");
}

/* The shortest request there is, for those who only give a name. */
static const char *const shortest[PROTO_COUNT] = {
	[PROTO_CHAT] = "{\"messages\":[{\"role\":\"user\",\"content\":"
	    "\"Hello\"}]}",
	[PROTO_MESSAGES] = "{\"max_tokens\":1024,\"messages\":[{\"role\":"
	    "\"user\",\"content\":\"Hello\"}]}",
	[PROTO_RESPONSES] = "{\"input\":\"Hello\"}",
	[PROTO_GEMINI] = "{\"contents\":[{\"role\":\"user\",\"parts\":"
	    "[{\"text\":\"Hello\"}]}]}",
};

/* The body with the model's name in it, as a client would send it. */
static struct slice
make_body(struct dry_run *d, const char *model)
{
	enum protocol_id id = d->ex.client_protocol->id;
	struct slice text = slice_trim(buf_slice(&d->body)), quoted;
	struct splice splice = { 0 };
	struct json_fault fault;
	struct buf out = { 0 };
	struct json doc;

	if (!text.len)
		text = slice_of(shortest[id]);
	if (id == PROTO_GEMINI || !json_parse(&doc, &d->arena, text, 0,
	    &fault) || !jval_is(json_root(&doc), JSON_OBJECT))
		return text;		/* it is refused in due course */
	splice.text = text;
	quoted = arena_fmt(&d->arena, "\"%.*s\"", SLICE_FMT(text_escape(
	    &d->arena, slice_of(model))));
	if (model)
		splice_set(&splice, json_root(&doc), "model", quoted);
	if (d->stream)
		splice_set(&splice, json_root(&doc), "stream", SLICE("true"));
	splice_write(&splice, &out);
	text = arena_dup(&d->arena, buf_slice(&out));
	buf_free(&out);
	return text;
}

static bool
take_key(struct dry_run *d)
{
	const struct access_key *k = d->config.keys;

	/* without one: the operator's, for whom nothing is forbidden */
	if (!d->key)
		return d->config.keys || access_check(&d->config, &d->head,
		    &d->arena, &d->ex.caller);
	while (k && !slice_is(k->name, d->key))
		k = k->next;
	d->ex.caller.key = k;
	return k || complain("no client key is called", d->key);
}

static bool
take_protocol(struct dry_run *d)
{
	struct slice name = slice_of(d->protocol ? d->protocol : "chat");

	d->ex.client_protocol = protocol_by_name(name);
	return d->ex.client_protocol || complain("no protocol is called",
	    d->protocol);
}

/* An exchange without a client, as it is when a request has been read. */
static void
make_exchange(struct dry_run *d, const char *model)
{
	struct exchange *ex = &d->ex;

	d->worker.plan = &d->plan;
	d->worker.config = &d->config;
	ex->worker = &d->worker;
	ex->purpose = FOR_ANSWER;
	ex->phase = EX_ADMIT;
	ex->reader.head = &d->head;
	ex->reader.body = make_body(d, model);
	ex->strict = slice_is(http1_get(&d->head, SLICE("x-dragoman-strict")),
	    "1");
	ex->talk.client = ex->client_protocol;
	ex->talk.arena = &ex->arena;
	ex->talk.scratch = &ex->scratch;
	ex->talk.options = &d->config.options;
	ex->talk.fail.retry_after_ms = -1;
	ex->talk.stream = d->stream;
	if (ex->client_protocol->id == PROTO_GEMINI)
		ex->talk.client_model = text_escape(&ex->arena,
		    slice_of(model));
	ex->route.explain = true;
}

/* ---- the decision ---- */

static int
decide(struct dry_run *d)
{
	struct route_print p = { .json = d->json };
	struct exchange *ex = &d->ex;
	bool routed = admit_body(ex) == ADMIT_ROUTED;

	route_print_request(&p, ex);
	for (; routed && ex->cursor < ex->route.count; ex->cursor++) {
		bool fits;

		ex->talk.fail = (struct fail){ .retry_after_ms = -1 };
		fits = upstream_prepare(ex);
		route_print_target(&p, ex, fits);
		upstream_drop(ex);
	}
	route_print_end(&p, ex, routed);
	return routed ? 0 : 1;
}

static int
run(struct dry_run *d, const char *file, const char *model)
{
	struct config_problem problem;
	int code = 2;

	if (!config_load(&d->config, &d->arena, file, NULL, &problem)) {
		fprintf(stderr, "dragoman: %s\n", problem.text);
		return 1;
	}
	log_setup(LOG_ERROR, d->config.log_form);
	if (!take_protocol(d) || !take_key(d) || !read_body(d))
		return code;
	if (!model && d->ex.client_protocol->id == PROTO_GEMINI) {
		(void)complain("which model? It stands in no body of",
		    "gemini");
		return code;
	}
	if (!model && !buf_len(&d->body)) {
		fputs(help, stderr);
		return code;
	}
	d->worker.loop = loop_new();
	if (!d->worker.loop) {
		perror("dragoman route");
		return 1;
	}
	make_exchange(d, model);
	code = decide(d);
	loop_free(d->worker.loop);
	return code;
}

int
route_main(int argc, char **argv)
{
	struct dry_run d = { 0 };
	const char *file = NULL;
	int words, code = 2;
	const struct option_row rows[] = {
		{ "-c", "--config", &file, NULL },
		{ "--protocol", NULL, &d.protocol, NULL },
		{ "--key", NULL, &d.key, NULL },
		{ "--stream", NULL, NULL, &d.stream },
		{ "--json", NULL, NULL, &d.json },
		{ 0 },
	};

	if (take_headers(&d, &argc, argv)) {
		words = command_options(argc, argv, rows, help);
		if (words == -2)
			code = 0;
		else if (words > 1)
			(void)complain("unexpected argument", argv[2]);
		else if (words >= 0)
			code = run(&d, file, words ? argv[1] : NULL);
	}
	buf_free(&d.body);
	arena_reset(&d.ex.arena);
	arena_reset(&d.ex.scratch);
	arena_reset(&d.arena);
	return code;
}
