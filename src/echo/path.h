/*
 * path - the addresses that the mock provider has: who takes which request.
 */
#ifndef ECHO_PATH_H
#define ECHO_PATH_H

#include "echo/visit.h"

/* Answer the request, or say that there is nothing at its address. */
void	path_take(struct visit *);

#endif
