/* What is kept of answers, and bodies that refer to it. */
#include "test.h"

#include "proto/responses/recall.h"

/* Two turns of a conversation, and one that goes on from the second. */
static const struct {
	const char	*id, *record;
} records[] = {
	{ "resp_1", "{\"input\":[{\"role\":\"user\",\"content\":\"a\"}],"
	    "\"response\":{\"id\":\"resp_1\",\"previous_response_id\":null,"
	    "\"output\":[{\"id\":\"msg_1\",\"type\":\"message\"}]}}" },
	{ "resp_2", "{\"input\":[{\"id\":\"in_2\",\"role\":\"user\"}],"
	    "\"response\":{\"id\":\"resp_2\",\"previous_response_id\":"
	    "\"resp_1\",\"output\":[{\"id\":\"fc_2\"},{\"id\":\"rs_2\"}]}}" },
	{ "resp_lost", "{\"input\":[],\"response\":{\"id\":\"resp_lost\","
	    "\"previous_response_id\":\"resp_gone\",\"output\":[]}}" },
	{ "resp_ring", "{\"input\":[],\"response\":{\"id\":\"resp_ring\","
	    "\"previous_response_id\":\"resp_ring\",\"output\":[]}}" },
	{ "fc_2", NULL }, { "in_2", NULL }, { "msg_1", NULL },
};

static bool
find(void *arg, struct slice id, struct arena *arena, struct slice *record)
{
	(void)arg;
	for (size_t i = 0; i < sizeof records / sizeof *records; i++)
		if (slice_is(id, records[i].id)) {
			*record = arena_dup(arena, slice_of(records[i].record ?
			    records[i].record : slice_is(id, "msg_1") ?
			    records[0].record : records[1].record));
			return true;
		}
	return false;
}

static const struct recall kept = { find, NULL };

struct bench {
	struct arena	 arena;
	struct talk	 talk;
	struct json	 doc;
	struct buf	 out;
};

static struct jval
begin(struct bench *b, const char *body)
{
	struct json_fault fault;

	*b = (struct bench){ 0 };
	b->talk.arena = b->talk.scratch = &b->arena;
	CHECK(json_parse(&b->doc, &b->arena, slice_of(body), 0, &fault));
	return json_root(&b->doc);
}

static void
end(struct bench *b)
{
	buf_free(&b->out);
	arena_reset(&b->arena);
}

#define BOTH "{\"role\":\"user\",\"content\":\"a\"}," \
	"{\"id\":\"msg_1\",\"type\":\"message\"}," \
	"{\"id\":\"in_2\",\"role\":\"user\"},{\"id\":\"fc_2\"}," \
	"{\"id\":\"rs_2\"}"
#define SAID "{\"type\":\"message\",\"role\":\"user\",\"content\":\"b\"}"

static const struct row {
	const char	*body;
	enum recall_result result;
	const char	*out;		/* or the failure's sentence */
} rows[] = {
	{ "{\"input\":\"b\"}", RECALL_NOTHING, "" },
	{ " {\"previous_response_id\":\"resp_2\", \"input\":\"b\"} ",
	    RECALL_DONE, "{\"previous_response_id\":\"resp_2\", \"input\":["
	    BOTH "," SAID "]}" },
	{ "{\"previous_response_id\":\"resp_2\"}", RECALL_DONE,
	    "{\"previous_response_id\":\"resp_2\",\"input\":[" BOTH "]}" },
	{ "{\"previous_response_id\":\"resp_2\",\"input\":[]}", RECALL_DONE,
	    "{\"previous_response_id\":\"resp_2\",\"input\":[" BOTH "]}" },
	{ "{\"input\":[{\"type\":\"item_reference\",\"id\":\"fc_2\"},1,"
	    "{\"id\":\"in_2\"},{\"id\":\"x\",\"role\":\"user\"}]}",
	    RECALL_DONE, "{\"input\":[{\"id\":\"fc_2\"},1,{\"id\":\"in_2\","
	    "\"role\":\"user\"},{\"id\":\"x\",\"role\":\"user\"}]}" },
	{ "{\"previous_response_id\":\"resp_1\",\"input\":[{\"id\":"
	    "\"fc_2\"}]}", RECALL_DONE, "{\"previous_response_id\":\"resp_1\","
	    "\"input\":[{\"role\":\"user\",\"content\":\"a\"},{\"id\":"
	    "\"msg_1\",\"type\":\"message\"},{\"id\":\"fc_2\"}]}" },
	{ "{\"previous_response_id\":\"resp_0\",\"input\":\"b\"}",
	    RECALL_MISS, "Previous response with id 'resp_0' not found." },
	{ "{\"previous_response_id\":\"resp_lost\",\"input\":\"b\"}",
	    RECALL_MISS, "Previous response with id 'resp_lost' not found." },
	{ "{\"previous_response_id\":\"resp_ring\",\"input\":\"b\"}",
	    RECALL_MISS, "Previous response with id 'resp_ring' not found." },
	/* an item is no response */
	{ "{\"previous_response_id\":\"fc_2\",\"input\":\"b\"}",
	    RECALL_MISS, "Previous response with id 'fc_2' not found." },
	{ "{\"input\":[{\"id\":\"msg_zz\"}]}", RECALL_MISS,
	    "Item with id 'msg_zz' not found. Items are not persisted when "
	    "`store` is set to false. Try again with `store` set to true, or "
	    "remove this item from your input." },
};

static void
resolved(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = &rows[i];
		struct bench b;
		struct jval body = begin(&b, row->body);
		enum recall_result got = recall_resolve(&b.talk, body, &kept,
		    &b.out);

		CHECK(got == row->result);
		CHECK(b.talk.recalled == (got == RECALL_DONE));
		if (got == RECALL_MISS)
			CHECK(slice_is(b.talk.fail.message, row->out));
		else
			CHECK(slice_is(buf_slice(&b.out), row->out));
		end(&b);
	}
}

static void
nobody_has_any(void)
{
	struct bench b;
	struct jval body = begin(&b, rows[1].body);

	CHECK(recall_resolve(&b.talk, body, NULL, &b.out) == RECALL_MISS);
	CHECK(slice_is(b.talk.fail.code, "previous_response_not_found"));
	end(&b);
}

/* Only what came with the request is kept with it, references made good. */
static void
recorded(void)
{
	struct bench b;
	struct jval body = begin(&b, "{\"previous_response_id\":\"resp_2\","
	    "\"input\":[{\"id\":\"msg_1\"},{\"id\":\"n\",\"role\":\"user\"}]}");
	const struct slice *ids;
	struct buf record = { 0 };
	size_t count;

	CHECK(recall_keeps(body));
	b.talk.keep = true;
	CHECK(recall_resolve(&b.talk, body, &kept, &b.out) == RECALL_DONE);
	CHECK(!recall_record(&b.talk, &record, &ids, &count));
	b.talk.kept_id = SLICE("resp_3");
	b.talk.kept = SLICE("{\"id\":\"resp_3\",\"output\":[{\"id\":\"o\"},"
	    "{}]}");
	CHECK(recall_record(&b.talk, &record, &ids, &count));
	CHECK(slice_is(buf_slice(&record), "{\"input\":[{\"id\":\"msg_1\","
	    "\"type\":\"message\"},{\"id\":\"n\",\"role\":\"user\"}],"
	    "\"response\":{\"id\":\"resp_3\",\"output\":[{\"id\":\"o\"},{}]"
	    "}}"));
	CHECK(count == 4 && slice_is(ids[0], "resp_3") &&
	    slice_is(ids[1], "o") && slice_is(ids[3], "n"));
	CHECK(recall_is(&b.arena, buf_slice(&record), SLICE("resp_3")));
	CHECK(!recall_is(&b.arena, buf_slice(&record), SLICE("o")));
	CHECK(slice_eq(recall_response(&b.arena, buf_slice(&record)),
	    b.talk.kept));
	buf_free(&record);
	end(&b);
}

static void
kept_without_reference(void)
{
	struct bench b;
	struct jval body = begin(&b, "{\"input\":\"b\"}");

	b.talk.keep = true;
	CHECK(recall_resolve(&b.talk, body, &kept, &b.out) == RECALL_NOTHING);
	CHECK(slice_is(b.talk.own_input, "[" SAID "]") && !buf_len(&b.out));
	end(&b);
	CHECK(!recall_keeps(begin(&b, "{\"store\":false}")));
	end(&b);
	CHECK(recall_keeps(begin(&b, "{\"store\":null}")));
	end(&b);
}

static void
listed(void)
{
	static const char record[] = "{\"input\":[{\"id\":\"a\"},"
	    "{\"role\":\"user\",\"content\":\"Hi\"}],"
	    "\"response\":{\"id\":\"resp_1\"}}";
	struct arena arena = { 0 };
	struct buf out = { 0 };

	recall_items(&arena, slice_of(record), true, &out);
	CHECK(slice_starts(buf_slice(&out), SLICE("{\"object\":\"list\","
	    "\"data\":[{\"id\":\"a\"},{\"role\":\"user\",\"content\":["
	    "{\"type\":\"input_text\",\"text\":\"Hi\"}],\"id\":\"item_")));
	CHECK(slice_ends(buf_slice(&out), SLICE("\"has_more\":false}")));
	CHECK(slice_find(buf_slice(&out), SLICE("\"first_id\":\"a\"")) !=
	    SIZE_MAX);
	buf_clear(&out);
	recall_items(&arena, slice_of(record), false, &out);
	CHECK(slice_find(buf_slice(&out), SLICE("\"last_id\":\"a\"")) !=
	    SIZE_MAX);
	buf_clear(&out);
	recall_items(&arena, SLICE("{\"input\":[]}"), true, &out);
	CHECK(slice_is(buf_slice(&out), "{\"object\":\"list\",\"data\":[],"
	    "\"first_id\":null,\"last_id\":null,\"has_more\":false}"));
	buf_clear(&out);
	recall_deleted(SLICE("resp_1"), &out);
	CHECK(slice_is(buf_slice(&out), "{\"id\":\"resp_1\",\"object\":"
	    "\"response\",\"deleted\":true}"));
	buf_free(&out);
	arena_reset(&arena);
}

TESTS(
	{ "resolved", resolved },
	{ "nobody has any", nobody_has_any },
	{ "recorded", recorded },
	{ "kept without reference", kept_without_reference },
	{ "listed", listed })
