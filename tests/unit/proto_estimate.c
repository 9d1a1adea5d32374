/* Tokens counted by pairs of characters, pictures by their size. */
#include "test.h"

#include "base/hash.h"
#include "json/json.h"
#include "proto/estimate.h"
#include "proto/picture.h"
#include "proto/proto.h"

static uint64_t
count(const char *model, const char *body)
{
	struct arena arena = { 0 };
	struct json doc;
	struct json_fault fault;
	struct talk talk = { .arena = &arena, .count_only = true };
	uint64_t n;

	CHECK(json_parse(&doc, &arena, slice_of(body), 0, &fault));
	CHECK(protocol_messages.decode(&talk, json_root(&doc)));
	talk.model = slice_of(model);
	n = estimate_request(&talk);
	arena_reset(&arena);
	return n;
}

#define SAYS(content) "{\"model\":\"m\",\"messages\":[{\"role\":\"user\"," \
	"\"content\":" content "}]}"

/*
 * Texts, and how many tokens OpenAI's o200k makes of them: prose and code are
 * to be within 15 %, the rest within 30.
 */
static const struct {
	const char	*text;
	uint64_t	 tokens, percent;
	bool		 json;
} samples[] = {
	{ "The harbour was quiet when the last boat came in. Nobody had "
	  "expected it before morning, and the men who should have taken its "
	  "lines were asleep in the shed behind the customs house. \\\"You are "
	  "early,\\\" said the keeper, rubbing his eyes; \\\"the tide will not "
	  "turn for another two hours.\\\" The captain shrugged. He had "
	  "carried "
	  "forty crates of oranges through the strait, and he meant to be paid "
	  "for every one of them before breakfast.", 91, 15, false },
	{ "To rebuild the index, stop the service, remove everything under "
	  "/var/lib/search and start it again; the first query after that may "
	  "take up to 30 seconds. If the log says \\\"segment 17 is newer than "
	  "its manifest\\\", the disk was restored from a snapshot that is "
	  "older "
	  "than the journal: see section 4.2 for the way out.", 73, 15, false },
	{ "static bool\\ntake_line(struct reader *r, struct slice *line)\\n{\\n"
	  "\\tsize_t end = slice_chr(buf_slice(&r->in), '\\\\n');\\n\\n\\tif "
	  "(end == SIZE_MAX)\\n\\t\\treturn false;\\n\\t*line = slice_sub("
	  "buf_slice(&r->in), 0, end);\\n\\tif (slice_ends(*line, SLICE(\\\""
	  "\\\\r\\\")))\\n\\t\\tline->len--;\\n\\tbuf_take(&r->in, end + 1);\\n"
	  "\\treturn true;\\n}\\n", 95, 15, false },
	{ "def moving_average(values, width=5):\\n    \\\"\\\"\\\"Yield the "
	  "mean "
	  "of each window of `width` values.\\\"\\\"\\\"\\n    window = "
	  "deque(maxlen=width)\\n    for index, value in enumerate(values):\\n"
	  "        window.append(value)\\n        if index + 1 >= width:\\n"
	  "            yield sum(window) / len(window)\\n", 64, 15, false },
	{ "{\"orders\":[{\"id\":48213,\"customer\":\"M\xc3\xbcller & "
	  "S\xc3\xb6hne\",\"items\":[{\"sku\":\"AX-204\",\"quantity\":3,"
	  "\"price\":19.95},{\"sku\":\"BZ-77\",\"quantity\":1,\"price\":240}],"
	  "\"paid\":true,\"note\":null},{\"id\":48214,\"customer\":\"Okafor\","
	  "\"items\":[],\"paid\":false,\"note\":\"call before 10:30\"}],"
	  "\"next\":\"/orders?page=2\"}", 97, 30, true },
	{ "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\","
	  "\"description\":\"The file to read, relative to the workspace\"},"
	  "\"offset\":{\"type\":\"integer\",\"minimum\":0,\"description\":\"T"
	  "he "
	  "first line to "
	  "return\"},\"limit\":{\"type\":\"integer\",\"minimum\":1,"
	  "\"maximum\":2000,\"default\":200}},\"required\":[\"path\"],"
	  "\"additionalProperties\":false}", 75, 30, true },
	{ "\xe4\xbd\xa0\xe6\x98\xaf\xe4\xb8\x80\xe5\x90\x8d\xe8\xb5\x84"
	  "\xe6\xb7\xb1\xe7\x9a\x84\xe8\xbd\xaf\xe4\xbb\xb6\xe5\xb7\xa5"
	  "\xe7\xa8\x8b\xe5\xb8\x88\xe3\x80\x82\xe8\xaf\xb7\xe9\x98\x85"
	  "\xe8\xaf\xbb\xe4\xb8\x8b\xe9\x9d\xa2\xe7\x9a\x84\xe4\xbb\xa3"
	  "\xe7\xa0\x81,\xe6\x8c\x87\xe5\x87\xba\xe5\x85\xb6"
	  "\xe4\xb8\xad\xe7\x9a\x84\xe9\x94\x99\xe8\xaf\xaf,"
	  "\xe5\xb9\xb6\xe7\xbb\x99\xe5\x87\xba\xe4\xbf\xae\xe6\x94\xb9"
	  "\xe5\x90\x8e\xe7\x9a\x84\xe5\xae\x8c\xe6\x95\xb4\xe7\x89\x88"
	  "\xe6\x9c\xac\xe3\x80\x82\xe8\xa6\x81\xe6\xb1\x82:"
	  "\xe4\xb8\x80\xe3\x80\x81\xe4\xb8\x8d\xe8\xa6\x81\xe6\x94\xb9"
	  "\xe5\x8f\x98\xe5\x87\xbd\xe6\x95\xb0\xe7\x9a\x84\xe6\x8e\xa5"
	  "\xe5\x8f\xa3;\xe4\xba\x8c\xe3\x80\x81\xe6\xaf\x8f"
	  "\xe4\xb8\x80\xe5\xa4\x84\xe4\xbf\xae\xe6\x94\xb9\xe9\x83\xbd"
	  "\xe8\xa6\x81\xe8\xaf\xb4\xe6\x98\x8e\xe5\x8e\x9f\xe5\x9b\xa0"
	  ";\xe4\xb8\x89\xe3\x80\x81\xe5\xa6\x82\xe6\x9e\x9c"
	  "\xe5\x8f\x91\xe7\x8e\xb0\xe6\x80\xa7\xe8\x83\xbd\xe9\x97\xae"
	  "\xe9\xa2\x98,\xe8\xaf\xb7\xe4\xbc\xb0\xe8\xae\xa1"
	  "\xe4\xbf\xae\xe6\x94\xb9\xe5\x89\x8d\xe5\x90\x8e\xe7\x9a\x84"
	  "\xe5\xb7\xae\xe5\x88\xab\xe3\x80\x82\xe6\x88\x91\xe4\xbb\xac"
	  "\xe8\xae\xa1\xe5\x88\x92\xe5\x9c\xa8\xe4\xb8\x8b\xe4\xb8\xaa"
	  "\xe5\xad\xa3\xe5\xba\xa6\xe6\x8a\x8a\xe6\x95\xb0\xe6\x8d\xae"
	  "\xe5\xba\x93\xe8\xbf\x81\xe7\xa7\xbb\xe5\x88\xb0\xe6\x96\xb0"
	  "\xe7\x9a\x84\xe9\x9b\x86\xe7\xbe\xa4,\xe6\x9c\x9f"
	  "\xe9\x97\xb4\xe5\xbf\x85\xe9\xa1\xbb\xe4\xbf\x9d\xe8\xaf\x81"
	  "\xe6\x9c\x8d\xe5\x8a\xa1\xe4\xb8\x8d\xe4\xb8\xad\xe6\x96\xad"
	  "\xe3\x80\x82", 87, 30, false },
};

static uint64_t
tokens_of(struct slice text, bool json)
{
	struct tally tally = { 0 };

	if (json)
		estimate_add_json(&tally, text);
	else
		estimate_add(&tally, text);
	return estimate_tokens((tally.plain + tally.foreign) * 100);
}

static void
calibrated(void)
{
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		uint64_t got = tokens_of(slice_of(samples[i].text),
		    samples[i].json);
		uint64_t off = got > samples[i].tokens ?
		    got - samples[i].tokens : samples[i].tokens - got;

		CHECK(off * 100 <= samples[i].tokens * samples[i].percent);
	}
}

/* Every beginning of a text counts for no more than one that is longer. */
static void
never_less(void)
{
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		size_t len = strlen(samples[i].text);
		uint64_t before = 0;

		for (size_t n = 0; n <= len; n++) {
			char *copy = guard_page(samples[i].text, n);
			struct slice cut = { copy, n };
			uint64_t as_json = tokens_of(cut, true);
			uint64_t got = tokens_of(cut, samples[i].json);

			/* half a code point or escape is another one */
			CHECK(got + 1 >= before && as_json <= 2 * n + 1);
			before = got > before ? got : before;
			guard_page_free(copy, n);
		}
	}
}

/* Twice as much text is twice as many tokens, within one. */
static void
linear(void)
{
	struct arena a = { 0 };

	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		struct slice once = slice_of(samples[i].text);
		struct slice many = arena_join(&a, (struct slice[]){ once,
		    once, once, once }, 4);
		uint64_t one = tokens_of(once, samples[i].json);
		uint64_t four = tokens_of(many, samples[i].json);

		CHECK(four + 8 >= 4 * one && four <= 4 * one + 8);
	}
	arena_reset(&a);
}

static bool
same_cost(const char *escaped, const char *plain)
{
	struct tally a = { 0 }, b = { 0 };

	estimate_add(&a, slice_of(escaped));
	estimate_add(&b, slice_of(plain));
	return a.plain == b.plain && a.foreign == b.foreign;
}

static void
texts(void)
{
	static const struct {
		const char	*escaped, *plain;
	} same[] = {
		{ "\\u0041\\u0062", "Ab" }, { "caf\\u00e9", "caf\xc3\xa9" },
		{ "\\u4f60", "\xe4\xbd\xa0" },
		{ "\\ud83d\\ude00", "\xf0\x9f\x98\x80" },
		{ "a\\/b", "a/b" }, { "a\\tb", "a b" },
		{ "\\ud83dx", "\\ud83dx" },
	};

	CHECK(tokens_of(SLICE(""), false) == 0);
	CHECK(tokens_of(SLICE("Hi"), false) == 1);
	CHECK(tokens_of(SLICE("one two three"), false) == 3);
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		CHECK(same_cost(same[i].escaped, same[i].plain));
	/* JSON counts as it is spelled, but for blanks between its values */
	CHECK(tokens_of(SLICE("{ \"a b\" :\n [ 1 , 2 ] }"), true) ==
	    tokens_of(SLICE("{\"a b\":[1,2]}"), true));
	CHECK(tokens_of(SLICE("[\"a  \\\" b\"]"), true) >
	    tokens_of(SLICE("[\"a\\\"b\"]"), true));
}

static void
requests(void)
{
	static const char tool[] = "{\"model\":\"m\",\"tools\":[{\"name\":"
	    "\"abcd\",\"input_schema\":%s}],\"messages\":[{\"role\":\"user\","
	    "\"content\":\"abcd\"}]}";
	char tight[256], loose[256];
	uint64_t plain = count("m", SAYS("\"abcd\""));

	/* the 4 of any request, 4 of the message, 1 of the word */
	CHECK(plain == 9);
	CHECK(count("m", "{\"model\":\"m\",\"system\":\"Be brief.\","
	    "\"messages\":[{\"role\":\"user\",\"content\":\"\xe4\xbd\xa0\xe5"
	    "\xa5"
	    "\xbd, world\"}]}") == 18);
	CHECK(count("m", "{\"model\":\"m\",\"tools\":[],\"messages\":"
	    "[{\"role\":\"user\",\"content\":\"abcd\"}]}") == plain);
	snprintf(tight, sizeof tight, tool, "{\"a\":1}");
	snprintf(loose, sizeof loose, tool, "{ \"a\" :\t1 }");
	CHECK(count("m", tight) > plain + 60);
	CHECK(count("m", tight) == count("m", loose));
}

/* What vendors put around a request differs, and so do their tokenizers. */
static void
families(void)
{
	static const char chinese[] = SAYS("\"\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xbd"
	    "\xa0\xe5\xa5\xbd\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xbd\xa0\xe5\xa5\xbd"
	    "\"");
	static const char words[] = SAYS("\"one two three four five six seven "
	    "eight nine ten one two three four five six seven eight\"");
	static const char tools[] = "{\"model\":\"m\",\"tools\":["
	    "{\"name\":\"a\",\"input_schema\":{}}]"
	    ",\"messages\":[{\"role\":\"user\","
	    "\"content\":\"a\"}]}";

	CHECK(count("deepseek-chat", chinese) < count("gpt-4o", chinese));
	CHECK(count("claude-opus-4-6", chinese) > count("gpt-4o", chinese));
	CHECK(count("claude-opus-4-7", words) > count("claude-opus-4-6",
	    words) * 11 / 10);
	CHECK(count("openrouter/anthropic/claude-opus-4.7", words) ==
	    count("claude-opus-4-7", words));
	CHECK(count("claude-sonnet-4-5", tools) > 500);
	CHECK(count("claude-3-5-haiku-latest", tools) < 500);
	CHECK(count("gpt-4o", tools) < 50);
	/* who thinks is told to */
	CHECK(count("claude-opus-5", words) > count("claude-opus-4-8", words));
}

static void
blocks(void)
{
	uint64_t plain = count("m", SAYS("\"abcd\""));

	CHECK(count("m", SAYS("[{\"type\":\"tool_result\",\"tool_use_id\":"
	    "\"t\",\"content\":[{\"type\":\"text\",\"text\":\"abcd\"}]}]"))
	    == plain + 12);
	/* who does not replay thinking does not count it */
	CHECK(count("m", "{\"model\":\"m\",\"messages\":[{\"role\":"
	    "\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":"
	    "\"abcdabcdabcd\",\"signature\":\"s\"}]}]}") == plain - 1);
	CHECK(count("m", SAYS("[{\"type\":\"image\",\"source\":"
	    "{\"type\":\"url\",\"url\":\"http://x/\"}}]")) == plain + 1599);
	CHECK(count("m", SAYS("[{\"type\":\"document\",\"source\":"
	    "{\"type\":\"text\",\"data\":\"abcd\"}}]")) == plain);
}

static const uint8_t png[] = { 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0,
	13, 'I', 'H', 'D', 'R', 0, 0, 2, 0x80, 0, 0, 1, 0xe0 };
static const uint8_t gif[] = { 'G', 'I', 'F', '8', '9', 'a', 0x80, 2,
	0xe0, 1 };
static const uint8_t jpeg[] = { 0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff,
	0xc4, 0, 3, 9, 0xff, 0xc2, 0, 17, 8, 1, 0xe0, 2, 0x80 };
static const uint8_t webp[] = { 'R', 'I', 'F', 'F', 0, 0, 0, 0, 'W', 'E',
	'B', 'P', 'V', 'P', '8', ' ', 0, 0, 0, 0, 0, 0, 0, 0x9d, 1, 0x2a,
	0x80, 2, 0xe0, 1 };
static const uint8_t lossless[] = { 'R', 'I', 'F', 'F', 0, 0, 0, 0, 'W',
	'E', 'B', 'P', 'V', 'P', '8', 'L', 0, 0, 0, 0, 0x2f,
	0x7f, 0xc2, 0x77, 0 };
static const uint8_t extended[] = { 'R', 'I', 'F', 'F', 0, 0, 0, 0, 'W',
	'E', 'B', 'P', 'V', 'P', '8', 'X', 0, 0, 0, 0, 0, 0, 0, 0,
	0x7f, 2, 0, 0xdf, 1, 0 };

static const struct {
	const uint8_t	*bytes;
	size_t		 len;
} pictures[] = {
	{ png, sizeof png }, { gif, sizeof gif }, { jpeg, sizeof jpeg },
	{ webp, sizeof webp }, { lossless, sizeof lossless },
	{ extended, sizeof extended },
};

/* Every picture, and each beginning of it before a page nobody may read. */
static void
picture_sizes(void)
{
	struct arena a = { 0 };
	uint32_t w, h;

	for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
		struct slice text = base64_encode(&a, (struct slice){
		    (const char *)pictures[i].bytes, pictures[i].len });

		CHECK(picture_size(text, &w, &h));
		CHECK(w == 640 && h == 480);
		for (size_t n = 0; n <= text.len; n++) {
			char *copy = guard_page(text.ptr, n);
			bool found = picture_size((struct slice){ copy, n },
			    &w, &h);

			CHECK(!found || (w && h));
			picture_pages((struct slice){ copy, n });
			guard_page_free(copy, n);
		}
	}
	CHECK(!picture_size(SLICE("!!!!!!!!"), &w, &h));
	CHECK(!picture_size(SLICE(""), &w, &h));
	arena_reset(&a);
}

static void
picture_costs(void)
{
	CHECK(picture_tokens(640, 480) == 410);
	CHECK(picture_tokens(1, 1) == 1);
	CHECK(picture_tokens(1000, 1200) == 1600);
	CHECK(picture_tokens(3136, 784) == 820);	/* as 1568 x 392 */
	CHECK(picture_tokens(UINT32_MAX, UINT32_MAX) == 1600);
}

static void
pages(void)
{
	struct arena a = { 0 };
	struct slice two = base64_encode(&a, SLICE("%PDF-1.4 /Type /Pages "
	    "/Type /Page /Type/Page\n/Type /Pagx  "));
	struct slice none = base64_encode(&a, SLICE("%PDF-1.4"));
	char *big = arena_text(&a, 400000);

	CHECK(picture_pages(two) == 2);
	CHECK(picture_pages(none) == 1);
	memset(big, 'A', 400000);
	CHECK(picture_pages((struct slice){ big, 400000 }) == 6);
	arena_reset(&a);
}

TESTS(
	{ "texts", texts },
	{ "calibrated", calibrated },
	{ "never less", never_less },
	{ "linear", linear },
	{ "families", families },
	{ "requests", requests },
	{ "blocks", blocks },
	{ "sizes of pictures", picture_sizes },
	{ "costs of pictures", picture_costs },
	{ "pages of PDFs", pages })
