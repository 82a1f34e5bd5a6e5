#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/columns.h"
#include "common/memory.h"
#include "common/render_parts.h"

#define GAP "  "

enum {
    GAP_WIDTH = 2,
    NARROWEST = 24,     /* a smaller terminal gets lines of this many columns */
    LEAST_TEXT = 10,    /* a column of texts is not squeezed below this, */
    LONGEST_WORD = 20,  /* nor below its longest word, unless that is longer than this */
    LEAST_INSTANT = 15, /* 14:05:30 +01:00: date and time of day may stand on two lines */
    LEAST_DIGEST = 16,  /* 64 digits on four lines */
    LARGEST_LABEL = 32, /* longer labels of figures are wrapped */
};

struct cell {
    char *shown;
    size_t width; /* of its longest line */
};

struct column {
    const struct document_field *field;
    bool right;
    size_t width, least;
};

struct grid {
    struct column *columns;
    struct cell *cells; /* row by row, titles first */
    size_t rows, column_count;
};

static void grid_free(struct grid *g)
{
    for (size_t i = 0; g->cells != NULL && i < g->rows * g->column_count; i++)
        free(g->cells[i].shown);
    free(g->cells);
    free(g->columns);
}

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t most_of(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void add_blanks(struct text *out, size_t count)
{
    for (; count > 0; count--)
        text_add_bytes(out, " ", 1);
}

/* ---- text over several lines ---- */

/* Returns the columns of the longest line. */
static size_t add_lines(struct text *out, const char *shown, size_t width)
{
    size_t widest = 0;
    for (const char *at = shown; at != NULL;) {
        struct columns_line line = columns_next(&at, width);
        text_add_bytes(out, line.at, line.length);
        text_add(out, "\n");
        widest = most_of(widest, line.width);
    }
    return widest;
}

static void add_wrapped(struct text *out, const char *value, size_t width)
{
    CLEANUP(text_free) struct text shown = {0};
    columns_escape(&shown, value, true);
    add_lines(out, text_get(&shown), width);
}

static void add_heading(struct text *out, const char *value, char underline, size_t width)
{
    CLEANUP(text_free) struct text shown = {0};
    columns_escape(&shown, value, false);
    size_t widest = add_lines(out, text_get(&shown), width);
    for (size_t i = 0; i < widest; i++)
        text_add_bytes(out, &underline, 1);
    text_add(out, "\n");
}

/* A line of cells that stand beside each other, each over as many lines as it needs. */
struct strip {
    const char *at; /* what is still to be printed; NULL: nothing */
    size_t width;   /* of the column; 0: the last one, as wide as it gets */
    bool right;
};

static void add_strips(struct text *out, struct strip *strips, size_t count)
{
    for (bool more = true; more;) {
        size_t owed = 0; /* blanks before the next text: none at the end of a line */
        more = false;
        for (size_t i = 0; i < count; i++) {
            struct strip *s = &strips[i];
            struct columns_line line = {.at = "", .length = 0, .width = 0};
            if (s->at != NULL)
                line = columns_next(&s->at, s->width);
            size_t space = s->width > line.width ? s->width - line.width : 0;
            if (line.length > 0) {
                add_blanks(out, owed + (s->right ? space : 0));
                text_add_bytes(out, line.at, line.length);
                owed = (s->right ? 0 : space) + GAP_WIDTH;
            } else {
                owed += s->width + GAP_WIDTH;
            }
            more = more || s->at != NULL;
        }
        text_add(out, "\n");
    }
}

/* ---- label and value ---- */

static char *shown_value(const struct document *d, const struct document_field *field,
                         const json_t *row, size_t *ret_width)
{
    CLEANUP(text_free) struct text value = {0};
    struct text shown = {0};
    document_show(d, field, json_object_get(row, field->key), &value);
    while (value.length > 0 && (value.data[value.length - 1] & 0x80) == 0 &&
           strchr("\r\n ", value.data[value.length - 1]) != NULL)
        value.data[--value.length] = '\0';
    *ret_width = columns_escape(&shown, text_get(&value), field->type == DOCUMENT_TEXT);
    return text_take(&shown);
}

static void add_labelled(struct text *out, const char *label, const char *shown, size_t label_width,
                         size_t width)
{
    struct strip strips[] = {
        {.at = label, .width = label_width},
        {.at = shown,
         .width = width == 0 ? 0 : most_of(width - least_of(width, label_width + GAP_WIDTH), 8)},
    };
    add_strips(out, strips, COUNT_OF(strips));
}

static size_t label_width(const struct document *d, const struct document_field *fields,
                          size_t width)
{
    size_t widest = 0;
    for (const struct document_field *f = fields; f->key != NULL; f++) {
        CLEANUP(text_free) struct text shown = {0};
        widest = most_of(widest, columns_escape(&shown, document_words(d, f->title), false));
    }
    if (width > 0)
        widest = least_of(widest, most_of(width / 3, 8));
    return least_of(widest, LARGEST_LABEL);
}

static void add_entries(struct text *out, const struct document *d, const json_t *row,
                        const struct document_field *fields, size_t width)
{
    size_t labels = label_width(d, fields, width);
    for (const struct document_field *f = fields; f->key != NULL; f++) {
        size_t unused;
        CLEANUP(memory_release) char *shown = shown_value(d, f, row, &unused);
        add_labelled(out, document_words(d, f->title), shown, labels, width);
    }
}

static void add_records(struct text *out, const struct document *d,
                        const struct document_part *part, size_t width)
{
    const struct document_field *fields = part->shape->fields;
    size_t i;
    const json_t *row;
    json_array_foreach(part->rows, i, row)
    {
        CLEANUP(text_free) struct text head = {0};
        document_show(d, fields, json_object_get(row, fields->key), &head);
        if (i > 0)
            text_add(out, "\n");
        add_heading(out, text_get(&head), '.', width);
        add_entries(out, d, row, fields + 1, width);
    }
}

/* ---- tables ---- */

/* How narrow a column may get.  Numbers and dates are never wrapped. */
static size_t least_width(const struct column *c, const struct cell *title, size_t values,
                          size_t word)
{
    size_t least = values;
    enum document_type type = c->field->type;
    if (type == DOCUMENT_TEXT || type == DOCUMENT_CODE)
        least = least_of(values, most_of(LEAST_TEXT, least_of(word, LONGEST_WORD)));
    else if (type == DOCUMENT_DIGEST)
        least = least_of(values, LEAST_DIGEST);
    else if (type == DOCUMENT_INSTANT)
        least = least_of(values, LEAST_INSTANT);
    return most_of(least, least_of(columns_longest_word(title->shown), LONGEST_WORD));
}

static void fill_column(struct grid *g, const struct document *d, const json_t *rows, size_t at)
{
    struct column *c = &g->columns[at];
    struct cell *title = &g->cells[at];
    struct text heading = {0};
    size_t values = 1, word = 0;
    title->width = columns_escape(&heading, document_words(d, c->field->title), false);
    title->shown = text_take(&heading);
    for (size_t row = 1; row < g->rows; row++) {
        struct cell *cell = &g->cells[row * g->column_count + at];
        cell->shown = shown_value(d, c->field, json_array_get(rows, row - 1), &cell->width);
        values = most_of(values, cell->width);
        word = most_of(word, columns_longest_word(cell->shown));
    }
    c->right = document_is_number(c->field->type);
    c->width = most_of(values, title->width);
    c->least = least_width(c, title, values, word);
}

/* Takes from the widest column that can give, until the table fits; false: it cannot. */
static bool fit(struct grid *g, size_t width)
{
    for (;;) {
        size_t total = GAP_WIDTH * (g->column_count - 1);
        struct column *widest = NULL;
        for (size_t i = 0; i < g->column_count; i++) {
            struct column *c = &g->columns[i];
            total += c->width;
            if (c->width > c->least && (widest == NULL || c->width > widest->width))
                widest = c;
        }
        if (width == 0 || total <= width)
            return true;
        if (widest == NULL)
            return false;
        /* An instant is broken before its time of day or not at all. */
        widest->width = widest->field->type == DOCUMENT_INSTANT ? widest->least : widest->width - 1;
    }
}

static void add_grid(struct text *out, const struct grid *g)
{
    CLEANUP(memory_release)
    struct strip *strips = memory_alloc(g->column_count * sizeof *strips);
    for (size_t row = 0; row < g->rows; row++) {
        for (size_t i = 0; i < g->column_count; i++)
            strips[i] = (struct strip){.at = g->cells[row * g->column_count + i].shown,
                                       .width = g->columns[i].width,
                                       .right = g->columns[i].right};
        add_strips(out, strips, g->column_count);
    }
}

static void add_blocks(struct text *out, const struct document *d, const struct grid *g,
                       const json_t *rows, size_t width)
{
    CLEANUP(memory_release)
    struct document_field *fields = memory_alloc((g->column_count + 1) * sizeof *fields);
    size_t i;
    const json_t *row;
    for (size_t c = 0; c < g->column_count; c++)
        fields[c] = *g->columns[c].field;
    json_array_foreach(rows, i, row)
    {
        text_add(out, i == 0 ? "" : "\n");
        add_entries(out, d, row, fields, width);
    }
}

static void add_table(struct text *out, const struct document *d, const struct document_part *part,
                      size_t width)
{
    CLEANUP(grid_free) struct grid g = {.rows = json_array_size(part->rows) + 1};
    size_t fields = 0;
    while (part->shape->fields[fields].key != NULL)
        fields++;
    g.columns = memory_alloc(fields * sizeof *g.columns);
    for (size_t i = 0; i < fields; i++)
        if (render_is_filled(part, &part->shape->fields[i]))
            g.columns[g.column_count++].field = &part->shape->fields[i];
    g.cells = memory_alloc(g.rows * g.column_count * sizeof *g.cells);
    for (size_t i = 0; i < g.column_count; i++)
        fill_column(&g, d, part->rows, i);
    if (g.column_count > 0 && fit(&g, width))
        add_grid(out, &g);
    else
        add_blocks(out, d, &g, part->rows, width);
}

/* ---- the document ---- */

static void add_section(struct text *out, const struct document *d,
                        const struct document_part *part, size_t width)
{
    const struct document_section *shape = part->shape;
    const char *about = document_words(d, shape->about);
    const char *empty = document_words(d, shape->empty);
    text_separate(out, "\n");
    add_heading(out, document_words(d, shape->title), '-', width);
    if (about != NULL) {
        add_wrapped(out, about, width);
        text_add(out, "\n");
    }
    if (json_array_size(part->rows) == 0)
        add_wrapped(out, empty == NULL ? render_word(d, LABEL_EMPTY) : empty, width);
    else if (shape->kind == DOCUMENT_FIGURES)
        add_entries(out, d, json_array_get(part->rows, 0), shape->fields, width);
    else if (shape->kind == DOCUMENT_RECORDS)
        add_records(out, d, part, width);
    else
        add_table(out, d, part, width);
}

static void add_fact(struct text *out, const struct document *d, enum render_label label,
                     const char *value, size_t width)
{
    CLEANUP(text_free) struct text shown = {0}, labels = {0};
    columns_escape(&shown, value, false);
    add_labelled(out, render_word(d, label), text_get(&shown),
                 columns_escape(&labels, render_word(d, LABEL_ORGANISATION), false), width);
}

static void add_top(struct text *out, const struct document *d, size_t width)
{
    CLEANUP(text_free)
    struct text title = {0}, organisation = {0}, period = {0}, as_of = {0}, judged_at = {0};
    const char *about = document_words(d, d->about);
    text_addf(&title, "%s%s%s", document_words(d, d->title), d->operand == NULL ? "" : " ",
              d->operand == NULL ? "" : d->operand);
    add_heading(out, text_get(&title), '=', width);
    if (about != NULL)
        add_wrapped(out, about, width);
    text_add(out, "\n");
    text_addf(&organisation, "%s%s%s%s", d->organisation, d->registration == NULL ? "" : " (",
              d->registration == NULL ? "" : d->registration, d->registration == NULL ? "" : ")");
    add_fact(out, d, LABEL_ORGANISATION, text_get(&organisation), width);
    if (d->from[0] != '\0') {
        render_moment(d, DOCUMENT_DATE, d->from, &period);
        text_addf(&period, " %s ", render_word(d, LABEL_TO));
        render_moment(d, DOCUMENT_DATE, d->to, &period);
        add_fact(out, d, LABEL_PERIOD, text_get(&period), width);
    }
    render_moment(d, DOCUMENT_DATE, d->as_of, &as_of);
    add_fact(out, d, LABEL_AS_OF, text_get(&as_of), width);
    if (d->judged_at[0] != '\0') {
        render_moment(d, DOCUMENT_INSTANT, d->judged_at, &judged_at);
        add_fact(out, d, LABEL_JUDGED_AT, text_get(&judged_at), width);
    }
    add_fact(out, d, LABEL_TIMES, d->timezone, width);
}

void render_as_text(struct text *out, const struct render_options *o)
{
    CLEANUP(columns_leave) struct columns_scope scope = columns_enter();
    size_t width = o->width == 0 ? 0 : most_of(o->width, NARROWEST);
    if (o->section == NULL)
        add_top(out, o->document, width);
    for (size_t i = 0; i < o->document->part_count; i++)
        if (render_wants(o, &o->document->parts[i]))
            add_section(out, o->document, &o->document->parts[i], width);
    if (o->section == NULL)
        text_addf(out, "\n%s %s.\n", render_word(o->document, LABEL_MADE_WITH),
                  o->document->program);
}
