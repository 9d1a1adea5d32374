/* version - what this is. */
#ifndef VERSION_H
#define VERSION_H

/* Of the next release, where no tag tells (docker/version.sh). */
#define VERSION_NUMBER "0.1.0"

#include "version_name.h"		/* VERSION; the Makefile writes it */

#endif
