/*
 * The system calls that the filter of a worker, or of the master, lets
 * through with some arguments, by number: allowed worker|master
 *
 * It runs the filter, as the kernel would, over each number; where arguments
 * are looked at the values that the filter compares them with are tried.
 */
#include "../../src/base/seal_calls.c"

#include <stdio.h>
#include <string.h>

enum { CALLS = 512 };

struct data {
	uint32_t number, arch;
	uint64_t ip, argument[6];
};

static uint32_t
verdict(const struct builder *b, const struct data *d)
{
	uint32_t a = 0;

	for (size_t at = 0; at < b->len; at++) {
		const struct filter *f = &b->filter[at];
		bool jump = false;

		switch (f->code) {
		case LOAD:
			memcpy(&a, (const char *)d + f->k, sizeof a);
			continue;
		case AND:
			a &= f->k;
			continue;
		case RETURN:
			return f->k;
		case EQUAL:
			jump = a == f->k;
			break;
		case AT_LEAST:
			jump = a >= f->k;
			break;
		}
		at += jump ? f->jump_true : f->jump_false;
	}
	return kill_process;
}

/* Is there a first, second and third argument that it goes with? */
static bool
passes(const struct builder *b, uint32_t number)
{
	uint32_t values[FILTER_MAX + 1] = { 0 };
	size_t count = 1;

	for (size_t i = 0; i < b->len; i++)
		if (b->filter[i].code == EQUAL && b->filter[i].k < 0x20000)
			values[count++] = b->filter[i].k;
	for (size_t i = 0; i < count; i++) {
		struct data d = { number, architecture, 0, { values[i],
			values[i], 0 } };

		if (verdict(b, &d) == allow)
			return true;
		d.argument[0] = AF_INET;	/* socket() */
		d.argument[1] = SOCK_STREAM;
		if (verdict(b, &d) == allow)
			return true;
	}
	return false;
}

int
main(int argc, char **argv)
{
	struct builder b = { .len = 0 };

	if (argc != 2)
		return 2;
	build(&b, strcmp(argv[1], "master") ? SEAL_CALLS_WORKER
	    : SEAL_CALLS_MASTER);
	if (b.len > FILTER_MAX)
		return 1;
	for (uint32_t n = 0; n < CALLS; n++)
		if (passes(&b, n))
			printf("%u\n", n);
	return 0;
}
