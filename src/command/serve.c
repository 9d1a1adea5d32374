#include "command/command.h"

#include <stdio.h>

#include "admin/admin.h"
#include "echo/echo.h"
#include "gateway/count.h"
#include "gateway/master.h"

static const char help[] =
"usage: dragoman [serve] [-c FILE] [--demo]\n"
"\n"
"Serve LLM clients.  Without FILE (or DRAGOMAN_CONFIG) the environment\n"
"decides: each known <PROVIDER>_API_KEY or <PROVIDER>_BASE_URL switches a\n"
"provider on.\n"
"\n"
"  -c, --config FILE   configuration, JSON with comments\n"
"      --demo          a built-in provider behind every model: no key needed\n"
"\n"
"environment\n"
"  OPENAI_API_KEY ANTHROPIC_API_KEY DEEPSEEK_API_KEY     providers' keys\n"
"  OPENAI_BASE_URL ANTHROPIC_BASE_URL DEEPSEEK_BASE_URL  their addresses\n"
"  OLLAMA_BASE_URL VLLM_BASE_URL LLAMACPP_BASE_URL       servers of your own\n"
"  <NAME>_FILE           read the value of any of these from a file\n"
"  DRAGOMAN_LISTEN       addresses, by commas (127.0.0.1:4000)\n"
"  DRAGOMAN_KEY          client keys, by commas; without any, everyone who\n"
"                        can connect may use the gateway\n"
"  DRAGOMAN_ADMIN_KEY    keys that may read /metrics, by commas; loopback may\n"
"  DRAGOMAN_OPEN=1       serve beyond loopback without client keys\n"
"  DRAGOMAN_CONFIG       as -c\n"
"  DRAGOMAN_LOG          error, warn, info or debug; \"info,json\" for JSON\n"
"  DRAGOMAN_WORKERS      processes (as many as there are CPUs)\n"
"  SSL_CERT_FILE         certificate authorities, PEM\n"
"  HTTPS_PROXY NO_PROXY  as elsewhere\n"
"\n"
"signals: TERM finishes what is under way and ends; HUP reads the\n"
"configuration anew.\n";

int
serve_main(int argc, char **argv)
{
	const char *file = NULL;
	bool demo = false;
	const struct option_row rows[] = {
		{ "-c", "--config", &file, NULL },
		{ "--demo", NULL, NULL, &demo },
		{ 0 },
	};
	struct plan plan = { .pages = admin_pages };
	int words = command_options(argc, argv, rows, help);

	if (words == -2)
		return 0;
	if (words != 0) {
		if (words > 0)
			fprintf(stderr, "dragoman serve: unexpected "
			    "argument \"%s\"; see --help\n", argv[1]);
		return 2;
	}
	plan.count = count_new();
	plan.file = file;
	plan.demo = demo ? echo_serve : NULL;
	return master_run(&plan);
}
