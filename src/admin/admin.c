#include "admin/admin.h"

const struct page admin_pages[] = {
	{ SLICE_INIT("/models"), true, false, admin_models },
	{ SLICE_INIT("/healthz"), false, true, admin_live },
	{ SLICE_INIT("/health"), false, true, admin_live },
	{ SLICE_INIT("/health/liveliness"), false, true, admin_live },
	{ SLICE_INIT("/"), false, true, admin_live },
	{ SLICE_INIT("/readyz"), false, true, admin_ready },
	{ SLICE_INIT("/health/readiness"), false, true, admin_ready },
	{ .path = { NULL, 0 } },
};
