/*
 * schema - JSON Schemas brought into the subset that a provider takes.
 *
 * Keeps the spelling of numbers and the order of members.  All results live in
 * the arena; empty with arena->failed set when memory ran out.
 */
#ifndef PROTO_SCHEMA_H
#define PROTO_SCHEMA_H

#include "base/arena.h"
#include "json/json.h"

struct schema_tool {
	struct slice	 json;		/* no combinator at its root */
	struct slice	 note;		/* for the description, or absent */
	bool		 wrapped;	/* the root was no object */
};

/*
 * A tool's parameters as Messages' input_schema.  `schema` may be absent.  A
 * combinator at the root is merged into one object and told in `note`; a root
 * that is no object becomes the property "value" of one.  False: no memory.
 */
bool	schema_for_tool(struct arena *, struct jval schema,
	    struct schema_tool *) MUST_USE;

enum schema_fit {
	SCHEMA_UNFIT,		/* cannot be expressed: ask for it in words */
	SCHEMA_EXACT,		/* no keyword was taken out */
	SCHEMA_LOOSER,		/* keywords went into descriptions */
};

/*
 * The subset that Anthropic's grammar compiler takes, for output_config.format
 * and strict tools: objects closed, other keywords told in `description`.
 * *out is set unless UNFIT.
 */
enum schema_fit	schema_for_format(struct arena *, struct jval schema,
		    struct slice *out);

/*
 * Does it meet OpenAI's rules for strict schemas: every object closed, all its
 * properties required?
 */
bool	schema_is_strict(struct jval schema);

/*
 * The schema without the keywords among `refused`, words with one space between
 * them: what "$ref" means is written in its place, "const" becomes an enum and
 * "oneOf" anyOf, of "enum" the texts are left; others are taken out.  *out is
 * the schema itself if nothing was to be done, and empty without memory.
 * False: something that it asked for is gone.
 */
bool	schema_trim(struct arena *, struct jval schema, const char *refused,
	    struct slice *out) MUST_USE;

/* What "#/$defs/NAME" or "#/definitions/NAME" means in `root`; or absent. */
struct jval	schema_resolve(struct jval root, struct slice ref);

/*
 * What the `format` of a custom tool, Chat's or Responses', demands of its
 * input, in escaped words for its description; absent: nothing.
 */
struct slice	schema_grammar(struct arena *, struct jval format);

/* Raw JSON as escaped text for a prompt, without needless white space. */
struct slice	schema_as_text(struct arena *, struct slice schema);

#endif
