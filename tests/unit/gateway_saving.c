/* What the configuration says of compression and of cache marks. */
#include "gateway_config.h"

#include "proto/compress.h"

#define FILE_WITH(top, model) \
	"{ \"providers\": { \"p\": { \"chat\": \"http://h\" } },\n" top \
	"\"models\": { \"m\": { \"targets\": [\"p/1\"]" model " } } }"

static void
check(const char *text, struct saving general, struct saving model)
{
	struct loaded l;
	const struct model *m;

	clearenv();
	load_good(&l, text);
	m = map_get(&l.config.model_names, SLICE("m"));
	CHECK(m);
	CHECK_BYTES(&l.config.saving, sizeof general, &general,
	    sizeof general);
	CHECK_BYTES(&m->saving, sizeof model, &model, sizeof model);
	unload(&l);
}

static void
said(void)
{
	struct saving none = { 0 };

	check(FILE_WITH("", ""), none, none);
	check(FILE_WITH("", ", \"compress\": true"), none,
	    (struct saving){ TRI_YES, TRI_UNSET, COMPRESS_ALL });
	check(FILE_WITH("\"compress\": true, \"prompt_cache\": \"auto\",",
	    ", \"compress\": {}, \"prompt_cache\": \"off\""),
	    (struct saving){ TRI_YES, TRI_YES, COMPRESS_ALL },
	    (struct saving){ TRI_YES, TRI_NO, COMPRESS_ALL });
	check(FILE_WITH("\"compress\": { \"json\": false, "
	    "\"repeats\": false },",
	    ", \"compress\": { \"blanks\": false, \"json\": true }"),
	    (struct saving){ TRI_YES, TRI_UNSET, COMPRESS_BLANKS },
	    (struct saving){ TRI_YES, TRI_UNSET, COMPRESS_JSON |
	    COMPRESS_REPEATS });
	check(FILE_WITH("\"compress\": null,", ", \"prompt_cache\": \"auto\""),
	    none, (struct saving){ TRI_UNSET, TRI_YES, 0 });
}

static void
model_says_no(void)
{
	struct loaded l;
	const struct model *m;

	clearenv();
	load_good(&l, FILE_WITH("\"compress\": true,",
	    ", \"compress\": false"));
	m = map_get(&l.config.model_names, SLICE("m"));
	CHECK(m && m->saving.compress == TRI_NO);
	unload(&l);
}

static void
bad(void)
{
	clearenv();
	refused(FILE_WITH("\n", ",\n\"compress\": 1"), "4:13",
	    "true, false or an object");
	refused(FILE_WITH("\n", ",\n\"compress\": { \"blank\": true }"), "4:15",
	    "\"blanks\"?");
	refused(FILE_WITH("\n", ",\n\"compress\": { \"json\": 1 }"), "4:23",
	    "\"json\" must be");
	refused(FILE_WITH("\n", ",\n\"prompt_cache\": true"), "4:17",
	    "\"auto\" or \"off\"");
	refused(FILE_WITH("\n\"prompt_cache\": \"on\",\n", ""), "3:17",
	    "\"auto\" or \"off\"");
	refused(FILE_WITH("\n\"compress\": \"yes\",\n", ""), "3:13",
	    "true, false or an object");
}

TESTS(
	{ "what is said, and what is not", said },
	{ "a model's own word counts", model_says_no },
	{ "what is refused, and where", bad })
