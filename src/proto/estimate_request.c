/*
 * What a request costs beside its text: tokenizers of vendors differ, and each
 * wraps messages and tools in words of its own.
 */
#include "proto/estimate.h"

#include "proto/picture.h"
#include "proto/proto.h"

enum { PER_PICTURE = 1600, PER_PAGE = 2000, KEY_MAX = 64 };

/*
 * Taken from recorded requests and the usage that providers told of them; see
 * tests/estimate.sh.  `schema` is in the place of `text` for tools.
 */
static const struct family {
	const char	*prefixes;	/* of models' names, by blanks */
	/* percent of what the table of pairs says */
	uint8_t		 text, foreign, schema;
	/* tokens: of any request, each message, each call or result */
	uint8_t		 base, message, call;
	/* ... each tool, and once if there are any */
	uint8_t		 tool;
	uint16_t	 tools;
	/* ... where it thinks, and where the answer has a schema */
	uint8_t		 thinking, format;
} families[] = {
	{ "gpt-oss", 100, 100, 100, 66, 4, 8, 8, 30, 0, 0 },
	{ "gpt chatgpt o1 o3 o4 codex", 100, 100, 60, 3, 4, 6, 0, 18, 0, 0 },
	{ "claude-3 claude-opus-4-0 claude-sonnet-4-0 claude-opus-4-1 "
	  "claude-sonnet-4-2 claude-opus-4-2",
	  120, 130, 120, 3, 5, 30, 0, 390, 28, 110 },
	{ "claude", 120, 130, 120, 3, 5, 30, 0, 500, 28, 110 },
	{ "gemini gemma", 105, 88, 105, 1, 0, 12, 5, 5, 0, 0 },
	{ "deepseek", 104, 80, 104, 2, 4, 12, 15, 255, 0, 0 },
	{ "qwen qwq qvq", 102, 86, 102, 5, 4, 12, 10, 110, 0, 0 },
	{ "kimi moonshot", 102, 80, 102, 4, 4, 12, 10, 70, 0, 0 },
	{ "glm", 103, 80, 103, 5, 3, 12, 8, 115, 0, 0 },
	{ "minimax", 103, 85, 103, 30, 6, 12, 10, 100, 0, 0 },
	{ "grok", 102, 100, 102, 5, 4, 12, 8, 235, 0, 0 },
	{ "mistral magistral codestral devstral ministral pixtral", 105, 105,
	  105, 4, 4, 12, 10, 40, 0, 0 },
	{ "llama meta-llama", 102, 105, 102, 25, 5, 12, 10, 60, 0, 0 },
	{ "", 104, 100, 104, 4, 4, 12, 10, 60, 0, 0 },
};

struct count {
	const struct family *family;
	struct tally	 text, tools;
	uint64_t	 whole;		/* tokens */
	bool		 thinking;	/* is it sent back to the model? */
};

static void
count_media(struct count *n, const struct ir_block *b)
{
	const struct ir_media *media = &b->media;
	uint32_t width, height;

	if (b->kind == IR_IMAGE) {
		n->whole += media->source == IR_DATA &&
		    picture_size(media->data, &width, &height) ?
		    picture_tokens(width, height) : PER_PICTURE;
	} else if (media->source == IR_INLINE) {
		estimate_add(&n->text, media->data);
	} else if (b->kind == IR_DOCUMENT && media->source == IR_DATA) {
		n->whole += picture_pages(media->data) * PER_PAGE;
	} else {
		n->whole += PER_PICTURE;
	}
}

/* Content stands in results and documents, and documents in results. */
enum { DEPTH = 3 };

/* Calls itself for content, to DEPTH. */
static void
count_blocks(struct count *n, const struct ir_block *b, unsigned depth)
{
	for (; b; b = b->next) {
		switch (b->kind) {
		case IR_TEXT:
			estimate_add(&n->text, b->text);
			break;
		case IR_THINK:
			if (n->thinking)
				estimate_add(&n->text, b->text);
			break;
		case IR_CALL:
			n->whole += n->family->call;
			estimate_add(&n->text, b->name);
			estimate_add_json(&n->text, b->args);
			break;
		case IR_RESULT:
			n->whole += n->family->call;
			if (depth < DEPTH)
				count_blocks(n, b->content, depth + 1);
			break;
		case IR_IMAGE:
		case IR_DOCUMENT:
		case IR_AUDIO:
		case IR_VIDEO:
			count_media(n, b);
			if (depth < DEPTH)
				count_blocks(n, b->media.content, depth + 1);
			break;
		case IR_REDACTED:
		case IR_OPAQUE:
			break;
		}
	}
}

static void
count_tools(struct count *n, const struct ir_tool *tool)
{
	if (tool)
		n->whole += n->family->tools;
	for (; tool; tool = tool->next) {
		estimate_add(&n->tools, tool->name);
		estimate_add(&n->tools, tool->description);
		estimate_add_json(&n->tools, tool->schema);
		n->whole += n->family->tool;
	}
}

static struct slice
model_of(const struct talk *talk)
{
	return talk->model.len ? talk->model : talk->client_model;
}

static const struct family *
find_family(struct slice key)
{
	const struct family *f = families;

	for (;; f++) {
		struct slice rest = slice_of(f->prefixes);

		if (!rest.len)
			return f;
		while (rest.len)
			if (slice_starts(key, slice_cut(&rest, ' ')))
				return f;
	}
}

/* Claude's tokenizer of 4.7 and later makes up to a third more of a text. */
static unsigned
growth(struct slice key)
{
	struct quirks q;

	if (!slice_starts(key, SLICE("claude")))
		return 100;
	quirks_find(&q, DIALECT_ANTHROPIC, key);
	return q.sampling || !(q.think & THINK_ADAPTIVE) ? 100 : 130;
}

/* Does the model think by itself, or because it was told to? */
static bool
thinks(const struct ir_request *request, struct slice key)
{
	struct quirks q;

	if (request->reasoning.on != TRI_UNSET)
		return request->reasoning.on == TRI_YES;
	quirks_find(&q, DIALECT_ANTHROPIC, key);
	return request->reasoning.budget || q.think_default;
}

uint64_t
estimate_request(const struct talk *talk)
{
	const struct ir_request *request = talk->request;
	char room[KEY_MAX];
	struct slice key = quirk_model_key(model_of(talk), room, sizeof room);
	const struct family *f = find_family(key);
	struct count n = {
		.family = f, .whole = f->base,
		.thinking = talk->quirks.replay != REPLAY_NO,
	};
	unsigned more = growth(key);

	count_blocks(&n, request->system, 0);
	if (request->system)
		n.whole += f->message;
	for (const struct ir_turn *t = request->first; t; t = t->next) {
		count_blocks(&n, t->first, 0);
		n.whole += f->message;
	}
	count_tools(&n, request->tools);
	estimate_add_json(&n.text, request->format_schema);
	if (request->format_schema.len)
		n.whole += f->format;
	if (f->thinking && thinks(request, key))
		n.whole += f->thinking;
	return n.whole + estimate_tokens(n.text.plain * f->text * more / 100 +
	    n.text.foreign * f->foreign * more / 100 +
	    (n.tools.plain * f->schema + n.tools.foreign * f->foreign) *
	    more / 100);
}

uint64_t
estimate_answer(const struct talk *talk, const struct tally *text,
    unsigned calls)
{
	char room[KEY_MAX];
	struct slice key = quirk_model_key(model_of(talk), room, sizeof room);
	const struct family *f = find_family(key);

	return (uint64_t)calls * f->call + estimate_tokens(growth(key) *
	    (text->plain * f->text + text->foreign * f->foreign) / 100);
}
