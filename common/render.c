#include "common/render.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/columns.h"
#include "common/memory.h"
#include "common/text.h"

#define GAP "  "

struct cell {
    char *text;
    size_t width; /* columns of a terminal */
};

struct grid {
    struct cell *cells; /* row by row, titles first */
    size_t rows;
    size_t columns;
    size_t *widths;
    bool *filled; /* a column with a value in at least one row */
};

static void grid_free(struct grid *g)
{
    for (size_t i = 0; g->cells != NULL && i < g->rows * g->columns; i++)
        free(g->cells[i].text);
    free(g->cells);
    free(g->widths);
    free(g->filled);
}

static struct cell make_cell(char *take_value)
{
    CLEANUP(memory_release) char *value = take_value;
    struct text shown = {0};
    size_t width = columns_escape(&shown, value, false);
    return (struct cell){.text = text_take(&shown), .width = width};
}

static void add_list(struct text *t, const json_t *list)
{
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item)
    {
        CLEANUP(memory_release)
        char *other =
            json_is_string(item) ? NULL : json_dumps(item, JSON_COMPACT | JSON_ENCODE_ANY);
        text_separate(t, ", ");
        text_add(t, other == NULL ? json_string_value(item) : other);
    }
}

/* Allocated; NULL when there is nothing to show. */
static char *value_text(const json_t *value, enum render_align align)
{
    char number[32];
    struct text list = {0};
    switch (value == NULL ? JSON_NULL : json_typeof(value)) {
    case JSON_NULL:
        return NULL;
    case JSON_STRING:
        return memory_copy_text(json_string_value(value));
    case JSON_INTEGER:
        if (align == RENDER_RIGHT)
            return memory_copy_text(render_count(number, sizeof number, json_integer_value(value)));
        return memory_format("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    case JSON_REAL:
        return memory_format("%.2f", json_real_value(value));
    case JSON_TRUE:
        return memory_copy_text("yes");
    case JSON_FALSE:
        return memory_copy_text("no");
    case JSON_ARRAY:
        add_list(&list, value);
        return text_take(&list);
    case JSON_OBJECT:
        break;
    }
    return json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
}

static void fill_row(struct grid *g, size_t row, const struct render_column *columns,
                     const json_t *object)
{
    for (size_t i = 0; i < g->columns; i++) {
        char *value = object == NULL
                          ? memory_copy_text(columns[i].title)
                          : value_text(json_object_get(object, columns[i].key), columns[i].align);
        if (object != NULL && value != NULL)
            g->filled[i] = true;
        struct cell cell = make_cell(value == NULL ? memory_copy_text("-") : value);
        g->cells[row * g->columns + i] = cell;
        if (cell.width > g->widths[i])
            g->widths[i] = cell.width;
    }
}

static void print_row(FILE *out, const struct grid *g, size_t row,
                      const struct render_column *columns)
{
    size_t behind = 0; /* spaces owed by the cell before: none at the end of a line */
    bool first = true;
    for (size_t i = 0; i < g->columns; i++) {
        const struct cell *cell = &g->cells[row * g->columns + i];
        size_t space = g->widths[i] - cell->width;
        if (!g->filled[i])
            continue;
        size_t before = behind + (columns[i].align == RENDER_RIGHT ? space : 0);
        fprintf(out, "%s%*s%s", first ? "" : GAP, (int)before, "", cell->text);
        behind = columns[i].align == RENDER_RIGHT ? 0 : space;
        first = false;
    }
    fputc('\n', out);
}

static void print_table(FILE *out, const struct render_column *columns, const json_t *rows)
{
    CLEANUP(grid_free) struct grid g = {.rows = json_array_size(rows) + 1};
    while (columns[g.columns].title != NULL)
        g.columns++;
    g.cells = memory_alloc(g.rows * g.columns * sizeof *g.cells);
    g.widths = memory_alloc(g.columns * sizeof *g.widths);
    g.filled = memory_alloc(g.columns * sizeof *g.filled);
    for (size_t row = 0; row < g.rows; row++)
        fill_row(&g, row, columns, row == 0 ? NULL : json_array_get(rows, row - 1));
    for (size_t row = 0; row < g.rows; row++)
        print_row(out, &g, row, columns);
}

void render_table(FILE *out, const struct render_column *columns, const json_t *rows)
{
    if (json_array_size(rows) == 0)
        return;
    CLEANUP(columns_leave) struct columns_scope scope = columns_enter();
    print_table(out, columns, rows);
}

void render_json(FILE *out, const json_t *value)
{
    /* 15 digits: 0.05 stays 0.05. */
    (void)json_dumpf(value, out,
                     JSON_INDENT(2) | JSON_SORT_KEYS | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    fputc('\n', out);
}

const char *render_count(char *dst, size_t size, long long value)
{
    char digits[24];
    /* Negated as unsigned: -LLONG_MIN does not exist. */
    unsigned long long magnitude =
        value < 0 ? 0ULL - (unsigned long long)value : (unsigned long long)value;
    size_t length = (size_t)snprintf(digits, sizeof digits, "%llu", magnitude);
    size_t used = 0;
    if (value < 0 && size > 1)
        dst[used++] = '-';
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0 && used + 1 < size)
            dst[used++] = ',';
        if (used + 1 < size)
            dst[used++] = digits[i];
    }
    if (size > 0)
        dst[used] = '\0';
    return dst;
}

const char *render_bytes(char *dst, size_t size, unsigned long long bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) {
        snprintf(dst, size, "%llu B", bytes);
        return dst;
    }
    double value = (double)bytes / 1000;
    size_t unit = 0;
    /* 999.95 would be printed as 1000.0. */
    while (value >= 999.95 && unit + 1 < COUNT_OF(units)) {
        value /= 1000;
        unit++;
    }
    snprintf(dst, size, "%.1f %s", value, units[unit]);
    return dst;
}
