#include "gateway/ledger.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/list.h"
#include "gateway/shared.h"

enum {
	GATHER_MS = 500,	/* lines wait so long for others */
	RETRY_MS = 1000,	/* ... and for a disk that took nothing */
	BUSY_MS = 20,		/* ... and while others write */
	GATHER_BYTES = 64 * 1024,	/* so many do not wait */
	SAY_MS = 10000,		/* between two words on the same trouble */
};

/* What all workers see; lines that wait are counted by places. */
struct ledger_count {
	_Atomic uint64_t	lines, lost, errors;
	struct {
		_Atomic uint64_t	lines;
		_Atomic int64_t		since_ms;	/* of clock_ms() */
	} waiting[SHARED_PLACES];
};

static struct ledger_count *
count_of(struct shared *shared)
{
	CHECK(sizeof(struct ledger_count) <= shared_size(SHARED_LEDGER));
	return shared_record(shared, SHARED_LEDGER, SLICE("ledger"));
}

static void
add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static void
lose(struct ledger *l, uint64_t lines)
{
	if (l->count)
		add(&l->count->lost, lines);
}

static void
say(const struct ledger *l, enum log_level level, const char *what, int error)
{
	log_begin(level, "ledger");
	log_str("path", l->options->path);
	log_str("why", what);
	if (error)
		log_str("error", strerror(error));
	log_num("waiting", (int64_t)l->waiting);
	if (l->count)
		log_num("lost", (int64_t)atomic_load(&l->count->lost));
	log_end();
}

/* Trouble comes with every line: it is told now and then. */
static void
complain(struct ledger *l, const char *what, int error)
{
	if (l->count)
		add(&l->count->errors, 1);
	if (l->said_ms && clock_ms() - l->said_ms < SAY_MS)
		return;
	l->said_ms = clock_ms() ? clock_ms() : 1;
	say(l, LOG_ERROR, what, error);
}

/* ---- writing ---- */

static void
note_waiting(struct ledger *l)
{
	if (!l->count)
		return;
	atomic_store(&l->count->waiting[l->place].lines, l->waiting);
	if (!l->waiting)
		atomic_store(&l->count->waiting[l->place].since_ms, 0);
	else if (!atomic_load(&l->count->waiting[l->place].since_ms))
		atomic_store(&l->count->waiting[l->place].since_ms,
		    clock_ms());
}

static uint64_t
count_lines(struct slice text)
{
	uint64_t n = 0;
	size_t at;

	while ((at = slice_chr(text, '\n')) != SIZE_MAX) {
		text = slice_skip(text, at + 1);
		n++;
	}
	return n;
}

/* Write what waits; false: some of it still does. */
static bool
flush(struct ledger *l, bool wait)
{
	struct slice all = buf_slice(&l->lines);
	uint64_t lines;
	size_t done;
	int why;

	if (!all.len)
		return true;
	done = ledger_file_append(&l->file, all, l->options->rotate_mb << 20,
	    wait);
	why = errno;
	lines = count_lines(slice_sub(all, 0, done));
	buf_take(&l->lines, done);
	l->waiting -= lines;
	if (l->count)
		add(&l->count->lines, lines);
	note_waiting(l);
	l->busy = why == EAGAIN;
	if (done < all.len && !l->busy)
		complain(l, "lines cannot be written", why);
	if (done == all.len && l->said_ms) {
		l->said_ms = 0;
		say(l, LOG_WARN, "lines are written again", 0);
	}
	return done == all.len;
}

static void
sync_lines(struct ledger *l)
{
	if (l->options->sync != LEDGER_NEVER && !ledger_file_sync(&l->file))
		complain(l, "lines may not be on the disk", errno);
}

static void
arm(struct ledger *l, int64_t ms)
{
	if (!l->armed)
		l->armed = loop_after(l->loop, &l->timer, ms);
}

static void
on_timer(struct loop_timer *timer)
{
	struct ledger *l = container_of(timer, struct ledger, timer);

	l->armed = false;
	if (!flush(l, false))
		arm(l, l->busy ? BUSY_MS : RETRY_MS);
	sync_lines(l);
}

/* ---- a worker's ---- */

bool
ledger_on(const struct ledger *l)
{
	return l->options != NULL;
}

void
ledger_begin(struct ledger *l, const struct ledger_options *options,
    struct shared *shared, unsigned place, struct loop *loop)
{
	*l = (struct ledger){ 0 };
	if (!options->path)
		return;
	l->options = options;
	l->count = count_of(shared);
	l->place = place;
	l->loop = loop;
	l->timer.on = on_timer;
	l->lines.limit = (size_t)options->buffer_kb << 10;
	ledger_file_init(&l->file, options->path);
}

void
ledger_put(struct ledger *l, const struct ledger_line *line)
{
	size_t before = buf_len(&l->lines);
	bool always;

	if (!ledger_on(l))
		return;
	always = l->options->sync == LEDGER_ALWAYS;
	ledger_line_write(&l->lines, line);
	if (l->lines.failed) {
		l->lines.failed = false;
		buf_trunc(&l->lines, before);
		lose(l, 1);
		complain(l, "no more lines can wait", 0);
		return;
	}
	l->waiting++;
	note_waiting(l);
	if (always && flush(l, true))
		sync_lines(l);
	else if (!always && before < GATHER_BYTES &&
	    buf_len(&l->lines) >= GATHER_BYTES)
		(void)flush(l, false);
	if (l->waiting || !always)
		arm(l, always ? RETRY_MS : GATHER_MS);
}

void
ledger_end(struct ledger *l)
{
	if (!ledger_on(l))
		return;
	if (!flush(l, true)) {
		lose(l, l->waiting);
		complain(l, "lines are lost with the worker that ends", 0);
	}
	sync_lines(l);
	l->waiting = 0;
	note_waiting(l);
	loop_cancel(l->loop, &l->timer);
	ledger_file_close(&l->file);
	buf_free(&l->lines);
	l->options = NULL;
}

/* ---- the master's ---- */

bool
ledger_claim(struct ledger_claim *claim, const struct ledger_options *options)
{
	struct ledger_file fresh;
	const char *why;
	size_t torn;

	if (claim->held && options->path &&
	    !strcmp(claim->path, options->path))
		return true;
	ledger_file_init(&fresh, options->path);
	if (options->path && !ledger_file_claim(&fresh, &torn, &why)) {
		log_error("the ledger %s: %s%s%s", options->path, why,
		    errno ? ": " : "", errno ? strerror(errno) : "");
		ledger_file_close(&fresh);
		return false;
	}
	if (claim->held)
		ledger_file_release(&claim->file, &fresh);
	claim->held = options->path != NULL;
	if (!claim->held)
		return true;
	if (torn)
		log_warn("the ledger %s ended in a torn line of %zu bytes, "
		    "which was ended: what it told is lost", options->path,
		    torn);
	(void)slice_to_cstr(slice_of(options->path), claim->path,
	    sizeof claim->path);
	claim->file = fresh;
	claim->file.path = claim->path;
	return true;
}

void
ledger_bury(struct shared *shared, unsigned place)
{
	struct ledger_count *count = count_of(shared);
	uint64_t lines;

	if (!count)
		return;
	lines = atomic_exchange(&count->waiting[place].lines, 0);
	atomic_store(&count->waiting[place].since_ms, 0);
	add(&count->lost, lines);
	if (lines)
		log_error("up to %llu lines of the ledger died with a worker",
		    (unsigned long long)lines);
}

/* ---- watching ---- */

void
ledger_print(struct shared *shared, struct buf *out)
{
	static const struct {
		const char *name, *type, *help;
	} metrics[] = {
		{ "lines_total", "counter", "Lines written to the ledger." },
		{ "lost_total", "counter", "Lines that could not be kept." },
		{ "errors_total", "counter", "Times its disk failed." },
		{ "waiting_lines", "gauge", "Lines that wait in memory." },
		{ "lag_ms", "gauge", "Age of the oldest that waits." },
	};
	const struct ledger_count *count = count_of(shared);
	uint64_t values[5] = { 0 };

	if (!count)
		return;
	values[0] = atomic_load(&count->lines);
	values[1] = atomic_load(&count->lost);
	values[2] = atomic_load(&count->errors);
	for (unsigned i = 0; i < SHARED_PLACES; i++) {
		int64_t since = atomic_load(&count->waiting[i].since_ms);
		int64_t age = since ? clock_ms() - since : 0;

		values[3] += atomic_load(&count->waiting[i].lines);
		if (age > 0 && (uint64_t)age > values[4])
			values[4] = (uint64_t)age;
	}
	for (unsigned i = 0; i < 5; i++)
		buf_fmt(out, "# HELP dragoman_ledger_%s %s\n"
		    "# TYPE dragoman_ledger_%s %s\ndragoman_ledger_%s %llu\n",
		    metrics[i].name, metrics[i].help, metrics[i].name,
		    metrics[i].type, metrics[i].name,
		    (unsigned long long)values[i]);
}
