/*
 * check_quirk - what "dragoman check" says of quirks.
 */
#ifndef COMMAND_CHECK_QUIRK_H
#define COMMAND_CHECK_QUIRK_H

#include "gateway/config.h"

/*
 * Print the operator's rows and what is unusual about the dialect, or the
 * model; `all`: what is usual, too.
 */
void	check_quirk_provider(const struct provider *, bool all);
void	check_quirk_target(const struct target *, bool all);

#endif
