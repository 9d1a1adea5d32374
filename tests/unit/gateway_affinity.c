/* affinity: a conversation has one number, however it grows. */
#include "gateway_asked.h"

#include "gateway/affinity.h"

static uint64_t
number(const struct loaded *l, enum protocol_id id, const char *body)
{
	struct asked a;
	uint64_t n;

	begin(&a, l, id, body);
	n = route_affinity(&a.ex);
	CHECK(n && n == route_affinity(&a.ex));
	end(&a);
	return n;
}

static const struct {
	enum protocol_id id;
	const char	*first, *later, *marked, *other;
} talks[] = {
	{ PROTO_CHAT,
	  "{\"model\":\"m\",\"messages\":[{\"role\":\"system\","
	  "\"content\":\"S\"},{\"role\":\"user\",\"content\":\"A\"}],"
	  "\"tools\":[{\"name\":\"t\"}]}",
	  "{\"stream\":true,\"messages\":[{\"role\":\"system\","
	  "\"content\":\"S\"},{\"role\":\"user\",\"content\":\"A\"},"
	  "{\"role\":\"assistant\",\"content\":\"B\"}],"
	  "\"tools\":[{\"name\":\"t\"}],\"temperature\":1}",
	  "{\"messages\":[{\"role\":\"system\",\"content\":["
	  "{\"type\":\"text\",\"text\":\"S\",\"cache_control\":"
	  "{\"type\":\"ephemeral\"}}]},{\"role\":\"user\","
	  "\"content\":\"A\"},{\"role\":\"assistant\"}],"
	  "\"tools\":[{\"name\":\"t\"}]}",
	  "{\"messages\":[{\"role\":\"system\",\"content\":\"S\"},"
	  "{\"role\":\"user\",\"content\":\"C\"}],"
	  "\"tools\":[{\"name\":\"t\"}]}" },
	{ PROTO_MESSAGES,
	  "{\"system\":[{\"type\":\"text\",\"text\":"
	  "\"x-anthropic-billing-header: cch=1\"},{\"text\":\"S\"}],"
	  "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
	  "\"text\",\"text\":\"A\",\"cache_control\":{\"type\":"
	  "\"ephemeral\"}}]}]}",
	  "{\"system\":[{\"type\":\"text\",\"text\":"
	  "\"x-anthropic-billing-header: cch=2\"},{\"text\":\"S\"}],"
	  "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
	  "\"text\",\"text\":\"A\"}]},{\"role\":\"assistant\","
	  "\"content\":\"B\"}]}",
	  "{\"system\":[{\"text\":\"S\"}],\"messages\":[{\"role\":"
	  "\"user\",\"content\":\"A\"}]}",
	  "{\"system\":[{\"text\":\"T\"}],\"messages\":[{\"role\":"
	  "\"user\",\"content\":\"A\"}]}" },
	{ PROTO_RESPONSES,
	  "{\"instructions\":\"S\",\"input\":[{\"role\":\"user\","
	  "\"content\":\"A\"}]}",
	  "{\"instructions\":\"S\",\"input\":[{\"role\":\"user\","
	  "\"content\":\"A\"},{\"type\":\"function_call\"}]}",
	  "{\"instructions\":\"S\",\"input\":[{\"role\":\"user\","
	  "\"content\":[{\"type\":\"input_text\",\"text\":\"A\"}]}]}",
	  "{\"instructions\":\"S\",\"input\":[{\"role\":\"user\","
	  "\"content\":\"C\"}]}" },
	{ PROTO_RESPONSES,
	  "{\"input\":\"A\"}",
	  "{\"input\":[{\"role\":\"user\",\"content\":\"A\"},{\"id\":\"m\"}]}",
	  "{\"input\":[{\"type\":\"message\",\"id\":\"m\",\"status\":"
	  "\"completed\",\"role\":\"user\",\"content\":[{\"type\":"
	  "\"input_text\",\"text\":\"A\"}]}]}",
	  "{\"input\":\"B\"}" },
	{ PROTO_RESPONSES,
	  "{\"prompt_cache_key\":\"k\",\"input\":\"A\"}",
	  "{\"prompt_cache_key\":\"k\",\"previous_response_id\":"
	  "\"resp_1\",\"input\":\"B\"}",
	  "{\"prompt_cache_key\":\"k\",\"input\":\"C\"}",
	  "{\"prompt_cache_key\":\"l\",\"input\":\"A\"}" },
	{ PROTO_GEMINI,
	  "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":"
	  "\"A\"}]}],\"systemInstruction\":{\"parts\":[{\"text\":"
	  "\"S\"}]}}",
	  "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":"
	  "\"A\"}]},{\"role\":\"model\",\"parts\":[]}],"
	  "\"systemInstruction\":{\"parts\":[{\"text\":\"S\"}]}}",
	  "{\"system_instruction\":{\"parts\":[{\"text\":\"S\"}]},"
	  "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":"
	  "\"A\"}]}]}",
	  "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":"
	  "\"A\"}]}]}" },
};

/* Rows of one conversation have one number; the last row has another. */
static void
affinity(void)
{
	struct loaded l;

	load_models(&l, "");
	for (size_t i = 0; i < sizeof talks / sizeof *talks; i++) {
		enum protocol_id id = talks[i].id;
		uint64_t n = number(&l, id, talks[i].first);

		CHECK(n == number(&l, id, talks[i].later));
		CHECK(n == number(&l, id, talks[i].marked));
		CHECK(n != number(&l, id, talks[i].other));
	}
	unload(&l);
}

/* Another caller is another conversation. */
static void
affinity_of_keys(void)
{
	struct access_key one = { .name = SLICE("one") };
	struct access_key two = { .name = SLICE("two") };
	struct loaded l;
	struct asked a, b;

	load_models(&l, "");
	begin(&a, &l, PROTO_CHAT, USER("x") "}");
	begin(&b, &l, PROTO_CHAT, USER("x") "}");
	a.ex.caller.key = &one;
	b.ex.caller.key = &two;
	CHECK(route_affinity(&a.ex) != route_affinity(&b.ex));
	end(&a);
	end(&b);
	unload(&l);
}

TESTS(
	{ "a conversation", affinity },
	{ "callers", affinity_of_keys })
