#include "schema.h"

#include "gateway/loader.h"

#define A(object)	"\"$ref\": \"#/definitions/" object "\""
#define MAP(of)		"\"type\": \"object\", \"additionalProperties\": { " \
			of " }"
#define LIST(of)	"\"type\": \"array\", \"items\": { " of " }"
#define ANY_OF(a, b)	"\"anyOf\": [{ " a " }, { " b " }]"
#define ANY_OF_3(a, b, c) "\"anyOf\": [{ " a " }, { " b " }, { " c " }]"
#define TEXT		"\"type\": \"string\""
#define FLAG		"\"type\": \"boolean\""
#define BOUND		"\"type\": [\"number\", \"null\"]"
#define NEEDS(names)	"\"required\": [" names "]"
#define MODALITY	"\"enum\": [\"text\", \"image\", \"audio\", " \
			"\"video\", \"pdf\"]"
#define DAY		TEXT ", \"pattern\": \"^[0-9]{4}(-[0-9]{2}){2}$\""
#define TARGETS		ANY_OF(TEXT, LIST(ANY_OF(TEXT, A("target"))))
#define ADDRESSES	LIST(ANY_OF(TEXT, A("listen")))
#define COMPRESS	ANY_OF(FLAG, A("kind"))
#define PROMPT_CACHE	"\"enum\": [\"auto\", \"off\"]"
#define PER		"\"enum\": [\"day\", \"month\", \"total\"]"

const struct schema_object schema_objects[] = {
	{ "file", loader_file_fields, "", "A configuration of dragoman." },
	{ "listen", loader_listen_fields, NEEDS("\"address\""),
	  "Where to listen." },
	{ "tls", loader_tls_fields, NEEDS("\"cert\", \"key\""),
	  "TLS towards clients." },
	{ "provider", loader_provider_fields, "", "A preset, or any "
	  "server by the protocols that it speaks." },
	{ "rule", loader_rule_fields, "", "What is known of some models." },
	{ "model", loader_model_fields, NEEDS("\"targets\""),
	  "A name of your own, and what stands behind it." },
	{ "target", loader_target_fields, NEEDS("\"model\""),
	  "One of the places where a request may go." },
	{ "when", loader_when_fields, "", "When a target is taken; all of it "
	  "must hold." },
	{ "row", loader_row_fields, "", "What you know better of a model than "
	  "the catalogue; each member may stand alone." },
	{ "price", loader_price_fields, "",
	  "US dollars for a million tokens." },
	{ "tier", loader_tier_fields, NEEDS("\"above\", \"price\""),
	  "Other prices for long requests." },
	{ "key", loader_key_fields, NEEDS("\"name\", \"sha256\""),
	  "Who may come in; dragoman keygen prints such an object." },
	{ "key_default", loader_key_fields + LOADER_KEY_OWN, "",
	  "What holds for each key that does not say otherwise." },
	{ "budget", loader_budget_fields, NEEDS("\"usd\""),
	  "Dollars that may be spent." },
	{ "limits", loader_limit_fields, "", "Bounds; each has a default." },
	{ "circuit", loader_circuit_fields, "",
	  "When a target is left alone." },
	{ "ledger", loader_ledger_fields, "", "A line for each request." },
	{ "cache", NULL, "", "Answers that are given again to equal "
	  "requests." },
	{ "kind", loader_kind_fields, "", "Which kinds of compression; what is "
	  "not named is on." },
	{ 0 },
};

const struct schema_member schema_members[] = {
	{ "file.listen", ADDRESSES, "Where to listen: 127.0.0.1:4000, "
	  ":4000 for all addresses, unix:/run/dragoman.sock, or an object." },
	{ "file.admin_listen", ADDRESSES, "Where the operator's pages, and "
	  "nothing else, need no key." },
	{ "file.providers", MAP(A("provider")), "Providers by name; a preset's "
	  "name is enough for it." },
	{ "file.prefixes", MAP(TEXT), "What else may stand before a model's "
	  "name, and for which provider." },
	{ "file.models", MAP(ANY_OF(TARGETS, A("model"))),
	  "Names of your own." },
	{ "file.catalog", MAP(A("row")), "Models by provider/model: prices and "
	  "limits that you know better, or that are not known at all." },
	{ "file.keys", LIST(A("key")), "Client keys." },
	{ "file.key_defaults", A("key_default"), "What holds for each key that "
	  "does not say otherwise, and for DRAGOMAN_KEY." },
	{ "file.limits", A("limits"), "Bounds of sizes, times and numbers." },
	{ "file.circuit", A("circuit"), "When a target is left alone." },
	{ "file.retries", NULL, "Rounds more over the targets; at most 10." },
	{ "file.options", "@options", "What the translation does." },
	{ "file.ledger", A("ledger"), "Where requests are written down." },
	{ "file.cache", A("cache"), "Answers that are given again." },
	{ "file.strict", NULL, "Refuse what would lose something in "
	  "translation." },
	{ "file.compress", COMPRESS, "Shorten results of tools." },
	{ "file.prompt_cache", PROMPT_CACHE, "Cache marks where clients set "
	  "none." },
	{ "file.cors", NULL, "The origin whose pages may call; *: all." },
	{ "file.log", NULL, "error, warn, info or debug; json after a comma." },
	{ "file.store_file", NULL, "Keeps the answers that Responses clients "
	  "refer to over a restart." },
	{ "file.workers", "\"type\": \"integer\", \"minimum\": 1, "
	  "\"maximum\": 1024", "Processes; the CPUs by default." },
	{ "file.env", NULL, "false: providers' keys in the environment are "
	  "ignored." },
	{ "file.seal", NULL, "false: rights are not given up after the "
	  "start." },
	{ "file.$schema", TEXT, "Where this schema is, for editors." },

	{ "listen.address", NULL, "127.0.0.1:4000, [::1]:4000, :4000 or "
	  "unix:/run/dragoman.sock." },
	{ "listen.tls", A("tls"), "Speak TLS there." },
	{ "listen.mode", TEXT ", \"pattern\": \"^0?[0-7]{3}$\"",
	  "Of a Unix socket's file, as octal digits: 0660." },
	{ "tls.cert", NULL, "File with the chain in PEM form, the server's own "
	  "certificate first." },
	{ "tls.key", NULL, "File with its private key." },

	{ "provider.preset", "@presets", "A provider that the program knows." },
	{ "provider.base_url", NULL, "Another address of the preset's." },
	{ "provider.key", NULL, "Its key; without one the caller's own "
	  "credential goes on." },
	{ "provider.keys", LIST(TEXT), "Several keys, which take turns." },
	{ "provider.options", "@options", "What the translation does for it." },
	{ "provider.chat", NULL, "Address for OpenAI's Chat Completions." },
	{ "provider.messages", NULL, "Address for Anthropic's Messages." },
	{ "provider.responses", NULL, "Address for OpenAI's Responses." },
	{ "provider.gemini", NULL, "Address for Google's Gemini." },
	{ "provider.dialect", "@dialects", "Whose habits it has." },
	{ "provider.credential", "@credentials", "The header of its key." },
	{ "provider.api_version", NULL, "Azure's: 2024-10-21." },
	{ "provider.translate", NULL, "Ask in another protocol than the "
	  "client's." },
	{ "provider.quirks", LIST(A("rule")), "What you know better than the "
	  "program; all rules that fit a model count." },
	{ "rule.models", NULL, "Which models; * is any text." },
	{ "rule.refuse", LIST(TEXT), "Members that are refused with 400." },
	{ "rule.rename", MAP(TEXT), "Members that have another name there." },
	{ "rule.drop", LIST(TEXT), "Members that are left out." },
	{ "rule.clamp", MAP("\"type\": \"array\", \"minItems\": 2, "
	  "\"maxItems\": 2, \"items\": { " BOUND " }"),
	  "Members and their least and most." },
	{ "rule.default", "\"type\": \"object\"",
	  "Members that are added where they are missing." },
	{ "rule.set", "@quirks", "What is known of the models." },

	{ "model.targets", TARGETS, "provider/model, or another name." },
	{ "model.pick", "\"enum\": [\"ordered\", \"weighted\"]",
	  "How the first target is chosen." },
	{ "model.first_token_timeout_ms", NULL, "Until a target's first "
	  "event." },
	{ "model.cache", ANY_OF(FLAG, "\"type\": \"integer\", \"minimum\": 1"),
	  "Give answers again; for how many seconds." },
	{ "model.retries", NULL, "Rounds more over the targets." },
	{ "model.strict", NULL, "Refuse what would lose something." },
	{ "model.translate", NULL, "Ask in another protocol than the "
	  "client's." },
	{ "model.compress", COMPRESS, "Shorten results of tools." },
	{ "model.prompt_cache", PROMPT_CACHE, "Cache marks where clients set "
	  "none." },
	{ "target.model", NULL, "provider/model, or another name." },
	{ "target.weight", NULL, "Its share among the others'." },
	{ "target.when", A("when"), "When it is taken." },
	{ "when.input", ANY_OF(MODALITY, LIST(MODALITY)),
	  "The request holds one of these." },
	{ "when.tools", NULL, "It has tools, or none." },
	{ "when.stream", NULL, "A stream is asked for, or not." },
	{ "when.min_tokens", NULL, "Its input has as many tokens, by our "
	  "estimate." },
	{ "when.max_tokens", NULL, "It has no more." },
	{ "when.header", MAP(TEXT), "Its headers; one * is any text." },
	{ "when.key", ANY_OF(TEXT, LIST(TEXT)), "The client key's name; one * "
	  "is any text." },

	{ "row.name", NULL, "As people call it." },
	{ "row.context", NULL, "Tokens of input and output together." },
	{ "row.max_output", NULL, "Tokens of the longest answer." },
	{ "row.input", LIST(MODALITY), "What it can be shown." },
	{ "row.output", LIST(MODALITY), "What it makes." },
	{ "row.reasons", NULL, "It thinks." },
	{ "row.price", A("price"), "What tokens cost." },
	{ "row.tiers", LIST(A("tier")), "What they cost in long requests." },
	{ "row.protocols", LIST("\"enum\": [\"chat\", \"messages\", "
	  "\"responses\", \"gemini\"]"), "What it is asked in." },
	{ "row.also", LIST(TEXT), "Other names." },
	{ "row.released", DAY, "A day: 2026-11-30." },
	{ "row.retired", DAY, "A day: 2026-11-30." },
	{ "price.in", NULL, "Input." },
	{ "price.out", NULL, "Output." },
	{ "price.cached", NULL, "Input that the provider had cached." },
	{ "price.cache_write", NULL, "Input that it caches now." },
	{ "price.cache_write_long", NULL, "The same for an hour." },
	{ "tier.above", NULL, "Tokens of input from which on it holds." },
	{ "tier.price", A("price"), "What tokens cost then." },

	{ "key.name", NULL, "What the log calls it." },
	{ "key.sha256", NULL, "The hash of the key, 64 hex digits." },
	{ "key.models", LIST(TEXT), "What it may use; a * at the end is any "
	  "text." },
	{ "key.rpm", NULL, "Requests in a minute." },
	{ "key.tpm", NULL, "Tokens in a minute." },
	{ "key.concurrency", NULL, "Requests at once." },
	{ "key.budget_usd", NULL, "Dollars it may spend." },
	{ "key.per", PER, "In what time." },
	{ "key.budgets", LIST(A("budget")), "Several budgets." },
	{ "key.priced_only", NULL, "It may use models with a price alone." },
	{ "key.expires", TEXT, "Its last day, or a time: "
	  "2027-12-31T12:00:00Z." },
	{ "key.disabled", NULL, "It is let in no more." },
	{ "budget.usd", NULL, "How many." },
	{ "budget.per", PER, "In what time; a month by default." },

	{ "limits.body_mb", NULL, "A request's body." },
	{ "limits.head_kb", NULL, "A request's head." },
	{ "limits.answer_mb", NULL, "A provider's whole answer." },
	{ "limits.memory_mb", NULL, "What all workers together may take for "
	  "connections and requests; 0: no bound." },
	{ "limits.json_tokens", NULL, "Values and names in one request." },
	{ "limits.output_tokens", NULL, "Reserved where a request sets no "
	  "limit." },
	{ "limits.budget_wait_ms", NULL, "For the rest of a budget that "
	  "others hold." },
	{ "limits.connections", NULL, "Of clients, for each worker." },
	{ "limits.head_ms", NULL, "A request's head from its first byte, and a "
	  "TLS handshake." },
	{ "limits.body_ms", NULL, "A request's body, and a second more for "
	  "16 KB." },
	{ "limits.idle_ms", NULL, "Between requests of a connection." },
	{ "limits.write_ms", NULL, "A client that takes nothing." },
	{ "limits.connect_ms", NULL, "Name, TCP, proxy and TLS of a "
	  "provider." },
	{ "limits.first_token_ms", NULL, "Until a provider's first event." },
	{ "limits.silence_ms", NULL, "Between a provider's events." },
	{ "limits.commit_ms", NULL, "A stream's head goes out after this at "
	  "last." },
	{ "limits.usage_wait_ms", NULL, "For a stream's usage, after its last "
	  "word." },
	{ "limits.keep_alive_ms", NULL, "Silence after which the client gets a "
	  "ping." },
	{ "limits.drain_s", NULL, "For streams to end after SIGTERM." },
	{ "limits.remember_mb", NULL, "Thinking of recent answers, for each "
	  "worker; 0: none." },
	{ "limits.store_mb", NULL, "Answers that Responses clients refer to; "
	  "0: none." },
	{ "limits.store_record_kb", NULL, "The longest that is kept." },
	{ "limits.store_ttl_s", NULL, "For how long they are." },
	{ "limits.store_share", NULL, "Percent of it for one client." },
	{ "limits.pool_idle", NULL, "Idle connections to each provider." },
	{ "limits.pool_idle_ms", NULL, "How long one may be idle." },
	{ "limits.pool_age_ms", NULL, "How long one may live." },
	{ "limits.total_ms", NULL, "All attempts of a request, to the first "
	  "event." },
	{ "limits.backoff_ms", NULL, "The first pause before the targets are "
	  "asked again." },
	{ "limits.backoff_max_ms", NULL, "The longest." },
	{ "limits.retry_after_max_ms", NULL, "That a provider may ask us to "
	  "wait." },
	{ "limits.retry_budget_percent", NULL, "Of the requests may be asked "
	  "again." },
	{ "limits.retry_budget_least", NULL, "And so many, in ten seconds." },
	{ "circuit.failures", NULL, "In a row; 0: whatever they are." },
	{ "circuit.rate_percent", NULL, "Or of all; 0: whatever it is." },
	{ "circuit.requests", NULL, "If there were so many." },
	{ "circuit.window_s", NULL, "In so long." },
	{ "circuit.open_ms", NULL, "Before it is tried again." },
	{ "circuit.open_max_ms", NULL, "After it failed that again and "
	  "again." },
	{ "circuit.probe_ms", NULL, "For the answer to that." },
	{ "circuit.cool_ms", NULL, "After a 429 that does not say how long." },
	{ "circuit.cool_max_ms", NULL, "At most; after a key was refused." },

	{ "ledger.path", NULL, "The file; without it none is kept." },
	{ "ledger.sync", "\"enum\": [\"always\", \"interval\", \"never\"]",
	  "When lines are on the disk." },
	{ "ledger.rotate_mb", NULL, "Larger files get another name; 0: "
	  "never." },
	{ "ledger.buffer_kb", NULL, "Lines that wait for a full disk, for each "
	  "worker." },
	{ "cache.max_mb", NULL, "Memory, for all workers together; 0: "
	  "none." },
	{ "cache.entry_kb", NULL, "The longest answer that is kept." },
	{ "cache.ttl_s", NULL, "For how long, where a model says nothing." },
	{ "cache.share", NULL, "Percent of it for one client." },
	{ "cache.wait_ms", NULL, "For the answer to an equal request." },
	{ "cache.on", NULL, "For all requests, asked for or not." },
	{ "cache.tools", NULL, "Answers that call tools are kept, too." },
	{ "cache.single_flight", NULL, "Of equal requests at one time one is "
	  "sent." },
	{ "kind.json", NULL, "White space of JSON in results of tools." },
	{ "kind.blanks", NULL, "Blanks at the ends of lines." },
	{ "kind.repeats", NULL, "Results that stand there already." },
	{ 0 },
};
