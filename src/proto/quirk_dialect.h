/*
 * quirk_dialect - the half of quirk that knows Chat's dialects.
 */
#ifndef PROTO_QUIRK_DIALECT_H
#define PROTO_QUIRK_DIALECT_H

#include "proto/quirk.h"

/* Fill *q for a model, by quirk_model_key(), at a provider of that dialect. */
void	quirks_dialect(struct quirks *q, enum quirk_dialect, struct slice key);

#endif
