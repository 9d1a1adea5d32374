#include "admin/admin.h"

const struct page admin_pages[] = {
	{ SLICE_INIT("/models"), true, PAGE_CALLERS, admin_models },
	{ SLICE_INIT("/pricing"), false, PAGE_ALL, admin_pricing },
	{ SLICE_INIT("/healthz"), false, PAGE_ALL, admin_live },
	{ SLICE_INIT("/health"), false, PAGE_ALL, admin_live },
	{ SLICE_INIT("/health/liveliness"), false, PAGE_ALL, admin_live },
	{ SLICE_INIT("/"), false, PAGE_ALL, admin_live },
	{ SLICE_INIT("/readyz"), false, PAGE_ALL, admin_ready },
	{ SLICE_INIT("/health/readiness"), false, PAGE_ALL, admin_ready },
	{ SLICE_INIT("/metrics"), false, PAGE_OPERATORS, admin_metrics },
	{ SLICE_INIT("/usage.json"), false, PAGE_OPERATORS, admin_usage },
	{ .path = { NULL, 0 } },
};
