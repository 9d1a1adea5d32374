#include "command/command.h"

#include <stdio.h>

#include "admin/admin.h"
#include "echo/echo.h"
#include "gateway/count.h"
#include "gateway/master.h"
#include "gateway/shared.h"

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
"  <NAME>_API_KEY        a provider's key: OPENAI ANTHROPIC GEMINI (GOOGLE)\n"
"                        DEEPSEEK XAI DASHSCOPE (QWEN) MOONSHOT (KIMI) ZAI\n"
"                        MINIMAX MISTRAL GROQ OPENROUTER TOGETHER FIREWORKS\n"
"                        CEREBRAS AZURE_OPENAI and those of the next line\n"
"  <NAME>_BASE_URL       its address, if it is not the vendor's; needed by\n"
"                        OLLAMA VLLM SGLANG LLAMACPP LMSTUDIO of your own\n"
"  AZURE_OPENAI_ENDPOINT needed by Azure; AZURE_OPENAI_API_VERSION, or\n"
"                        OPENAI_API_VERSION, asks for another version\n"
"  <NAME>_API_KEY_FILE   the same from a file; so with every key and address\n"
"  DRAGOMAN_LISTEN       addresses, by commas (127.0.0.1:4000)\n"
"  PORT                  on 127.0.0.1, where no address is configured\n"
"  DRAGOMAN_KEY          client keys, by commas; without any, everyone who\n"
"                        can connect may use the gateway\n"
"  DRAGOMAN_ADMIN_KEY    keys that may read /metrics, by commas; loopback may\n"
"  DRAGOMAN_OPEN=1       serve beyond loopback without client keys\n"
"  DRAGOMAN_CONFIG       as -c\n"
"  DRAGOMAN_LEDGER       file of what requests cost, a line each\n"
"  DRAGOMAN_LOG          error, warn, info or debug; \"info,json\" for JSON\n"
"  DRAGOMAN_WORKERS      processes (the CPUs it may use, if memory allows)\n"
"  SSL_CERT_FILE         certificate authorities, PEM\n"
"  HTTPS_PROXY ALL_PROXY NO_PROXY    as elsewhere; http_proxy too\n"
"\n"
"signals: TERM finishes what is under way and ends; HUP reads the\n"
"configuration anew, as a change of its files does.\n";

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
	plan.shared = shared_new();
	plan.file = file;
	plan.demo = demo ? echo_serve : NULL;
	return master_run(&plan);
}
