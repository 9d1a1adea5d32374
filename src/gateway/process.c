#include "gateway/process.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/seal.h"
#include "gateway/cgroup.h"

size_t
process_cpus(void)
{
	cpu_set_t set;
	size_t cpus = 1, granted = (size_t)cgroup_cpus();

	if (!sched_getaffinity(0, sizeof set, &set))
		cpus = (size_t)CPU_COUNT(&set);
	return granted && granted < cpus ? granted : cpus;
}

uint64_t
process_memory(void)
{
	struct sysinfo all;
	uint64_t granted = cgroup_memory(), half = 0;

	if (!sysinfo(&all))
		half = (uint64_t)all.totalram * all.mem_unit / 2;
	return granted && (granted < half || !half) ? granted : half;
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
