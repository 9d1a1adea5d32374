/*
 * remember - between an answer and the next request, keeps what the client
 * will not send back.
 *
 * A sink in the middle gathers the thinking, and the signatures of calls, of
 * an answer that calls tools; when the client sends the calls back without
 * them, encoders get them again.  Works for every pair of protocols; does
 * nothing where talk->memo is NULL, and costs nothing where there are no tools
 * or the provider has no use for it.
 */
#ifndef PROTO_REMEMBER_H
#define PROTO_REMEMBER_H

#include "proto/proto.h"

/* The head of a chain of sinks: `next` itself where nothing is to be kept. */
struct sink	*remember_sink(struct talk *, struct sink *next);

/*
 * Put back into talk->request what its assistant turns lack: blocks of
 * thinking where they stood, and the signatures of calls.  For encoders,
 * before they bring the turns into order.  Turns that hold signed thinking are
 * left alone, unless it is a part of what is remembered.  False: no memory.
 */
bool	remember_recall(struct talk *) MUST_USE;

#endif
