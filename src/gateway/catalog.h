/*
 * catalog - providers and models that the program knows by itself.
 */
#ifndef GATEWAY_CATALOG_H
#define GATEWAY_CATALOG_H

#include "base/slice.h"
#include "proto/proto.h"

enum credential_form {
	CREDENTIAL_BEARER,		/* Authorization: Bearer KEY */
	CREDENTIAL_X_API_KEY,		/* x-api-key: KEY */
};

struct preset {
	/* also the vendor prefix of model names */
	const char		*name;
	/* OPENAI: OPENAI_API_KEY, OPENAI_BASE_URL */
	const char		*env;
	enum quirk_dialect	 dialect;
	/*
	 * base URLs by protocol; NULL: does not speak it, or has no usual
	 * address
	 */
	const char		*base[PROTO_COUNT];
	/*
	 * what <ENV>_BASE_URL stands before: appended for the protocol; NULL:
	 * not spoken
	 */
	const char		*suffix[PROTO_COUNT];
	/* beginnings of its models' names, by spaces */
	const char		*families;
	/* serves whatever the operator loaded */
	bool			 open_catalog;
};

struct catalog_model {
	const char		*id;
	const char		*preset;
	const char		*display;
	/* thousands of tokens; 0: unknown */
	unsigned		 context, max_output;
	const char		*released;	/* 2026-05-01; NULL: unknown */
};

/* NULL: unknown */
const struct preset		*catalog_preset(struct slice name);
const struct preset		*catalog_presets(size_t *count);
const struct catalog_model	*catalog_models(size_t *count);

/* By id; '.' and '-' in versions are the same, case is ignored. */
const struct catalog_model	*catalog_find(struct slice id);
bool				 catalog_same_name(struct slice, struct slice);

#endif
