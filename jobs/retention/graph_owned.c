#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "jobs/retention/graph_walk.h"

static size_t add_owned_table(struct walk *w, const struct policy_table *own)
{
    char name[300];
    table_name_format(&own->table, name, sizeof name);
    const struct relation *r =
        catalogue_find_name(w->catalogue, own->table.schema, own->table.table);
    if (r == NULL || (r->kind != 'r' && r->kind != 'p') || r->root != r->oid) {
        WALK_REFUSE(w, memory_format("owns (line %u) names %s, which is no table", own->line, name),
                    memory_format("correct the name in policy %s", w->policy->name));
        return SIZE_MAX;
    }
    size_t there = walk_find_oid(w->graph, r->oid);
    if (there != SIZE_MAX && w->graph->tables[there].role != TABLE_TOUCHED) {
        WALK_REFUSE(w,
                    memory_format("owns (line %u) names %s, whose rows go anyway: a key of it "
                                  "leads to the subject",
                                  own->line, name),
                    memory_copy_text("take it out of owns"));
        return SIZE_MAX;
    }
    return walk_add_table(w, r, TABLE_OWNED);
}

static struct graph_key *add_reference(struct walk *w, const struct relation *child, size_t parent,
                                       char *const *columns, char *const *to, size_t count)
{
    size_t child_index = walk_find_oid(w->graph, child->oid);
    bool goes = child_index != SIZE_MAX && child_index != parent &&
                w->graph->tables[child_index].role != TABLE_TOUCHED;
    CLEANUP(memory_release) char *schema = db_quote_name(child->schema);
    CLEANUP(memory_release) char *table = db_quote_name(child->name);
    struct graph_key *k = walk_add_key(w->graph);
    k->child = child_index;
    k->parent = parent;
    k->child_sql = memory_format("%s.%s", schema, table);
    char display[300];
    table_name_format(&(struct table_name){child->schema, child->name}, display, sizeof display);
    k->child_display = memory_copy_text(display);
    k->columns = walk_copy_names(columns, count);
    k->to = walk_copy_names(to, count);
    k->column_count = count;
    k->use = goes ? KEY_OWNED : KEY_GUARD;
    return k;
}

/* Every key that refers to the owned table: those of the graph lead to it, the others guard it. */
static size_t add_references(struct walk *w, size_t parent)
{
    size_t leading = 0;
    const struct graph_table owned = w->graph->tables[parent];
    for (size_t i = 0; i < w->catalogue->key_count; i++) {
        const struct foreign_key *f = &w->catalogue->keys[i];
        const struct relation *p = catalogue_find(w->catalogue, f->parent);
        const struct relation *c = catalogue_find(w->catalogue, f->child);
        if (p == NULL || c == NULL || p->root != owned.oid)
            continue;
        struct graph_key *k = add_reference(w, catalogue_find(w->catalogue, c->root), parent,
                                            f->columns, f->to, f->column_count);
        k->constraint = memory_copy_text(f->name);
        k->operators = walk_copy_names(f->operators, f->column_count);
        k->on_delete = f->on_delete;
        k->deferrable = f->deferrable;
        leading += k->use == KEY_OWNED;
    }
    for (size_t i = 0; i < w->policy->link_count; i++) {
        const struct policy_link *l = &w->policy->links[i];
        const struct relation *c =
            catalogue_find_name(w->catalogue, l->table.schema, l->table.table);
        if (c == NULL || strcmp(l->references.schema, owned.schema) != 0 ||
            strcmp(l->references.table, owned.name) != 0)
            continue;
        struct graph_key *k =
            add_reference(w, c, parent, l->columns.items, l->to.items, l->columns.count);
        k->operators = memory_alloc((l->columns.count + 1) * sizeof *k->operators);
        for (size_t n = 0; n < l->columns.count; n++)
            k->operators[n] = memory_copy_text("=");
        leading += k->use == KEY_OWNED;
    }
    return leading;
}

void walk_owned(struct walk *w)
{
    size_t first = w->graph->table_count;
    for (size_t i = 0; i < w->policy->own_count; i++)
        (void)add_owned_table(w, &w->policy->owns[i]);
    for (size_t t = first; t < w->graph->table_count; t++) {
        if (add_references(w, t) > 0)
            continue;
        WALK_REFUSE(w,
                    memory_format("owns names %s, to which no table of the graph refers",
                                  w->graph->tables[t].display),
                    memory_copy_text("take it out of owns, or declare the relation under links"));
    }
}
