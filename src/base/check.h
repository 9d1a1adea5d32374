/*
 * check - facts that must hold.
 *
 * CHECK(fact) stays on in release: a broken fact is a programmer's mistake,
 * and going on would mean serving somebody else's memory.  Never use it on
 * what a peer, a file or the kernel said.
 */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#define CHECK(fact) \
	((fact) ? (void)0 : check_failed(#fact, __FILE__, __LINE__))

/* Results that must not be ignored. */
#define MUST_USE __attribute__((warn_unused_result))

/* Write one line on stderr and abort. */
void	check_failed(const char *fact, const char *file, int line)
	__attribute__((noreturn, cold));

#endif
