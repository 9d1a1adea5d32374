#include "gateway/process.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/seal.h"
#include "base/slice.h"

/* The CPUs that the cgroup grants ("QUOTA PERIOD"), rounded up; 0: no bound. */
static size_t
cgroup_cpus(void)
{
	char text[64];
	struct slice rest = { text, 0 };
	uint64_t quota, period;
	int fd = open("/sys/fs/cgroup/cpu.max", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	rest = slice_trim((struct slice){ text, (size_t)n });
	if (!slice_to_u64(slice_cut(&rest, ' '), UINT32_MAX, &quota) ||
	    !slice_to_u64(rest, UINT32_MAX, &period) || !period)
		return 0;
	return (size_t)((quota + period - 1) / period);
}

size_t
process_cpus(void)
{
	cpu_set_t set;
	size_t cpus = 1, granted = cgroup_cpus();

	if (!sched_getaffinity(0, sizeof set, &set))
		cpus = (size_t)CPU_COUNT(&set);
	return granted && granted < cpus ? granted : cpus;
}

/* As many descriptors as we may have: two for each connection. */
static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Descriptors 0 to 2 that are closed would become sockets, and get the log. */
static void
fill_standard(void)
{
	int fd;

	do
		fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd >= 0 && fd <= 2);
	if (fd >= 0)
		close(fd);
}

void
process_prepare(void)
{
	fill_standard();
	seal_dumps();		/* they would hold keys */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);	/* a write fails instead */
	raise_descriptors();
}
