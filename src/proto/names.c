#include "proto/names.h"

#include <string.h>

#include "base/hash.h"
#include "json/text.h"

enum {
	ID_MESSAGES_MAX = 64, ID_HASH_MESSAGES = 40, ID_HASH_CHAT = 36,
	ID_RESPONSES_MAX = 64, ID_HASH_RESPONSES = 24,
	NAME_MESSAGES_MAX = 128, NAME_HASH = 8,
	CRC_DIGITS = 8,
};

/* [A-Za-z0-9_-] */
static bool
is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

static bool
all_words(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_word(s.ptr[i]))
			return false;
	return true;
}

static struct slice
join2(struct arena *arena, struct slice a, struct slice b)
{
	const struct slice both[2] = { a, b };

	return arena_join(arena, both, 2);
}

static struct slice
hashed_id(struct arena *arena, struct slice plain, size_t digits)
{
	return join2(arena, SLICE("gwh_"), sha256_hex(arena, plain, digits));
}

struct slice
name_id_messages(struct arena *arena, struct slice id)
{
	struct slice plain;

	if (id.len && id.len <= ID_MESSAGES_MAX && all_words(id) &&
	    !slice_starts(id, SLICE("gw_")) &&
	    !slice_starts(id, SLICE("gwh_")))
		return id;
	plain = text_unescape(arena, id);
	/* four characters for three bytes, behind "gw_" */
	if (plain.len <= (ID_MESSAGES_MAX - 3) * 3 / 4)
		return join2(arena, SLICE("gw_"),
		    base64url_encode(arena, plain));
	return hashed_id(arena, plain, ID_HASH_MESSAGES);
}

/* The id that name_id_messages() spelled as `id`, escaped; else `id` itself. */
static struct slice
undo_id(struct arena *arena, struct slice id)
{
	struct slice plain;

	if (!slice_starts(id, SLICE("gw_")) ||
	    !base64_decode(arena, slice_skip(id, 3), &plain) || !plain.len ||
	    !utf8_ok(plain))
		return id;
	return text_escape(arena, plain);
}

/* Exactly n letters and digits: the hash as a number to base 62. */
static struct slice
short_id(struct arena *arena, struct slice plain, size_t n)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz";
	uint8_t hash[SHA256_LEN];
	uint64_t number = 0;
	char *text = arena_text(arena, n);

	if (!text)
		return SLICE("");
	sha256(plain, hash);
	for (size_t i = 0; i < sizeof number; i++)
		number = number << 8 | hash[i];
	for (size_t i = 0; i < n; i++, number /= 62)
		text[i] = digits[number % 62];
	return (struct slice){ text, n };
}

static bool
is_exact(struct slice id, size_t n)
{
	for (size_t i = 0; i < id.len; i++)
		if (!is_word(id.ptr[i]) || id.ptr[i] == '_' ||
		    id.ptr[i] == '-')
			return false;
	return id.len == n;
}

struct slice
name_id_chat(struct arena *arena, const struct quirks *quirks,
    struct slice id)
{
	struct slice plain;

	if (quirks->raw_ids)
		return undo_id(arena, id);
	if (quirks->id_exact && is_exact(id, quirks->id_exact))
		return id;
	plain = text_unescape(arena, id);
	if (quirks->id_exact)
		return short_id(arena, plain, quirks->id_exact);
	if (plain.len && plain.len <= quirks->id_max)
		return id;
	return hashed_id(arena, plain, ID_HASH_CHAT);
}

struct slice
name_id_responses(struct arena *arena, const struct quirks *quirks,
    struct slice id)
{
	if (quirks->raw_ids)
		return undo_id(arena, id);
	if (id.len && id.len <= ID_RESPONSES_MAX && all_words(id))
		return id;
	return join2(arena, SLICE("call_"), sha256_hex(arena,
	    text_unescape(arena, id), ID_HASH_RESPONSES));
}

/* A name of words, at most `max` bytes, that tells its origin by a hash. */
static struct slice
fit_name(struct arena *arena, struct slice name, size_t max)
{
	size_t keep = max - NAME_HASH - 1;
	struct slice plain, hash;
	char *text;

	if (name.len && name.len <= max && all_words(name))
		return name;
	plain = text_unescape(arena, name);
	hash = sha256_hex(arena, plain, NAME_HASH);
	keep = plain.len < keep ? plain.len : keep;
	text = arena_text(arena, keep + 1 + NAME_HASH);
	if (!text || hash.len != NAME_HASH)
		return SLICE("");
	for (size_t i = 0; i < keep; i++)
		text[i] = is_word(plain.ptr[i]) ? plain.ptr[i] : '_';
	text[keep] = '_';
	memcpy(text + keep + 1, hash.ptr, NAME_HASH);
	return (struct slice){ text, keep + 1 + NAME_HASH };
}

struct slice
name_tool_messages(struct arena *arena, struct slice name)
{
	return fit_name(arena, name, NAME_MESSAGES_MAX);
}

struct slice
name_tool_chat(struct arena *arena, const struct quirks *quirks,
    struct slice name)
{
	return fit_name(arena, name, quirks->name_max);
}

struct slice
name_restore(const struct ir_request *request, struct slice sent)
{
	const struct ir_tool *tool;

	for (tool = request ? request->tools : NULL; tool; tool = tool->next)
		if (tool->sent_name.len && slice_eq(tool->sent_name, sent))
			return tool->name;
	return sent;
}

const struct ir_tool *
name_tool(const struct ir_request *request, struct slice name)
{
	const struct ir_tool *tool;

	for (tool = request ? request->tools : NULL; tool; tool = tool->next)
		if (slice_eq(tool->name, name))
			return tool;
	return NULL;
}

static const struct {
	char		 letter;
	enum ir_vendor	 vendor;
} vendors[] = {
	{ 'a', IR_ANTHROPIC }, { 'g', IR_GOOGLE }, { 'o', IR_OPENAI },
	{ 'x', IR_OTHER },
};

enum { VENDORS = sizeof vendors / sizeof *vendors };

bool
envelope_is(struct slice signature)
{
	return slice_starts(signature, SLICE("gw1"));
}

static bool
read_crc(struct slice hex, uint32_t *crc)
{
	uint8_t bytes[CRC_DIGITS / 2];

	if (!hex_decode(hex, bytes, sizeof bytes))
		return false;
	*crc = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
	    (uint32_t)bytes[2] << 8 | bytes[3];
	return true;
}

bool
envelope_read(struct slice signature, struct envelope *e)
{
	struct slice rest = signature;
	struct slice mark = slice_cut(&rest, '.');
	struct slice maker = slice_cut(&rest, '.');
	struct slice kind = slice_cut(&rest, '.');
	struct slice crc = slice_cut(&rest, '.');

	if (!slice_is(mark, "gw1") || maker.len != 1 || kind.len != 1 ||
	    !rest.ptr || !read_crc(crc, &e->crc))
		return false;
	e->kind = kind.ptr[0];
	e->raw = rest;
	for (size_t i = 0; i < VENDORS; i++)
		if (vendors[i].letter == maker.ptr[0]) {
			e->vendor = vendors[i].vendor;
			return true;
		}
	return false;
}

struct slice
envelope_make(struct arena *arena, enum ir_vendor vendor, char kind,
    uint32_t crc, struct slice raw)
{
	char letter = 'x';

	for (size_t i = 0; i < VENDORS; i++)
		if (vendors[i].vendor == vendor)
			letter = vendors[i].letter;
	return join2(arena, arena_fmt(arena, "gw1.%c.%c.%08x.", letter, kind,
	    (unsigned)crc), raw);
}

struct slice
envelope_join_item(struct arena *arena, struct slice item,
    struct slice signature)
{
	const struct slice pieces[3] = { item, SLICE(":"), signature };

	return item.len ? arena_join(arena, pieces, 3) :
	    arena_dup(arena, signature);
}

void
envelope_split_item(enum ir_vendor vendor, struct slice *signature,
    struct slice *item)
{
	size_t at = slice_chr(*signature, ':');

	if (at == SIZE_MAX || (vendor != IR_OPENAI && (vendor != IR_OTHER ||
	    !slice_starts(*signature, SLICE("rs_")))))
		return;
	*item = slice_sub(*signature, 0, at);
	*signature = slice_skip(*signature, at + 1);
}
