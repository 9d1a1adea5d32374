/*
 * names - tool names, tool-call ids and signatures that one side refuses,
 * spelled so that the other accepts them, without memory between requests.
 *
 * Every mapping is a pure function, so the history of a conversation stays
 * consistent from turn to turn and over gateways.
 */
#ifndef PROTO_NAMES_H
#define PROTO_NAMES_H

#include "proto/ir.h"
#include "proto/quirk.h"

/* A tool-call id for Messages: [A-Za-z0-9_-]{1,64}.  Unchanged if it fits, else
 * gw_<base64url> or gwh_<hash>.  In and out escaped text. */
struct slice	name_id_messages(struct arena *, struct slice id);
/*
 * ... for a Chat provider: as its quirks demand; gw_ ids are undone where raw
 * ids must return.
 */
struct slice	name_id_chat(struct arena *, const struct quirks *,
	    struct slice id);

/* ... for a Responses provider: [A-Za-z0-9_-]{1,64}, else call_<hash>, unless
 * raw ids must return. */
struct slice	name_id_responses(struct arena *, const struct quirks *,
	    struct slice id);

/*
 * A tool name for Messages: [A-Za-z0-9_-]{1,128}; for Chat: at most
 * quirks->name_max bytes.
 */
struct slice	name_tool_messages(struct arena *, struct slice name);
struct slice	name_tool_chat(struct arena *, const struct quirks *,
	    struct slice name);

/*
 * The client's name for a tool that the provider calls `sent`; `sent` itself
 * if no tool was renamed so.
 */
struct slice	name_restore(const struct ir_request *, struct slice sent);
/* The tool of that (client's) name, or NULL. */
const struct ir_tool	*name_tool(const struct ir_request *,
	    struct slice name);

/*
 * The envelope for signatures that travel through a foreign protocol:
 *	gw1.<p>.<k>.<h>.<raw>
 * p: g google, a anthropic, o openai, x other.  k: r signs the thinking text
 * of its own item; d redacted data; f belongs to the next tool call; t to the
 * next text; b bundle; h hidden text (raw is base64url of it); m map of
 * signatures by tool-call id (base64url of JSON); e redacted data with its id
 * and format (base64url of JSON).  h: CRC-32 of the unescaped
 * thinking text for k = r, 8 hex digits, else 00000000.
 */
struct envelope {
	enum ir_vendor	 vendor;
	char		 kind;
	uint32_t	 crc;
	struct slice	 raw;
};

/* false: not one */
bool		envelope_read(struct slice signature, struct envelope *);
struct slice	envelope_make(struct arena *, enum ir_vendor, char kind,
	    uint32_t crc,
		    struct slice raw);
bool		envelope_is(struct slice signature);	/* begins with gw1 */

/*
 * A signature that came with the id of an item (Responses) travels as one
 * text, "<id>:<signature>".  Split it again, if it is one; else *item stays as
 * it was.
 */
struct slice	envelope_join_item(struct arena *, struct slice item,
		    struct slice signature);
void		envelope_split_item(enum ir_vendor, struct slice *signature,
		    struct slice *item);

#endif
