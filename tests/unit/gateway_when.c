/* when and modality: what is in a request, and who is meant for it. */
#include "gateway_asked.h"

#include "gateway/modality.h"
#include "gateway/when.h"

/* ---- what is in a request ---- */

static const struct {
	enum protocol_id id;
	const char	*turns;
	unsigned	 bits;
} kinds[] = {
	{ PROTO_CHAT, "\"messages\":[{\"content\":\"image_url\"}]",
	    MODALITY_TEXT },
	{ PROTO_CHAT, "\"messages\":[{\"content\":[{\"type\":"
	    "\"text\"},{\"type\":\"image_url\"}]}]", MODALITY_IMAGE },
	{ PROTO_CHAT, "\"messages\":[{\"content\":[{\"type\":"
	    "\"input_audio\"}]},{\"content\":[{\"type\":\"file\","
	    "\"file\":{\"filename\":\"x.pdf\"}}]}]",
	    MODALITY_AUDIO | MODALITY_PDF },
	{ PROTO_CHAT, "\"messages\":[{\"content\":[{\"type\":"
	    "\"file\",\"file\":{\"file_data\":\"data:image/png;"
	    "base64,AA\"}}]}]", MODALITY_IMAGE },
	{ PROTO_CHAT, "\"messages\":[{\"content\":[{\"type\":"
	    "\"file\",\"file\":{\"file_id\":\"f\"}}]}]",
	    MODALITY_PDF },
	{ PROTO_CHAT, "\"messages\":[{\"content\":[{\"type\":"
	    "\"file\",\"file\":{\"filename\":\"a.TXT\"}}]}]",
	    MODALITY_TEXT },
	{ PROTO_CHAT, "\"messages\":[{\"content\":[{\"type\":"
	    "\"video_url\"}]}]", MODALITY_VIDEO },
	{ PROTO_MESSAGES, "\"messages\":[{\"content\":[{\"type\":"
	    "\"image\",\"source\":{}}]}]", MODALITY_IMAGE },
	{ PROTO_MESSAGES, "\"messages\":[{\"content\":[{\"type\":"
	    "\"document\",\"source\":{\"type\":\"base64\","
	    "\"media_type\":\"application/pdf\"}}]}]", MODALITY_PDF },
	{ PROTO_MESSAGES, "\"messages\":[{\"content\":[{\"type\":"
	    "\"document\",\"source\":{\"type\":\"text\","
	    "\"media_type\":\"text/plain\"}}]}]", MODALITY_TEXT },
	{ PROTO_MESSAGES, "\"messages\":[{\"content\":[{\"type\":"
	    "\"tool_result\",\"content\":[{\"type\":\"image\"}]}]}]",
	    MODALITY_IMAGE },
	{ PROTO_RESPONSES, "\"input\":\"input_image\"",
	    MODALITY_TEXT },
	{ PROTO_RESPONSES, "\"input\":[{\"type\":\"message\","
	    "\"content\":[{\"type\":\"input_image\"},{\"type\":"
	    "\"input_file\",\"file_url\":\"http://x/y.pdf\"}]}]",
	    MODALITY_IMAGE | MODALITY_PDF },
	{ PROTO_RESPONSES, "\"input\":[{\"type\":"
	    "\"function_call_output\",\"output\":[{\"type\":"
	    "\"input_image\"}]}]", MODALITY_IMAGE },
	{ PROTO_RESPONSES, "\"input\":[{\"type\":"
	    "\"computer_call_output\",\"output\":{\"type\":"
	    "\"computer_screenshot\"}}]", MODALITY_IMAGE },
	{ PROTO_GEMINI, "\"contents\":[{\"parts\":[{\"text\":\"x\"},"
	    "{\"inlineData\":{\"mimeType\":\"image/png\"}}]}]",
	    MODALITY_IMAGE },
	{ PROTO_GEMINI, "\"contents\":{\"parts\":{\"file_data\":"
	    "{\"mime_type\":\"audio/mp3\"}}}", MODALITY_AUDIO },
	{ PROTO_GEMINI, "\"contents\":[{\"parts\":[{\"fileData\":"
	    "{\"mimeType\":\"video/mp4\"}},{\"inline_data\":"
	    "{\"mime_type\":\"application/pdf\"}}]}]",
	    MODALITY_VIDEO | MODALITY_PDF },
	{ PROTO_GEMINI, "\"contents\":[{\"parts\":[{\"inlineData\":"
	    "{\"mimeType\":\"text/csv\"}}]}]", MODALITY_TEXT },
	{ PROTO_GEMINI, "\"contents\":[{\"parts\":["
	    "{\"functionResponse\":{\"parts\":[{\"inlineData\":"
	    "{\"mimeType\":\"image/png\"}}]}}]}]", MODALITY_IMAGE },
	{ PROTO_GEMINI, "\"contents\":[{\"parts\":[{\"fileData\":"
	    "{\"fileUri\":\"https://www.youtube.com/watch?v=x\"}}]}]",
	    MODALITY_VIDEO },
	{ PROTO_GEMINI, "\"contents\":[{\"parts\":[{\"file_data\":"
	    "{\"file_uri\":\"gs://a/b\"}}]}]", MODALITY_PDF },
	{ PROTO_MESSAGES, "\"messages\":[{\"content\":["
	    "{\"type\":\"document\",\"source\":{\"type\":\"content\","
	    "\"content\":[{\"type\":\"image\",\"source\":"
	    "{\"type\":\"file\"}}]}}]}]",
	    MODALITY_IMAGE },
	/* what is no body of that protocol */
	{ PROTO_CHAT, "\"messages\":7", MODALITY_TEXT },
	{ PROTO_CHAT, "\"messages\":[[[[[[[[[[[1]]]]]]]]]],null,3]",
	    MODALITY_TEXT },
};

static void
kinds_of_input(void)
{
	char body[512];

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct arena arena = { 0 };
		struct json_fault fault;
		struct json doc;

		snprintf(body, sizeof body, "{%s}", kinds[i].turns);
		CHECK(json_parse(&doc, &arena, slice_of(body), 0, &fault));
		if (modality_of(kinds[i].id, json_root(&doc)) != kinds[i].bits)
			CHECK_TEXT(kinds[i].turns, "another kind of input");
		arena_reset(&arena);
	}
	CHECK(modality_by_name(SLICE("pdf")) == MODALITY_PDF);
	CHECK(!modality_by_name(SLICE("PDF")) && !modality_by_name(SLICE("")));
}

static void
patterns(void)
{
	CHECK(when_fits(SLICE("gold"), SLICE("gold")));
	CHECK(!when_fits(SLICE("gold"), SLICE("Gold")));
	CHECK(when_fits(SLICE("g*d"), SLICE("gd")));
	CHECK(when_fits(SLICE("g*d"), SLICE("gold")));
	CHECK(!when_fits(SLICE("go*od"), SLICE("god")));
	CHECK(when_fits(SLICE("*"), SLICE("")));
	CHECK(when_fits(SLICE("*d"), SLICE("gold")));
	CHECK(!when_fits(SLICE("g*"), SLICE("silver")));
}

/* ---- conditions ---- */

static const struct {
	const char	*when, *header, *key, *body;
	bool		 holds;
} wants[] = {
	{ "", NULL, NULL, USER("x") "}", true },
	{ "\"stream\": true", NULL, NULL, USER("x") "}", false },
	{ "\"stream\": true", NULL, NULL, USER("x")
	    ",\"stream\":true}", true },
	{ "\"stream\": false", NULL, NULL, USER("x")
	    ",\"stream\":true}", false },
	{ "\"tools\": true", NULL, NULL, USER("x") "}", false },
	{ "\"tools\": true", NULL, NULL, USER("x")
	    ",\"tools\":[]}", false },
	{ "\"tools\": true", NULL, NULL, USER("x")
	    ",\"tools\":[{}]}", true },
	{ "\"tools\": false", NULL, NULL, USER("x")
	    ",\"functions\":[{}]}", false },
	{ "\"input\": \"text\"", NULL, NULL, USER("x") "}", true },
	{ "\"input\": [\"image\", \"pdf\"]", NULL, NULL, USER("x") "}",
	    false },
	{ "\"input\": [\"image\", \"pdf\"]", NULL, NULL,
	    "{\"messages\":[{\"content\":[{\"type\":\"image_url\"}]}"
	    "]}", true },
	{ "\"header\": { \"x-tier\": \"gold\" }", NULL, NULL,
	    USER("x") "}", false },
	{ "\"header\": { \"x-tier\": \"gold\" }", "gold", NULL,
	    USER("x") "}", true },
	{ "\"header\": { \"X-Tier\": \"g*\" }", "gold", NULL,
	    USER("x") "}", true },
	{ "\"header\": { \"x-tier\": \"g*\", \"x-other\": \"*\" }",
	    "gold", NULL, USER("x") "}", false },
	{ "\"key\": \"team-*\"", NULL, NULL, USER("x") "}", false },
	{ "\"key\": \"team-*\"", NULL, "team-a", USER("x") "}", true },
	{ "\"key\": [\"x\", \"team-b\"]", NULL, "team-a", USER("x")
	    "}", false },
	{ "\"max_tokens\": 3000", NULL, NULL, USER("x") "}", true },
	{ "\"min_tokens\": 3000", NULL, NULL, USER("x") "}", false },
	{ "\"min_tokens\": 1, \"max_tokens\": 2", NULL, NULL,
	    USER("one two three four five six seven eight") "}",
	    false },
	/* all of it must hold */
	{ "\"stream\": true, \"tools\": true", NULL, NULL, USER("x")
	    ",\"stream\":true}", false },
};

static void
conditions(void)
{
	for (size_t i = 0; i < sizeof wants / sizeof *wants; i++) {
		struct access_key key = { .name = slice_of(wants[i].key) };
		struct loaded l;
		struct asked a;
		char text[512];

		snprintf(text, sizeof text, "\"m\": { \"targets\": ["
		    "{ \"model\": \"a/x\", \"when\": { %s } }, \"b/y\"] }",
		    wants[i].when);
		load_models(&l, text);
		begin(&a, &l, PROTO_CHAT, wants[i].body);
		if (wants[i].key)
			a.ex.caller.key = &key;
		if (wants[i].header)
			a.head.headers[a.head.count++] = (struct http_header){
			    SLICE("x-tier"), slice_of(wants[i].header) };
		go(&a, "m");
		if (strcmp(a.got, wants[i].holds ? "a/x b/y" : "b/y"))
			CHECK_TEXT(wants[i].when, a.got);
		CHECK(!a.ex.route.passed == wants[i].holds);
		end(&a);
		unload(&l);
	}
}

static void
none_holds(void)
{
	struct loaded l;

	load_models(&l, "\"m\": { \"targets\": [{ \"model\": \"a/x\","
	    " \"when\": { \"stream\": true } }] }, \"n\": [\"m\", \"b/y\"],"
	    " \"o\": { \"targets\": [{ \"model\": \"n\", \"when\": {"
	    " \"tools\": true } }, \"c/z\"] }");
	goes(&l, PROTO_CHAT, USER("x") "}", "m", "!unsupported");
	goes(&l, PROTO_CHAT, USER("x") ",\"stream\":true}", "m", "a/x");
	goes(&l, PROTO_CHAT, USER("x") "}", "n", "b/y");
	goes(&l, PROTO_CHAT, USER("x") "}", "o", "c/z");
	goes(&l, PROTO_CHAT, USER("x") ",\"tools\":[{}],\"stream\":true}", "o",
	    "a/x b/y c/z");
	/* the caller's own fallbacks are there, too */
	goes(&l, PROTO_CHAT, USER("x") ",\"models\":[\"b/z\"]}", "m", "b/z");
	unload(&l);
}

TESTS(
	{ "kinds of input", kinds_of_input },
	{ "patterns", patterns },
	{ "conditions", conditions },
	{ "no condition holds", none_holds })
