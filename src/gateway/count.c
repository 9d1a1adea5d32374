#include "gateway/count.h"

#include <stdatomic.h>
#include <sys/mman.h>

#include "gateway/shared.h"

enum { CLASSES = 6, WAYS = PROTO_COUNT * PROTO_COUNT };

struct count {
	_Atomic uint64_t requests[CLASSES];	/* by the status' first digit */
	_Atomic uint64_t attempts;
	_Atomic uint64_t caches[COUNT_CACHES];
	_Atomic uint64_t failovers[COUNT_NEXTS];
	_Atomic uint64_t saved;			/* bytes of requests */
	_Atomic uint64_t reloads[2];		/* bad ones, good ones */
	_Atomic uint64_t reload_failed;		/* the last one was bad */
	/* requests under way, by the process that has them */
	_Atomic uint64_t in_flight[SHARED_PLACES];
	/* one for each row of the table, way and action */
	_Atomic uint64_t losses[];
};

static size_t
slots(void)
{
	size_t rows;

	(void)loss_table(&rows);
	return rows * WAYS * LOSS_ACTIONS;
}

struct count *
count_new(void)
{
	size_t size = sizeof(struct count) + slots() * sizeof(uint64_t);
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return shared == MAP_FAILED ? NULL : shared;
}

static void
add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint64_t
value(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void
count_enter(struct count *count, unsigned place)
{
	if (count)
		add(&count->in_flight[place], 1);
}

void
count_leave(struct count *count, unsigned place)
{
	if (count)
		add(&count->in_flight[place], UINT64_MAX);	/* - 1 */
}

void
count_bury(struct count *count, unsigned place)
{
	if (count)
		atomic_store(&count->in_flight[place], 0);
}

void
count_request(struct count *count, unsigned status, unsigned attempts)
{
	if (!count || status / 100 >= CLASSES)
		return;
	add(&count->requests[status / 100], 1);
	add(&count->attempts, attempts);
}

void
count_reload(struct count *count, bool good)
{
	if (!count)
		return;
	add(&count->reloads[good], 1);
	atomic_store_explicit(&count->reload_failed, !good,
	    memory_order_relaxed);
}

void
count_cache(struct count *count, enum count_cache what)
{
	if (count)
		add(&count->caches[what], 1);
}

uint64_t
count_cached(const struct count *count, enum count_cache what)
{
	return count ? value(&count->caches[what]) : 0;
}

void
count_saved(struct count *count, uint64_t bytes)
{
	if (count)
		add(&count->saved, bytes);
}

/* Where the losses of that row, way and action are counted. */
static size_t
slot(size_t row, size_t way, size_t action)
{
	return (row * WAYS + way) * LOSS_ACTIONS + action;
}

void
count_losses(struct count *count, const struct losses *losses)
{
	size_t rows, way = 0;
	const struct loss_row *table = loss_table(&rows);

	if (!count)
		return;
	while (way < WAYS - 1 && losses->way != LOSS_WAY(way / PROTO_COUNT,
	    way % PROTO_COUNT))
		way++;
	for (const struct loss *l = losses->first; l; l = l->next)
		add(&count->losses[slot((size_t)(l->row - table), way,
		    l->action)], 1);
}

void
count_failover(struct count *count, enum count_next next)
{
	if (count)
		add(&count->failovers[next], 1);
}

static void
print_failovers(const struct count *count, struct buf *out)
{
	static const char *const nexts[COUNT_NEXTS] = {	/* ORDER count_next */
		[COUNT_KEY] = "key", [COUNT_TARGET] = "target",
		[COUNT_ROUND] = "round", [COUNT_REFUSED] = "refused",
	};

	buf_text(out, "# HELP dragoman_failovers_total What followed failed "
	    "attempts: another key, another target, a round more over all, or "
	    "nothing, as the budget was spent.\n"
	    "# TYPE dragoman_failovers_total counter\n");
	for (unsigned i = 0; i < COUNT_NEXTS; i++)
		buf_fmt(out, "dragoman_failovers_total{next=\"%s\"} %llu\n",
		    nexts[i],
		    (unsigned long long)value(&count->failovers[i]));
}

static void
print_losses(const struct count *count, struct buf *out)
{
	size_t rows;
	const struct loss_row *table = loss_table(&rows);

	buf_text(out, "# HELP dragoman_losses_total What translations dropped "
	    "or changed.\n# TYPE dragoman_losses_total counter\n");
	for (size_t at = 0; at < rows * WAYS * LOSS_ACTIONS; at++) {
		uint64_t n = value(&count->losses[at]);
		unsigned way = (unsigned)(at / LOSS_ACTIONS % WAYS);

		if (!n)
			continue;
		buf_fmt(out, "dragoman_losses_total{from=\"%s\",to=\"%s\","
		    "path=\"%s\",action=\"%s\"} %llu\n",
		    protocol_by_id(way / PROTO_COUNT)->name,
		    protocol_by_id(way % PROTO_COUNT)->name,
		    table[at / LOSS_ACTIONS / WAYS].path,
		    loss_action_name((unsigned)(at % LOSS_ACTIONS)),
		    (unsigned long long)n);
	}
}

void
count_print(const struct count *count, struct buf *out)
{
	uint64_t in_flight = 0;

	if (!count)
		return;
	for (unsigned i = 0; i < SHARED_PLACES; i++)
		in_flight += value(&count->in_flight[i]);
	buf_fmt(out, "# HELP dragoman_requests_in_flight Requests for answers "
	    "that are under way.\n"
	    "# TYPE dragoman_requests_in_flight gauge\n"
	    "dragoman_requests_in_flight %llu\n",
	    (unsigned long long)in_flight);
	buf_text(out, "# HELP dragoman_requests_total Answers by the class of "
	    "their status.\n# TYPE dragoman_requests_total counter\n");
	for (unsigned i = 1; i < CLASSES; i++)
		buf_fmt(out, "dragoman_requests_total{status=\"%uxx\"} %llu\n",
		    i, (unsigned long long)value(&count->requests[i]));
	buf_fmt(out, "# HELP dragoman_attempts_total Targets tried for "
	    "requests.\n# TYPE dragoman_attempts_total counter\n"
	    "dragoman_attempts_total %llu\n",
	    (unsigned long long)value(&count->attempts));
	buf_fmt(out, "# HELP dragoman_config_reload_failed Is the "
	    "configuration that is there now a bad one, and an older in "
	    "force?\n# TYPE dragoman_config_reload_failed gauge\n"
	    "dragoman_config_reload_failed %llu\n"
	    "# HELP dragoman_config_reloads_total Times the configuration "
	    "was read anew.\n# TYPE dragoman_config_reloads_total counter\n"
	    "dragoman_config_reloads_total{result=\"good\"} %llu\n"
	    "dragoman_config_reloads_total{result=\"bad\"} %llu\n",
	    (unsigned long long)value(&count->reload_failed),
	    (unsigned long long)value(&count->reloads[1]),
	    (unsigned long long)value(&count->reloads[0]));
	if (value(&count->saved))
		buf_fmt(out, "# HELP dragoman_saved_bytes_total Bytes that "
		    "compression left out of requests.\n"
		    "# TYPE dragoman_saved_bytes_total counter\n"
		    "dragoman_saved_bytes_total %llu\n",
		    (unsigned long long)value(&count->saved));
	print_failovers(count, out);
	print_losses(count, out);
}
