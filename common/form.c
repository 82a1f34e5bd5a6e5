#include "common/form.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/nearest.h"
#include "common/plain_text.h"

/* A file that is no form at all has a fault on each of its lines. */
enum { MAX_LINE_FAULTS = 20 };

#define BLANKS " \t\n"
#define NAME_HOLDS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

struct reader {
    struct form *form;
    struct text *faults;
    size_t fault_count;
    /* The entry whose value may go on in the next line. */
    bool open;    /* a field stands above, good or not */
    bool kept;    /* it is form->entries[form->count - 1] */
    bool junk;    /* the line before was neither, and its fault covers those that follow */
    bool literal; /* `= |` */
    char *name;
    unsigned line;
    struct text value;
    size_t value_lines;
    size_t empty_lines; /* seen since, not yet known to be inside the value */
    char *indent;       /* of its first indented line, or NULL */
};

struct form *form_new(const char *source)
{
    struct form *f = memory_alloc(sizeof *f);
    f->source = memory_copy_text(source);
    return f;
}

void form_free(struct form **f)
{
    if (*f == NULL)
        return;
    for (size_t i = 0; i < (*f)->count; i++) {
        free((*f)->entries[i].name);
        free((*f)->entries[i].value);
    }
    free((*f)->entries);
    free((*f)->source);
    free(*f);
    *f = NULL;
}

static struct form_entry *find(const struct form *f, const char *name)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->entries[i].name, name) == 0)
            return &f->entries[i];
    return NULL;
}

const char *form_get(const struct form *f, const char *name)
{
    const struct form_entry *entry = find(f, name);
    return entry == NULL ? NULL : entry->value;
}

/* Takes the value. */
static void add_entry(struct form *f, const char *name, char *value, unsigned line)
{
    MEMORY_GROW(f->entries, f->count, f->capacity);
    f->entries[f->count++] =
        (struct form_entry){.name = memory_copy_text(name), .value = value, .line = line};
}

static char *copy(const char *bytes, size_t length)
{
    char *made = memory_alloc(length + 1);
    memcpy(made, bytes, length);
    return made;
}

/* ---- reading ---- */

/* name: "" when the line has none. */
static void line_fault(struct reader *r, unsigned line, const char *name, const char *sentence)
{
    r->fault_count++;
    if (r->fault_count <= MAX_LINE_FAULTS)
        text_addf(r->faults, "%s:%u: %s%s%s\n", r->form->source, line, name,
                  name[0] == '\0' ? "" : ": ", sentence);
}

static void finish_value(struct reader *r)
{
    if (r->open && r->name != NULL)
        add_entry(r->form, r->name, text_take(&r->value), r->line);
    memory_release(&r->name);
    memory_release(&r->indent);
    text_clear(&r->value);
    r->open = r->literal = false;
    r->value_lines = r->empty_lines = 0;
}

static void add_value_line(struct reader *r, const char *at, size_t length)
{
    if (r->value_lines > 0)
        for (size_t i = 0; i <= r->empty_lines; i++)
            text_add(&r->value, "\n");
    r->empty_lines = 0;
    r->value_lines++;
    text_add_bytes(&r->value, at, length);
}

static void read_indented(struct reader *r, const struct plain_text_line *line)
{
    const char *at = line->at;
    size_t length = line->length;
    size_t blanks = plain_text_indent(at, length);
    if (r->literal && at[blanks] == '|') {
        add_value_line(r, at + blanks + 1, length - blanks - 1);
        return;
    }
    if (r->indent == NULL)
        r->indent = copy(at, blanks);
    size_t from = strlen(r->indent);
    if (blanks < from || memcmp(at, r->indent, from) != 0)
        from = blanks;
    add_value_line(r, at + from, plain_text_trimmed(at + from, length - from));
}

/* Where the value of "name = value" begins; 0: it is no such line. */
static size_t split_field(const char *at, size_t length, size_t *ret_name_length)
{
    size_t name = 0;
    while (name < length && at[name] != '\0' && strchr(NAME_HOLDS, at[name]) != NULL)
        name++;
    size_t equals = name + plain_text_indent(at + name, length - name);
    if (name == 0 || equals == length || at[equals] != '=')
        return 0;
    *ret_name_length = name;
    return equals + 1;
}

static void read_field(struct reader *r, const struct plain_text_line *line)
{
    size_t name_length = 0;
    size_t from = split_field(line->at, line->length, &name_length);
    finish_value(r);
    r->open = true; /* also when it has a fault: its indented lines are not faults as well */
    if (from == 0) {
        if (!r->junk)
            line_fault(r, line->number, "",
                       "is no `field = value`; text that goes on is indented, comments begin "
                       "with #");
        r->junk = true;
        return;
    }
    r->junk = false;
    r->name = copy(line->at, name_length);
    r->line = line->number;
    const struct form_entry *first = find(r->form, r->name);
    if (first != NULL) {
        CLEANUP(memory_release)
        char *sentence =
            memory_format("is given twice, first in line %u; once is allowed", first->line);
        line_fault(r, line->number, r->name, sentence);
        memory_release(&r->name);
    }
    const char *value = line->at + from;
    size_t length = plain_text_trimmed(value, line->length - from);
    size_t blanks = plain_text_indent(value, length);
    r->literal = length == blanks + 1 && value[blanks] == '|';
    if (length > blanks && !r->literal)
        add_value_line(r, value + blanks, length - blanks);
}

/* A line whose bytes are faulty is read with `?` in their place: the field is there, and nobody is
 * told that it is missing. */
static void mend_line(struct reader *r, struct plain_text_line *line, struct text *mended)
{
    const char *fault = plain_text_fault(line->at, line->length);
    size_t name_length = 0;
    if (fault == NULL)
        return;
    for (size_t i = 0; i < line->length; i++) {
        unsigned char c = (unsigned char)line->at[i];
        bool plain = c == '\t' || (c >= 0x20 && c < 0x7f);
        text_add_bytes(mended, plain ? line->at + i : "?", 1);
    }
    line->at = text_get(mended);
    bool field = split_field(line->at, line->length, &name_length) > 0;
    CLEANUP(memory_release) char *name = copy(line->at, name_length);
    bool inside = r->name != NULL && plain_text_indent(line->at, line->length) > 0;
    line_fault(r, line->number, field ? name : inside ? r->name : "", fault);
}

static void read_line(struct reader *r, struct plain_text_line line)
{
    CLEANUP(text_free) struct text mended = {0};
    mend_line(r, &line, &mended);
    size_t blanks = plain_text_indent(line.at, line.length);
    if (blanks == line.length) {
        r->empty_lines++;
        return;
    }
    if (line.at[0] == '#')
        return;
    if (blanks == 0) {
        read_field(r, &line);
    } else if (r->open) {
        read_indented(r, &line);
    } else {
        line_fault(r, line.number, "",
                   "is indented, but no field stands above it; begin with `field = `");
        r->open = true;
    }
}

struct form *form_parse(const char *source, const void *bytes, size_t length, struct text *faults)
{
    struct form *f = form_new(source);
    struct reader r = {.form = f, .faults = faults};
    struct plain_text_lines lines = {.next = bytes, .left = length};
    struct plain_text_line line;
    if (length > FORM_MAX_BYTES) {
        text_addf(faults, "%s: is larger than 1 MiB; give a shorter one\n", source);
        return f;
    }
    while (plain_text_next(&lines, &line))
        read_line(&r, line);
    finish_value(&r);
    text_free(&r.value);
    if (r.fault_count > MAX_LINE_FAULTS)
        text_addf(faults, "%s: has %zu more faults of this kind\n", source,
                  r.fault_count - MAX_LINE_FAULTS);
    return f;
}

bool form_read(const char *path, struct text *faults, struct form **ret, struct error *err)
{
    CLEANUP(text_free) struct text bytes = {0};
    if (!plain_text_read(path, FORM_MAX_BYTES, &bytes, err))
        return false;
    const char *source = strcmp(path, "-") == 0 ? "standard input" : path;
    *ret = form_parse(source, text_get(&bytes), bytes.length, faults);
    return true;
}

/* ---- --set ---- */

/* With LF for CRLF and without blanks around it; false: it is not a text. */
static bool clean_value(const char *value, struct text *ret)
{
    struct plain_text_lines lines = {.next = value, .left = strlen(value)};
    struct plain_text_line line;
    while (plain_text_next(&lines, &line)) {
        if (plain_text_fault(line.at, line.length) != NULL)
            return false;
        text_add_bytes(ret, line.at, line.length);
        text_add(ret, "\n");
    }
    const char *from = text_get(ret) + strspn(text_get(ret), BLANKS);
    size_t length = strlen(from);
    while (length > 0 && strchr(BLANKS, from[length - 1]) != NULL)
        length--;
    char *trimmed = copy(from, length);
    text_free(ret);
    *ret = (struct text){.data = trimmed, .length = length, .capacity = length + 1};
    return true;
}

bool form_set(struct form *f, const char *assignment, struct error *err)
{
    size_t name_length = 0;
    size_t from = split_field(assignment, strlen(assignment), &name_length);
    if (from == 0)
        return error_set(err, ERR_USAGE, "--set wants field=value, as in --set title=\"A laptop\"");
    CLEANUP(memory_release) char *name = copy(assignment, name_length);
    CLEANUP(text_free) struct text value = {0};
    if (!clean_value(assignment + from, &value))
        return error_set(err, ERR_USAGE,
                         "--set: %s: the value is not clean UTF-8 text; control characters other "
                         "than tab and line breaks are not allowed",
                         name);
    struct form_entry *entry = find(f, name);
    if (entry != NULL && entry->line == 0)
        return error_set(err, ERR_USAGE, "--set: %s: is set twice; once is allowed", name);
    if (entry == NULL) {
        add_entry(f, name, text_take(&value), 0);
        return true;
    }
    free(entry->value);
    entry->value = text_take(&value);
    entry->line = 0;
    return true;
}

/* ---- faults ---- */

void form_fault(const struct form *f, const char *name, struct text *faults, const char *format,
                ...)
{
    const struct form_entry *entry = find(f, name);
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    size_t size = (size_t)(length < 0 ? 0 : length) + 1;
    CLEANUP(memory_release) char *sentence = memory_alloc(size);
    va_start(args, format);
    vsnprintf(sentence, size, format, args);
    va_end(args);
    for (char *at = sentence; (at = strchr(at, '\n')) != NULL;)
        *at = ' ';
    if (entry != NULL && entry->line == 0)
        text_addf(faults, "--set: %s: %s\n", name, sentence);
    else if (entry != NULL)
        text_addf(faults, "%s:%u: %s: %s\n", f->source, entry->line, name, sentence);
    else
        text_addf(faults, "%s: %s: %s\n", f->source, name, sentence);
}

bool form_check_names(const struct form *f, const char *const *known, size_t count,
                      struct text *faults)
{
    bool good = true;
    for (size_t i = 0; i < f->count; i++) {
        const char *name = f->entries[i].name;
        bool found = false;
        for (size_t k = 0; k < count && !found; k++)
            found = known[k] != NULL && strcmp(known[k], name) == 0;
        if (found)
            continue;
        CLEANUP(text_free) struct text near = {0};
        nearest_add(&near, "", name, known, count);
        form_fault(f, name, faults, "is no field here%s", text_get(&near));
        good = false;
    }
    return good;
}

/* ---- lists ---- */

bool form_next_item(const char **cursor, struct text *ret_item)
{
    const char *at = *cursor;
    at += strspn(at, BLANKS ",");
    size_t length = strcspn(at, ",");
    *cursor = at + length;
    while (length > 0 && strchr(BLANKS, at[length - 1]) != NULL)
        length--;
    if (length == 0)
        return false;
    text_clear(ret_item);
    text_add_bytes(ret_item, at, length);
    return true;
}
