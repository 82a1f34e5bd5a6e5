#include "jobs/retention/fingerprint.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/memory.h"

struct line_list {
    char **items;
    size_t count, capacity;
};

/* A name may hold a newline; a fact must stay one line. */
static void add_line(struct line_list *lines, struct text *line)
{
    size_t size = 4 * line->length + 8;
    char *safe = memory_alloc(size);
    log_escape(safe, size, text_get(line));
    MEMORY_GROW(lines->items, lines->count, lines->capacity);
    lines->items[lines->count++] = safe;
    text_free(line);
}

static void add_names(struct text *line, char *const *names, size_t count)
{
    text_add(line, " (");
    for (size_t i = 0; i < count; i++) {
        CLEANUP(memory_release) char *quoted = db_quote_name(names[i]);
        text_addf(line, "%s%s", i == 0 ? "" : ", ", quoted);
    }
    text_add(line, ")");
}

static void add_table(struct line_list *lines, const struct graph_table *t)
{
    static const char *const roles[] = {"subject", "member", "owned", "touched"};
    struct text line = {0};
    text_addf(&line, "table %s %s%s key", t->sql, roles[t->role],
              t->partitioned ? " partitioned" : "");
    add_names(&line, t->primary_key, t->primary_key_count);
    add_line(lines, &line);
    for (size_t i = 0; i < t->column_count; i++) {
        const struct graph_column *c = &t->columns[i];
        CLEANUP(memory_release) char *name = db_quote_name(c->name);
        text_addf(&line, "column %s.%s %s%s%s", t->sql, name, c->type,
                  c->not_null ? " not null" : "", c->generated ? " generated" : "");
        add_line(lines, &line);
    }
}

static void add_triggers(struct line_list *lines, const struct graph_table *t)
{
    struct text line = {0};
    for (size_t i = 0; i < t->trigger_count; i++) {
        text_addf(&line, "trigger %s %s", t->sql, t->triggers[i]);
        add_line(lines, &line);
    }
}

static void add_key(struct line_list *lines, const struct graph *g, const struct graph_key *k)
{
    static const char *const uses[] = {"follow", "self",  "back", "subject",
                                       "detach", "owned", "guard"};
    static const char *const relax[] = {"", " set-null-first", " deferred"};
    struct text line = {0};
    text_addf(&line, "key %s", k->child_sql);
    add_names(&line, k->columns, k->column_count);
    text_addf(&line, " to %s", g->tables[k->parent].sql);
    add_names(&line, k->to, k->column_count);
    CLEANUP(memory_release)
    char *name = k->constraint == NULL ? memory_copy_text("link") : db_quote_name(k->constraint);
    text_addf(&line, " %s on-delete=%c%s%s use=%s%s", name, k->on_delete,
              k->deferrable ? " deferrable" : "",
              k->enforced || k->constraint == NULL ? "" : " not-enforced", uses[k->use],
              relax[k->relax]);
    if (k->partitions != NULL)
        text_add(&line, " some-partitions");
    add_line(lines, &line);
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool fingerprint_make(const struct graph *g, const char *timezone, char **ret_definition,
                      char ret_sha256[static DIGEST_HEX_SIZE], struct error *err)
{
    struct line_list lines = {0};
    struct text line = {0};
    text_addf(&line, "policy %s", g->policy->canonical);
    add_line(&lines, &line);
    text_addf(&line, "timezone %s", timezone);
    add_line(&lines, &line);
    for (size_t i = 0; i < g->table_count; i++) {
        add_table(&lines, &g->tables[i]);
        add_triggers(&lines, &g->tables[i]);
    }
    for (size_t i = 0; i < g->key_count; i++)
        add_key(&lines, g, &g->keys[i]);
    qsort(lines.items, lines.count, sizeof *lines.items, compare_lines);
    struct text all = {0};
    for (size_t i = 0; i < lines.count; i++)
        text_addf(&all, "%s\n", lines.items[i]);
    db_items_free(lines.items, lines.count);
    bool done = digest_bytes_hex(text_get(&all), all.length, ret_sha256, err);
    if (done)
        *ret_definition = text_take(&all);
    text_free(&all);
    return done;
}

static bool has_line(const char *text, const char *line, size_t length)
{
    for (const char *p = text; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n')
        if (strcspn(p, "\n") == length && strncmp(p, line, length) == 0)
            return true;
    return false;
}

static void add_missing(const char *from, const char *in, const char *sign, struct text *out)
{
    for (const char *p = from; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n') {
        size_t length = strcspn(p, "\n");
        if (!has_line(in, p, length))
            text_addf(out, "%s %.*s\n", sign, (int)length, p);
    }
}

void fingerprint_difference(const char *approved, const char *present, struct text *ret_lines)
{
    add_missing(approved, present, "-", ret_lines);
    add_missing(present, approved, "+", ret_lines);
}
