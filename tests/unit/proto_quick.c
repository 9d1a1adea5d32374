/* Which events of a Messages stream are read without a parser. */
#include "proto/messages/quick.h"

#include "test.h"

#define DELTA(delta) \
	"{\"type\":\"content_block_delta\",\"index\":12,\"delta\":" delta "}"
#define TEXT(text)	DELTA("{\"type\":\"text_delta\",\"text\":" text "}")

static const struct {
	const char	*data, *text;		/* NULL: takes the long way */
	enum ir_kind	 kind;
} events[] = {
	{ TEXT("\"a\""), "a", IR_TEXT },
	{ TEXT("\"\""), "", IR_TEXT },
	{ TEXT("\" begins with a blank\""), " begins with a blank", IR_TEXT },
	{ TEXT("\"ends with one \""), "ends with one ", IR_TEXT },
	{ TEXT("\"a\\\"}\""), "a\\\"}", IR_TEXT },
	{ TEXT("\"a\" ") "  ", "a", IR_TEXT },
	{ DELTA("{\"type\":\"thinking_delta\",\"thinking\":\"t\"}"), "t",
	  IR_THINK },
	{ DELTA("{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"\"}"),
	  "{\\\"", IR_CALL },
	{ TEXT("\"a\",\"b\":\"c\""), NULL, 0 },
	{ TEXT("null"), NULL, 0 },
	{ TEXT("\"a\nb\""), NULL, 0 },
	{ TEXT("\"\xff\""), NULL, 0 },
	{ DELTA("{\"type\":\"signature_delta\",\"signature\":\"s\"}"), NULL,
	  0 },
	{ "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
	  "\"text_delta\",\"text\":\"", NULL, 0 },
	{ "{\"type\":\"ping\"}", NULL, 0 },
	{ "", NULL, 0 },
};

static void
reads(void)
{
	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		struct slice data = slice_of(events[i].data);
		struct quick quick;
		bool read = quick_delta(data, &quick);

		CHECK(read == (events[i].text != NULL));
		if (!read)
			continue;
		CHECK(quick.kind == events[i].kind);
		CHECK(slice_is(quick.text, events[i].text));
	}
}

TESTS(
	{ "reads", reads },
)
