/*
 * route - from the model that a client names to the targets that can answer.
 */
#ifndef GATEWAY_ROUTE_H
#define GATEWAY_ROUTE_H

#include "gateway/access.h"

struct exchange;

/* A target that is not asked, or a model that it is one of. */
struct route_passed {
	struct route_passed	*next;
	struct slice		 target, why;
};

struct route {
	struct target	 targets[CONFIG_TARGETS_MAX];	/* as they are tried */
	size_t		 count;
	const struct model *model;	/* the operator's own name; NULL:
					 * none */
	const struct model *found;	/* ... that was added last */
	/* the caller named further models, and a provider that would try them
	 * by itself must not, as it has other names */
	bool		 fallbacks, own_names;
	/* keep what was passed over, in the arena */
	bool		 explain;
	struct route_passed *passed;
	/* private: of the request, once somebody wanted to know; 0: nobody */
	uint64_t	 affinity;
	uint8_t		 input;
};

/*
 * Add the targets of one more model to the route.  In order: a name from the
 * configuration; a name of the catalogue whose provider is active;
 * "provider/model"; what the configuration has for the rest; a name that the
 * one provider with an open catalogue, or the one whose family it belongs to,
 * may know.  Targets whose "when" does not hold for the request are passed
 * over, as are those that the key may not use and those that are there
 * already.  `ex` NULL: nothing is known of the request, and all hold.
 *
 * False: the name is unknown, or the key may use nothing that it leads to;
 * *fail says so, and names the nearest known model.  Slices live in the arena
 * or in the configuration.
 */
bool	route_add(const struct config *, const struct access_key *,
	    struct slice model, struct arena *, struct exchange *ex,
	    struct route *, struct fail *) MUST_USE;

/* Those of one model, of a request of which nothing is known. */
bool	route_find(const struct config *, const struct access_key *,
	    struct slice model,
	    struct arena *, struct route *, struct fail *) MUST_USE;

/* Note that a target was passed over, if that is kept. */
void	route_pass_over(struct route *, struct arena *, struct slice target,
	    const char *why, ...) __attribute__((format(printf, 4, 5)));
/* "provider/model" */
struct slice	route_name(struct arena *, const struct target *);

/* Kinds of input, as bits of enum modality; the body is looked through once. */
uint8_t		route_input(struct exchange *);

/* What of a request and its model decides where it goes. */
struct route_wish {
	unsigned absent;	/* bit protocol_id: the provider has refused the
				 * address */
	bool	 chat_refuses;	/* Chat would refuse it, or forget to reason */
	bool	 thinks;	/* its client wants to see reasoning, and the
				 * model reasons */
};

/* wish.c: read them, all but `absent`, off the client's body. */
void	route_wish(struct route_wish *, const struct protocol *client,
	    struct jval body, const struct quirks *);

/*
 * The protocol in which `target` is asked when the client speaks `client`: the
 * same if the provider has it, unless it is to be translated and can be; else
 * the one that loses least.  NULL: all are absent.
 */
const struct protocol	*route_protocol(const struct target *,
	    const struct protocol *client, const struct route_wish *);

/* What the target can and cannot, the operator's own word on it included. */
void	route_quirks(const struct target *, struct quirks *);

/*
 * Every model that can be named, for /v1/models and `dragoman models`: calls
 * `each` with the id, the owner's name and the catalogue's row (NULL: none).
 */
void	route_each_model(const struct config *, const struct access_key *,
	    struct arena *,
	    void (*each)(void *arg, struct slice id, struct slice owner,
	    const struct catalog_model *), void *arg);

#endif
