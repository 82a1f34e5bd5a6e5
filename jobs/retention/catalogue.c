#include "jobs/retention/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "sql.h"

static char *copy(const struct db_result *r, size_t row, int column)
{
    return memory_copy_text(db_text(r, row, column));
}

static bool load_relations(struct db *db, struct catalogue *c, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (!db_query(db, DB_ROWS, sql_retention_list_relations, 0, NULL, &r, err))
        return false;
    c->relations = memory_alloc(db_rows(r) * sizeof *c->relations);
    for (size_t i = 0; i < db_rows(r); i++) {
        struct relation *rel = &c->relations[c->relation_count++];
        rel->oid = (uint32_t)db_int(r, i, 0);
        rel->schema = copy(r, i, 1);
        rel->name = copy(r, i, 2);
        rel->kind = db_text(r, i, 3)[0];
        rel->root = (uint32_t)db_int(r, i, 4);
        if (!db_array_parse(db_text(r, i, 5), &rel->parents, &rel->parent_count, err))
            return false;
    }
    return true;
}

static bool load_key(const struct db_result *r, size_t row, struct foreign_key *key,
                     struct error *err)
{
    size_t count;
    key->name = copy(r, row, 0);
    key->child = (uint32_t)db_int(r, row, 1);
    key->parent = (uint32_t)db_int(r, row, 2);
    key->on_delete = db_text(r, row, 6)[0];
    key->deferrable = db_bool(r, row, 7);
    key->enforced = db_bool(r, row, 8);
    key->comparable = db_bool(r, row, 10);
    return db_array_parse(db_text(r, row, 3), &key->columns, &key->column_count, err) &&
           db_array_parse(db_text(r, row, 4), &key->to, &count, err) &&
           db_array_parse(db_text(r, row, 5), &key->operators, &count, err) &&
           db_array_parse(db_text(r, row, 9), &key->leaves, &key->leaf_count, err);
}

static bool load_keys(struct db *db, struct catalogue *c, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (!db_query(db, DB_ROWS, sql_retention_list_keys, 0, NULL, &r, err))
        return false;
    c->keys = memory_alloc(db_rows(r) * sizeof *c->keys);
    for (size_t i = 0; i < db_rows(r); i++)
        if (!load_key(r, i, &c->keys[c->key_count++], err))
            return false;
    return true;
}

bool catalogue_load(struct db *db, struct catalogue *ret, struct error *err)
{
    CLEANUP(catalogue_free) struct catalogue c = {0};
    if (!load_relations(db, &c, err) || !load_keys(db, &c, err))
        return error_context(err, "read the catalogue");
    *ret = c;
    c = (struct catalogue){0};
    return true;
}

void catalogue_free(struct catalogue *c)
{
    for (size_t i = 0; i < c->relation_count; i++) {
        free(c->relations[i].schema);
        free(c->relations[i].name);
        db_items_free(c->relations[i].parents, c->relations[i].parent_count);
    }
    for (size_t i = 0; i < c->key_count; i++) {
        struct foreign_key *k = &c->keys[i];
        free(k->name);
        db_items_free(k->columns, k->column_count);
        db_items_free(k->to, k->column_count);
        db_items_free(k->operators, k->column_count);
        db_items_free(k->leaves, k->leaf_count);
    }
    free(c->relations);
    free(c->keys);
    *c = (struct catalogue){0};
}

const struct relation *catalogue_find(const struct catalogue *c, uint32_t oid)
{
    for (size_t i = 0; i < c->relation_count; i++)
        if (c->relations[i].oid == oid)
            return &c->relations[i];
    return NULL;
}

const struct relation *catalogue_find_name(const struct catalogue *c, const char *schema,
                                           const char *name)
{
    for (size_t i = 0; i < c->relation_count; i++)
        if (strcmp(c->relations[i].schema, schema) == 0 && strcmp(c->relations[i].name, name) == 0)
            return &c->relations[i];
    return NULL;
}
