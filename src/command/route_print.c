#include "command/route_print.h"

#include <stdio.h>

#include "gateway/modality.h"
#include "gateway/weigh.h"

/* ---- for people ---- */

static void
text_request(struct buf *out, struct exchange *ex)
{
	const struct model *m = ex->route.model;

	buf_fmt(out, "model     %.*s", SLICE_FMT(ex->talk.client_model));
	if (m)
		buf_fmt(out, "  (of this configuration%s%.*s%s)",
		    m->wild ? ": " : "", SLICE_FMT(m->wild ? m->name
		    : (struct slice){ 0 }),
		    m->pick == PICK_WEIGHTED ? ", weighted" : "");
	buf_fmt(out, "\nclient    %s%s", ex->client_protocol->name,
	    ex->talk.stream ? ", streamed" : "");
	if (ex->caller.key)
		buf_fmt(out, ", key %.*s", SLICE_FMT(ex->caller.key->name));
	buf_text(out, "\ninput     ");
	modality_print(route_input(ex) | MODALITY_TEXT, out);
	buf_fmt(out, ", about %lld tokens\n", (long long)weigh_request(ex));
}

static void
text_target(struct buf *out, const struct exchange *ex, bool fits)
{
	const struct talk *talk = &ex->talk;
	const struct target *t = &ex->route.targets[ex->cursor];

	buf_fmt(out, "%zu. %.*s/%.*s\n", ex->cursor + 1,
	    SLICE_FMT(t->provider->name), SLICE_FMT(t->model));
	if (talk->provider)
		buf_fmt(out, "     %s, %s", talk->provider->name,
		    ex->attempt.same ? "passed on" : "translated");
	if (talk->answers > 1)
		buf_fmt(out, ", %u requests", talk->answers);
	if (!fits)
		buf_fmt(out, "\n     cannot be asked: %.*s",
		    SLICE_FMT(talk->fail.message));
	if (talk->losses.count) {
		buf_text(out, "\n     ");
		loss_print(&talk->losses, out);
	}
	buf_byte(out, '\n');
}

static void
text_end(struct buf *out, const struct exchange *ex, bool routed)
{
	for (const struct route_passed *p = ex->route.passed; p; p = p->next)
		buf_fmt(out, "-  %.*s\n     %.*s\n", SLICE_FMT(p->target),
		    SLICE_FMT(p->why));
	if (!routed)
		buf_fmt(out, "refused: %s: %.*s%s%.*s\n",
		    fail_name(ex->talk.fail.kind),
		    SLICE_FMT(ex->talk.fail.param),
		    ex->talk.fail.param.len ? ": " : "",
		    SLICE_FMT(ex->talk.fail.message));
}

/* ---- for programs ---- */

static void
json_request(struct writer *w, struct exchange *ex)
{
	struct buf input = { 0 };
	struct slice rest;

	write_object(w);
	write_member_text(w, "model", ex->talk.client_model);
	if (ex->route.model) {
		write_key(w, "name");
		write_string(w, ex->route.model->name);
	}
	write_member_plain(w, "protocol", ex->client_protocol->name);
	write_member_bool(w, "stream", ex->talk.stream);
	if (ex->caller.key) {
		write_key(w, "key");
		write_string(w, ex->caller.key->name);
	}
	modality_print(route_input(ex) | MODALITY_TEXT, &input);
	rest = buf_slice(&input);
	write_key(w, "input");
	write_array(w);
	while (rest.len)
		write_string(w, slice_trim(slice_cut(&rest, ',')));
	write_end(w);
	buf_free(&input);
	write_member_u64(w, "tokens", (uint64_t)weigh_request(ex));
	write_key(w, "targets");
	write_array(w);
}

static void
json_target(struct writer *w, struct exchange *ex, bool fits)
{
	const struct talk *talk = &ex->talk;

	write_object(w);
	write_key(w, "target");
	write_string(w, route_name(&ex->arena, &ex->route.targets[ex->cursor]));
	if (talk->provider) {
		write_member_plain(w, "protocol", talk->provider->name);
		write_member_bool(w, "same", ex->attempt.same);
	}
	write_member_u64(w, "requests", talk->answers);
	if (!fits) {
		write_key(w, "refused");
		write_string(w, talk->fail.message);
	}
	write_key(w, "losses");
	write_object(w);
	for (const struct loss *l = talk->losses.first; l; l = l->next) {
		write_key_text(w, l->path);
		write_plain(w, loss_action_name(l->action));
	}
	write_end(w);
	write_end(w);
}

static void
json_end(struct writer *w, struct exchange *ex, bool routed)
{
	const struct fail *f = &ex->talk.fail;

	write_end(w);
	write_key(w, "passed_over");
	write_array(w);
	for (const struct route_passed *p = ex->route.passed; p;
	    p = p->next) {
		write_object(w);
		write_key(w, "target");
		write_string(w, p->target);
		write_key(w, "why");
		write_string(w, p->why);
		write_end(w);
	}
	write_end(w);
	if (!routed) {
		write_key(w, "error");
		write_object(w);
		write_member_plain(w, "type", fail_name(f->kind));
		write_key(w, "message");
		write_string(w, f->message);
		write_end(w);
	}
	write_end(w);
	buf_byte(w->out, '\n');
}

/* ---- both ---- */

void
route_print_request(struct route_print *p, struct exchange *ex)
{
	p->writer.out = &p->out;
	if (p->json)
		json_request(&p->writer, ex);
	else
		text_request(&p->out, ex);
}

void
route_print_target(struct route_print *p, struct exchange *ex, bool fits)
{
	if (p->json)
		json_target(&p->writer, ex, fits);
	else
		text_target(&p->out, ex, fits);
}

void
route_print_end(struct route_print *p, struct exchange *ex, bool routed)
{
	struct slice text;

	if (p->json)
		json_end(&p->writer, ex, routed);
	else
		text_end(&p->out, ex, routed);
	text = buf_slice(&p->out);
	fwrite(text.ptr, 1, text.len, stdout);
	buf_free(&p->out);
}
