#include "command/check_model.h"
#include "command/check_quirk.h"
#include "command/command.h"

#include <stdio.h>

#include "base/clock.h"
#include "gateway/config.h"
#include "gateway/limit.h"
#include "gateway/route.h"
#include "net/trust.h"

static const char help[] =
"usage: dragoman check [-c FILE] [--quirks]\n"
"\n"
"Read the configuration as \"dragoman serve\" would.  Say what is wrong with\n"
"it, or print providers, models and who may come in as they are resolved.\n"
"Exit code 1 if it could not be served.\n"
"\n"
"  --quirks  all that is known of providers and models, not only what is\n"
"            unusual\n";

static void
print_endpoint(const struct provider *p, enum protocol_id id)
{
	const struct endpoint *e = &p->at[id];
	const struct protocol *proto = protocol_by_id(id);

	if (!e->there)
		return;
	printf("    %-9s %s://%.*s%.*s%s%s", proto->name,
	    e->dial.tls ? "https" : "http", SLICE_FMT(e->host_header),
	    SLICE_FMT(e->base), e->deployments ?
	    "/openai/deployments/MODEL" : "", proto->path);
	if (p->api_version.len)
		printf("?%.*s", SLICE_FMT(p->api_version));
	printf("  (%s%s)\n", credential_name(e->credential),
	    e->dial.proxy_host.len ? ", through the proxy" : "");
}

static void
print_providers(const struct config *c, bool all)
{
	printf("providers\n");
	if (!c->providers)
		printf("  none: set a key such as OPENAI_API_KEY\n");
	for (const struct provider *p = c->providers; p; p = p->next) {
		printf("  %.*s  dialect %s, ", SLICE_FMT(p->name),
		    quirk_dialect_name(p->dialect));
		if (p->key_count)
			printf("%zu key%s\n", p->key_count,
			    p->key_count == 1 ? "" : "s");
		else
			printf("the caller's own credential\n");
		for (int id = 0; id < PROTO_COUNT; id++)
			print_endpoint(p, (enum protocol_id)id);
		if (p->translate)
			printf("    clients are translated to the other "
			    "protocol\n");
		check_quirk_provider(p, all);
	}
}

/* What stands before the next of what there is to say of a key. */
static const char *
next_mark(bool *first)
{
	const char *mark = *first ? "  (" : "; ";

	*first = false;
	return mark;
}

static void
print_limits(const struct key_limits *l, bool *first)
{
	const struct {
		uint64_t	 n;
		const char	*what;
	} counts[] = {
		{ l->rpm, "requests a minute" }, { l->tpm, "tokens a minute" },
		{ l->concurrency, "requests at once" },
	};
	char usd[LIMIT_USD];

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		if (counts[i].n)
			printf("%s%llu %s", next_mark(first),
			    (unsigned long long)counts[i].n, counts[i].what);
	for (unsigned per = 0; per < BUDGETS; per++) {
		if (!l->budget_nano[per])
			continue;
		limit_usd(l->budget_nano[per], usd);
		printf("%s$%s %s%s", next_mark(first), usd,
		    per == BUDGET_TOTAL ? "in " : "per ",
		    limit_per_name(per));
	}
}

/* "team-a  (some models; 600 requests a minute; $200.00 per month)" */
static void
print_key(const struct access_key *k)
{
	bool first = true;
	char until[CLOCK_STAMP];

	printf("  %.*s", SLICE_FMT(k->name));
	if (k->disabled)
		printf("%sdisabled", next_mark(&first));
	if (k->models)
		printf("%ssome models", next_mark(&first));
	print_limits(&k->limits, &first);
	if (k->limits.priced)
		printf("%sonly models with a price", next_mark(&first));
	if (k->expires_s) {
		clock_stamp(k->expires_s * 1000, until);
		printf("%s%s %.19sZ", next_mark(&first),
		    clock_wall_s() >= k->expires_s ? "expired" : "until",
		    until);
	}
	printf("%s\n", first ? "" : ")");
}

static void
print_access(const struct config *c)
{
	printf("listening on\n");
	for (size_t i = 0; i < c->listen_count; i++)
		printf("  %.*s%s%s\n", SLICE_FMT(c->listen[i].address),
		    c->listen[i].identity ? "  (TLS)" : "",
		    c->listen[i].operators ? "  (the operator's pages)" : "");
	printf("client keys\n");
	if (!c->keys)
		printf("  none: everyone who can connect may use it\n");
	for (const struct access_key *k = c->keys; k; k = k->next)
		print_key(k);
	if (c->ledger.path)
		printf("ledger\n  %s  (%s)\n", c->ledger.path,
		    config_sync_name(c->ledger.sync));
}

/* Would a gateway start with it? */
static bool
can_be_served(const struct config *c, struct arena *arena,
    struct config_problem *problem)
{
	char why[400];

	if (!config_safe(c, problem))
		return false;
	if (!c->needs_trust || trust_load(arena, NULL, why, sizeof why))
		return true;
	snprintf(problem->text, sizeof problem->text,
	    "no certificate authorities: %s; set SSL_CERT_FILE", why);
	return false;
}

int
check_main(int argc, char **argv)
{
	const char *file = NULL;
	bool all = false;
	const struct option_row rows[] = {
		{ "-c", "--config", &file, NULL },
		{ "--quirks", NULL, NULL, &all },
		{ 0 },
	};
	struct arena arena = { 0 };
	struct config config;
	struct config_problem problem;
	int words = command_options(argc, argv, rows, help), code = 0;

	if (words == -2)
		return 0;
	if (words > 1 || words < 0 || (words == 1 && file)) {
		fprintf(stderr, "usage: dragoman check [-c FILE] "
		    "[--quirks]\n");
		return 2;
	}
	if (words == 1)
		file = argv[1];
	if (!config_load(&config, &arena, file, NULL, &problem)) {
		fprintf(stderr, "dragoman: %s\n", problem.text);
		code = 1;
	} else {
		print_providers(&config, all);
		check_models(&config, &arena, all);
		print_access(&config);
		if (!can_be_served(&config, &arena, &problem)) {
			fprintf(stderr, "dragoman: %s\n", problem.text);
			code = 1;
		}
	}
	arena_reset(&arena);
	return code;
}
