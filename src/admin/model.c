#include "admin/model.h"

#include <stdio.h>

#include "base/clock.h"

uint64_t
model_released_s(const struct model_item *it)
{
	return it->row ? (uint64_t)it->row->released * 86400 : 0;
}

/*
 * What is known beside the SDK's own members.  A name of the operator's own
 * tells where it leads, and what is known of that if it is one place.
 */
static void
put_facts(struct writer *w, const struct page_request *r,
    const struct model_item *it)
{
	struct slice suffix;
	const struct catalog_name *n = it->row ? catalog_find(r->config, NULL,
	    it->id, &suffix) : NULL;
	const struct model *own = it->row ? NULL
	    : map_get(&r->config->model_names, it->id);
	struct route route = { 0 };
	struct fail fail = { 0 };

	if (n)
		catalog_write(w, it->row, catalog_protocols(it->row,
		    n->provider));
	if (!own || !route_find(r->config, NULL, it->id, r->arena, &route,
	    &fail))
		return;
	write_key(w, "x_targets");
	write_array(w);
	for (size_t i = 0; i < route.count; i++)
		write_string(w, route_name(r->arena, &route.targets[i]));
	write_end(w);
	if (route.count == 1 && route.targets->row)
		catalog_write(w, route.targets->row, catalog_protocols(
		    route.targets->row, route.targets->provider));
}

static uint64_t
today(void)
{
	return (uint64_t)clock_wall_s() / 86400;
}

/* As Anthropic tells it: a day that is announced makes it deprecated. */
const char *
model_lifecycle(const struct model_item *it)
{
	if (!it->row || !it->row->retired)
		return "active";
	return it->row->retired <= today() ? "retired" : "deprecated";
}

static void
put_limit(struct writer *w, const char *key, uint32_t tokens)
{
	if (tokens)
		write_member_u64(w, key, tokens);
	else
		write_member_null(w, key);
}

static void
put_openai(struct writer *w, const struct page_request *r,
    const struct model_item *it)
{
	write_object(w);
	write_key(w, "id");
	write_string(w, it->id);
	write_member_plain(w, "object", "model");
	write_member_u64(w, "created", model_released_s(it));
	write_key(w, "owned_by");
	write_string(w, it->owner);
	if (it->row) {
		put_limit(w, "context_length", it->row->context);
		put_limit(w, "max_output_tokens", it->row->max_output);
		catalog_write_day(w, "shutdown_date", it->row->retired);
	}
	put_facts(w, r, it);
	write_end(w);
}

/* The first second of a day. */
static void
put_stamp(struct writer *w, const char *key, uint64_t day)
{
	char from[CLOCK_STAMP], stamp[CLOCK_STAMP];

	clock_stamp((int64_t)day * 86400 * 1000, from);
	snprintf(stamp, sizeof stamp, "%.10sT00:00:00Z", from);
	write_member_plain(w, key, stamp);
}

static void
put_anthropic(struct writer *w, const struct page_request *r,
    const struct model_item *it)
{
	write_object(w);
	write_member_plain(w, "type", "model");
	write_key(w, "id");
	write_string(w, it->id);
	write_key(w, "display_name");
	if (it->row)
		write_plain(w, it->row->display);
	else
		write_string(w, it->id);
	put_stamp(w, "created_at", it->row ? it->row->released : 0);
	put_limit(w, "max_input_tokens", it->row ? it->row->context : 0);
	put_limit(w, "max_tokens", it->row ? it->row->max_output : 0);
	write_member_null(w, "capabilities");
	write_member_plain(w, "lifecycle", model_lifecycle(it));
	write_member_null(w, "line");
	write_member_null(w, "deprecated_at");
	if (it->row && it->row->retired)
		put_stamp(w, "retires_at", it->row->retired);
	else
		write_member_null(w, "retires_at");
	put_facts(w, r, it);
	write_end(w);
}

static void
put_gemini(struct writer *w, const struct page_request *r,
    const struct model_item *it)
{
	static const char *const methods[] = {
		"generateContent", "streamGenerateContent", "countTokens",
	};

	write_object(w);
	write_key(w, "name");
	write_string(w, arena_join(r->arena, (struct slice[]){
	    SLICE("models/"), it->id }, 2));
	write_member_plain(w, "version", "001");
	write_key(w, "displayName");
	if (it->row)
		write_plain(w, it->row->display);
	else
		write_string(w, it->id);
	write_member_plain(w, "description", "");
	if (it->row && it->row->context)
		write_member_u64(w, "inputTokenLimit",
		    it->row->context);
	if (it->row && it->row->max_output)
		write_member_u64(w, "outputTokenLimit",
		    it->row->max_output);
	write_key(w, "supportedGenerationMethods");
	write_array(w);
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		write_plain(w, methods[i]);
	write_end(w);
	put_facts(w, r, it);
	write_end(w);
}

void
model_write(struct writer *w, const struct page_request *r,
    const struct model_item *it)
{
	if (r->shape == PROTO_MESSAGES)
		put_anthropic(w, r, it);
	else if (r->shape == PROTO_GEMINI)
		put_gemini(w, r, it);
	else
		put_openai(w, r, it);
}
