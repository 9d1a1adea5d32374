/* The JSON schema of a configuration: docker/dragoman.schema.json. */
#include "schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/loader.h"
#include "proto/quirk_field.h"
#include "tables.h"

/* ---- lists that the program has ---- */

/* "a b" as "a", "b". */
static void
print_words(const char *words)
{
	putchar('"');
	for (; *words; words++)
		*words == ' ' ? printf("\", \"") : putchar(*words);
	putchar('"');
}

static void
print_presets(void)
{
	size_t n;
	const struct preset *preset = catalog_presets(&n);

	printf("\"enum\": [");
	for (size_t i = 0; i < n; i++)
		printf("%s\"%s\"", i ? ", " : "", preset[i].name);
	printf("]");
}

static void
print_dialects(void)
{
	printf("\"enum\": [");
	for (unsigned d = 0; d < DIALECTS; d++)
		printf("%s\"%s\"", d ? ", " : "",
		    quirk_dialect_name((enum quirk_dialect)d));
	printf("]");
}

static void
print_credentials(void)
{
	printf("\"enum\": [");
	for (unsigned f = 0; f < CREDENTIAL_FORMS; f++)
		printf("%s\"%s\"", f ? ", " : "",
		    credential_name((enum credential_form)f));
	printf("]");
}

static void
print_options(void)
{
	size_t n;
	const struct option *o = option_table(&n);

	printf("\"type\": \"object\", \"additionalProperties\": false, "
	    "\"properties\": {");
	for (size_t i = 0; i < n; i++, o++) {
		printf("%s\n\t\t\"%s\": { ", i ? "," : "", o->name);
		if (o->words) {
			printf("\"enum\": [");
			print_words(o->words);
			printf("]");
		} else if (o->most) {
			printf("\"type\": \"integer\", \"minimum\": 0, "
			    "\"maximum\": %u", o->most);
		} else {
			printf("\"type\": \"boolean\"");
		}
		printf(", \"description\": \"");
		for (const char *c = o->says; *c; c++)
			*c == '"' ? printf("\\\"") : putchar(*c);
		printf("\" }");
	}
	printf(" }");
}

static void
print_quirk(const struct quirk_field *f)
{
	switch (f->type) {
	case FIELD_IS_FLAG:
		printf("\"type\": \"boolean\"");
		break;
	case FIELD_IS_BYTE:
	case FIELD_IS_NUMBER:
		printf("\"type\": \"integer\", \"minimum\": 0");
		break;
	case FIELD_IS_TEXT:
		printf("\"type\": \"string\"");
		break;
	case FIELD_IS_WORD:
		printf("\"enum\": [");
		print_words(f->words);
		printf("]");
		break;
	case FIELD_IS_BITS:
		printf("\"type\": \"array\", \"items\": { \"enum\": [");
		print_words(f->words);
		printf("] }");
		break;
	case FIELD_IS_EFFORTS:
		printf("\"type\": \"array\", \"items\": { \"type\": "
		    "\"string\" }");
		break;
	}
}

static void
print_quirks(void)
{
	size_t n;
	const struct quirk_field *f = quirk_fields(&n);

	printf("\"type\": \"object\", \"additionalProperties\": false, "
	    "\"properties\": {");
	for (size_t i = 0; i < n; i++, f++) {
		printf("%s\n\t\t\"%s\": { ", i ? "," : "", f->name);
		print_quirk(f);
		printf(" }");
	}
	printf(" }");
}

static const struct {
	const char	*name;
	void		(*print)(void);
} lists[] = {
	{ "@presets", print_presets },
	{ "@dialects", print_dialects },
	{ "@credentials", print_credentials },
	{ "@options", print_options },
	{ "@quirks", print_quirks },
};

/* ---- members ---- */

/*
 * The member of that object; of what defaults are given for, those of the
 * object itself.  A new one has to be told of in schema_members.c.
 */
static const struct schema_member *
find_member(const char *object, const char *name)
{
	char full[100];

	if (!strcmp(object, "key_default"))
		object = "key";
	snprintf(full, sizeof full, "%s.%s", object, name);
	for (const struct schema_member *m = schema_members; m->name; m++)
		if (!strcmp(m->name, full))
			return m;
	fprintf(stderr, "tests/tables/schema_members.c does not tell of %s\n",
	    full);
	exit(1);
}

static const char *
type_of(const struct field *f)
{
	switch (f->type) {
	case FIELD_TEXT:
		return "\"type\": \"string\"";
	case FIELD_NUM:
		return "\"type\": \"number\"";
	case FIELD_UINT:
		return "\"type\": \"integer\", \"minimum\": 0";
	case FIELD_FLAG:
		return "\"type\": \"boolean\"";
	case FIELD_RAW:
	case FIELD_OBJECT:
	case FIELD_EACH:
	case FIELD_END:
		break;
	}
	fprintf(stderr, "tests/tables/schema_members.c must say what \"%s\" "
	    "is\n", f->name);
	exit(1);
}

static void
print_member(const char *object, const struct field *f)
{
	const struct schema_member *m = find_member(object, f->name);
	size_t i = 0;

	printf("\n\t\"%s\": { ", f->name);
	if (!m->is || *m->is != '@') {
		printf("%s", m->is ? m->is : type_of(f));
	} else {
		while (strcmp(lists[i].name, m->is))
			i++;
		lists[i].print();
	}
	printf(",\n\t\t\"description\": \"%s\" }", m->says);
}

static const struct field *
field(const struct schema_object *o, size_t i)
{
	if (!o->fields)
		return loader_cache_field(i);
	return o->fields[i].name ? &o->fields[i] : NULL;
}

/* The inside of an object's schema. */
static void
print_object(const struct schema_object *o)
{
	const struct field *f;

	printf("\"type\": \"object\",\n\t\"description\": \"%s\",\n\t%s%s"
	    "\"additionalProperties\": false,\n\t\"properties\": {",
	    o->says, o->rest, *o->rest ? ",\n\t" : "");
	for (size_t i = 0; (f = field(o, i)); i++) {
		if (i)
			putchar(',');
		print_member(o->name, f);
	}
	printf(" }");
}

/* What is told of must be there. */
static void
check_members(void)
{
	for (const struct schema_member *m = schema_members; m->name; m++) {
		const struct schema_object *o = schema_objects;
		size_t len = strcspn(m->name, ".");
		const struct field *f = NULL;

		while (o->name && (strlen(o->name) != len ||
		    memcmp(o->name, m->name, len)))
			o++;
		for (size_t i = 0; o->name && (f = field(o, i)) &&
		    strcmp(f->name, m->name + len + 1); i++)
			;
		if (f)
			continue;
		fprintf(stderr, "tests/tables/schema_members.c tells of %s, "
		    "which is not there\n", m->name);
		exit(1);
	}
}

void
table_schema(void)
{
	check_members();
	printf("{ \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
	    "\t\"title\": \"dragoman\",\n"
	    "\t\"allowComments\": true, \"allowTrailingCommas\": true,\n\t");
	print_object(schema_objects);
	printf(",\n\"definitions\": {");
	for (const struct schema_object *o = schema_objects + 1; o->name; o++) {
		printf("%s\n\"%s\": { ", o == schema_objects + 1 ? "" : ",",
		    o->name);
		print_object(o);
		printf(" }");
	}
	printf("\n} }\n");
}
