/*
 * A flight is one word, changed by compare and swap alone:
 *
 *	| key 48 | process 8 | serial 6 | state 2 |
 *
 * It lies in one of WINDOW words from where its key points.  A word whose state
 * is not UP may be taken; one that is OPEN tells so until it is.  The serial
 * sets apart flights of one key that follow one another in one process.
 */
#include "gateway/flight.h"

#include <stdatomic.h>
#include <sys/mman.h>

enum { FLIGHTS = 4096, WINDOW = 16, TRIES = 4 };

enum state { WORD_FREE, WORD_UP, WORD_OPEN };

struct flights {
	_Atomic uint64_t serial;
	_Atomic uint64_t words[FLIGHTS];
};

#define STATE(word)	((word) & 3)
#define PROCESS(word)	((word) >> 8 & 0xff)
#define KEY(word)	((word) >> 16)

struct flights *
flight_new(void)
{
	void *p = mmap(NULL, sizeof(struct flights), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static uint64_t
fold(const uint8_t key[SHA256_LEN])
{
	uint64_t n = 0;

	for (size_t i = 0; i < 6; i++)
		n = n << 8 | key[i];
	return n;
}

/* Where a flight under that key is, but for `mine`; FLIGHTS: nowhere. */
static uint32_t
find(struct flights *f, uint64_t key, uint64_t mine, uint64_t *word)
{
	for (uint32_t i = 0; i < WINDOW; i++) {
		uint32_t at = (uint32_t)(key + i) % FLIGHTS;

		*word = atomic_load(&f->words[at]);
		if (STATE(*word) == WORD_UP && KEY(*word) == key &&
		    *word != mine)
			return at;
	}
	return FLIGHTS;
}

/* Take a word that is nobody's; FLIGHTS: there is none. */
static uint32_t
take(struct flights *f, uint64_t key, uint64_t mine)
{
	for (uint32_t i = 0; i < WINDOW; i++) {
		uint32_t at = (uint32_t)(key + i) % FLIGHTS;
		uint64_t word = atomic_load(&f->words[at]);

		if (STATE(word) != WORD_UP && atomic_compare_exchange_strong(
		    &f->words[at], &word, mine))
			return at;
	}
	return FLIGHTS;
}

/*
 * Two that find nobody may take a word each.  Whoever then sees another gives
 * way, and looks again.
 */
enum flight_role
flight_join(struct flights *f, const uint8_t key[SHA256_LEN],
    unsigned process, struct flight *flight)
{
	uint64_t folded = fold(key), word, mine;
	uint32_t at;

	*flight = (struct flight){ 0 };
	for (int tries = 0; f && tries < TRIES; tries++) {
		at = find(f, folded, 0, &word);
		if (at < FLIGHTS) {
			*flight = (struct flight){ word, at };
			return FLIGHT_FOLLOWS;
		}
		mine = folded << 16 | (uint64_t)(process & 0xff) << 8 |
		    (atomic_fetch_add(&f->serial, 1) & 63) << 2 | WORD_UP;
		at = take(f, folded, mine);
		if (at == FLIGHTS)
			break;
		*flight = (struct flight){ mine, at };
		if (find(f, folded, mine, &word) == FLIGHTS)
			return FLIGHT_LEADS;
		flight_end(f, flight, false);
	}
	*flight = (struct flight){ 0 };
	return FLIGHT_ALONE;
}

enum flight_news
flight_look(struct flights *f, const struct flight *flight)
{
	uint64_t word = f ? atomic_load(&f->words[flight->place]) : 0;

	if (f && word == flight->mark)
		return FLIGHT_ON;
	return word == (flight->mark ^ WORD_UP ^ WORD_OPEN) ? FLIGHT_OPEN
	    : FLIGHT_LANDED;
}

void
flight_end(struct flights *f, const struct flight *flight, bool open)
{
	uint64_t word = flight->mark;

	if (f && word)
		(void)atomic_compare_exchange_strong(&f->words[flight->place],
		    &word, open ? word ^ WORD_UP ^ WORD_OPEN : 0);
}

void
flight_bury(struct flights *f, unsigned process)
{
	for (uint32_t i = 0; f && i < FLIGHTS; i++) {
		uint64_t word = atomic_load(&f->words[i]);

		if (STATE(word) == WORD_UP && PROCESS(word) == (process & 0xff))
			(void)atomic_compare_exchange_strong(&f->words[i],
			    &word, 0);
	}
}
