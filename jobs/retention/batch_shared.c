#include "jobs/retention/batch_shared.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "jobs/retention/statements.h"
#include "sql.h"

struct search {
    struct worker *w;
    const struct batch *b;
    const struct key_literals *all;
    const struct partner_source *sources;
    size_t source_count;
    bool *shares; /* found: this subject shares rows with somebody outside */
    bool any;
};

/* Does anybody of b[first, first + count) share rows with somebody outside the whole batch? */
static bool range_shares(const struct search *s, size_t first, size_t count, bool *ret_shares,
                         struct error *err)
{
    const struct graph *g = s->w->night->graph;
    CLEANUP(key_literals_free)
    struct key_literals keys = key_literals_of(&s->b->keys, g->subject_key_types, first, count);
    *ret_shares = false;
    for (size_t i = 0; i < s->source_count && !*ret_shares; i++) {
        CLEANUP(text_free) struct text partners = {0};
        CLEANUP(text_free) struct text sql = {0};
        CLEANUP(db_result_free) struct db_result *r = NULL;
        statement_partners(&partners, g, &s->sources[i], &keys, s->all);
        text_addf(&sql, "SELECT EXISTS (%s)", text_get(&partners));
        if (!db_query(s->w->db, DB_ONE_ROW, text_get(&sql), 0, NULL, &r, err))
            return error_context(err, "look for shared rows");
        *ret_shares = db_bool(r, 0, 0);
    }
    return true;
}

static bool search_range(struct search *s, size_t first, size_t count, struct error *err)
{
    bool shares;
    if (count == 0)
        return true;
    if (!range_shares(s, first, count, &shares, err))
        return false;
    if (!shares)
        return true;
    if (count == 1) {
        s->shares[first] = s->any = true;
        return true;
    }
    size_t half = count / 2;
    return search_range(s, first, half, err) && search_range(s, first + half, count - half, err);
}

static bool search_batch(struct worker *w, const struct batch *b, bool *shares, bool *ret_any,
                         struct error *err)
{
    const struct graph *g = w->night->graph;
    CLEANUP(memory_release) struct partner_source *sources = NULL;
    size_t source_count = statement_partner_sources(g, &sources);
    size_t chunk = (size_t)w->night->settings->run.chunk;
    *ret_any = false;
    if (source_count == 0)
        return true;
    CLEANUP(key_literals_free)
    struct key_literals all = key_literals_of(&b->keys, g->subject_key_types, 0, b->keys.count);
    struct search s = {w, b, &all, sources, source_count, shares, false};
    for (size_t first = 0; first < b->keys.count; first += chunk)
        if (!search_range(&s, first, b->keys.count - first < chunk ? b->keys.count - first : chunk,
                          err))
            return false;
    *ret_any = s.any;
    return true;
}

static bool leave(struct worker *w, struct batch *b, const bool *shares, struct key_list *shared,
                  struct error *err)
{
    CLEANUP(memory_release) bool *keep = memory_alloc(b->keys.count * sizeof *keep);
    for (size_t i = 0; i < b->keys.count; i++) {
        char text[24];
        const char *values[] = {text};
        keep[i] = !shares[i];
        snprintf(text, sizeof text, "%" PRId64, b->subjects[i].ordinal);
        if (shares[i])
            key_list_add(shared, values);
    }
    return batch_leave(w, b, keep, err);
}

bool batch_shared_leave(struct worker *w, struct batch *b, struct key_list *ret_shared,
                        struct error *err)
{
    for (bool any = true;
         any && b->keys.count > 0;) { /* who left may share with who is still here */
        CLEANUP(memory_release) bool *shares = memory_alloc(b->keys.count * sizeof *shares);
        if (!search_batch(w, b, shares, &any, err) ||
            (any && !leave(w, b, shares, ret_shared, err)))
            return false;
    }
    return true;
}

static bool find_ordinals(struct worker *w, const struct key_list *partners,
                          struct key_list *ret_ordinals, struct error *err)
{
    CLEANUP(key_list_free) struct key_list arrays = {.width = 1};
    for (size_t i = 0; i < partners->count; i++) {
        CLEANUP(memory_release)
        char *key = db_array_text(key_list_at(partners, i), partners->width);
        const char *values[] = {key};
        key_list_add(&arrays, values);
    }
    CLEANUP(memory_release)
    char *keys = db_array_text((const char *const *)arrays.values, arrays.count);
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {w->night->policy->name, keys};
    if (!db_query(w->db, DB_ROWS, sql_retention_find_ordinals, 2, params, &r, err))
        return false;
    for (size_t i = 0; i < db_rows(r); i++)
        key_list_add_row(ret_ordinals, r, i, 0);
    return true;
}

/* One partner can be named by several tables. */
static void drop_repeats(struct key_list *list)
{
    CLEANUP(memory_release) bool *keep = memory_alloc(list->count * sizeof *keep);
    for (size_t i = 0; i < list->count; i++) {
        keep[i] = true;
        for (size_t j = 0; j < i && keep[i]; j++) {
            size_t c = 0;
            while (c < list->width && strcmp(key_list_at(list, i)[c], key_list_at(list, j)[c]) == 0)
                c++;
            keep[i] = c < list->width;
        }
    }
    key_list_filter(list, keep);
}

bool batch_shared_complete(struct worker *w, const struct batch *b, struct key_list *ret_partners,
                           struct error *err)
{
    CLEANUP(key_list_free) struct key_list partners = {0};
    const char *where = NULL;
    if (!batch_partners(w, b, &partners, &where, err))
        return false;
    if (partners.count == 0)
        return true;
    drop_repeats(&partners);
    if (!find_ordinals(w, &partners, ret_partners, err))
        return false;
    if (ret_partners->count == partners.count)
        return true;
    key_list_clear(ret_partners);
    error_set(err, ERR_BLOCKED, "rows of %s are shared with a subject that stays", where);
    snprintf(err->reason, sizeof err->reason, "shared %.100s", where);
    return false;
}
