/*
 * Two things that musl 1.2.3 leaves undone in a static-pie program:
 *
 * - Packed relocations (DT_RELR) are not applied.  They take 1 KB in place of
 *   40 KB.  The linker's --wrap puts us between _start and the library's
 *   beginning: nothing is set up then, no TLS, no stack guard, so no function
 *   of the library may be called and no array may stand on the stack.
 * - RELRO is not enforced; the segment stays writable.
 */
#include "base/image.h"

#include <link.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"

enum { STACK_DEEP = 256 * 1024 };	/* what a start may have used of it */

/* From the linker. */
extern const ElfW(Ehdr) __ehdr_start
    __attribute__((visibility("hidden")));

#ifndef __GLIBC__
#ifndef DT_RELR
enum { DT_RELRSZ = 35, DT_RELR = 36 };
#endif

typedef int start_main(int (*)(int, char **, char **), int, char **,
    void (*)(void), void (*)(void), void (*)(void));

extern const ElfW(Dyn) _DYNAMIC[] __attribute__((visibility("hidden")));
start_main __real___libc_start_main, __wrap___libc_start_main;

/* Equal to its own address only if somebody relocated it. */
static const void *const volatile self = (const void *)&self;

/*
 * An even entry is the offset of a word to relocate; an odd one is a map of
 * the 63 words that follow the last, lowest bit first, above the mark.
 */
static void
relocate(uintptr_t base, const uintptr_t *entry, size_t count)
{
	uintptr_t *word = NULL;

	for (; count; count--, entry++) {
		if (!(*entry & 1)) {
			word = (uintptr_t *)(base + *entry);
			*word++ += base;
			continue;
		}
		uintptr_t *at = word;

		for (uintptr_t map = *entry >> 1; map; map >>= 1, at++)
			if (map & 1)
				*at += base;
		word += 8 * sizeof *word - 1;
	}
}

int
__wrap___libc_start_main(int (*start)(int, char **, char **), int argc,
    char **argv, void (*init)(void), void (*fini)(void), void (*last)(void))
{
	uintptr_t base = (uintptr_t)&__ehdr_start;
	uintptr_t table = 0;
	size_t size = 0;

	for (const ElfW(Dyn) *d = _DYNAMIC; d->d_tag; d++) {
		if (d->d_tag == DT_RELR)
			table = base + d->d_un.d_ptr;
		if (d->d_tag == DT_RELRSZ)
			size = d->d_un.d_val;
	}
	if (self != (const void *)&self)
		relocate(base, (const uintptr_t *)table,
		    size / sizeof(uintptr_t));
	return __real___libc_start_main(start, argc, argv, init, fini, last);
}
#endif

/* Call `each` for the pages that lie within a segment of that kind. */
static void
each_segment(uint32_t type, void (*each)(uint32_t flags, void *at, size_t size))
{
	uintptr_t base = (uintptr_t)&__ehdr_start;
	const ElfW(Phdr) *p = (const void *)getauxval(AT_PHDR);
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	for (size_t n = p ? getauxval(AT_PHNUM) : 0; n; n--, p++) {
		uintptr_t from = (base + p->p_vaddr) & ~(page - 1);
		uintptr_t to = (base + p->p_vaddr + p->p_memsz) & ~(page - 1);

		if (p->p_type == type && from < to)
			each(p->p_flags, (void *)from, to - from);
	}
}

static void
protect(uint32_t flags, void *at, size_t size)
{
	(void)flags;
	CHECK(!mprotect(at, size, PROT_READ));
}

/* Pages that nobody wrote to are in the file. */
static void
let_go(uint32_t flags, void *at, size_t size)
{
	if (!(flags & PF_W))
		(void)madvise(at, size, MADV_DONTNEED);
}

void
image_seal(void)
{
	each_segment(PT_GNU_RELRO, protect);
}

/* Nothing lives below the frames of this call, which are no two pages. */
static void
let_go_of_stack(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t to = ((uintptr_t)__builtin_frame_address(0) & ~(page - 1)) -
	    2 * page;

	(void)madvise((void *)(to - STACK_DEEP), STACK_DEEP, MADV_DONTNEED);
}

void
image_rest(void)
{
	each_segment(PT_LOAD, let_go);
	let_go_of_stack();
}
