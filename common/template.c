#include "common/template.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/nearest.h"
#include "common/plain_text.h"

#define NAME_BEGINS "abcdefghijklmnopqrstuvwxyz"
#define NAME_HOLDS NAME_BEGINS "0123456789_."

/* A piece of text or a field. */
struct piece {
    char *text; /* or the name */
    unsigned line;
    bool is_field;
    bool optional;
    bool whole_line; /* nothing else stands on the line; its end belongs to the piece */
    bool ended;      /* whole_line: by a line break */
    char *indent;    /* whole_line */
};

struct template
{
    char *name;
    struct piece *pieces;
    size_t count;
    size_t capacity;
    const char **fields; /* into pieces */
    size_t field_count;
    size_t field_capacity;
};

const char *template_name(const struct template *t)
{
    return t->name;
}

const char *const *template_fields(const struct template *t, size_t *ret_count)
{
    *ret_count = t->field_count;
    return (const char *const *)t->fields;
}

void template_free(struct template **t)
{
    if (*t == NULL)
        return;
    for (size_t i = 0; i < (*t)->count; i++) {
        free((*t)->pieces[i].text);
        free((*t)->pieces[i].indent);
    }
    free((*t)->name);
    free((*t)->pieces);
    free((*t)->fields);
    free(*t);
    *t = NULL;
}

/* ---- reading ---- */

static char *copy(const char *bytes, size_t length)
{
    char *made = memory_alloc(length + 1);
    memcpy(made, bytes, length);
    return made;
}

static struct piece *add_piece(struct template *t, unsigned line, const char *bytes, size_t length)
{
    MEMORY_GROW(t->pieces, t->count, t->capacity);
    struct piece *piece = &t->pieces[t->count++];
    *piece = (struct piece){.text = copy(bytes, length), .line = line};
    return piece;
}

/* Two braces in a row, from `at` on; NULL: none on this line. */
static const char *find_braces(const char *at, const char *end, char brace)
{
    for (; end - at >= 2; at++)
        if (at[0] == brace && at[1] == brace)
            return at;
    return NULL;
}

static bool refuse(const struct template *t, unsigned line, const char *sentence, struct error *err)
{
    return error_set(err, ERR_USAGE, "%s:%u: %s", t->name, line, sentence);
}

static bool add_text(struct template *t, unsigned line, const char *at, const char *end,
                     struct error *err)
{
    if (find_braces(at, end, '}') != NULL)
        return refuse(t, line, "`}}` has no `{{` before it; a field is written {{name}}", err);
    if (at < end)
        (void)add_piece(t, line, at, (size_t)(end - at));
    return true;
}

static void remember_field(struct template *t, const char *name)
{
    for (size_t i = 0; i < t->field_count; i++)
        if (strcmp(t->fields[i], name) == 0)
            return;
    MEMORY_GROW(t->fields, t->field_count, t->field_capacity);
    t->fields[t->field_count++] = name;
}

/* inside: what stands between the braces. */
static bool add_field(struct template *t, unsigned line, const char *inside, size_t length,
                      struct error *err)
{
    size_t blanks = plain_text_indent(inside, length);
    inside += blanks;
    length = plain_text_trimmed(inside, length - blanks);
    bool optional = length > 0 && inside[length - 1] == '?';
    if (optional)
        length = plain_text_trimmed(inside, length - 1);
    bool good = length > 0 && strchr(NAME_BEGINS, inside[0]) != NULL;
    for (size_t i = 0; i < length && good; i++)
        good = strchr(NAME_HOLDS, inside[i]) != NULL;
    if (!good)
        return refuse(t, line,
                      "between {{ and }} stands no name of a field; small letters, digits, `_` and "
                      "`.` are allowed, and `?` at the end when it may be empty",
                      err);
    struct piece *piece = add_piece(t, line, inside, length);
    piece->is_field = true;
    piece->optional = optional;
    remember_field(t, piece->text);
    return true;
}

static bool add_pieces(struct template *t, const struct plain_text_line *line, struct error *err)
{
    const char *at = line->at;
    const char *end = at + line->length;
    const char *open;
    while ((open = find_braces(at, end, '{')) != NULL) {
        const char *inside = open + 2;
        if (inside < end && *inside == '{')
            return refuse(t, line->number, "`{{{` is one brace too many; a field is {{name}}", err);
        const char *close = find_braces(inside, end, '}');
        if (close == NULL)
            return refuse(t, line->number, "`{{` is not closed by `}}` on this line", err);
        if (close + 2 < end && close[2] == '}')
            return refuse(t, line->number, "`}}}` is one brace too many; a field is {{name}}", err);
        if (!add_text(t, line->number, at, open, err) ||
            !add_field(t, line->number, inside, (size_t)(close - inside), err))
            return false;
        at = close + 2;
    }
    return add_text(t, line->number, at, end, err);
}

static bool is_blank_text(const char *text)
{
    return text[strspn(text, " \t\n")] == '\0';
}

/* The pieces from `first` on are a line; leaves one piece when only one of them is not blank and
 * that is a field. */
static void join_whole_line(struct template *t, size_t first, const struct plain_text_line *line)
{
    size_t field = t->count;
    for (size_t i = first; i < t->count; i++) {
        const struct piece *piece = &t->pieces[i];
        if (piece->is_field && field == t->count)
            field = i;
        else if (piece->is_field || !is_blank_text(piece->text))
            field = SIZE_MAX;
        if (field == SIZE_MAX)
            return;
    }
    if (field == t->count)
        return;
    struct piece whole = t->pieces[field];
    whole.whole_line = true;
    whole.indent = copy(line->at, plain_text_indent(line->at, line->length));
    whole.ended = line->ended;
    for (size_t i = first; i < t->count; i++)
        if (i != field)
            free(t->pieces[i].text);
    t->pieces[first] = whole;
    t->count = first + 1;
}

static bool read_line(struct template *t, const struct plain_text_line *line, struct error *err)
{
    const char *fault = plain_text_fault(line->at, line->length);
    if (fault != NULL)
        return refuse(t, line->number, fault, err);
    size_t first = t->count;
    if (!add_pieces(t, line, err))
        return false;
    join_whole_line(t, first, line);
    bool whole = t->count > first && t->pieces[first].whole_line;
    if (line->ended && !whole)
        (void)add_piece(t, line->number, "\n", 1);
    return true;
}

static bool parse(const char *name, const char *bytes, size_t length, struct template **ret,
                  struct error *err)
{
    CLEANUP(template_free) struct template *t = memory_alloc(sizeof *t);
    struct plain_text_lines lines = {.next = bytes, .left = length};
    struct plain_text_line line;
    t->name = memory_copy_text(name);
    while (plain_text_next(&lines, &line))
        if (!read_line(t, &line, err))
            return false;
    *ret = t;
    t = NULL;
    return true;
}

bool template_parse(const char *name, const char *text, struct template **ret, struct error *err)
{
    return parse(name, text, strlen(text), ret, err);
}

bool template_load(const char *path, struct template **ret, struct error *err)
{
    CLEANUP(text_free) struct text bytes = {0};
    return (plain_text_read(path, TEMPLATE_MAX_BYTES, &bytes, err) ||
            error_context(err, "template")) &&
           parse(path, text_get(&bytes), bytes.length, ret, err);
}

/* ---- filling ---- */

bool template_check(const struct template *t, const char *const *known, size_t count,
                    struct text *faults)
{
    bool good = true;
    for (size_t i = 0; i < t->count; i++) {
        const struct piece *piece = &t->pieces[i];
        bool found = !piece->is_field;
        for (size_t k = 0; k < count && !found; k++)
            found = known[k] != NULL && strcmp(known[k], piece->text) == 0;
        if (found)
            continue;
        text_addf(faults, "%s:%u: {{%s}} is unknown", t->name, piece->line, piece->text);
        nearest_add(faults, "", piece->text, known, count);
        text_add(faults, "\n");
        good = false;
    }
    return good;
}

static void add_whole_line(struct text *t, const struct piece *piece, const char *value)
{
    size_t left = strlen(value);
    while (left > 0 && value[left - 1] == '\n')
        left--;
    while (left > 0) {
        const char *end = memchr(value, '\n', left);
        size_t length = end == NULL ? left : (size_t)(end - value);
        if (length > 0)
            text_add(t, piece->indent);
        text_add_bytes(t, value, length);
        if (end != NULL)
            text_add(t, "\n");
        left -= end == NULL ? length : length + 1;
        value += end == NULL ? length : length + 1;
    }
    if (piece->ended)
        text_add(t, "\n");
}

static bool add_value(const struct template *t, const struct piece *piece, const char *value,
                      struct text *filled, struct error *err)
{
    if (value == NULL)
        return error_set(err, ERR_USAGE, "%s:%u: {{%s}} is unknown; mend the template", t->name,
                         piece->line, piece->text);
    bool empty = is_blank_text(value);
    if (empty && !piece->optional)
        return error_set(err, ERR_USAGE,
                         "%s:%u: {{%s}} has no value; give one, or write {{%s?}} when it may be "
                         "empty",
                         t->name, piece->line, piece->text, piece->text);
    if (empty)
        return true;
    if (piece->whole_line)
        add_whole_line(filled, piece, value);
    else
        text_add(filled, value);
    return true;
}

bool template_fill(const struct template *t, template_lookup *lookup, void *context,
                   struct text *ret, struct error *err)
{
    CLEANUP(text_free) struct text filled = {0};
    for (size_t i = 0; i < t->count; i++) {
        const struct piece *piece = &t->pieces[i];
        if (!piece->is_field)
            text_add(&filled, piece->text);
        else if (!add_value(t, piece, lookup(context, piece->text), &filled, err))
            return false;
    }
    text_add_bytes(ret, text_get(&filled), filled.length);
    return true;
}

const char *template_values_find(void *values, const char *field)
{
    const struct template_values *list = values;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, field) == 0)
            return list->items[i].value == NULL ? "" : list->items[i].value;
    return NULL;
}
