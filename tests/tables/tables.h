/*
 * tables - what the README shows of the program's own tables, as Markdown.
 *
 * One function prints one table; main.c lists them.
 */
#ifndef TABLES_H
#define TABLES_H

#include "proto/proto.h"

/* As people write them, by protocol_id. */
extern const char *const table_protocols[PROTO_COUNT];

void	table_clients(void);
void	table_losses(void);
void	table_options(void);
void	table_presets(void);
/* No table: docker/dragoman.schema.json. */
void	table_schema(void);

#endif
