#include "jobs/retention/graph_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"

#define NAME_SIZE 300

static char *display_name(const char *schema, const char *name)
{
    char text[NAME_SIZE];
    const struct table_name t = {.schema = (char *)(uintptr_t)schema,
                                 .table = (char *)(uintptr_t)name};
    table_name_format(&t, text, sizeof text);
    return memory_copy_text(text);
}

static char *sql_name(const char *schema, const char *name)
{
    CLEANUP(memory_release) char *s = db_quote_name(schema);
    CLEANUP(memory_release) char *n = db_quote_name(name);
    return memory_format("%s.%s", s, n);
}

char **walk_copy_names(char *const *names, size_t count)
{
    char **copy = memory_alloc((count + 1) * sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = memory_copy_text(names[i]);
    return copy;
}

bool walk_same_names(char *const *a, char *const *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(a[i], b[i]) != 0)
            return false;
    return true;
}

size_t walk_find_oid(const struct graph *g, uint32_t oid)
{
    for (size_t i = 0; i < g->table_count; i++)
        if (g->tables[i].oid == oid)
            return i;
    return SIZE_MAX;
}

size_t walk_add_table(struct walk *w, const struct relation *r, enum table_role role)
{
    struct graph *g = w->graph;
    size_t found = walk_find_oid(g, r->oid);
    if (found != SIZE_MAX) {
        if (g->tables[found].role == TABLE_TOUCHED)
            g->tables[found].role = role;
        return found;
    }
    MEMORY_GROW(g->tables, g->table_count, g->table_capacity);
    g->tables[g->table_count] = (struct graph_table){
        .oid = r->oid,
        .schema = memory_copy_text(r->schema),
        .name = memory_copy_text(r->name),
        .sql = sql_name(r->schema, r->name),
        .display = display_name(r->schema, r->name),
        .partitioned = r->kind == 'p',
        .role = role,
    };
    return g->table_count++;
}

struct graph_key *walk_add_key(struct graph *g)
{
    MEMORY_GROW(g->keys, g->key_count, g->key_capacity);
    struct graph_key *k = &g->keys[g->key_count++];
    *k = (struct graph_key){.on_delete = 'a'};
    return k;
}

/* The relation itself, its root or a table it inherits from may be what `outside` names. */
bool walk_is_outside(const struct walk *w, uint32_t oid)
{
    const struct relation *r = catalogue_find(w->catalogue, oid);
    for (size_t i = 0; r != NULL && i < w->policy->outside_count; i++) {
        const struct table_name *t = &w->policy->outside[i].table;
        const struct relation *o = catalogue_find_name(w->catalogue, t->schema, t->table);
        if (o != NULL && (o->oid == r->oid || o->oid == r->root))
            return true;
    }
    return false;
}

/* Columns of the policy's `detach` that this key stands on; their number. */
static size_t detached_columns(const struct walk *w, const struct relation *child,
                               char *const *columns, size_t count, char ***ret_columns)
{
    size_t found = 0;
    char **named = memory_alloc((count + 1) * sizeof *named);
    for (size_t i = 0; i < w->policy->detach_count; i++) {
        const struct policy_column *d = &w->policy->detach[i];
        if (strcmp(d->table.schema, child->schema) != 0 || strcmp(d->table.table, child->name) != 0)
            continue;
        for (size_t j = 0; j < count; j++)
            if (strcmp(columns[j], d->column) == 0 && found < count)
                named[found++] = memory_copy_text(d->column);
    }
    *ret_columns = named;
    return found;
}

/* Fills what every key has, whatever its origin, and decides its use. */
static struct graph_key *add_key(struct walk *w, const struct relation *child, size_t parent,
                                 char *const *columns, char *const *to, size_t count)
{
    char **detach;
    size_t detach_count = detached_columns(w, child, columns, count, &detach);
    enum table_role role = detach_count > 0 ? TABLE_TOUCHED : TABLE_MEMBER;
    size_t child_index = walk_add_table(w, child, role);
    struct graph_key *k = walk_add_key(w->graph);
    const struct graph_table *t = &w->graph->tables[child_index];
    k->child = child_index;
    k->parent = parent;
    k->child_sql = memory_copy_text(t->sql);
    k->child_display = memory_copy_text(t->display);
    k->columns = walk_copy_names(columns, count);
    k->to = walk_copy_names(to, count);
    k->column_count = count;
    k->nullable = detach;
    k->nullable_count = detach_count;
    k->use = detach_count > 0        ? KEY_DETACH
             : child_index == 0      ? KEY_SUBJECT
             : child_index == parent ? KEY_SELF
                                     : KEY_FOLLOW;
    return k;
}

static bool has_partition(const char *list, const char *oid)
{
    for (const char *p = list; *p != '\0'; p += strcspn(p, ","), p += *p == ',')
        if (strcspn(p, ",") == strlen(oid) && strncmp(p, oid, strlen(oid)) == 0)
            return true;
    return false;
}

/* Each once: their number tells whether all are covered. */
static void add_partitions(struct graph_key *k, const struct foreign_key *f)
{
    struct text list = {0};
    if (k->partitions != NULL)
        text_addf(&list, "%s", k->partitions);
    for (size_t i = 0; i < f->leaf_count; i++) {
        if (list.length > 0 && has_partition(text_get(&list), f->leaves[i]))
            continue;
        text_separate(&list, ",");
        text_add(&list, f->leaves[i]);
    }
    free(k->partitions);
    k->partitions = text_take(&list);
}

/* A key on some partitions adds nothing where one on the root says the same. */
static struct graph_key *find_same(const struct walk *w, size_t child, size_t parent,
                                   char *const *columns, size_t count)
{
    for (size_t i = 0; i < w->graph->key_count; i++) {
        struct graph_key *k = &w->graph->keys[i];
        if (k->child == child && k->parent == parent && k->column_count == count &&
            walk_same_names(k->columns, columns, count))
            return k;
    }
    return NULL;
}

static void add_foreign_key(struct walk *w, const struct foreign_key *f, size_t parent)
{
    const struct relation *piece = catalogue_find(w->catalogue, f->child);
    const struct relation *child = piece == NULL ? NULL : catalogue_find(w->catalogue, piece->root);
    if (child == NULL || walk_is_outside(w, f->child))
        return;
    if (!f->comparable)
        WALK_REFUSE(w,
                    memory_format("the two sides of key %s, %s.%s (%s) and %s, have types or "
                                  "collations that do not always compare as the key does",
                                  f->name, child->schema, child->name, f->columns[0],
                                  w->graph->tables[parent].display),
                    memory_copy_text("give both sides of the key the same type and collation"));
    size_t child_index = walk_find_oid(w->graph, child->oid);
    if (f->leaf_count > 0 && child_index != SIZE_MAX) {
        struct graph_key *same = find_same(w, child_index, parent, f->columns, f->column_count);
        if (same != NULL) {
            bool holds = f->on_delete == 'a' || f->on_delete == 'r';
            same->enforced &= f->enforced && holds;
            if (!holds)
                same->on_delete = f->on_delete;
            if (same->partitions != NULL)
                add_partitions(same, f);
            return;
        }
    }
    struct graph_key *k = add_key(w, child, parent, f->columns, f->to, f->column_count);
    k->constraint = memory_copy_text(f->name);
    k->operators = walk_copy_names(f->operators, f->column_count);
    k->on_delete = f->on_delete;
    k->deferrable = f->deferrable;
    k->enforced = f->enforced && (f->on_delete == 'a' || f->on_delete == 'r');
    k->unique_target = catalogue_find(w->catalogue, f->parent)->root == f->parent;
    if (f->leaf_count > 0)
        add_partitions(k, f);
}

static const struct relation *find_base_table(struct walk *w, const struct table_name *t,
                                              const char *setting, unsigned line)
{
    char name[NAME_SIZE];
    table_name_format(t, name, sizeof name);
    const struct relation *r = catalogue_find_name(w->catalogue, t->schema, t->table);
    if (r == NULL) {
        WALK_REFUSE(
            w, memory_format("%s (line %u) names %s, which does not exist", setting, line, name),
            memory_format("correct the name in policy %s", w->policy->name));
        return NULL;
    }
    if (r->kind != 'r' && r->kind != 'p') {
        WALK_REFUSE(
            w, memory_format("%s (line %u) names %s, which is not a table", setting, line, name),
            memory_copy_text("name the table that holds the rows"));
        return NULL;
    }
    if (r->root != r->oid) {
        const struct relation *root = catalogue_find(w->catalogue, r->root);
        WALK_REFUSE(w, memory_format("%s (line %u) names %s, a partition", setting, line, name),
                    memory_format("name the partitioned table %s.%s", root->schema, root->name));
        return NULL;
    }
    return r;
}

static void add_links(struct walk *w, size_t parent)
{
    for (size_t i = 0; i < w->policy->link_count; i++) {
        const struct policy_link *l = &w->policy->links[i];
        const struct graph_table *t = &w->graph->tables[parent];
        if (strcmp(l->references.schema, t->schema) != 0 ||
            strcmp(l->references.table, t->name) != 0)
            continue;
        const struct relation *child = find_base_table(w, &l->table, "links", l->line);
        if (child == NULL)
            continue;
        struct graph_key *k =
            add_key(w, child, parent, l->columns.items, l->to.items, l->columns.count);
        k->operators = memory_alloc((l->columns.count + 1) * sizeof *k->operators);
        for (size_t c = 0; c < l->columns.count; c++)
            k->operators[c] = memory_copy_text("=");
    }
}

static bool inherits_from(const struct relation *r, uint32_t parent)
{
    for (size_t i = 0; i < r->parent_count; i++)
        if (strtoul(r->parents[i], NULL, 10) == parent)
            return true;
    return false;
}

static void copy_key(struct walk *w, size_t from, size_t child, size_t parent)
{
    struct graph_key *k = walk_add_key(w->graph);
    const struct graph_key *o = &w->graph->keys[from]; /* after the array may have moved */
    const struct graph_table *t = &w->graph->tables[child];
    *k = *o;
    k->child = child;
    k->parent = parent;
    k->child_sql = memory_copy_text(t->sql);
    k->child_display = memory_copy_text(t->display);
    k->constraint = NULL;
    k->enforced = false;
    k->inherited = true;
    k->columns = walk_copy_names(o->columns, o->column_count);
    k->to = walk_copy_names(o->to, o->column_count);
    k->operators = walk_copy_names(o->operators, o->column_count);
    k->nullable = walk_copy_names(o->nullable, o->nullable_count);
    k->partitions = NULL;
}

/* PostgreSQL does not inherit foreign keys: a table that inherits gets its parent's keys from us.
 * A link to the parent may mean a row of either. */
static void inherit_keys_of(struct walk *w, size_t from, size_t heir)
{
    size_t keys = w->graph->key_count;
    for (size_t i = 0; i < keys; i++) {
        const struct graph_key *k = &w->graph->keys[i];
        if (k->use == KEY_SELF)
            continue;
        if (k->child == from && k->parent != heir &&
            find_same(w, heir, k->parent, k->columns, k->column_count) == NULL)
            copy_key(w, i, heir, k->parent);
        k = &w->graph->keys[i]; /* the array may have moved */
        if (k->parent == from && k->constraint == NULL && k->child != heir &&
            find_same(w, k->child, heir, k->columns, k->column_count) == NULL)
            copy_key(w, i, k->child, heir);
    }
}

static void inherit_keys(struct walk *w)
{
    for (size_t p = 0; p < w->graph->table_count; p++) {
        for (size_t i = 0; i < w->catalogue->relation_count; i++) {
            const struct relation *r = &w->catalogue->relations[i];
            if (!inherits_from(r, w->graph->tables[p].oid) || walk_is_outside(w, r->oid))
                continue;
            if (p == 0) {
                WALK_REFUSE(
                    w,
                    memory_format("%s.%s inherits from the subject table %s", r->schema, r->name,
                                  w->graph->tables[0].display),
                    memory_copy_text("give it a policy of its own, or name it under outside"));
                continue;
            }
            inherit_keys_of(w, p, walk_add_table(w, r, w->graph->tables[p].role));
        }
    }
}

/* Keys on some partitions that together cover all are a key of the whole table. */
static void widen_partition_keys(struct walk *w)
{
    for (size_t i = 0; i < w->graph->key_count; i++) {
        struct graph_key *k = &w->graph->keys[i];
        if (k->partitions == NULL)
            continue;
        size_t leaves = 0;
        for (size_t r = 0; r < w->catalogue->relation_count; r++) {
            const struct relation *rel = &w->catalogue->relations[r];
            if (rel->root == w->graph->tables[k->child].oid && rel->kind != 'p')
                leaves++;
        }
        size_t covered = 1;
        for (const char *c = k->partitions; *c != '\0'; c++)
            covered += *c == ',';
        if (covered >= leaves) {
            free(k->partitions);
            k->partitions = NULL;
        }
    }
}

static void walk_from(struct walk *w, size_t parent)
{
    for (int root_first = 1; root_first >= 0; root_first--) {
        for (size_t i = 0; i < w->catalogue->key_count; i++) {
            const struct foreign_key *f = &w->catalogue->keys[i];
            const struct relation *p = catalogue_find(w->catalogue, f->parent);
            if (p != NULL && p->root == w->graph->tables[parent].oid &&
                (f->leaf_count == 0) == (root_first == 1))
                add_foreign_key(w, f, parent);
        }
        if (root_first == 1)
            add_links(w, parent);
    }
}

void walk_members(struct walk *w)
{
    const struct relation *subject =
        find_base_table(w, &w->policy->subject, "subject", w->policy->line);
    if (subject == NULL)
        return;
    walk_add_table(w, subject, TABLE_SUBJECT);
    size_t before;
    bool *walked = NULL;
    size_t room = 0;
    do { /* until nothing new comes in: a touched table may be promoted after its turn */
        before = w->graph->table_count;
        for (size_t i = 0; i < w->graph->table_count; i++) {
            if (i >= room) {
                walked = memory_resize(walked, i + 64, sizeof *walked);
                memset(walked + room, 0, (i + 64 - room) * sizeof *walked);
                room = i + 64;
            }
            if (walked[i] || w->graph->tables[i].role == TABLE_TOUCHED)
                continue;
            walked[i] = true;
            walk_from(w, i);
            before = 0;
        }
        if (before != 0)
            inherit_keys(w);
    } while (before != w->graph->table_count);
    free(walked);
    widen_partition_keys(w);
}
