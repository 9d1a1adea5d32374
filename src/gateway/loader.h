/*
 * loader - what the parts of config share while a configuration is read.
 *
 * Only config*.c include it, and what makes the schema.
 */
#ifndef GATEWAY_LOADER_H
#define GATEWAY_LOADER_H

#include "gateway/config.h"

struct loader {
	struct config		*config;
	struct arena		*arena;
	struct config_problem	*problem;
	const char		*path;		/* of the file, for messages */
	struct json		 doc;
	const char		*demo;
	bool			 no_env;	/* the file says "env": false */
	/* the item being read, and where it stands in the file */
	struct jval		 at;
	struct provider		*provider;
	struct model		*model;
	struct access_key	*key;
	struct jval		 key_defaults;	/* absent: none */
};

/*
 * The first problem wins.  `at` places it in the file; all zeros: where the
 * item being read stands, or nowhere.  Returns false.
 */
bool	loader_fail(struct loader *, struct jval at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Unescape a string value and expand its variables. */
bool	loader_text(struct loader *, struct jval at, struct slice escaped,
	    struct slice *out) MUST_USE;

/*
 * The value of a variable, or of the file that its twin with _FILE names; empty
 * if neither is set to anything.
 */
bool	loader_env(struct loader *, const char *name,
	    struct slice *out) MUST_USE;

/* An address as it may be shown: one that holds credentials may not. */
struct slice	loader_shown(struct slice url);

/*
 * config_file.c: the file into loader->config.  Providers' models are resolved
 * later.
 */
bool	loader_file(struct loader *, const char *path) MUST_USE;

/* Bind the members of an object; unknown ones and wrong types are errors. */
bool	loader_bind(struct loader *, struct jval obj, const struct field *,
	    void *into) MUST_USE;
/* The members of an "options" object, if it is there. */
bool	loader_options(struct loader *, struct jval obj,
	    struct options *) MUST_USE;
/* config_quirk.c: a provider's "quirks", if they are there. */
bool	loader_quirks(struct loader *, struct jval list,
	    struct quirk_rule **rules) MUST_USE;

/* config_key.c: one element of the file's "keys". */
bool	loader_key(void *loader, struct jval value, size_t i) MUST_USE;
/* ... and "key_defaults", or an absent value, which comes before them. */
bool	loader_key_defaults(struct loader *, struct jval) MUST_USE;
/* What these say, into a key that is told by its hash alone. */
bool	loader_key_uses(struct loader *, struct access_key *) MUST_USE;

/* config_memory.c: the limits that follow from how much memory there is. */
void	loader_memory(struct loader *);
/* Is it enough for the workers that were asked for? */
bool	loader_room(struct loader *) MUST_USE;

/* config_ledger.c: the file's "ledger", if it is there; the environment's. */
bool	loader_ledger(struct loader *, struct jval obj) MUST_USE;
void	loader_ledger_env(struct loader *);

/* config_saving.c: members of a model or of the file; absent ones say
 * nothing. */
bool	loader_saving(struct loader *, struct jval compress,
	    struct jval prompt_cache, struct saving *) MUST_USE;

/* config_model.c: one member of the file's "models". */
bool	loader_model(void *loader, struct jval key, size_t i) MUST_USE;
/* config_when.c: a target's "when", if it is there; else *out stays. */
bool	loader_when(struct loader *, struct jval,
	    const struct when **out) MUST_USE;
/* config_name.c: one member of the file's "prefixes". */
bool	loader_prefix(void *loader, struct jval key, size_t i) MUST_USE;
/* ... what they stand for and, behind the catalogue, what all names lead to,
 * once all providers are known. */
bool	loader_prefixes(struct loader *) MUST_USE;
bool	loader_names(struct loader *) MUST_USE;

/* config_cache.c: the file's "cache", and a model's. */
bool	loader_cache(struct loader *, struct jval obj) MUST_USE;
bool	loader_model_cache(struct loader *, struct jval value,
	    struct model *) MUST_USE;
/* ... the sums of what was said, once all is loaded. */
void	loader_sums(struct loader *);

/* config_provider.c: one member of the file's "providers". */
bool	loader_provider(void *loader, struct jval key, size_t i) MUST_USE;
struct provider	*loader_provider_add(struct loader *,
	    struct slice name) MUST_USE;
bool	loader_provider_key(struct loader *, struct provider *,
	    struct slice key) MUST_USE;
/* Presets that the environment switches on; in demo mode all of them. */
bool	loader_provider_env(struct loader *) MUST_USE;

/*
 * config_catalog.c: config->catalog, once all providers are known, and what the
 * file's "catalog" says of it.
 */
bool	loader_catalog(struct loader *) MUST_USE;
/* config_row.c: visible letters, at most CATALOG_NAME_MAX bytes. */
bool	loader_is_name(struct slice);
/* The members of one of its models, over what *m says. */
bool	loader_row(struct loader *, struct jval obj,
	    struct catalog_model *m) MUST_USE;

/* config_address.c */
bool	loader_provider_preset(struct loader *, struct provider *,
	    const struct preset *,
	    struct slice base_url) MUST_USE;
/* Azure's paths and version, once the addresses are known; others: nothing. */
bool	loader_provider_azure(struct loader *, struct provider *,
	    struct slice version) MUST_USE;
bool	loader_provider_base(struct loader *, struct provider *,
	    enum protocol_id,
	    struct slice url, const char **why) MUST_USE;

/* config_listen.c: elements of "listen" and "admin_listen". */
bool	loader_listen(void *loader, struct jval value, size_t i) MUST_USE;
bool	loader_admin_listen(void *loader, struct jval value,
	    size_t i) MUST_USE;
/* What the environment says instead; it is there at last. */
bool	loader_listen_env(struct loader *) MUST_USE;

/*
 * The members of each kind of object, by the parts that read them: the JSON
 * schema of a configuration is made of these.
 */
extern const struct field	loader_file_fields[], loader_limit_fields[],
				loader_circuit_fields[], loader_key_fields[],
				loader_budget_fields[], loader_ledger_fields[],
				loader_listen_fields[], loader_tls_fields[],
				loader_model_fields[], loader_target_fields[],
				loader_when_fields[], loader_provider_fields[],
				loader_rule_fields[], loader_row_fields[],
				loader_price_fields[], loader_tier_fields[],
				loader_kind_fields[];
/* The first of a key's, which "key_defaults" has not. */
enum { LOADER_KEY_OWN = 2 };
/* Those of "cache", one by one; NULL: that was the last. */
const struct field		*loader_cache_field(size_t i);

#endif
