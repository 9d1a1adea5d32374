/* input: which files a configuration was read from, and when they change. */
#include "test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/input.h"

static char folder[] = "/tmp/gateway_input.XXXXXX";

static void
put(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) ==
	    (ssize_t)strlen(text));
	close(fd);
}

static void
enter(void)
{
	if (strstr(folder, "XXXXXX"))
		CHECK(mkdtemp(folder));
	CHECK(chdir(folder) == 0);
}

static void
leave(const char *const *names)
{
	for (; *names; names++)
		unlink(*names);
	CHECK(rmdir(folder) == 0);
	memcpy(strstr(folder, "input.") + 6, "XXXXXX", 6);
}

static void
expect_folder(const char *path, const char *name)
{
	char got[INPUT_FOLDER], want[INPUT_FOLDER];

	CHECK(input_folder(path, got));
	CHECK(realpath(name, want));
	CHECK(!strcmp(got, want));
}

/* As systems lay the list of name servers: by links, maybe to nothing yet. */
static void
leads_elsewhere(void)
{
	struct arena arena = { 0 };
	struct input *list = NULL;
	char got[INPUT_FOLDER];

	enter();
	expect_folder("names", ".");		/* it is not there */
	put("names", "one");
	expect_folder("names", ".");
	input_add_way(&list, &arena, SLICE("names"));
	put("names", "two");
	CHECK(!input_changed(list));		/* it leads where it led */
	unlink("names");
	CHECK(symlink("run/names", "names") == 0);
	/* to a folder that is to come */
	CHECK(!input_folder("names", got));
	CHECK(input_changed(list));
	CHECK(mkdir("run", 0700) == 0);
	expect_folder("names", "run");
	CHECK(input_changed(list));
	CHECK(symlink("../other", "run/names") == 0);
	expect_folder("names", ".");		/* from where the link stands */
	CHECK(!input_changed(list));
	CHECK(symlink("names", "other") == 0);	/* round and round */
	CHECK(input_folder("names", got));
	unlink("run/names");
	CHECK(rmdir("run") == 0);
	arena_reset(&arena);
	leave((const char *const[]){ "names", "other", NULL });
}

static void
changes(void)
{
	struct arena arena = { 0 };
	struct input *list = NULL;

	enter();
	put("a", "one");
	input_add(&list, &arena, SLICE("a"));
	input_add(&list, &arena, SLICE("missing"));
	CHECK(!input_changed(list));
	put("a", "one");
	CHECK(!input_changed(list));
	put("a", "two");
	CHECK(input_changed(list));
	put("a", "one");
	put("missing", "");
	CHECK(input_changed(list));
	unlink("missing");
	CHECK(!input_changed(list));
	unlink("a");
	CHECK(input_changed(list));
	arena_reset(&arena);
	leave((const char *const[]){ NULL });
}

static void
sameness(void)
{
	struct arena arena = { 0 }, other = { 0 };
	struct input *list = NULL, *copy = NULL, *fewer = NULL;

	enter();
	put("a", "one");
	put("b", "two");
	input_add(&list, &arena, SLICE("a"));
	input_add(&fewer, &arena, SLICE("a"));
	input_add(&list, &arena, SLICE("b"));
	input_copy(&copy, &other, list);
	CHECK(input_same(list, copy) && input_same(NULL, NULL));
	CHECK(!input_same(list, fewer) && !input_same(fewer, list));
	put("b", "three");
	fewer = fewer->next = NULL;
	input_add(&fewer, &arena, SLICE("a"));
	input_add(&fewer, &arena, SLICE("b"));
	CHECK(!input_same(list, fewer));
	arena_reset(&arena);
	CHECK(copy->next && !strcmp(copy->next->path, "b"));
	arena_reset(&other);
	leave((const char *const[]){ "a", "b", NULL });
}

static void
named_in_text(void)
{
	struct arena arena = { 0 };
	struct input *list = NULL;

	enter();
	input_add_files(&list, &arena, SLICE("x ${file:a}${file:b} ${HOME} "
	    "$${file:literal} ${file:open"));
	CHECK(list && !strcmp(list->path, "a"));
	CHECK(list->next && !strcmp(list->next->path, "b"));
	CHECK(!list->next->next);
	arena_reset(&arena);
	leave((const char *const[]){ NULL });
}

/* A pipe is read once: to look at it again would wait for ever. */
static void
no_pipes(void)
{
	struct arena arena = { 0 };
	struct input *list = NULL;

	enter();
	CHECK(mkfifo("pipe", 0600) == 0);
	input_add(&list, &arena, SLICE("pipe"));
	input_add(&list, &arena, SLICE("/dev/null"));
	CHECK(!list);
	arena_reset(&arena);
	leave((const char *const[]){ "pipe", NULL });
}

TESTS(
	{ "a name leads elsewhere", leads_elsewhere },
	{ "changes", changes },
	{ "sameness", sameness },
	{ "named in a text", named_in_text },
	{ "no pipes", no_pipes })
