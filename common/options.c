#include "common/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/nearest.h"
#include "common/text.h"

#define LONG_ONLY 0x1000 /* above every letter: val of an option is this plus its index */
#define HELP_WIDTH 79

static size_t count_specs(const struct option_spec *specs)
{
    size_t count = 0;
    while (specs[count].name != NULL)
        count++;
    return count;
}

static struct option *make_long_options(const struct option_spec *specs, size_t count)
{
    struct option *options = memory_alloc((count + 1) * sizeof *options);
    for (size_t i = 0; i < count; i++)
        options[i] = (struct option){.name = specs[i].name,
                                     .has_arg = specs[i].kind == OPTION_FLAG ? no_argument
                                                                             : required_argument,
                                     .val = LONG_ONLY + (int)i};
    return options;
}

static void add_letters(struct text *t, const struct option_spec *specs, bool stop_at_word)
{
    /* The colon: a missing value is told from an unknown option. */
    text_add(t, stop_at_word ? "+:" : ":");
    for (; specs->name != NULL; specs++)
        if (specs->letter != 0)
            text_addf(t, "%c%s", specs->letter, specs->kind == OPTION_FLAG ? "" : ":");
}

static const struct option_spec *find_spec(const struct option_spec *specs, size_t count, int code)
{
    if (code >= LONG_ONLY)
        return (size_t)(code - LONG_ONLY) < count ? &specs[code - LONG_ONLY] : NULL;
    for (size_t i = 0; i < count; i++)
        if (specs[i].letter != 0 && specs[i].letter == code)
            return &specs[i];
    return NULL;
}

static void add_to_list(struct option_list *list, const char *value)
{
    MEMORY_GROW(list->items, list->count, list->capacity);
    list->items[list->count++] = value;
}

void option_list_free(struct option_list *list)
{
    free(list->items);
    *list = (struct option_list){0};
}

static bool store(const struct option_spec *spec, const char *value, struct error *err)
{
    char *end;
    switch (spec->kind) {
    case OPTION_FLAG:
        *(bool *)spec->target = true;
        return true;
    case OPTION_TEXT:
        *(const char **)spec->target = value;
        return true;
    case OPTION_LIST:
        add_to_list(spec->target, value);
        return true;
    case OPTION_INTEGER:
        break;
    }
    errno = 0;
    long long number = strtoll(value, &end, 10);
    bool digits = *value != '\0' && value[strspn(value, "+-0123456789")] == '\0' && *end == '\0';
    if (!digits || errno != 0 || number < spec->minimum || number > spec->maximum)
        return error_set(err, ERR_USAGE, "--%s: '%s' is no whole number from %lld to %lld",
                         spec->name, value, (long long)spec->minimum, (long long)spec->maximum);
    *(int64_t *)spec->target = number;
    return true;
}

static bool refuse_long(const struct option_spec *specs, size_t count, const char *word,
                        struct error *err)
{
    CLEANUP(text_free) struct text near = {0};
    CLEANUP(memory_release) char *name = memory_copy_text(word + 2);
    CLEANUP(memory_release) const char **names = memory_alloc(count * sizeof *names);
    name[strcspn(name, "=")] = '\0';
    size_t matches = 0;
    for (size_t i = 0; i < count; i++) {
        names[i] = specs[i].name;
        matches += strncmp(specs[i].name, name, strlen(name)) == 0;
    }
    nearest_add(&near, "--", name, names, count);
    return error_set(err, ERR_USAGE, "%s option --%s%s", matches > 1 ? "ambiguous" : "unknown",
                     name, near.length > 0 ? text_get(&near) : "; --help lists them");
}

static bool refuse_letter(int letter, struct error *err)
{
    if (letter > ' ' && letter < 0x7f)
        return error_set(err, ERR_USAGE, "unknown option -%c; --help lists them", letter);
    return error_set(err, ERR_USAGE, "an option is no letter; --help lists them");
}

/* optopt: the letter, the code of a long option that is known, or 0 for one that is not.
 * getopt_long has moved past that last one: it is the word before optind. */
static bool refuse(const struct option_spec *specs, size_t count, int code, char **argv,
                   struct error *err)
{
    const struct option_spec *spec = optopt == 0 ? NULL : find_spec(specs, count, optopt);
    if (code == ':' && spec != NULL)
        return error_set(err, ERR_USAGE, "option --%s needs a value: --%s=%s", spec->name,
                         spec->name, spec->value == NULL ? "VALUE" : spec->value);
    if (optopt >= LONG_ONLY && spec != NULL)
        return error_set(err, ERR_USAGE, "option --%s takes no value", spec->name);
    if (optopt != 0)
        return refuse_letter(optopt, err);
    return refuse_long(specs, count, argv[optind - 1], err);
}

bool options_parse(const struct option_spec *specs, bool stop_at_word, int argc, char **argv,
                   char ***ret_words, int *ret_count, struct error *err)
{
    size_t count = count_specs(specs);
    CLEANUP(text_free) struct text letters = {0};
    CLEANUP(memory_release) struct option *options = make_long_options(specs, count);
    add_letters(&letters, specs, stop_at_word);
    opterr = 0;
    optind = 0; /* glibc: start anew, so that a command's options can follow the global ones */
    for (;;) {
        int code = getopt_long(argc, argv, text_get(&letters), options, NULL);
        if (code == -1)
            break;
        if (code == '?' || code == ':')
            return refuse(specs, count, code, argv, err);
        if (!store(find_spec(specs, count, code), optarg, err))
            return false;
    }
    *ret_words = argv + optind;
    *ret_count = argc - optind;
    return true;
}

/* "  -c, --config=FILE" */
static char *option_left(const struct option_spec *spec)
{
    char letter[8] = "    ";
    if (spec->letter != 0) {
        letter[0] = '-';
        letter[1] = spec->letter;
        letter[2] = ',';
    }
    return memory_format("  %s--%s%s%s", letter, spec->name, spec->kind == OPTION_FLAG ? "" : "=",
                         spec->kind == OPTION_FLAG ? ""
                         : spec->value == NULL     ? "VALUE"
                                                   : spec->value);
}

/* Prints help from `column` on, broken between words; the cursor is at the column. */
static void print_wrapped(FILE *out, const char *help, int column)
{
    int at = column;
    while (*help != '\0') {
        int length = (int)strcspn(help, " ");
        if (at > column && at + 1 + length > HELP_WIDTH) {
            fprintf(out, "\n%*s", column, "");
            at = column;
        } else if (at > column) {
            fputc(' ', out);
            at++;
        }
        fprintf(out, "%.*s", length, help);
        at += length;
        help += length;
        help += strspn(help, " ");
    }
    fputc('\n', out);
}

void options_print_help(FILE *out, const struct option_spec *specs)
{
    int column = 0;
    for (const struct option_spec *spec = specs; spec->name != NULL; spec++) {
        CLEANUP(memory_release) char *left = option_left(spec);
        if ((int)strlen(left) + 2 > column)
            column = (int)strlen(left) + 2;
    }
    for (const struct option_spec *spec = specs; spec->name != NULL; spec++) {
        CLEANUP(memory_release) char *left = option_left(spec);
        fprintf(out, "%-*s", column, left);
        print_wrapped(out, spec->help == NULL ? "" : spec->help, column);
    }
}
