#include "gateway/ledger_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

/* Bytes of PATH.lock, and who holds them. */
enum { LOCK_MASTER, LOCK_WRITER };

static bool
lock(const struct ledger_file *f, short type, off_t byte, bool wait)
{
	struct flock range = {
		.l_type = type, .l_whence = SEEK_SET, .l_start = byte,
		.l_len = 1,
	};
	int got;

	do
		got = fcntl(f->lock, wait ? F_SETLKW : F_SETLK, &range);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EACCES)		/* what some say for EAGAIN */
		errno = EAGAIN;
	return !got;
}

static bool
open_lock(struct ledger_file *f)
{
	char name[PATH_MAX];
	int n = snprintf(name, sizeof name, "%s.lock", f->path);

	if (f->lock >= 0)
		return true;
	if (n < 0 || (size_t)n >= sizeof name) {
		errno = ENAMETOOLONG;
		return false;
	}
	f->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return f->lock >= 0;
}

/* A file's name outlives a power cut when its folder was written, too. */
static void
sync_folder(const struct ledger_file *f)
{
	char name[PATH_MAX];
	struct slice path = slice_of(f->path);
	size_t cut = slice_rchr(path, '/');
	int fd;

	if (!slice_to_cstr(cut == SIZE_MAX ? SLICE(".") :
	    slice_sub(path, 0, cut + 1), name, sizeof name))
		return;
	fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

static void
close_file(struct ledger_file *f)
{
	if (f->fd < 0)
		return;
	if (f->unsynced && f->regular)
		(void)fdatasync(f->fd);
	close(f->fd);
	f->fd = -1;
	f->unsynced = false;
}

static bool
open_file(struct ledger_file *f, struct stat *st)
{
	bool fresh = access(f->path, F_OK) != 0;

	f->fd = open(f->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC |
	    O_NOCTTY | O_NONBLOCK, 0600);
	if (f->fd < 0)
		return false;
	if (fstat(f->fd, st)) {
		close(f->fd);
		f->fd = -1;
		return false;
	}
	f->dev = st->st_dev;
	f->ino = st->st_ino;
	f->regular = S_ISREG(st->st_mode);
	if (fresh)
		sync_folder(f);
	return true;
}

/* Have what is called PATH now; *st tells of it. */
static bool
follow(struct ledger_file *f, struct stat *st)
{
	if (f->fd >= 0 && !stat(f->path, st) && st->st_dev == f->dev &&
	    st->st_ino == f->ino)
		return true;
	close_file(f);
	return open_file(f, st);
}

/* ---- the tail ---- */

/* The bytes behind the last newline; 0: the file ends with a whole line. */
static size_t
torn_bytes(const struct ledger_file *f, off_t size)
{
	char tail[4096];
	off_t from = size > (off_t)sizeof tail ? size - (off_t)sizeof tail : 0;
	ssize_t n = f->regular && size ? pread(f->fd, tail, sizeof tail, from)
	    : 0;
	struct slice text = { tail, n > 0 ? (size_t)n : 0 };
	size_t at = slice_rchr(text, '\n');

	return at == SIZE_MAX ? text.len : text.len - at - 1;
}

static bool
ends_whole(const struct ledger_file *f, off_t size)
{
	char last;

	return !f->regular || !size ||
	    pread(f->fd, &last, 1, size - 1) != 1 || last == '\n';
}

static bool
end_line(struct ledger_file *f)
{
	return write(f->fd, "\n", 1) == 1;
}

/* ---- another name ---- */

/* PATH.20261121T100030.123Z: in the order of time when sorted by name. */
static bool
old_name(const struct ledger_file *f, char *out, size_t size)
{
	char stamp[CLOCK_STAMP];
	size_t kept = 0;
	int n;

	clock_stamp(clock_wall_ms(), stamp);
	for (const char *c = stamp; *c; c++)
		if (*c != '-' && *c != ':')
			stamp[kept++] = *c;
	stamp[kept] = '\0';
	n = snprintf(out, size, "%s.%s", f->path, stamp);
	return n > 0 && (size_t)n < size && access(out, F_OK) != 0;
}

/*
 * Where that cannot be done the file grows on: what is booked matters more than
 * its size.
 */
static bool
rotate(struct ledger_file *f, struct stat *st)
{
	char name[PATH_MAX];

	if (!old_name(f, name, sizeof name) || rename(f->path, name)) {
		log_warn("the ledger %s cannot be renamed: %s", f->path,
		    strerror(errno));
		return true;
	}
	log_info("the ledger goes on in a new file; the old one is %s", name);
	close_file(f);
	return open_file(f, st);
}

/* ---- writing ---- */

/*
 * Of what was written only `whole` bytes are whole lines.  If the rest cannot
 * be taken back whoever writes next ends it.
 */
static size_t
take_back(struct ledger_file *f, off_t size, struct slice written)
{
	size_t at = slice_rchr(written, '\n');
	size_t whole = at == SIZE_MAX ? 0 : at + 1;

	if (whole < written.len && f->regular &&
	    ftruncate(f->fd, size + (off_t)whole))
		log_error("the ledger %s has a torn line: %s", f->path,
		    strerror(errno));
	return whole;
}

/* Behind the writer's lock. */
static size_t
append(struct ledger_file *f, struct slice lines, uint64_t bound)
{
	struct stat st;
	ssize_t n;
	size_t whole;
	int why;

	if (!follow(f, &st))
		return 0;
	if (f->regular && bound && st.st_size &&
	    (uint64_t)st.st_size + lines.len > bound && !rotate(f, &st))
		return 0;
	if (!ends_whole(f, st.st_size)) {
		if (!end_line(f))
			return 0;
		st.st_size++;
	}
	do
		n = write(f->fd, lines.ptr, lines.len);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return 0;
	f->unsynced = true;
	if ((size_t)n == lines.len)
		return lines.len;
	/* a disk that is full says so when it is asked for the rest */
	whole = take_back(f, st.st_size, slice_sub(lines, 0, (size_t)n));
	why = write(f->fd, lines.ptr + whole, 0) < 0 ? errno : ENOSPC;
	errno = why;
	return whole;
}

size_t
ledger_file_append(struct ledger_file *f, struct slice lines, uint64_t bound,
    bool wait)
{
	size_t done;
	int why;

	errno = 0;
	if (!open_lock(f) || !lock(f, F_WRLCK, LOCK_WRITER, wait))
		return 0;
	done = append(f, lines, bound);
	why = errno;
	(void)lock(f, F_UNLCK, LOCK_WRITER, false);
	errno = why;
	return done;
}

bool
ledger_file_sync(struct ledger_file *f)
{
	if (f->fd < 0 || !f->unsynced || !f->regular)
		return true;
	f->unsynced = false;
	return !fdatasync(f->fd);
}

/* ---- life ---- */

void
ledger_file_init(struct ledger_file *f, const char *path)
{
	*f = (struct ledger_file){ .path = path, .fd = -1, .lock = -1 };
}

/* A disk that is full now stops nobody, at the start neither. */
static bool
no_room(const struct ledger_file *f)
{
	if (errno != ENOSPC && errno != EDQUOT)
		return false;
	log_error("the ledger %s cannot be begun yet: %s", f->path,
	    strerror(errno));
	return true;
}

bool
ledger_file_claim(struct ledger_file *f, size_t *torn, const char **why)
{
	struct stat st;

	*torn = 0;
	errno = 0;
	*why = "cannot lock it";
	if (!open_lock(f))
		return no_room(f);
	if (!lock(f, F_WRLCK, LOCK_MASTER, false)) {
		if (errno == EAGAIN) {
			errno = 0;
			*why = "another process keeps this ledger: give each "
			    "its own file";
		}
		return false;
	}
	*why = "cannot write it";
	if (!lock(f, F_WRLCK, LOCK_WRITER, true))
		return false;
	if (!follow(f, &st)) {
		int error = errno;

		(void)lock(f, F_UNLCK, LOCK_WRITER, false);
		errno = error;
		return no_room(f);
	}
	*torn = torn_bytes(f, st.st_size);
	if (*torn && !end_line(f))
		log_warn("%s: its last line is torn and cannot be ended yet: "
		    "%s", f->path, strerror(errno));
	(void)lock(f, F_UNLCK, LOCK_WRITER, false);
	close_file(f);
	return true;
}

void
ledger_file_release(struct ledger_file *f, struct ledger_file *kept)
{
	ledger_file_close(f);
	/* with any descriptor of a file all locks on it go */
	if (kept->lock >= 0 && !lock(kept, F_WRLCK, LOCK_MASTER, false))
		log_error("the ledger %s is not locked any more: %s",
		    kept->path, strerror(errno));
}

void
ledger_file_close(struct ledger_file *f)
{
	close_file(f);
	if (f->lock >= 0)
		close(f->lock);
	f->lock = -1;
}
