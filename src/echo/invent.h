/*
 * invent - arguments for a tool, made from its schema: every property that is
 * required, each with a value of its type.
 */
#ifndef ECHO_INVENT_H
#define ECHO_INVENT_H

#include "json/json.h"

/* JSON; an object even if the schema is absent or says otherwise. */
struct slice	invent_arguments(struct arena *, struct jval schema);

#endif
