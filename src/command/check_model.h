/*
 * check_model - what "dragoman check" says of names and what they lead to.
 */
#ifndef COMMAND_CHECK_MODEL_H
#define COMMAND_CHECK_MODEL_H

#include "gateway/config.h"

/* `all`: also what is usual about the targets. */
void	check_models(const struct config *, struct arena *, bool all);

#endif
