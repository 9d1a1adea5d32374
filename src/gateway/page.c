#include "gateway/page.h"

const struct page *
page_find(const struct page *table, struct slice path)
{
	for (; table->path.len; table++) {
		struct slice own = table->path;

		if (slice_eq(path, own))
			return table;
		if (table->below && slice_starts(path, own) &&
		    path.ptr[own.len] == '/')
			return table;
	}
	return NULL;
}
