#include <jansson.h>
#include <stdio.h>

#include "common/db.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/archive/archive_jobs.h"
#include "jobs/archive/ledger.h"
#include "jobs/archive/store.h"
#include "jobs/schema/schema.h"

static const struct render_column columns[] = {
    {"segment", "segment", RENDER_LEFT},    {"created", "created_at", RENDER_LEFT},
    {"policy", "policy", RENDER_LEFT},      {"subjects", "subjects", RENDER_RIGHT},
    {"rows", "rows", RENDER_RIGHT},         {"bytes", "bytes", RENDER_RIGHT},
    {"restored", "restored", RENDER_RIGHT}, {"state", "state", RENDER_LEFT},
    {"at", "destroyed_at", RENDER_LEFT},    {NULL, NULL, RENDER_LEFT},
};

static const char *state_of(const struct store *store, const struct ledger_segment *s)
{
    const struct store_entry *e = store_find_base(store, s->file);
    if (s->destroyed)
        return "destroyed";
    if (e == NULL || !e->has_file)
        return "file missing";
    return e->has_manifest ? "present" : "manifest missing";
}

static bool wants_attention(const json_t *row)
{
    const char *state = json_string_value(json_object_get(row, "state"));
    return state[0] != 'p' && state[0] != 'd';
}

static json_t *list_rows(const struct store *store, const struct ledger *ledger)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_segment *s = &ledger->segments[i];
        json_array_append_new(
            rows, json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:s?}", "segment", s->id,
                            "file", s->file, "created_at", s->created_at, "policy", s->policy,
                            "subjects", (json_int_t)s->subjects, "rows", (json_int_t)s->rows,
                            "bytes", (json_int_t)s->bytes, "restored", (json_int_t)s->restored,
                            "state", state_of(store, s), "destroyed_at", s->destroyed_at));
    }
    for (size_t i = 0; i < store->entry_count; i++) {
        const struct store_entry *e = &store->entries[i];
        if (ledger_find(ledger, store_entry_id(e)) == NULL)
            json_array_append_new(
                rows, json_pack("{s:s, s:s, s:n, s:n, s:n, s:n, s:n, s:n, s:s, s:n}", "segment",
                                store_entry_id(e), "file", e->base, "created_at", "policy",
                                "subjects", "rows", "bytes", "restored", "state",
                                "not in the ledger", "destroyed_at"));
    }
    return rows;
}

static bool list(const struct job_ctx *ctx, int *ret_exit, struct error *err)
{
    CLEANUP(store_close) struct store store = {.root_fd = -1};
    CLEANUP(db_close) struct db *db = NULL;
    CLEANUP(ledger_free) struct ledger ledger = {0};
    if (!store_open_own(ctx->settings->archive.directory, ctx->settings->evidence.journal, &store,
                        err) ||
        !job_open_db(ctx, "archive", 0, &db, err) || !schema_require(db, err) ||
        !ledger_load(db, NULL, &ledger, err))
        return false;
    json_t *rows = list_rows(&store, &ledger);
    *ret_exit = JOB_DONE;
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (wants_attention(json_array_get(rows, i)))
            *ret_exit = JOB_ATTENTION;
    if (ctx->json) {
        json_t *result = json_pack("{s:O}", "segments", rows);
        render_json(stdout, result);
        json_decref(result);
    } else if (json_array_size(rows) == 0) {
        puts("The archive is empty.");
    } else {
        render_table(stdout, columns, rows);
        if (*ret_exit == JOB_ATTENTION)
            puts("\nwaarborg archive verify says more about what is not present.");
    }
    json_decref(rows);
    return true;
}

bool archive_list(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                  struct error *err)
{
    static const char text[] = "Shows the segments of the archive: one file a batch, as the ledger "
                               "knows them, and\nwhether the file is there.  Exit code 1 when one "
                               "is missing or not in the ledger.";
    char **words;
    int count;
    bool help;
    if (!job_parse_options(ctx->job, NULL, text, NULL, argc, argv, &words, &count, &help, err))
        return false;
    *ret_exit = JOB_DONE;
    return help || list(ctx, ret_exit, err);
}
