/* dragoman: one table of commands. */
#include <stdio.h>
#include <string.h>

#include "base/image.h"
#include "command/command.h"
#include "command/translate.h"
#include "echo/echo.h"
#include "version.h"

static const struct command {
	const char	*name;
	int		(*run)(int argc, char **argv);
	const char	*what;
} commands[] = {
	{ "serve", serve_main, "serve (the default)" },
	{ "check", check_main, "read the configuration, print it as resolved" },
	{ "translate", translate_main,
	  "a request or an answer from one protocol to another" },
	{ "route", route_main, "where a request would go, and why" },
	{ "models", models_main, "the models that can be named" },
	{ "usage", usage_main, "what was spent, by the ledger" },
	{ "keygen", keygen_main, "a new client key" },
	{ "echo", echo_main, "a mock provider, for tests and demos" },
	{ "healthcheck", healthcheck_main, "exit 0 if the gateway is ready" },
	{ "version", version_main, "print the version" },
};

int
version_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("dragoman %s\n", VERSION);
	return 0;
}

static void
print_help(FILE *out)
{
	fprintf(out, "dragoman %s: any LLM client, any LLM provider\n\n"
	    "usage: dragoman [COMMAND] [OPTIONS]\n\n", VERSION);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		fprintf(out, "  %-12s %s\n", commands[i].name,
		    commands[i].what);
	fprintf(out, "\n\"dragoman COMMAND --help\" tells more.  Exit codes: "
	    "0 good, 1 problem, 2 usage.\n");
}

int
main(int argc, char **argv)
{
	image_seal();
	if (argc < 2 || (argv[1][0] == '-' && strcmp(argv[1], "--help") &&
	    strcmp(argv[1], "-h") && strcmp(argv[1], "--version")))
		return serve_main(argc, argv);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    !strcmp(argv[1], "help")) {
		print_help(stdout);
		return 0;
	}
	if (!strcmp(argv[1], "--version"))
		return version_main(argc, argv);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "dragoman: unknown command \"%s\"\n\n", argv[1]);
	print_help(stderr);
	return 2;
}
