/*
 * image - the program's own image in memory.
 *
 * A static program has no loader that would finish its image; here that is
 * done by hand, once, before anything else runs.  With a C library that does
 * it by itself nothing changes.
 */
#ifndef BASE_IMAGE_H
#define BASE_IMAGE_H

/*
 * Make read-only what was writable only for the relocations: constants that
 * hold pointers, tables of functions among them.  Call it first in main().
 */
void	image_seal(void);

/*
 * A process begins to wait: what ran at its start need not stay mapped, and is
 * mapped again where it is needed after all.  So it is with the stack that it
 * needed.
 */
void	image_rest(void);

#endif
