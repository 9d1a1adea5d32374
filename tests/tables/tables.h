/*
 * tables - what the README shows of the program's own tables, as Markdown.
 *
 * One function prints one table; main.c lists them.
 */
#ifndef TABLES_H
#define TABLES_H

void	table_losses(void);
void	table_options(void);

#endif
