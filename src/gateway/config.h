/*
 * config - what the operator wants, read once from a file and the environment.
 *
 * Everything here is resolved and checked: addresses are parsed, secrets are
 * read, names point to what they name.  Read-only after config_load(); it
 * lives in one arena until the process ends.
 */
#ifndef GATEWAY_CONFIG_H
#define GATEWAY_CONFIG_H

#include "base/log.h"
#include "base/map.h"
#include "gateway/catalog.h"
#include "gateway/input.h"
#include "json/bind.h"
#include "net/dial.h"
#include "net/identity.h"
#include "proto/proto.h"
#include "wire/url.h"

enum {
	CONFIG_LISTEN_MAX = 16,
	CONFIG_TARGETS_MAX = 32,	/* of a model; others' that it leads to
					 * included */
	CONFIG_NESTED_MAX = 8,		/* models that lead to models */
	CONFIG_WEIGHT_MAX = 1000000,
	CONFIG_MS_MAX = 7 * 24 * 3600 * 1000,	/* of any time-out: a week */
	CONFIG_RETRIES_MAX = 10,
	CONFIG_KEYS_MAX = 64,			/* of a provider */
};

struct when;			/* when.h */

/* Where a provider answers one protocol. */
struct endpoint {
	bool			 there;
	struct slice		 base;		/* path before protocol->path */
	struct slice		 host_header;	/* host[:port] */
	enum credential_form	 credential;
	/* the model stands in the path: /openai/deployments/MODEL */
	bool			 deployments;
	struct dial_target	 dial;
};

struct provider {
	struct provider		*next;
	struct slice		 name;
	const struct preset	*preset;	/* NULL: none */
	enum quirk_dialect	 dialect;
	struct endpoint		 at[PROTO_COUNT];
	struct slice		*keys;
	/* 0: the caller's own credential is passed on */
	size_t			 key_count;
	/* may have models that the catalogue does not know */
	bool			 open_catalog;
	/* asked in another protocol than the client's, where it has one */
	bool			 translate;
	struct slice		 api_version;	/* "api-version=..." for the
						 * query; empty: none */
	struct options		 options;	/* the general ones, and its
						 * own */
	struct quirk_rule	*quirks;	/* NULL: none */
	uint8_t			 sum[32];	/* of all that was said of it */
};

struct target {
	const struct provider	*provider;
	/* plain, as the provider spells it */
	struct slice		 model;
	bool			 translate;	/* see struct provider */
	/* of the catalogue: prices, limits; NULL: unknown */
	const struct catalog_model *row;
};

/* What is spared of requests; a model's own word counts before the general. */
struct saving {
	enum tri		 compress, prompt_cache;
	unsigned		 kinds;		/* bits of compress_kind */
};

enum pick { PICK_ORDERED, PICK_WEIGHTED };

/* One of a model's targets, as the operator listed it. */
struct model_target {
	/* without a provider: what `other` leads to */
	struct target		 target;
	const struct model	*other;
	/* what the star of `other` stands for; NULL: what that of this model
	 * does.  In target.model a star stands for that as well. */
	struct slice		 star;
	uint32_t		 weight;	/* 0: only if the others fail */
	const struct when	*when;		/* NULL: always */
};

struct model {			/* a name of the operator's own */
	struct model		*next;
	struct slice		 name;
	/* a name with a star is what stands before and behind it; the next
	 * such name is no longer one */
	bool			 wild;
	struct slice		 head, tail;
	struct model		*next_wild;
	struct model_target	*targets;
	size_t			 target_count;
	enum pick		 pick;
	/* 0: the general one */
	uint64_t		 first_token_timeout_ms;
	/* UINT64_MAX: the general one */
	uint64_t		 retries;
	enum tri		 strict, translate;
	/* are answers to be given again, for how long?  0: as all */
	enum tri		 cache;
	uint64_t		 cache_ttl_s;
	struct saving		 saving;
	uint8_t			 sum[32];	/* of all that was said of it */
};

enum budget_per {		/* ORDER periods */
	BUDGET_DAY, BUDGET_MONTH,	/* of the calendar, in UTC */
	BUDGET_TOTAL, BUDGETS,
};

struct key_limits {		/* 0: none */
	/* requests and tokens in a minute, and requests at once */
	uint64_t		 rpm, tpm, concurrency;
	int64_t			 budget_nano[BUDGETS];	/* nano-dollars */
	/* models whose price nobody knows are not for it */
	bool			 priced;
};

/* What may stand before a model's name besides the providers' own names. */
struct prefix {
	struct prefix		*next;
	struct slice		 name;
	/* NULL: the name is meant without it */
	const struct provider	*provider;
	/* private: which it is */
	struct slice		 spelled;
};

struct access_key {
	struct access_key	*next;
	struct slice		 name;
	uint8_t			 sha256[32];
	/* NULL: all; a trailing '*' matches any rest */
	struct ir_text		*models;
	struct key_limits	 limits;
	int64_t			 expires_s;	/* Unix time; 0: never */
	bool			 disabled;
	/* what all workers know of it, see limit.h; NULL: nothing is counted */
	struct limit_record	*record;
};

/* Of a limit, while the configuration is read. */
#define CONFIG_UNSAID	UINT64_MAX

struct limits {			/* every bound has a name in the file's
				 * "limits" */
	uint64_t	body_mb, head_kb;
	/* what all workers together may take for connections and requests;
	 * 0: no bound */
	uint64_t	memory_mb;
	/* of a whole answer from a provider */
	uint64_t	answer_mb;
	uint64_t	connections;		/* per worker */
	uint64_t	json_tokens;
	/* first byte to the end of the head; and for a TLS handshake */
	uint64_t	head_ms;
	/* head to the end of the body, plus what 16 KB/s need */
	uint64_t	body_ms;
	uint64_t	idle_ms;		/* between requests */
	/* a client that takes nothing */
	uint64_t	write_ms;
	/* name, TCP, proxy and TLS together */
	uint64_t	connect_ms;
	/* request sent to first event */
	uint64_t	first_token_ms;
	/* all attempts of a request together, to the first event */
	uint64_t	total_ms;
	/* the pause before the first round more, and the longest of them;
	 * each is twice as long as the one before */
	uint64_t	backoff_ms, backoff_max_ms;
	/* the longest that a provider may ask us to wait */
	uint64_t	retry_after_max_ms;
	/* how much may be asked a second time: of the requests, and beyond */
	uint64_t	retry_budget_percent, retry_budget_least;
	/* between events of a provider's stream */
	uint64_t	silence_ms;
	/* an answer's, where its request sets no limit: what is reserved */
	uint64_t	output_tokens;
	/* for the rest of a budget that others hold */
	uint64_t	budget_wait_ms;
	/* a stream's head goes out after so long even without an event */
	uint64_t	commit_ms;
	/* after its last word a stream's usage is waited for so long */
	uint64_t	usage_wait_ms;
	/* silence after which a stream is kept alive */
	uint64_t	keep_alive_ms;
	uint64_t	drain_s;
	/* thinking of recent answers, per worker; 0: none is kept */
	uint64_t	remember_mb;
	/* answers of Responses that clients refer to: all, the longest, how
	 * long, and one client's share in percent */
	uint64_t	store_mb, store_record_kb, store_ttl_s, store_share;
	/* idle connections per target */
	uint64_t	pool_idle;
	uint64_t	pool_idle_ms, pool_age_ms;
};

/* When lines of the ledger are on the disk. */
enum ledger_sync {			/* ORDER syncs */
	LEDGER_INTERVAL,		/* within a second */
	LEDGER_ALWAYS,			/* before the answer's end is sent */
	LEDGER_NEVER,			/* when the system likes */
};

struct ledger_options {
	const char	*path;		/* NULL: there is no ledger */
	enum ledger_sync sync;
	/* the size at which the file gets another name; 0: none */
	uint64_t	 rotate_mb;
	/* what may wait, per worker, while the disk takes nothing */
	uint64_t	 buffer_kb;
};

struct cache_limits {		/* answers that are given again: cache.h */
	uint64_t	max_mb;		/* 0: none are */
	uint64_t	entry_kb;	/* the longest that is kept */
	uint64_t	ttl_s;		/* where a model says nothing else */
	uint64_t	share;		/* percent of it for one client */
	uint64_t	wait_ms;	/* for the answer to an equal request */
	/* for all requests; tool calls, too; one of equal ones is asked */
	enum tri	on, tools, single_flight;
};

struct circuit {		/* when a target is left alone; see health.h */
	uint64_t	failures;	/* in a row; 0: these open nothing */
	/* failures of all that was asked in the last window_s, if it was at
	 * least `requests`; 0: never by that */
	uint64_t	rate_percent, requests, window_s;
	/* how long it is open, at first, and after many probes failed */
	uint64_t	open_ms, open_max_ms;
	uint64_t	probe_ms;	/* after so long another may probe */
	/* after a 429 that does not say how long, and at most */
	uint64_t	cool_ms, cool_max_ms;
};

/* Where the gateway listens; all addresses are good ones. */
struct entrance {
	struct slice		 address;	/* see sock_parse() */
	/* of a Unix socket's file; 0: as the umask leaves it */
	unsigned		 mode;
	/* the operator's pages without a key, and nothing else */
	bool			 operators;
	/* of the files; NULL: no TLS */
	struct slice		 cert, key;
	struct identity		*identity;
};

struct config {
	struct arena		*arena;
	struct slice		 file;		/* empty: environment only */
	/* all that was read, of a bad configuration too */
	struct input		*inputs;
	struct entrance		 listen[CONFIG_LISTEN_MAX];
	size_t			 listen_count;
	/* in the order of the file, then of the presets */
	struct provider		*providers;
	struct model		*models;
	/* as they are spelled; and with dashes in the place of dots */
	struct map		 model_names, model_dashes;
	bool			 dotted_models;	/* they differ */
	struct model		*wild_models;	/* the longest first */
	struct prefix		*prefixes;
	/* models of all providers, in the order of the catalogue, and all
	 * their names (struct catalog_name) */
	struct catalog_entry	*catalog;
	struct map		 catalog_names;
	struct access_key	*keys;
	struct access_key	*admins;	/* who may read /metrics */
	struct limits		 limits;
	struct cache_limits	 cache;
	struct circuit		 circuit;
	/* rounds more over the targets of a request */
	uint64_t		 retries;
	struct options		 options;
	struct saving		 saving;
	/* refuse what would lose something, unless a model says otherwise */
	bool			 strict;
	struct ledger_options	 ledger;
	/* allowed origin, "*", or empty: no CORS */
	struct slice		 cors;
	/* keeps those answers over a restart; NULL: they are in memory */
	const char		*store_file;
	uint64_t		 workers;
	/* limits.memory_mb in bytes, or what is left of what the system
	 * allows; 0: no bound */
	uint64_t		 memory;
	enum log_level		 log_level;
	enum log_form		 log_form;
	/* an https endpoint is configured */
	bool			 needs_trust;
	/* processes give up what they will not need; see confine.h */
	bool			 seal;
	/* the operator means to serve without client keys */
	bool			 open;
};

/* What is wrong, in one line for the operator: "file:line:column: sentence". */
struct config_problem {
	char	text[512];
};

/*
 * Read `file` (NULL: $DRAGOMAN_CONFIG, or none) and the environment.  `demo`
 * is the base URL of the built-in provider behind every model, or NULL.
 * False: *problem.
 */
bool	config_load(struct config *, struct arena *, const char *file,
	    const char *demo,
	    struct config_problem *) MUST_USE;

/*
 * May this configuration be served as it is? It may not, unless the operator
 * said so, hold provider keys, know no client keys and listen beyond loopback.
 */
bool	config_safe(const struct config *, struct config_problem *) MUST_USE;

/* "interval" and the like. */
const char	*config_sync_name(enum ledger_sync);

/* By its own name. */
const struct provider	*config_provider(const struct config *,
	    struct slice name);
/*
 * By what may stand before a model's name: its own name, a configured prefix,
 * or its vendor's name.
 */
const struct provider	*config_vendor(const struct config *,
	    struct slice prefix);

/*
 * config_name.c: the operator's name that `name` is, or the longest with a
 * star that it fits; *star is what the star stands for.  Dots and dashes are
 * the same.  The name "*" is for the `rest`, that which nothing else knows.
 */
const struct model	*config_model(const struct config *, struct slice name,
	    bool rest, struct slice *star);

/* Is the name one of a provider's, as it looks? */
static inline bool
model_has_slash(const struct model *m)
{
	return slice_chr(m->name, '/') != SIZE_MAX;
}

#endif
