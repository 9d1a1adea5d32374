/* multipart: a field of a form, wherever the form was cut off. */
#include "test.h"
#include "wire/multipart.h"

#define PART(head, value)	"--B\r\n" head "\r\n\r\n" value "\r\n"
#define FIELD(name, value) \
	PART("Content-Disposition: form-data; name=\"" name "\"", value)

static const char form[] =
    PART("content-disposition: form-data; name=\"file\"; "
	"filename=\"model\"\r\nContent-Type: audio/wav",
	"--B\r\n\r\n--Bx\r\n--BB\r\n--\r\n")
    PART("Content-Disposition: form-data; name=\"model\"; filename=\"x\"",
	"no")
    FIELD("models", "neither")
    FIELD("model", "whisper-1")
    FIELD("model", "too late")
    "--B--\r\n";

static int
find(const char *text, size_t len, struct slice *value)
{
	struct multipart m = { 0 };

	return multipart_field(&m, (struct slice){ text, len }, SLICE("B"),
	    "model", value);
}

/* The first byte with which the field is whole: its delimiter and one more. */
static void
cut_anywhere(void)
{
	size_t need = (size_t)(strstr(form, "whisper-1") - form) + sizeof
	    "whisper-1\r\n--B\r" - 1;
	struct multipart grown = { 0 };
	struct slice value;

	for (size_t n = 0; n <= sizeof form - 1; n++) {
		int got = find(form, n, &value);

		CHECK(got == (n >= need));
		if (got == 1)
			CHECK(slice_is(value, "whisper-1"));
		if (n > need)
			continue;
		got = multipart_field(&grown, (struct slice){ form, n },
		    SLICE("B"), "model", &value);
		CHECK(got == (n == need));
	}
}

static void
forms(void)
{
	static const struct {
		const char	*text;
		int		 got;
		const char	*value;
	} rows[] = {
		{ FIELD("model", "") "--B--", 1, "" },
		{ "preamble\r\n" FIELD("model", "m") "--B--", 1, "m" },
		{ "--B\r\nContent-Disposition: form-data; name=model\r\n\r\nm"
		  "\r\n--B--", 1, "m" },
		{ "--B \t\r\nCONTENT-DISPOSITION: form-data; NAME=\"model\""
		  "\r\n\r\nm\r\n--B--", 1, "m" },
		{ FIELD("other", "x") "--B--", -1, NULL },
		{ "--B--", -1, NULL },
		{ "", 0, NULL },
		{ "no form at all", 0, NULL },
		{ PART("", "m") "--B--", -1, NULL },
	};
	struct slice value;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int got = find(rows[i].text, strlen(rows[i].text), &value);

		CHECK(got == rows[i].got);
		if (got == 1)
			CHECK(slice_is(value, rows[i].value));
	}
}

static void
limits(void)
{
	char text[2 * MULTIPART_HEAD_MAX];
	struct slice value;
	size_t n;

	n = (size_t)snprintf(text, sizeof text, "--B\r\nContent-Disposition: "
	    "form-data; name=model\r\n\r\n");
	memset(text + n, 'x', sizeof text - n);
	CHECK(find(text, n + MULTIPART_VALUE_MAX, &value) == 0);
	CHECK(find(text, n + MULTIPART_VALUE_MAX + 1, &value) == -1);
	memset(text + 3, 'x', sizeof text - 3);
	CHECK(find(text, 100, &value) == 0);
	memcpy(text, "--B\r\n", 5);
	CHECK(find(text, sizeof text, &value) == -1);
}

static void
boundaries(void)
{
	static const struct {
		const char	*type, *want;	/* NULL: none */
	} rows[] = {
		{ "multipart/form-data; boundary=abc", "abc" },
		{ "Multipart/Form-Data;charset=x; BOUNDARY=\"a b\"", "a b" },
		{ "multipart/form-data", NULL },
		{ "multipart/form-data; boundary=", NULL },
		{ "multipart/form-data; boundary=\"\"", NULL },
		{ "multipart/mixed; boundary=abc", NULL },
		{ "application/json; boundary=abc", NULL },
		{ "", NULL },
	};
	struct slice got;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool is = multipart_boundary(slice_of(rows[i].type), &got);

		CHECK(is == (rows[i].want != NULL));
		if (is)
			CHECK(slice_is(got, rows[i].want));
	}
}

TESTS(
	{ "cut anywhere", cut_anywhere },
	{ "forms", forms },
	{ "limits", limits },
	{ "boundaries", boundaries })
