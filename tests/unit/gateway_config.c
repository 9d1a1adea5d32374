/* config: good files and bad ones, the environment, what may be served. */
#include "gateway_config.h"

/* The same for the environment, whose mistakes are not the file's. */
static void
env_refused(const char *name, const char *value, const char *words)
{
	struct loaded l;

	setenv(name, value, 1);
	load(&l, "{}");
	CHECK(!l.good);
	CHECK(strstr(l.problem.text, words));
	CHECK(!strstr(l.problem.text, l.path));
	unload(&l);
	clearenv();
}

static void
whole_file(void)
{
	static const char text[] =
	    "// everything\n"
	    "{ \"listen\": [\"127.0.0.1:0\", \"unix:/tmp/x.sock\"],\n"
	    "  \"providers\": {\n"
	    "    \"anthropic\": { \"key\": \"sk-${GW_KEY}\" },\n"
	    "    \"eu\": { \"preset\": \"openai\", \"base_url\":\n"
	    "      \"https://eu.example/v1/\", \"keys\": [\"a\", \"b\"] },\n"
	    "    \"local\": { \"chat\": \"http://[::1]:8000/v1\",\n"
	    "      \"messages\": \"http://h/v1\", \"dialect\": \"vllm\" }, },\n"
	    "  \"models\": { \"fast\": { \"targets\": [\"eu/gpt-5\",\n"
	    "      { \"model\": \"local/a/b\" }], \"strict\": true,\n"
	    "      \"first_token_timeout_ms\": 5 } },\n"
	    "  \"limits\": { \"body_mb\": 3, \"remember_mb\": 0 },\n"
	    "  \"cors\": \"*\",\n"
	    "  \"workers\": 2, \"log\": \"debug,json\", /* end */ }\n";
	const struct provider *p;
	const struct model *m;
	struct loaded l;

	clearenv();
	setenv("GW_KEY", "1", 1);
	load_good(&l, text);
	CHECK(l.config.listen_count == 2 && l.config.workers == 2);
	CHECK(l.config.log_level == LOG_DEBUG && l.config.log_form == LOG_JSON);
	CHECK_SLICE(l.config.cors, "*");
	CHECK(l.config.limits.body_mb == 3 && l.config.limits.head_kb == 64);
	CHECK(l.config.limits.remember_mb == 0);
	CHECK(l.config.needs_trust);
	p = provider(&l, "anthropic");
	CHECK(p->key_count == 1 && p->dialect == DIALECT_ANTHROPIC);
	CHECK_SLICE(p->keys[0], "sk-1");
	CHECK(p->at[PROTO_MESSAGES].there && !p->at[PROTO_CHAT].there);
	p = provider(&l, "EU");
	CHECK(p->key_count == 2 && p->open_catalog && p->at[PROTO_CHAT].there);
	CHECK_SLICE(p->at[PROTO_CHAT].base, "/v1");
	CHECK_SLICE(p->at[PROTO_CHAT].host_header, "eu.example");
	p = provider(&l, "local");
	CHECK(p->dialect == DIALECT_VLLM && !p->key_count);
	CHECK_SLICE(p->at[PROTO_CHAT].host_header, "[::1]:8000");
	CHECK_SLICE(p->at[PROTO_CHAT].dial.host, "::1");
	CHECK_SLICE(p->at[PROTO_MESSAGES].base, "");
	m = map_get(&l.config.model_names, SLICE("fast"));
	CHECK(m && m->target_count == 2 && m->strict == TRI_YES);
	CHECK(m->targets[1].target.provider == p);
	CHECK(m->first_token_timeout_ms == 5);
	CHECK_SLICE(m->targets[1].target.model, "a/b");
	unload(&l);
}

static void
syntax(void)
{
	clearenv();
	refused("", "1:1", "");
	refused("{\n  \"a\" 1 }", "2:7", "");
	refused("[]", "1:1", "object");
	refused("{ /* open", "1:3", "");
	refused("{} {}", "1:4", "");
}

static void
unknown_members(void)
{
	clearenv();
	refused("{\n\t\"provider\": {} }", "2:2",
	    "unknown member \"provider\"; did you mean \"providers\"?");
	refused("{ \"limits\": {\n \"bodymb\": 1 } }", "2:2", "\"body_mb\"");
	refused("{ \"providers\": { \"a\": {\n  \"Key\": \"x\" } } }", "2:3",
	    "\"key\"");
	refused("{ \"models\": { \"a\": {\n  \"target\": 1 } } }", "2:3",
	    "\"targets\"");
	refused("{ \"keys\": [\n{ \"sha\": 1 } ] }", "2:3", "unknown member");
	refused("{ \"xyzzy\": 1 }", "1:3", "unknown member \"xyzzy\"");
}

static void
wrong_types(void)
{
	clearenv();
	refused("{ \"listen\": \"x\" }", "1:13", "array");
	refused("{ \"listen\": [1] }", "1:14", "string");
	refused("{ \"listen\": [\"x\"] }", "1:14", "address and a port");
	refused("{ \"providers\": [] }", "1:16", "object");
	refused("{ \"providers\": { \"a\": 1 } }", "1:23", "object");
	refused("{ \"workers\": -1 }", "1:14", "\"workers\"");
	refused("{ \"workers\": 2000 }", "1:14", "from 1 to 1024");
	refused("{ \"workers\": 9, \"limits\": { \"memory_mb\": 4 } }",
	    "", "9 workers need more memory than 4 MB");
	refused("{ \"log\": \"loud\" }", "1:1", "\"log\"");
	refused("{ \"keys\": {} }", "1:11", "array");
}

static void
providers(void)
{
	clearenv();
	refused("{ \"providers\": {\n\"x\": {} } }", "2:1", "no address");
	refused("{ \"providers\": { \"a/b\": {} } }", "1:18", "\"/\"");
	refused("{ \"providers\": { \"x\": { \"preset\": \"y\" } } }",
	    "1:23", "no preset is called \"y\"");
	refused("{ \"providers\": { \"x\": { \"base_url\": \"http://h\" } } }",
	    "1:23", "is no preset");
	refused("{ \"providers\": { \"x\": { \"chat\": \"h\" } } }", "1:23",
	    "\"h\"");
	refused("{ \"providers\": { \"openai\": {\n\"base_url\": \"h\" } } }",
	    "1:28", "openai");
	refused("{ \"providers\": { \"x\": { \"chat\": \"http://h\","
	    " \"dialect\": \"y\" } } }", "1:23", "no dialect");
	refused("{ \"providers\": { \"x\": { \"chat\": \"http://h\" },\n"
	    "\"X\": { \"chat\": \"http://h\" } } }", "2:1", "twice");
}

/* A secret that is in the wrong place or form is not repeated. */
static void
secrets(void)
{
	static const char *const bad[] = {
		"{ \"providers\": { \"x\": { \"chat\":"
		    " \"http://u:hush@h\" } } }",
		"{ \"providers\": { \"openai\": { \"base_url\":"
		    " \"https://u:hush@h/v1\" } } }",
		"{ \"providers\": { \"openai\": { \"key\": \"hush hush\" } } }",
		"{ \"providers\": { \"openai\": { \"key\": \"hush\\n\" } } }",
		"{ \"providers\": { \"openai\": { \"keys\":"
		    " [\"hush\x7f\"] } } }",
		"{ \"keys\": [ { \"name\": \"a\", \"sha256\": \"hush\" } ] }",
	};

	clearenv();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct loaded l;

		load(&l, bad[i]);
		CHECK(!l.good && strstr(l.problem.text, ":1:"));
		CHECK(!strstr(l.problem.text, "hush"));
		unload(&l);
	}
	refused("{ \"providers\": { \"openai\": { \"key\": \"${GW_NO}\" } } }",
	    "1:28", "GW_NO is not set");
}

static void
models(void)
{
	static const char prefix[] = "{ \"providers\": { \"p\": { \"chat\":"
	    " \"http://h\" } }, \"models\": {\n";
	static const struct {
		const char	*text, *where, *words;
	} bad[] = {
		{ "\"m\": {} } }", "2:1", "needs \"targets\"" },
		{ "\"m\": { \"targets\": [] } } }", "2:1", "needs" },
		{ "\"m\": { \"targets\": [\"x\"] } } }", "2:20", "spelled" },
		{ "\"m\": { \"targets\": [{}] } } }", "2:20",
		    "needs \"model\"" },
		{ "\"m\": { \"targets\": [1] } } }", "2:20", "object" },
		{ "\"a\": { \"targets\": [\"p/1\"] },\n"
		    "\"m\": { \"targets\": [\"q/1\"] } } }", "3:20",
		    "no provider is called \"q\"" },
		{ "\"m\": { \"targets\": [\"p/1\"] },\n"
		    "\"m\": { \"targets\": [\"p/1\"] } } }", "3:1", "twice" },
		{ "\"m\": { \"targets\": [\"p/1\"],"
		    " \"first_token_timeout_ms\": 99999999999 } } }", "2:1",
		    "at most" },
	};
	char text[256];

	clearenv();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(text, sizeof text, "%s%s", prefix, bad[i].text);
		refused(text, bad[i].where, bad[i].words);
	}
}

static void
limits(void)
{
	clearenv();
	refused("{ \"limits\": { \"body_mb\": 0 } }", "1:26",
	    "\"body_mb\" must be from 1 to 1024");
	refused("{ \"limits\": {\n \"head_ms\": 0 } }", "2:13", "head_ms");
	/* times are added to the clock: none may reach its end */
	refused("{ \"limits\": { \"connect_ms\": 18446744073709551615 } }",
	    "1:29", "connect_ms");
	refused("{ \"limits\": { \"json_tokens\": 4294967296 } }", "1:30",
	    "json_tokens");
	refused("{ \"limits\": { \"drain_s\": 9223372036854775807 } }",
	    "1:26", "drain_s");
}

static void
client_keys(void)
{
	static const char good[] =
	    "{ \"keys\": [ { \"name\": \"a\", \"sha256\":"
	    " \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015"
	    "ad\", \"models\": [\"fast\", \"openai/*\"] } ] }";
	struct loaded l;
	uint8_t hash[SHA256_LEN];

	clearenv();
	refused("{ \"keys\": [ {} ] }", "1:13", "\"name\" and \"sha256\"");
	refused("{ \"keys\": [ { \"name\": \"a\", \"sha256\": \"00\" } ] }",
	    "1:13", "64 hex digits");
	load_good(&l, good);
	sha256(SLICE("abc"), hash);
	CHECK_BYTES(l.config.keys->sha256, sizeof hash, hash, sizeof hash);
	CHECK_SLICE(l.config.keys->models->next->text, "openai/*");
	unload(&l);
	setenv("DRAGOMAN_KEY", " one, ,two,", 1);
	load_good(&l, good);
	CHECK(l.config.keys->next->next && !l.config.keys->next->next->next);
	unload(&l);
	clearenv();
}

/* A preset's name with an address of one's own keeps none of the vendor's. */
static void
preset_elsewhere(void)
{
	const struct provider *p;
	struct loaded l;

	clearenv();
	load_good(&l, "{ \"providers\": { \"deepseek\": { \"chat\":"
	    " \"http://h:1/v1\" } } }");
	p = provider(&l, "deepseek");
	CHECK(p->dialect == DIALECT_DEEPSEEK && p->open_catalog);
	CHECK_SLICE(p->at[PROTO_CHAT].host_header, "h:1");
	CHECK(!p->at[PROTO_MESSAGES].there && !l.config.needs_trust);
	unload(&l);
}

/* <NAME>_API_KEY and <NAME>_BASE_URL, in every spelling that is in use. */
static void
presets(void)
{
	static const struct {
		const char	*env, *url, *name, *chat, *messages;
	} rows[] = {
		{ "OPENAI_BASE_URL", "http://h:1/v1", "openai", "/v1", NULL },
		{ "OPENAI_BASE_URL", "http://h:1/v1/", "openai", "/v1", NULL },
		{ "OPENAI_BASE_URL", "http://h:1", "openai", "", NULL },
		{ "ANTHROPIC_BASE_URL", "http://h:1", "anthropic", NULL, "" },
		{ "ANTHROPIC_BASE_URL", "http://h:1/v1", "anthropic", NULL,
		    "" },
		{ "ANTHROPIC_BASE_URL", "http://h:1/a/v1/", "anthropic", NULL,
		    "/a" },
		{ "OLLAMA_BASE_URL", "http://h:1", "ollama", "/v1", "" },
		{ "OLLAMA_BASE_URL", "http://h:1/v1", "ollama", "/v1", "" },
		{ "VLLM_BASE_URL", "http://h:1//", "vllm", "/v1", "" },
		{ "DEEPSEEK_BASE_URL", "http://h:1/v1", "deepseek", "/v1",
		    "/anthropic" },
		{ "DEEPSEEK_BASE_URL", "http://h:1", "deepseek", "/v1",
		    "/anthropic" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct provider *p;
		struct loaded l;

		clearenv();
		setenv(rows[i].env, rows[i].url, 1);
		load_env(&l, NULL);
		CHECK(l.good && !l.config.needs_trust);
		p = provider(&l, rows[i].name);
		CHECK(!p->next && p->open_catalog && !p->key_count);
		CHECK(p->at[PROTO_CHAT].there == (rows[i].chat != NULL));
		CHECK(p->at[PROTO_MESSAGES].there ==
		    (rows[i].messages != NULL));
		if (rows[i].chat)
			CHECK_SLICE(p->at[PROTO_CHAT].base, rows[i].chat);
		if (rows[i].messages)
			CHECK_SLICE(p->at[PROTO_MESSAGES].base,
			    rows[i].messages);
		unload(&l);
	}
	clearenv();
}

static void
environment(void)
{
	struct loaded l;

	clearenv();
	load_env(&l, NULL);
	CHECK(l.good && !l.config.providers && l.config.listen_count == 1);
	CHECK_SLICE(l.config.listen[0].address, "127.0.0.1:4000");
	unload(&l);

	setenv("DRAGOMAN_LOG", "", 1);
	setenv("DRAGOMAN_WORKERS", "", 1);
	setenv("DRAGOMAN_LISTEN", "", 1);
	setenv("OPENAI_API_KEY", "sk-1\n", 1);
	setenv("OLLAMA_API_KEY", "alone it switches nothing on", 1);
	setenv("PORT", "81", 1);
	load_env(&l, NULL);
	CHECK(l.good && !l.config.providers->next);
	CHECK_SLICE(provider(&l, "openai")->keys[0], "sk-1");
	CHECK(!provider(&l, "openai")->open_catalog);
	CHECK_SLICE(l.config.listen[0].address, "127.0.0.1:81");
	unload(&l);

	/* the file has the last word on a provider that it names */
	load_good(&l, "{ \"providers\": { \"openai\":"
	    " { \"key\": \"sk-2\" } } }");
	CHECK(provider(&l, "openai")->key_count == 1);
	CHECK_SLICE(provider(&l, "openai")->keys[0], "sk-2");
	unload(&l);
	load_good(&l, "{ \"env\": false, \"listen\": [\"[::1]:1\"] }");
	CHECK(!l.config.providers);
	CHECK_SLICE(l.config.listen[0].address, "[::1]:1");
	unload(&l);
	setenv("DRAGOMAN_LISTEN", ":1, unix:/tmp/a ,[::1]:3", 1);
	load_good(&l, "{ \"listen\": [\"[::1]:1\"] }");
	CHECK(l.config.listen_count == 3);
	CHECK_SLICE(l.config.listen[1].address, "unix:/tmp/a");
	unload(&l);
	clearenv();
}

static void
bad_environment(void)
{
	clearenv();
	env_refused("DRAGOMAN_LISTEN", "nonsense", "nonsense");
	env_refused("DRAGOMAN_LISTEN", ":1,,:2", "listen address");
	env_refused("DRAGOMAN_LISTEN", ":1,:1,:1,:1,:1,:1,:1,:1,:1,:1,:1,:1,"
	    ":1,:1,:1,:1,:1", "more than 16");
	env_refused("DRAGOMAN_LOG", "loud", "DRAGOMAN_LOG");
	env_refused("DRAGOMAN_WORKERS", "0", "DRAGOMAN_WORKERS");
	env_refused("DRAGOMAN_WORKERS", "two", "DRAGOMAN_WORKERS");
	env_refused("OPENAI_API_KEY", "a b", "openai");
	env_refused("OPENAI_API_KEY_FILE", "/nowhere", "/nowhere");
	env_refused("DRAGOMAN_KEY_FILE", "/nowhere", "DRAGOMAN_KEY");
	env_refused("VLLM_BASE_URL", "h:1", "vllm");
}

static void
proxies(void)
{
	static const char text[] = "{ \"env\": false, \"providers\": {"
	    "\"tls\": { \"chat\": \"https://api.example/v1\" },"
	    "\"plain\": { \"chat\": \"http://llm.lan/v1\" },"
	    "\"near\": { \"chat\": \"https://127.0.0.1/v1\" } } }";
	const struct dial_target *dial;
	struct loaded l;

	clearenv();
	setenv("HTTPS_PROXY", "http://us%40r:p%3Aw@proxy:3128/", 1);
	/* a CGI script's environment has this one from a request's header */
	setenv("HTTP_PROXY", "http://evil:1", 1);
	load_good(&l, text);
	dial = &provider(&l, "tls")->at[PROTO_CHAT].dial;
	CHECK_SLICE(dial->proxy_host, "proxy");
	CHECK(dial->proxy_port == 3128);
	CHECK_SLICE(dial->proxy_authorization, "Basic dXNAcjpwOnc=");
	CHECK(!provider(&l, "plain")->at[PROTO_CHAT].dial.proxy_host.len);
	CHECK(!provider(&l, "near")->at[PROTO_CHAT].dial.proxy_host.len);
	unload(&l);
	setenv("HTTPS_PROXY", "socks5://hush:1", 1);
	load(&l, text);
	CHECK(!l.good && strstr(l.problem.text, "http://"));
	CHECK(!strstr(l.problem.text, "hush"));
	unload(&l);
	clearenv();
}

static void
no_proxy(void)
{
	static const struct {
		const char	*list;
		bool		 exempt;
	} rows[] = {
		{ "", false }, { "*", true }, { "api.example", true },
		{ "example", true }, { ".example", true },
		{ "API.Example:443", true }, { "pi.example", false },
		{ "x, ,api.example ,y", true }, { "api.example.org", false },
		{ "example.api", false },
	};
	struct loaded l;

	clearenv();
	setenv("https_proxy", "http://proxy:1", 1);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		setenv("no_proxy", rows[i].list, 1);
		load_good(&l, "{ \"providers\": { \"a\": { \"chat\":"
		    " \"https://api.example\" } } }");
		CHECK(!provider(&l, "a")->at[PROTO_CHAT].dial.proxy_host.len
		    == rows[i].exempt);
		unload(&l);
	}
	clearenv();
}

static void
demo(void)
{
	struct loaded l;

	clearenv();
	load_env(&l, "http://127.0.0.1:9");
	CHECK(l.good && l.config.open && !l.config.needs_trust);
	CHECK_SLICE(provider(&l, "openai")->at[PROTO_CHAT].base, "/v1");
	CHECK_SLICE(provider(&l, "anthropic")->at[PROTO_MESSAGES].base, "");
	CHECK(provider(&l, "anthropic")->at[PROTO_MESSAGES].dial.port == 9);
	unload(&l);
}

/* Keys of providers are not handed to whoever can connect. */
static void
safety(void)
{
	static const struct {
		const char	*listen, *name, *value;
		bool		 safe;
	} rows[] = {
		{ "127.0.0.1:1,[::1]:1,unix:/x", "OPENAI_API_KEY", "k", true },
		{ "127.0.0.1:1,0.0.0.0:1", "OPENAI_API_KEY", "k", false },
		{ ":1", "OPENAI_API_KEY", "k", false },
		{ ":1", "OPENAI_BASE_URL", "http://h", true },
		{ ":1", "DRAGOMAN_KEY", "k", true },
		{ ":1", "DRAGOMAN_OPEN", "1", true },
		{ ":1", "DRAGOMAN_OPEN", "yes", false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct loaded l;

		clearenv();
		setenv("DRAGOMAN_LISTEN", rows[i].listen, 1);
		if (strcmp(rows[i].name, "OPENAI_BASE_URL"))
			setenv("OPENAI_API_KEY", "hush", 1);
		setenv(rows[i].name, rows[i].value, 1);
		load_env(&l, NULL);
		CHECK(l.good);
		CHECK(config_safe(&l.config, &l.problem) == rows[i].safe);
		CHECK(rows[i].safe ||
		    strstr(l.problem.text, "DRAGOMAN_KEY"));
		CHECK(!strstr(l.problem.text, "hush"));
		unload(&l);
	}
	clearenv();
}

static const char *
edit_text(const struct quirk_edit *e, char *out, size_t size)
{
	snprintf(out, size, "%d %s %s %s %s", (int)e->kind, e->member,
	    e->text ? e->text : "-", e->low ? e->low : "-",
	    e->high ? e->high : "-");
	return out;
}

static void
provider_quirks(void)
{
	static const char text[] =
	    "{ \"providers\": { \"p\": { \"chat\": \"http://h/v1\",\n"
	    "  \"dialect\": \"vllm\", \"quirks\": [ { \"models\": \"QWEN*\",\n"
	    "  \"rename\": { \"a\": \"b\" }, \"drop\": [\"c\"],\n"
	    "  \"clamp\": { \"d\": [null, 1.5] },\n"
	    "  \"default\": { \"e\": [1] },\n"
	    "  \"refuse\": [\"f\"], \"set\": { \"seed\": false,\n"
	    "  \"max_output\": 9, \"id_max\": 20, \"max_field\": \"m\",\n"
	    "  \"user_field\": null, \"replay\": \"tools\",\n"
	    "  \"efforts\": [\"low\", \"max\"],\n"
	    "  \"thinking\": [\"enabled\"] } }, {} ] } } }";
	static const char *const edits[] = {
		"5 f - - -", "1 a b - -", "2 c - - -", "2 seed - - -",
		"3 d - - 1.5", "4 e [1] - -",
	};
	const struct quirk_rule *r;
	struct quirks q;
	struct loaded l;
	char room[64];

	clearenv();
	load(&l, text);
	CHECK(l.good);
	r = l.config.providers->quirks;
	CHECK(r->next && !r->next->next && !r->next->models);
	for (size_t i = 0; i < sizeof edits / sizeof *edits; i++)
		CHECK(!strcmp(edit_text(&r->edits[i], room, sizeof room),
		    edits[i]));
	CHECK(!r->edits[sizeof edits / sizeof *edits].kind);
	quirks_find(&q, DIALECT_VLLM, SLICE("qwen3-8b"));
	quirks_override(&q, r, SLICE("qwen3-8b"));
	CHECK(q.rules == r && !q.seed_ok && q.max_output == 9);
	CHECK(q.id_max == 20 && !strcmp(q.max_field, "m") && !q.user_field);
	CHECK(q.replay == REPLAY_TOOLS && q.think == THINK_ENABLED);
	CHECK(q.efforts == (1 << IR_EFFORT_LOW | 1 << IR_EFFORT_MAX));
	CHECK(!strcmp(q.efforts_sent[IR_EFFORT_HIGH], "low"));
	CHECK(!strcmp(q.efforts_sent[IR_EFFORT_MAX], "max"));
	quirks_find(&q, DIALECT_VLLM, SLICE("llama"));
	quirks_override(&q, r, SLICE("llama"));
	CHECK(q.seed_ok && !q.max_output && q.rules == r);
	unload(&l);
}

#define QUIRKS(text) \
	"{\"providers\":{\"p\":{\"chat\":\"http://h\",\n\"quirks\":" text "}}}"

static void
wrong_quirks(void)
{
	clearenv();
	refused(QUIRKS("5"), "2:10", "an array");
	refused(QUIRKS("[7]"), "2:11", "an object");
	refused(QUIRKS("[{\"renam\":{}}]"), "2:12",
	    "did you mean \"rename\"");
	refused(QUIRKS("[{\"drop\":{}}]"), "2:19", "\"drop\" must be an array");
	refused(QUIRKS("[{\"drop\":[1]}]"), "2:20", "must be a string");
	refused(QUIRKS("[{\"drop\":[\"model\"]}]"), "2:20",
	    "cannot be edited");
	refused(QUIRKS("[{\"drop\":[\"a\\\"b\"]}]"), "2:20", "no name");
	refused(QUIRKS("[{\"rename\":{\"a\":1}}]"), "2:26",
	    "must be a string");
	refused(QUIRKS("[{\"clamp\":{\"a\":[1]}}]"), "2:25", "[least, most]");
	refused(QUIRKS("[{\"clamp\":{\"a\":[2,1]}}]"), "2:25",
	    "the least is more");
	refused(QUIRKS("[{\"set\":{\"visoin\":true}}]"), "2:19",
	    "did you mean \"vision\"");
	refused(QUIRKS("[{\"set\":{\"vision\":1}}]"), "2:28",
	    "true or false");
	refused(QUIRKS("[{\"set\":{\"name_max\":9}}]"), "2:30",
	    "from 16 to 255");
	refused(QUIRKS("[{\"set\":{\"max_field\":null}}]"), "2:31",
	    "a string");
	refused(QUIRKS("[{\"set\":{\"efforts\":[\"much\"]}}]"), "2:29",
	    "minimal low medium");
	refused(QUIRKS("[{\"set\":{\"replay\":\"never\"}}]"), "2:28",
	    "no tools always");
}

TESTS(
	{ "a provider's quirks", provider_quirks },
	{ "wrong quirks", wrong_quirks },
	{ "a whole file", whole_file },
	{ "bad syntax", syntax },
	{ "unknown members", unknown_members },
	{ "wrong types", wrong_types },
	{ "bad providers", providers },
	{ "secrets are not repeated", secrets },
	{ "bad models", models },
	{ "limits", limits },
	{ "client keys", client_keys },
	{ "presets and base URLs", presets },
	{ "a preset elsewhere", preset_elsewhere },
	{ "the environment", environment },
	{ "a bad environment", bad_environment },
	{ "proxies", proxies },
	{ "exempt from the proxy", no_proxy },
	{ "the demo", demo },
	{ "what may be served", safety })
