/*
 * family - what Gemini models can and insist on, by their names: data.
 */
#ifndef PROTO_GEMINI_FAMILY_H
#define PROTO_GEMINI_FAMILY_H

#include "base/slice.h"

/* How a model is told to think. */
enum family_think { FAMILY_NO_WORD, FAMILY_BUDGET, FAMILY_LEVEL };

struct family {
	unsigned	 generation;	/* 25: 2.5; 0: not known */
	enum family_think think;
	unsigned	 levels;	/* LEVEL: bit ir_effort, up to HIGH */
	unsigned	 least, most;	/* BUDGET: tokens */
	bool		 stops;		/* ... and 0 is taken */
};

/* `model` is plain. */
struct family	family_of(struct slice model);

/* From this generation on ... */
enum {
	FAMILY_URLS = 25,	/* files are fetched from any address, and
				 * schemas may be JSON Schema */
	FAMILY_MIXES = 30,	/* functions stand beside JSON answers and
				 * Google's tools; results hold images */
	FAMILY_SIGNS = 30,	/* calls of the turn that goes on are signed */
	FAMILY_NO_PREFILL = 32,	/* the last turn must be the user's */
};

#endif
