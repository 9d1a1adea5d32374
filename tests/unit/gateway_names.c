/* config_model, config_name, config_when: names that lead to no good. */
#include "gateway_config.h"

static const struct {
	const char	*text, *where, *words;
} bad[] = {
	/* what names lead to */
	{ "\"a\": \"b\", \"b\": [\"p/1\", \"a\"] } }", "2:1",
	    "\"a\" leads back to itself" },
	{ "\"m\": \"m\" } }", "2:1", "leads back" },
	{ "\"x-*\": \"y-*\", \"y-*\": [\"p/*\", \"x-*\"] } }",
	    "2:1", "leads back" },
	{ "\"x-*\": [\"p/*\", \"x-1\"] } }", "2:1", "leads back" },
	{ "\"1\": \"2\", \"2\": \"3\", \"3\": \"4\", \"4\": \"5\","
	    " \"5\": \"6\", \"6\": \"7\", \"7\": \"8\","
	    " \"8\": \"9\", \"9\": \"p/1\" } }", "2:1",
	    "more than 8" },
	{ "\"m\": \"n-*\" } }", "2:6", "wants one in the name" },
	{ "\"m-*\": \"n-*\" } }", "2:8", "no model is called" },
	{ "\"m-*\": \"p/**\" } }", "2:8", "one *" },
	{ "\"m-*-*\": \"p/*\" } }", "2:1", "one *" },
	/* how one is picked */
	{ "\"m\": { \"pick\": \"random\", \"targets\": \"p/1\" } } }",
	    "2:1", "ordered or weighted" },
	{ "\"m\": { \"pick\": \"ordered\", \"targets\": [{"
	    " \"model\": \"p/1\", \"weight\": 1 }] } } }", "2:1",
	    "without effect" },
	{ "\"m\": { \"targets\": [{ \"model\": \"p/1\","
	    " \"weight\": 0 }] } } }", "2:1", "all its weights" },
	{ "\"m\": [{ \"model\": \"p/1\", \"weight\": 1000001 }] } }",
	    "2:7", "at most 1000000" },
	/* conditions */
	{ "\"m\": [{ \"model\": \"p/1\", \"when\": { \"inputs\": 1 }"
	    " }] } }", "2:35", "did you mean \"input\"" },
	{ "\"m\": [{ \"model\": \"p/1\", \"when\": { \"input\":"
	    " [\"film\"] } }] } }", "2:45", "must be text" },
	{ "\"m\": [{ \"model\": \"p/1\", \"when\": { \"input\": []"
	    " } }] } }", "2:44", "never hold" },
	{ "\"m\": [{ \"model\": \"p/1\", \"when\": { \"header\": {"
	    " \"X-Api-Key\": \"x\" } } }] } }", "2:47",
	    "no header to choose by" },
	{ "\"m\": [{ \"model\": \"p/1\", \"when\": { \"min_tokens\":"
	    " 5, \"max_tokens\": 4 } }] } }", "2:33", "never hold" },
	{ "\"m\": [{ \"model\": \"p/1\", \"when\": { \"key\":"
	    " \"a*b*\" } }] } }", "2:42", "one *" },
};

static void
models(void)
{
	static const char prefix[] = "{ \"providers\": { \"p\": { \"chat\":"
	    " \"http://h\" } }, \"models\": {\n";
	char text[512];

	clearenv();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(text, sizeof text, "%s%s", prefix, bad[i].text);
		refused(text, bad[i].where, bad[i].words);
	}
}

/* "a" leads to "b" twice, "b" to "c" twice, ...: each name doubles it. */
static void
too_many_targets(void)
{
	clearenv();
	refused("{ \"providers\": { \"p\": { \"chat\": \"http://h\" } },\n"
	    "\"models\": { \"a\": [\"b\", \"b\"], \"b\": [\"c\", \"c\"],"
	    " \"c\": [\"d\", \"d\"], \"d\": [\"e\", \"e\"], \"e\": [\"f\","
	    " \"f\"], \"f\": [\"p/1\", \"p/2\"] } }", "2:13",
	    "more than 32 targets");
}

static void
prefixes(void)
{
	clearenv();
	refused("{ \"prefixes\": { \"x\": \"nobody\" } }", "1:15",
	    "no provider is called \"nobody\"");
	refused("{ \"prefixes\": { \"x/y\": \"\" } }", "1:17", "hold");
	refused("{ \"prefixes\": { \"x\": \"\", \"X\": \"\" } }", "1:26",
	    "twice");
	refused("{ \"prefixes\": { \"x\": 1 } }", "1:22", "stands for");
	refused("{ \"prefixes\": [] }", "1:15", "object");
	refused("{ \"providers\": { \"p\": { \"chat\": \"http://h\" } },"
	    " \"prefixes\": { \"p\": \"\" } }", "1:61",
	    "is a provider's name");
}

TESTS(
	{ "models", models },
	{ "too many targets", too_many_targets },
	{ "prefixes", prefixes })
