#include "gateway/affinity.h"

#include <string.h>

#include "proto/pass.h"

enum {
	TEXT_MAX = 1024,	/* of one string */
	STRINGS_MAX = 256,	/* of one part of the request */
	DEPTH_MAX = 8,
	TURNS_MAX = 16,		/* before one of the user's */
};

struct sum {
	uint64_t	now;
	unsigned	left;		/* strings of this part */
};

uint64_t
affinity_mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static void
add_word(struct sum *s, uint64_t word)
{
	s->now = (s->now ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	s->now ^= s->now >> 32;
}

static void
add_text(struct sum *s, struct slice text)
{
	size_t most = text.len < TEXT_MAX ? text.len : TEXT_MAX, at = 0;
	uint64_t word = 0;

	add_word(s, text.len);
	for (; at + sizeof word <= most; at += sizeof word) {
		memcpy(&word, text.ptr + at, sizeof word);
		add_word(s, word);
	}
	word = 0;
	if (at < most)
		memcpy(&word, text.ptr + at, most - at);
	add_word(s, word);
}

/*
 * Cache marks wander as the conversation grows, a text becomes a list of one
 * block to carry them or an item with an id, and a block of one client's
 * instructions has another checksum in every request.
 */
static bool
wanders(struct jval key, struct jval value)
{
	static const char *const names[] = { "cache_control", "type", "role",
	    "id", "status" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (jval_text_is(key, names[i]))
			return true;
	return slice_starts(jval_text(value),
	    SLICE("x-anthropic-billing-header"));
}

/* The texts and numbers of a value.  Calls itself, DEPTH_MAX deep. */
static void
add_value(struct sum *s, struct jval v, unsigned depth)
{
	bool object = jval_is(v, JSON_OBJECT);

	if (!object && !jval_is(v, JSON_ARRAY)) {
		if (s->left) {
			s->left--;
			add_text(s, jval_raw(v));
		}
		return;
	}
	for (struct jval i = jval_first(v); !jval_at_end(i) && s->left &&
	    depth < DEPTH_MAX; i = jval_next(i)) {
		if (!object)
			add_value(s, i, depth + 1);
		else if (!wanders(i, jval_value(i)))
			add_value(s, jval_value(i), depth + 1);
	}
}

static void
add_part(struct sum *s, struct jval v)
{
	s->left = STRINGS_MAX;
	add_value(s, v, 0);
}

/* All up to the first of the user's, or one where he has none. */
static void
add_turns(struct sum *s, struct jval list)
{
	struct jval v = jval_first(list);

	if (!jval_is(list, JSON_ARRAY)) {
		add_part(s, list);
		return;
	}
	for (unsigned i = 0; i < TURNS_MAX && !jval_at_end(v); i++) {
		struct jval role = jval_get(v, "role");

		add_part(s, v);
		if (!jval_text_is(role, "system") &&
		    !jval_text_is(role, "developer"))
			return;
		v = jval_next(v);
	}
}

/*
 * What the client calls the conversation, if it says so; or what it refers to,
 * if that is not known here.
 */
static bool
add_name(struct sum *s, struct jval body, bool recalled)
{
	static const char *const names[] = { "prompt_cache_key",
	    "session_id", "previous_response_id" };

	for (size_t i = 0; i < (recalled ? 2 : 3); i++) {
		struct slice name = jval_text(pass_member(body, names[i]));

		if (name.len) {
			add_text(s, name);
			return true;
		}
	}
	return false;
}

/* By protocol: what stands at the top of a body, and where its turns are. */
static const struct {
	const char	*system, *other_system, *turns;
} places[PROTO_COUNT] = {
	[PROTO_CHAT] = { "functions", "functions", "messages" },
	[PROTO_MESSAGES] = { "system", "system", "messages" },
	[PROTO_RESPONSES] = { "instructions", "instructions", "input" },
	[PROTO_GEMINI] = { "systemInstruction", "system_instruction",
	    "contents" },
};

static void
add_conversation(struct sum *s, const struct exchange *ex)
{
	enum protocol_id id = ex->client_protocol->id;
	struct jval body = json_root(&ex->json);
	struct jval system = jval_get(body, places[id].system);

	if (add_name(s, body, ex->talk.recalled))
		return;
	add_part(s, jval_ok(system) ? system : jval_get(body,
	    places[id].other_system));
	add_part(s, jval_get(body, "tools"));
	add_turns(s, jval_get(body, places[id].turns));
}

uint64_t
affinity_of(struct slice text)
{
	struct sum s = { 0 };

	add_text(&s, text);
	return affinity_mix(s.now);
}

uint64_t
route_affinity(struct exchange *ex)
{
	struct sum s = { 0 };

	if (ex->trunk)
		ex = ex->trunk;
	if (ex->route.affinity)
		return ex->route.affinity;
	add_text(&s, ex->caller.key ? ex->caller.key->name
	    : ex->caller.credential);
	if (ex->purpose == FOR_PASS || !ex->client_protocol)
		add_text(&s, slice_of(ex->id));
	else
		add_conversation(&s, ex);
	ex->route.affinity = affinity_mix(s.now) | !affinity_mix(s.now);
	return ex->route.affinity;
}
