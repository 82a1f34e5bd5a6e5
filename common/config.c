#include "common/config.h"

#include <errno.h>
#include <libconfig.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/config_scan.h"
#include "common/memory.h"
#include "common/nearest.h"

#define LARGEST_FILE ((size_t)1024 * 1024)

#if defined(__SANITIZE_ADDRESS__) || defined(__clang__)
/* libconfig 1.5 does not release the text it read last when a syntax error follows it. */
const char *__lsan_default_suppressions(void); /* NOLINT(cert-dcl51-cpp): the sanitizer's name */
const char *__lsan_default_suppressions(void)  /* NOLINT(cert-dcl51-cpp) */
{
    return "leak:strbuf_append\nleak:libconfig_yylex";
}
#endif

struct conf {
    config_t tree;
    char *path;
    struct text *faults; /* borrowed */
    size_t fault_count;
    unsigned mode;
};

void conf_free(struct conf **c)
{
    if (*c == NULL)
        return;
    config_destroy(&(*c)->tree);
    free((*c)->path);
    free(*c);
    *c = NULL;
}

static void close_stream(FILE **stream)
{
    if (*stream != NULL)
        fclose(*stream);
}

/* libconfig gives the root group line 0. */
unsigned conf_line(const struct config_setting_t *setting)
{
    return setting->line == 0 ? 1 : setting->line;
}

static void add_path(struct text *t, const struct config_setting_t *setting)
{
    if (setting->parent == NULL)
        return;
    add_path(t, setting->parent);
    if (setting->name == NULL)
        text_addf(t, "[%d]", config_setting_index(setting));
    else
        text_addf(t, "%s%s", setting->parent->parent == NULL ? "" : ".", setting->name);
}

/* A file's line: a newline in a value must not start another. */
static void end_fault(struct conf *c, size_t start)
{
    for (size_t i = start; i < c->faults->length; i++) {
        unsigned char byte = (unsigned char)c->faults->data[i];
        if (byte < 0x20 || byte == 0x7f)
            c->faults->data[i] = '?';
    }
    text_add(c->faults, "\n");
    c->fault_count++;
}

static void fault_v(struct conf *c, const struct config_setting_t *group, const char *name,
                    const char *format, va_list args)
{
    const struct config_setting_t *member =
        name == NULL ? NULL : config_setting_get_member(group, name);
    size_t start = c->faults->length;
    CLEANUP(text_free) struct text path = {0};
    CLEANUP(memory_release) char *sentence = NULL;
    add_path(&path, group);
    if (name != NULL) {
        text_separate(&path, ".");
        text_add(&path, name);
    }
    if (vasprintf(&sentence, format, args) < 0)
        sentence = memory_copy_text(format);
    text_addf(c->faults, "%s:%u: %s: %s", c->path, conf_line(member == NULL ? group : member),
              text_get(&path), sentence);
    end_fault(c, start);
}

void conf_fault(struct conf *c, const struct config_setting_t *group, const char *name,
                const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fault_v(c, group, name, format, args);
    va_end(args);
}

bool conf_check(const struct conf *c, struct error *err)
{
    if (c->fault_count == 0)
        return true;
    return error_set(err, ERR_USAGE, "configuration %s has %zu fault%s; nothing was started",
                     c->path, c->fault_count, c->fault_count == 1 ? "" : "s");
}

/* A fault of the file as text, before there are settings: line 0 = of no line. */
static void file_fault(void *context, unsigned line, const char *sentence)
{
    struct conf *c = context;
    size_t start = c->faults->length;
    text_add(c->faults, c->path);
    if (line > 0)
        text_addf(c->faults, ":%u", line);
    text_addf(c->faults, ": %s", sentence);
    end_fault(c, start);
}

static bool read_text(struct conf *c, struct text *ret_text, struct error *err)
{
    CLEANUP(close_stream) FILE *stream = fopen(c->path, "re");
    struct stat status;
    char block[8192];
    if (stream == NULL || fstat(fileno(stream), &status) != 0)
        return error_set_errno(err, "cannot be read");
    c->mode = (unsigned)status.st_mode & 07777;
    for (size_t got; (got = fread(block, 1, sizeof block, stream)) > 0;) {
        text_add_bytes(ret_text, block, got);
        if (ret_text->length > LARGEST_FILE)
            return error_set(err, ERR_USAGE, "is larger than 1 MiB; a configuration is not");
    }
    if (ferror(stream) != 0)
        return error_set_errno(err, "cannot be read");
    return true;
}

static bool parse(struct conf *c, const struct text *source)
{
    if (!config_scan(text_get(source), source->length, file_fault, c))
        return false;
    if (config_read_string(&c->tree, text_get(source)) == CONFIG_TRUE)
        return true;
    CLEANUP(memory_release)
    char *sentence = memory_format(
        "%s; allowed is `name = value;` with texts, numbers, groups `{ ... }`, arrays `[ ... ]` "
        "and "
        "lists `( ... )`, each name once in its group, and no comma after a last element",
        config_error_text(&c->tree));
    file_fault(c, (unsigned)config_error_line(&c->tree), sentence);
    return false;
}

bool conf_read(const char *path, struct text *faults, struct conf **ret, struct error *err)
{
    CLEANUP(conf_free) struct conf *c = memory_alloc(sizeof *c);
    CLEANUP(text_free) struct text source = {0};
    config_init(&c->tree);
    c->path = memory_copy_text(path);
    c->faults = faults;
    if (!read_text(c, &source, err)) {
        file_fault(c, 0, err->message);
        return conf_check(c, err);
    }
    if (!parse(c, &source))
        return conf_check(c, err);
    *ret = c;
    c = NULL;
    return true;
}

const struct config_setting_t *conf_root(const struct conf *c)
{
    return config_root_setting(&c->tree);
}

unsigned conf_mode(const struct conf *c)
{
    return c->mode;
}

static const char *type_name(const config_setting_t *setting)
{
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_GROUP:
        return "a group { ... }";
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        return "a whole number";
    case CONFIG_TYPE_FLOAT:
        return "a number with a fraction";
    case CONFIG_TYPE_STRING:
        return "a text";
    case CONFIG_TYPE_BOOL:
        return "true or false";
    case CONFIG_TYPE_ARRAY:
        return "an array [ ... ]";
    default:
        return "a list ( ... )";
    }
}

/* "a text in double quotes: an absolute path" */
static void add_allowed(struct text *t, const struct conf_spec *spec)
{
    static const char *const kinds[] = {
        [CONF_TEXT] = "a text in double quotes",
        [CONF_FLAG] = "true or false",
        [CONF_SHARE] = "a number above 0 and at most 1, such as 0.05",
        [CONF_GROUP] = "a group { ... }",
        [CONF_GROUPS] = "a list of groups ( { ... }, { ... } )",
        [CONF_TEXTS] = "an array of texts [ \"...\", \"...\" ]",
        [CONF_LINES] = "a list of texts ( \"...\", [ \"...\", \"...\" ] )",
    };
    if (spec->kind == CONF_INT || spec->kind == CONF_LONG)
        text_addf(t, "a whole number from %lld to %lld", (long long)spec->minimum,
                  (long long)spec->maximum);
    else
        text_add(t, kinds[spec->kind]);
    if (spec->allowed != NULL)
        text_addf(t, ": %s", spec->allowed);
}

static void fault_with_allowed(struct conf *c, const config_setting_t *group,
                               const struct conf_spec *spec, const char *wrong)
{
    CLEANUP(text_free) struct text allowed = {0};
    add_allowed(&allowed, spec);
    conf_fault(c, group, spec->name, "%s; allowed is %s", wrong, text_get(&allowed));
}

/* Escapes such as \xff make bytes that the scan of the file has not seen. */
static bool is_clean_text(const char *value)
{
    return config_scan_is_clean(value, strlen(value));
}

static void read_scalar_text(struct conf *c, const config_setting_t *group,
                             const struct conf_spec *spec, const char *value)
{
    char **target = spec->target;
    if (value[0] == '\0' && !spec->may_be_empty) {
        fault_with_allowed(c, group, spec, "is empty");
        return;
    }
    if (!is_clean_text(value)) {
        fault_with_allowed(c, group, spec, "holds a control character or is not UTF-8");
        return;
    }
    free(*target);
    *target = memory_copy_text(value);
}

static void read_number(struct conf *c, const config_setting_t *group, const struct conf_spec *spec,
                        const config_setting_t *setting)
{
    int64_t value = config_setting_get_int64(setting);
    if (value < spec->minimum || value > spec->maximum) {
        CLEANUP(memory_release) char *wrong = memory_format("is %lld", (long long)value);
        fault_with_allowed(c, group, spec, wrong);
    } else if (spec->kind == CONF_INT) {
        *(int *)spec->target = (int)value;
    } else {
        *(int64_t *)spec->target = value;
    }
}

static void read_share(struct conf *c, const config_setting_t *group, const struct conf_spec *spec,
                       const config_setting_t *setting)
{
    double value = config_setting_type(setting) == CONFIG_TYPE_FLOAT
                       ? config_setting_get_float(setting)
                       : (double)config_setting_get_int64(setting);
    if (isfinite(value) && value > 0 && value <= 1)
        *(double *)spec->target = value;
    else
        fault_with_allowed(c, group, spec, "is out of range");
}

static bool is_sequence(const config_setting_t *setting)
{
    int type = config_setting_type(setting);
    return type == CONFIG_TYPE_LIST || type == CONFIG_TYPE_ARRAY;
}

/* What is wrong with an element of a sequence, or NULL. */
static const char *element_fault(enum conf_kind kind, const config_setting_t *element)
{
    int wanted = kind == CONF_GROUPS ? CONFIG_TYPE_GROUP : CONFIG_TYPE_STRING;
    if (kind == CONF_LINES && is_sequence(element)) {
        const char *wrong = conf_count(element) == 0 ? "empty" : NULL;
        for (size_t i = 0; wrong == NULL && i < conf_count(element); i++)
            wrong = element_fault(CONF_TEXTS, conf_element(element, i));
        return wrong;
    }
    if (config_setting_type(element) != wanted)
        return type_name(element);
    if (wanted == CONFIG_TYPE_GROUP)
        return NULL;
    const char *text = config_setting_get_string(element);
    if (text[0] == '\0')
        return "empty";
    return is_clean_text(text) ? NULL : "no UTF-8 text without control characters";
}

static void read_sequence(struct conf *c, const config_setting_t *group,
                          const struct conf_spec *spec, const config_setting_t *setting)
{
    size_t count = conf_count(setting);
    if (count == 0 && !spec->may_be_empty)
        fault_with_allowed(c, group, spec, "is empty");
    for (size_t i = 0; i < count; i++) {
        const config_setting_t *element = conf_element(setting, i);
        const char *wrong = element_fault(spec->kind, element);
        if (wrong != NULL)
            conf_fault(c, element, NULL, "is %s; allowed is %s: %s", wrong,
                       spec->kind == CONF_GROUPS ? "a group { ... }" : "a text in double quotes",
                       spec->allowed);
    }
    *(const config_setting_t **)spec->target = setting;
}

static bool has_type(const config_setting_t *setting, enum conf_kind kind)
{
    int type = config_setting_type(setting);
    bool whole = type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
    switch (kind) {
    case CONF_TEXT:
        return type == CONFIG_TYPE_STRING;
    case CONF_FLAG:
        return type == CONFIG_TYPE_BOOL;
    case CONF_INT:
    case CONF_LONG:
        return whole;
    case CONF_SHARE:
        return whole || type == CONFIG_TYPE_FLOAT;
    case CONF_GROUP:
        return type == CONFIG_TYPE_GROUP;
    case CONF_GROUPS: /* [] cannot hold groups, but an empty one says the same as an empty list */
        return type == CONFIG_TYPE_LIST ||
               (type == CONFIG_TYPE_ARRAY && config_setting_length(setting) == 0);
    case CONF_TEXTS:
    case CONF_LINES:
        return is_sequence(setting);
    }
    return false;
}

static void read_setting(struct conf *c, const config_setting_t *group,
                         const struct conf_spec *spec, const config_setting_t *setting)
{
    if (!has_type(setting, spec->kind)) {
        CLEANUP(memory_release) char *wrong = memory_format("is %s", type_name(setting));
        fault_with_allowed(c, group, spec, wrong);
        return;
    }
    switch (spec->kind) {
    case CONF_TEXT:
        read_scalar_text(c, group, spec, config_setting_get_string(setting));
        break;
    case CONF_FLAG:
        *(bool *)spec->target = config_setting_get_bool(setting) == CONFIG_TRUE;
        break;
    case CONF_INT:
    case CONF_LONG:
        read_number(c, group, spec, setting);
        break;
    case CONF_SHARE:
        read_share(c, group, spec, setting);
        break;
    case CONF_GROUP:
        *(const config_setting_t **)spec->target = setting;
        break;
    case CONF_GROUPS:
    case CONF_TEXTS:
    case CONF_LINES:
        read_sequence(c, group, spec, setting);
        break;
    }
}

static void refuse_unknown(struct conf *c, const config_setting_t *group,
                           const struct conf_spec *specs, const char *name)
{
    const char *known[64] = {0};
    size_t count = 0;
    for (; specs[count].name != NULL && count < COUNT_OF(known); count++) {
        if (strcmp(specs[count].name, name) == 0)
            return;
        known[count] = specs[count].name;
    }
    CLEANUP(text_free) struct text near = {0};
    nearest_add(&near, "", name, known, count);
    if (near.length == 0) {
        text_add(&near, "; allowed here: ");
        for (size_t i = 0; i < count; i++)
            text_addf(&near, "%s%s", i == 0 ? "" : ", ", known[i]);
    }
    conf_fault(c, group, name, "is no setting%s", text_get(&near));
}

void conf_read_group(struct conf *c, const struct config_setting_t *group,
                     const struct conf_spec *specs)
{
    for (const struct conf_spec *spec = specs; spec->name != NULL; spec++) {
        const config_setting_t *setting = config_setting_get_member(group, spec->name);
        if (setting != NULL)
            read_setting(c, group, spec, setting);
        else if (spec->required)
            fault_with_allowed(c, group, spec, "is missing");
    }
    for (int i = 0; i < config_setting_length(group); i++)
        refuse_unknown(c, group, specs,
                       config_setting_name(config_setting_get_elem(group, (unsigned)i)));
}

size_t conf_count(const struct config_setting_t *seq)
{
    return seq == NULL ? 0 : (size_t)config_setting_length(seq);
}

const struct config_setting_t *conf_element(const struct config_setting_t *seq, size_t index)
{
    return config_setting_get_elem(seq, (unsigned)index);
}

const struct config_setting_t *conf_item(const struct config_setting_t *seq, size_t index)
{
    const config_setting_t *element = conf_element(seq, index);
    return config_setting_type(element) == CONFIG_TYPE_GROUP ? element : NULL;
}

const char *conf_item_text(const struct config_setting_t *seq, size_t index)
{
    const config_setting_t *element = conf_element(seq, index);
    if (config_setting_type(element) != CONFIG_TYPE_STRING)
        return NULL;
    const char *text = config_setting_get_string(element);
    return text[0] != '\0' && is_clean_text(text) ? text : NULL;
}
