/* The ledger on its disk: whole lines, whatever happens to whoever writes. */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/buf.h"
#include "base/log.h"
#include "gateway/ledger_file.h"
#include "gateway/ledger_read.h"

static char folder[64], path[96];

static void
begin(void)
{
	snprintf(folder, sizeof folder, "/tmp/ledger-XXXXXX");
	CHECK(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/l.jsonl", folder);
}

static void
end(void)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	CHECK(dir);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			CHECK(!unlinkat(dirfd(dir), entry->d_name, 0));
	closedir(dir);
	CHECK(!rmdir(folder));
}

static void
put(const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	CHECK(fd >= 0);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void
check_text(const char *want)
{
	char text[8192];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof text);

	CHECK(fd >= 0 && n >= 0);
	CHECK_BYTES(text, (size_t)n, want, strlen(want));
	close(fd);
}

static void
appends(void)
{
	struct ledger_file f;

	begin();
	ledger_file_init(&f, path);
	CHECK(ledger_file_append(&f, SLICE("one\ntwo\n"), 0, true) == 8);
	CHECK(ledger_file_sync(&f) && ledger_file_sync(&f));
	CHECK(ledger_file_append(&f, SLICE("three\n"), 0, false) == 6);
	check_text("one\ntwo\nthree\n");
	/* somebody gave it another name: there is a new one */
	CHECK(!unlink(path));
	CHECK(ledger_file_append(&f, SLICE("four\n"), 0, false) == 5);
	check_text("four\n");
	/* a writer that was killed in the middle of a line */
	put("fi");
	CHECK(ledger_file_append(&f, SLICE("six\n"), 0, true) == 4);
	check_text("four\nfi\nsix\n");
	ledger_file_close(&f);
	ledger_file_close(&f);
	end();
}

/* Cut anywhere, the tail is ended and told; whole lines are left alone. */
static void
torn_anywhere(void)
{
	static const char text[] = "{\"a\":1}\n{\"b\":2}\n";
	size_t len = sizeof text - 1;

	for (size_t cut = 0; cut <= len; cut++) {
		size_t tail = cut == 0 || cut == 8 || cut == len ? 0
		    : cut < 8 ? cut : cut - 8;
		char part[32], want[64];
		struct ledger_file f;
		const char *why;
		size_t torn;

		begin();
		snprintf(part, sizeof part, "%.*s", (int)cut, text);
		put(part);
		ledger_file_init(&f, path);
		CHECK(ledger_file_claim(&f, &torn, &why));
		CHECK(torn == tail);
		CHECK(ledger_file_append(&f, SLICE("next\n"), 0, true) == 5);
		snprintf(want, sizeof want, "%s%snext\n", part,
		    tail ? "\n" : "");
		check_text(want);
		ledger_file_close(&f);
		end();
	}
}

/* In a process of its own, for locks are those of processes. */
static int
in_child(bool (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(fn() ? 0 : 1);
	CHECK(pid > 0);
	CHECK(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

static bool
claims(void)
{
	struct ledger_file f;
	const char *why;
	size_t torn;

	ledger_file_init(&f, path);
	return ledger_file_claim(&f, &torn, &why);
}

static void
one_master(void)
{
	struct ledger_file f, g;
	char other[128];
	const char *why;
	size_t torn;

	begin();
	CHECK(in_child(claims) == 0);	/* and it ended */
	ledger_file_init(&f, path);
	CHECK(ledger_file_claim(&f, &torn, &why));
	CHECK(in_child(claims) == 1);
	/* the same file under another name takes no lock away */
	snprintf(other, sizeof other, "%s/./l.jsonl", folder);
	ledger_file_init(&g, other);
	CHECK(ledger_file_claim(&g, &torn, &why));
	ledger_file_release(&f, &g);
	CHECK(in_child(claims) == 1);
	ledger_file_close(&g);
	CHECK(in_child(claims) == 0);
	end();
}

static void
nowhere(void)
{
	struct ledger_file f;
	const char *why;
	size_t torn;

	begin();
	snprintf(path, sizeof path, "%s/not/there.jsonl", folder);
	ledger_file_init(&f, path);
	CHECK(!ledger_file_claim(&f, &torn, &why) && errno == ENOENT);
	CHECK(ledger_file_append(&f, SLICE("x\n"), 0, true) == 0);
	CHECK(errno == ENOENT);
	CHECK(ledger_file_sync(&f));
	ledger_file_close(&f);
	end();
}

/* A file that may not grow beyond some bytes does as a full disk does. */
static bool
writes_short(void)
{
	struct rlimit limit = { 20, 20 };
	struct ledger_file f;

	(void)signal(SIGXFSZ, SIG_IGN);
	ledger_file_init(&f, path);
	if (setrlimit(RLIMIT_FSIZE, &limit))
		return false;
	/* room for two lines and a half: what is torn is taken back */
	if (ledger_file_append(&f, SLICE("line-01\nline-02\nline-03\n"), 0,
	    true) != 16 || errno != ENOSPC)
		return false;
	/* no room for another */
	return ledger_file_append(&f, SLICE("line-03\n"), 0, true) == 0 &&
	    errno != 0 &&
	    ledger_file_append(&f, SLICE("li\n"), 0, true) == 3;
}

static void
full_disk(void)
{
	struct ledger_file f;

	begin();
	CHECK(in_child(writes_short) == 0);
	check_text("line-01\nline-02\nli\n");
	ledger_file_init(&f, path);
	CHECK(ledger_file_append(&f, SLICE("more\n"), 0, true) == 5);
	check_text("line-01\nline-02\nli\nmore\n");
	ledger_file_close(&f);

	/* a device that is full is no file, and is not cut or renamed */
	CHECK(!unlink(path));
	CHECK(!symlink("/dev/full", path));
	ledger_file_init(&f, path);
	CHECK(ledger_file_append(&f, SLICE("more\n"), 1, true) == 0);
	CHECK(errno == ENOSPC);
	ledger_file_close(&f);
	end();
}

/* ---- several writers ---- */

enum { WRITERS = 4, LINES = 500, BOUND = 4000 };

static void
write_lines(unsigned writer)
{
	struct ledger_file f;
	char line[128];

	ledger_file_init(&f, path);
	for (unsigned i = 0; i < LINES; i++) {
		int n = snprintf(line, sizeof line, "{\"time\":"
		    "\"2026-11-21\",\"in\":%u,\"out\":%u}\n", writer, i);
		struct slice text = { line, (size_t)n };

		while (ledger_file_append(&f, text, BOUND, i % 2) != text.len)
			if (errno != EAGAIN)
				_exit(1);
	}
	ledger_file_close(&f);
	_exit(0);
}

static void
see(void *arg, const struct ledger_line *line)
{
	unsigned (*seen)[LINES] = arg;

	CHECK(line->in >= 0 && line->in < WRITERS);
	CHECK(line->out >= 0 && line->out < LINES);
	seen[line->in][line->out]++;
}

/* Files change their name under way; no line is lost, or there twice. */
static void
rotated(void)
{
	static unsigned seen[WRITERS][LINES];
	struct ledger_reader r = { .each = see, .arg = seen };
	struct stat st;

	begin();
	log_setup(LOG_ERROR, LOG_LOGFMT);
	for (unsigned i = 0; i < WRITERS; i++)
		if (!fork())
			write_lines(i);
	for (unsigned i = 0; i < WRITERS; i++) {
		int status;

		CHECK(wait(&status) > 0 && !status);
	}
	CHECK(ledger_read_each(&r, path));
	CHECK(r.lines == WRITERS * LINES && !r.broken);
	CHECK(r.files > 2);
	/* two names within a millisecond: it grows by a line */
	CHECK(!stat(path, &st) && st.st_size <= BOUND + 128);
	for (unsigned i = 0; i < WRITERS; i++)
		for (unsigned n = 0; n < LINES; n++)
			CHECK(seen[i][n] == 1);
	end();
}

/* Writers that are killed leave whole lines, or one that the next one ends. */
static void
killed(void)
{
	static unsigned seen[WRITERS][LINES];
	struct ledger_reader r = { .each = see, .arg = seen };
	struct ledger_file f;

	begin();
	for (unsigned round = 0; round < 10; round++) {
		struct timespec wait = { 0, 500000L * (long)round };
		pid_t pid = fork();
		int status;

		if (!pid)
			write_lines(0);
		CHECK(pid > 0);
		nanosleep(&wait, NULL);
		kill(pid, SIGKILL);
		CHECK(waitpid(pid, &status, 0) == pid);
	}
	ledger_file_init(&f, path);
	CHECK(ledger_file_append(&f, SLICE("{\"time\":\"2026-11-21\","
	    "\"in\":1,\"out\":7}\n"), 0, true) > 0);
	ledger_file_close(&f);
	CHECK(ledger_read_each(&r, path));
	CHECK(r.broken <= 10 && seen[1][7] == 1);
	end();
}

TESTS(
	{ "appends", appends },
	{ "torn anywhere", torn_anywhere },
	{ "one master", one_master },
	{ "nowhere", nowhere },
	{ "full disk", full_disk },
	{ "rotated", rotated },
	{ "killed", killed })
