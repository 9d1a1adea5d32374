/*
 * The kernel's own headers are not among musl's: what is used of them stands
 * here, with the names they have there (landlock(7), capabilities(7)).
 */
#include "base/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- privileges ---- */

enum { CAPABILITY_VERSION_3 = 0x20080522, CAPABILITIES_MAX = 64 };

static bool
drop_capabilities(void)
{
	struct {
		uint32_t version;
		int	 pid;
	} head = { CAPABILITY_VERSION_3, 0 };
	struct {
		uint32_t effective, permitted, inheritable;
	} none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	/* what is not in the bounding set cannot come back by exec */
	for (unsigned long c = 0; c < CAPABILITIES_MAX; c++)
		if (prctl(PR_CAPBSET_DROP, c, 0, 0, 0) != 0)
			break;		/* no right to, or the last one */
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return syscall(SYS_capset, &head, none) == 0;
}

void
seal_dumps(void)
{
	struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

enum seal_state
seal_privileges(void)
{
	bool done = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;

	done &= drop_capabilities();
	return done ? SEAL_ON : SEAL_FAILED;
}

/* ---- files ---- */

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset	444
#define SYS_landlock_add_rule		445
#define SYS_landlock_restrict_self	446
#endif

enum {
	LANDLOCK_CREATE_RULESET_VERSION = 1,
	LANDLOCK_RULE_PATH_BENEATH = 1,
	LANDLOCK_RULE_NET_PORT = 2,
};

/* Rights of LANDLOCK_ACCESS_FS_*. */
enum {
	FS_EXECUTE = 1 << 0, FS_WRITE_FILE = 1 << 1, FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3, FS_REMOVE_FILE = 1 << 5, FS_MAKE_REG = 1 << 8,
	FS_MAKE_SOCK = 1 << 9,
	FS_REFER = 1 << 13, FS_TRUNCATE = 1 << 14, FS_IOCTL_DEV = 1 << 15,
	FS_IN_VERSION_1 = (1 << 13) - 1,

	FS_OF_FILES = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE,
	FS_READING = FS_READ_FILE | FS_READ_DIR,
	FS_WRITING = FS_READING | FS_WRITE_FILE | FS_REMOVE_FILE |
	    FS_MAKE_REG | FS_REFER | FS_TRUNCATE,
};

/* ORDER seal_access */
static const uint64_t accesses[] = {
	[SEAL_READ] = FS_READING,
	[SEAL_SOCKETS] = FS_READING | FS_MAKE_SOCK | FS_REMOVE_FILE,
	[SEAL_WRITE] = FS_WRITING,
};

enum { NET_BIND_TCP = 1 << 0, NET_CONNECT_TCP = 1 << 1 };
/* Abstract Unix sockets and processes that are not of the same ruleset. */
enum { SCOPE_ALL = 3 };

struct ruleset {
	uint64_t	files, network, scoped;
};

struct path_beneath {
	uint64_t	allowed;
	int32_t		parent;
} __attribute__((packed));

struct net_port {
	uint64_t	allowed, port;
};

/* A ruleset without rules, of all that this version can take away. */
static int
make_ruleset(int version, bool network)
{
	struct ruleset r = { .files = FS_IN_VERSION_1 };
	size_t size = sizeof r.files;	/* as long as that version knows it */

	if (version >= 2)
		r.files |= FS_REFER;
	if (version >= 3)
		r.files |= FS_TRUNCATE;
	if (version >= 4) {
		r.network = network ? NET_BIND_TCP | NET_CONNECT_TCP : 0;
		size += sizeof r.network;
	}
	if (version >= 5)
		r.files |= FS_IOCTL_DEV;
	if (version >= 6) {
		r.scoped = SCOPE_ALL;
		size += sizeof r.scoped;
	}
	return (int)syscall(SYS_landlock_create_ruleset, &r, size, 0);
}

static bool
allow_path(int ruleset, const struct seal_path *p, int version)
{
	struct path_beneath rule = { .parent = open(p->path,
	    O_PATH | O_CLOEXEC) };
	struct stat st;
	bool done;

	if (rule.parent < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
	rule.allowed = accesses[p->access];
	if (version < 2)
		rule.allowed &= ~(uint64_t)FS_REFER;
	if (version < 3)
		rule.allowed &= ~(uint64_t)FS_TRUNCATE;
	if (fstat(rule.parent, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed &= FS_OF_FILES;
	done = syscall(SYS_landlock_add_rule, ruleset,
	    LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
	close(rule.parent);
	return done;
}

static bool
allow_port(int ruleset, uint16_t port)
{
	struct net_port rule = { NET_CONNECT_TCP, port };

	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_NET_PORT,
	    &rule, 0) == 0;
}

enum seal_state
seal_files(const struct seal_path *paths, size_t count,
    const struct seal_ports *ports, int *version)
{
	int ruleset;
	bool done = true;

	*version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	if (*version <= 0) {
		*version = 0;
		return SEAL_UNKNOWN;
	}
	ruleset = make_ruleset(*version, ports);
	if (ruleset < 0)
		return SEAL_FAILED;
	for (size_t i = 0; i < count; i++)
		done &= allow_path(ruleset, &paths[i], *version);
	for (size_t i = 0; ports && *version >= 4 && i < ports->count; i++)
		done &= allow_port(ruleset, ports->port[i]);
	done = done && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	close(ruleset);
	return done ? SEAL_ON : SEAL_FAILED;
}

/* ---- memory ---- */

bool
seal_memory(void *p, size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = (uintptr_t)p / page * page;
	uintptr_t to = ((uintptr_t)p + size + page - 1) / page * page;

	(void)madvise((void *)from, to - from, MADV_DONTDUMP);
	/* what processes share since a fork stays shared */
	return mlock2((void *)from, to - from, MLOCK_ONFAULT) == 0 ||
	    mlock((void *)from, to - from) == 0;
}

bool
seal_environment(void)
{
	char *first = environ ? *environ : NULL, *last = first;

	for (char **e = environ; first && *e; e++)
		last = *e;
	return !first || first > last ||
	    seal_memory(first, (size_t)(last - first) + strlen(last));
}

void
seal_wipe(void *p, size_t size)
{
	if (size)
		explicit_bzero(p, size);
}

const char *
seal_state_name(enum seal_state state)
{
	static const char *const names[] = {	/* ORDER seal_state */
		[SEAL_NOT_ASKED] = "off", [SEAL_ON] = "on",
		[SEAL_UNKNOWN] = "unknown to this kernel",
		[SEAL_FAILED] = "failed",
	};

	return names[state];
}
