/*
 * command - the subcommands, each its own main: arguments without the name of
 * the program, exit code 0, 1 (problem) or 2 (usage).
 */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include "base/check.h"
#include "base/slice.h"

int	serve_main(int argc, char **argv);
int	check_main(int argc, char **argv);
int	keygen_main(int argc, char **argv);
int	models_main(int argc, char **argv);
int	route_main(int argc, char **argv);
int	usage_main(int argc, char **argv);
int	healthcheck_main(int argc, char **argv);
int	version_main(int argc, char **argv);

/*
 * Take the options of `spec` off the arguments: "-c FILE", "--demo".  One row
 * of the table per option; `value` NULL: a switch.
 */
struct option_row {
	const char	*name, *other;	/* "-c", "--config"; other may be
					 * NULL */
	const char	**value;
	bool		*given;		/* may be NULL */
};

/*
 * Returns the number of arguments that are no options, moved to the front of
 * argv[1..], or -1 after saying what is wrong on stderr, or -2 after printing
 * `help` for --help.
 */
int	command_options(int argc, char **argv, const struct option_row *rows,
	    const char *help) MUST_USE;

#endif
