/*
 * catalog - providers and models that the program knows by itself.
 */
#ifndef GATEWAY_CATALOG_H
#define GATEWAY_CATALOG_H

#include "base/slice.h"
#include "proto/ir.h"
#include "proto/proto.h"

/* How a key is told; `dragoman check` and the configuration name them. */
enum credential_form {			/* ORDER credential */
	CREDENTIAL_BEARER,		/* Authorization: Bearer KEY */
	CREDENTIAL_X_API_KEY,		/* x-api-key: KEY */
	CREDENTIAL_API_KEY,		/* api-key: KEY */
	CREDENTIAL_X_GOOG_API_KEY,	/* x-goog-api-key: KEY */
	CREDENTIAL_FORMS,
};

/*
 * An address at which a provider counts the tokens of a Chat request, and the
 * member of the answer that tells them.
 */
struct counter {
	/* what of the base URL goes before the path is added; NULL: nothing */
	const char		*cut;
	const char		*path;
	const char		*outer;		/* NULL: at the top */
	const char		*member;
	/* even if there is a Messages address, which counts by itself */
	bool			 first;
};

struct preset {
	/* also the vendor prefix of model names */
	const char		*name;
	/* other prefixes and names in use, by spaces; NULL: none */
	const char		*also;
	/* OPENAI: OPENAI_API_KEY, OPENAI_BASE_URL; several by spaces */
	const char		*env;
	enum quirk_dialect	 dialect;
	/* what its base URLs begin with; NULL: no usual address */
	const char		*root;
	/* what they end in, by protocol; NULL: does not speak it */
	const char		*suffix[PROTO_COUNT];
	enum credential_form	 credential[PROTO_COUNT];
	/* bit protocol_id: a younger address, for clients that speak it alone:
	 * what is translated goes elsewhere */
	unsigned		 own_only;
	/* beginnings of its models' names, by spaces */
	const char		*families;
	/* serves whatever the operator loaded */
	bool			 open_catalog;
	/* serves models of many vendors: any name with a slash may be one */
	bool			 vendor_names;
	/* Azure: a model is a deployment, named in the path */
	bool			 deployments;
	const struct counter	*counter;	/* NULL: none */
	/* its Messages address has no /count_tokens */
	bool			 counts_nothing;
};

/*
 * What tokens cost, in millionths of a dollar per million: of input, output,
 * input read from a cache and written to one.
 */
#define PRICE_UNKNOWN	UINT32_MAX
#define PRICE_NONE	((struct price){ PRICE_UNKNOWN, PRICE_UNKNOWN, \
			PRICE_UNKNOWN, PRICE_UNKNOWN, PRICE_UNKNOWN })

struct price {
	uint32_t		 in, out;
	/* unknown: as `in` */
	uint32_t		 cached, cache_write;
	/* to be kept for an hour or longer; unknown: as cache_write */
	uint32_t		 cache_write_long;
};

/* The prices of a whole request whose input has more tokens than `above`. */
struct price_tier {
	uint32_t		 above;
	struct price		 price;
};

enum { CATALOG_TIERS_MAX = 4 };

/* What goes in, or comes out, as bits of catalog_model. */
enum modality {				/* ORDER modality */
	MODALITY_TEXT = 1, MODALITY_IMAGE = 2, MODALITY_AUDIO = 4,
	MODALITY_VIDEO = 8, MODALITY_PDF = 16,
};

enum { MODALITIES = 5 };
/* "text", ...: of the bit 1 << i. */
const char	*catalog_modality(unsigned i);

struct catalog_model {
	const char		*id;
	/* of the operator's own: NULL if its provider has none */
	const char		*preset;
	const char		*display;
	/* other names, by spaces; NULL: none.  Behind '~' stand those that
	 * the provider does not know */
	const char		*also;
	/* by `above`, the lowest first */
	const struct price_tier	*tiers;
	struct price		 price;
	/* tokens; 0: unknown */
	uint32_t		 context, max_output;
	/* days since 1970-01-01; 0: unknown, or (retired) not announced */
	uint16_t		 released, retired;
	/* of the figures above: the day they were known to be right */
	uint16_t		 as_of;
	uint8_t			 tier_count;
	/* bits of enum modality; 0: unknown */
	uint8_t			 input, output;
	/* bit protocol_id; 0: those of its provider */
	uint8_t			 protocols;
	bool			 reasons;
};

/* By its name or one of the others; NULL: unknown. */
const struct preset		*catalog_preset(struct slice name);
/* The known name that is nearest to a misspelled one; NULL: none is near. */
const char			*catalog_nearest_preset(struct slice name);
const struct preset		*catalog_presets(size_t *count);

/*
 * The rows of the table, one after the other, from a walk that is all zeros.
 * False: there are no more.  What a row points to lives for ever.
 */
struct catalog_walk {
	/* private */
	size_t			 row, section, left, tier;
	const char		*text;
};
bool				 catalog_next(struct catalog_walk *,
				    struct catalog_model *) MUST_USE;

/* "bearer", "x-api-key", ... */
const char			*credential_name(enum credential_form);

/* '.' and '-' in versions are the same, case is ignored. */
bool				 catalog_same_name(struct slice, struct slice);
char				 catalog_fold(char);

/*
 * What `usage` costs in nano-dollars, rounded down; -1: a price that it needs
 * is not known (or the model: NULL), or it tells neither input nor output.
 * Else what it does not tell is none.  Counts above CATALOG_TOKENS_MAX count
 * as that many.
 */
enum { CATALOG_TOKENS_MAX = 1 << 30 };
int64_t		catalog_cost(const struct catalog_model *,
		    const struct ir_usage *);
/*
 * "0.25" to millionths.  False: it is no decimal number, has more than six
 * digits behind the point, or is too large.
 */
bool		catalog_dollars(struct slice text,
		    uint32_t *millionths) MUST_USE;
/* The way back, without zeros at the end; `out` holds CATALOG_DOLLARS bytes. */
enum { CATALOG_DOLLARS = 16 };
void		catalog_dollars_text(uint32_t millionths, char *out);

/* The prices that hold for an input of so many tokens. */
const struct price	*catalog_price(const struct catalog_model *,
		    int64_t in);

/* ---- the models of active providers, the operator's word on them included */

struct config;
struct provider;

/* A name that a model of an active provider goes by. */
struct catalog_name {
	struct catalog_name		*next;	/* of the same name */
	const struct provider		*provider;
	const struct catalog_model	*row;
	/* what the provider is to be sent; behind it goes the suffix */
	struct slice			 sent;
};

/* Longer names are not in the catalogue. */
enum { CATALOG_NAME_MAX = 128 };

struct catalog_entry {			/* one for each model of a provider */
	struct catalog_entry		*next;
	const struct provider		*provider;
	const struct catalog_model	*row;
};

/*
 * Of that provider; or (NULL) of the one that the name begins with
 * ("anthropic/claude-opus-4.8"), else of the first that has it.  A date or
 * "-latest" behind a known name is its *suffix.  NULL: unknown.  What is
 * returned lives as long as the configuration, *suffix as long as `name`.
 */
const struct catalog_name	*catalog_find(const struct config *,
		    const struct provider *, struct slice name,
		    struct slice *suffix);
/*
 * Bit protocol_id: what a model is spoken to in without a translation; a
 * provider that is not configured (NULL) at its preset's own address.
 */
unsigned	catalog_protocols(const struct catalog_model *,
		    const struct provider *);

/* catalog_write.c: what is known of a model, as members of an object. */
struct writer;
void		catalog_write(struct writer *, const struct catalog_model *,
		    unsigned protocols);
/* "2026-11-30" or null. */
void		catalog_write_day(struct writer *, const char *key,
		    uint16_t day);

/* The row of a model as its provider spells it; NULL: unknown. */
const struct catalog_model	*catalog_of(const struct config *,
		    const struct provider *, struct slice model);

#endif
