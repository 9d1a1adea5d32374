/* Tokens counted by classes of characters, pictures by their size. */
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

static void
texts(void)
{
	CHECK(estimate_text(SLICE("")) == 0);
	CHECK(estimate_text(SLICE("ab 1")) == 1000);
	CHECK(estimate_text(SLICE(".,")) == 800);
	CHECK(estimate_text(SLICE("\\n\\\"\\\\")) == 1200);
	CHECK(estimate_text(SLICE("\xc3\xa9")) == 400);
	CHECK(estimate_text(SLICE("\\u00e9")) == 400);
	CHECK(estimate_text(SLICE("\\u0041")) == 250);
	CHECK(estimate_text(SLICE("\xe4\xbd\xa0")) == 1000);
	CHECK(estimate_text(SLICE("\\u4f60")) == 1000);
	CHECK(estimate_text(SLICE("\xf0\x9f\x98\x80")) == 2000);
	CHECK(estimate_text(SLICE("\\ud83d\\ude00")) == 2000);
	CHECK(estimate_text(SLICE("\\ud83dx")) == 750);
	CHECK(estimate_text(SLICE("\xd0\xb9")) == 500);
}

static void
requests(void)
{
	CHECK(count("m", "{\"model\":\"m\",\"system\":\"Be brief.\","
	    "\"messages\":[{\"role\":\"user\","
	    "\"content\":\"\xe4\xbd\xa0\xe5\xa5\xbd, world\"}]}") == 15);
	/* 4 for the message, 4 * 250 for the text */
	CHECK(count("m", SAYS("\"abcd\"")) == 5);
	CHECK(count("claude-opus-4-6", SAYS("\"abcd\"")) == 5);
	CHECK(count("claude-opus-4-7", SAYS("\"abcd\"")) == 7);
	CHECK(count("m", "{\"model\":\"m\",\"tools\":[],\"messages\":"
	    "[{\"role\":\"user\",\"content\":\"abcd\"}]}") == 5);
	/* a tool: 12, its name 1, {"a":1} without white space 2.3 */
	CHECK(count("m", "{\"model\":\"m\",\"tools\":[{\"name\":\"abcd\","
	    "\"input_schema\":{ \"a\" : 1 }}],\"messages\":"
	    "[{\"role\":\"user\",\"content\":\"abcd\"}]}") == 4 + 1 + 12 + 4);
}

static void
blocks(void)
{
	CHECK(count("m", SAYS("[{\"type\":\"tool_result\",\"tool_use_id\":"
	    "\"t\",\"content\":[{\"type\":\"text\",\"text\":\"abcd\"}]}]"))
	    == 5);
	/* who does not replay thinking does not count it */
	CHECK(count("m", "{\"model\":\"m\",\"messages\":[{\"role\":"
	    "\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":"
	    "\"abcdabcdabcd\",\"signature\":\"s\"}]}]}") == 4);
	CHECK(count("m", SAYS("[{\"type\":\"image\",\"source\":"
	    "{\"type\":\"url\",\"url\":\"http://x/\"}}]")) == 1604);
	CHECK(count("m", SAYS("[{\"type\":\"document\",\"source\":"
	    "{\"type\":\"text\",\"data\":\"abcd\"}}]")) == 5);
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
	{ "requests", requests },
	{ "blocks", blocks },
	{ "sizes of pictures", picture_sizes },
	{ "costs of pictures", picture_costs },
	{ "pages of PDFs", pages })
