#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/archive/archive_jobs.h"
#include "jobs/archive/history.h"
#include "jobs/archive/segment_member.h"
#include "jobs/archive/store.h"

static const struct render_column columns[] = {
    {"table", "table", RENDER_LEFT},  {"rows", "rows", RENDER_RIGHT},
    {"bytes", "bytes", RENDER_RIGHT}, {"what", "kind", RENDER_LEFT},
    {NULL, NULL, RENDER_LEFT},
};

static void print_head(const struct manifest *m)
{
    char bytes[32];
    char name[256];
    CLEANUP(text_free) struct text subject = {0};
    const struct segment_member subject_table = {.schema = m->subject_schema,
                                                 .table = m->subject_table};
    segment_member_title(&subject_table, &subject);
    log_escape(name, sizeof name, m->database_name);
    printf("Segment      %s, number %llu of the chain\n", m->segment_id,
           (unsigned long long)m->chain_no);
    printf("Written      %s by %s, run %lld, as of %s\n", m->created_at, m->program,
           (long long)m->run_id, m->as_of);
    printf("Policy       %s, version %s, fingerprint %s\n", m->policy, m->policy_version,
           m->fingerprint);
    printf("Database     %s of system %s, PostgreSQL %s, dates in %s\n", name,
           m->system_identifier == NULL ? "unknown" : m->system_identifier, m->server_version,
           m->timezone);
    printf("Subjects     %zu of %s\n", m->reference_count, text_get(&subject));
    printf("File         %s, %s\n", m->file_name, render_bytes(bytes, sizeof bytes, m->file_bytes));
    printf("SHA-256      %s\n", m->file_sha256);
    if (!m->sealed)
        printf("Sealed for   nobody: anyone who can read the file can read the rows\n");
    for (size_t i = 0; i < m->recipient_count; i++)
        printf("%s%s\n", i == 0 ? "Sealed for   certificate " : "             certificate ",
               m->recipients[i]);
    printf("Manifest     %s\nPrevious     %s\n", m->sha256, m->previous_sha256);
}

static void print_members(const struct manifest *m)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < m->member_count; i++) {
        const struct segment_member_result *member = &m->members[i];
        const char *kind =
            member->member.kind == SEGMENT_ROWS ? "deleted rows" : "values set to NULL";
        json_array_append_new(
            rows,
            json_pack("{s:o, s:I, s:I, s:s}", "table",
                      json_sprintf("%s.%s", member->member.schema, member->member.table), "rows",
                      (json_int_t)member->rows, "bytes", (json_int_t)member->bytes, "kind", kind));
    }
    putchar('\n');
    render_table(stdout, columns, rows);
    json_decref(rows);
}

static void print_reading(const struct manifest *m)
{
    if (m->sealed)
        printf("\nTo read it: openssl cms -decrypt -binary -inform DER -in %s -inkey KEY | zcat\n",
               m->file_name);
    else
        printf("\nTo read it: zcat %s\n", m->file_name);
}

/* Its rows went with the file; the manifest stays. */
static void print_gone(const struct job_ctx *ctx, const struct manifest *m)
{
    char at[21];
    int64_t destroyed_at = 0;
    if (!history_tells_destroyed(ctx->settings->evidence.journal, m->segment_id, &destroyed_at)) {
        printf("\nThe file is missing: waarborg archive verify says more.\n");
        return;
    }
    clock_format_utc(destroyed_at, at);
    printf("\nThe file was destroyed at %s by waarborg archive expire.\n", at);
}

static bool show(const struct job_ctx *ctx, const char *word, struct error *err)
{
    CLEANUP(store_close) struct store store = {.root_fd = -1};
    CLEANUP(manifest_free) struct manifest *m = NULL;
    const struct store_entry *entry = NULL;
    if (!store_open_own(ctx->settings->archive.directory, ctx->settings->evidence.journal, &store,
                        err) ||
        !store_find(&store, word, &entry, err) || !store_load_manifest(&store, entry, &m, err))
        return false;
    if (ctx->json) {
        render_json(stdout, m->json);
        return true;
    }
    print_head(m);
    print_members(m);
    if (entry->has_file)
        print_reading(m);
    else
        print_gone(ctx, m);
    return true;
}

bool archive_show(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit,
                  struct error *err)
{
    static const char text[] =
        "Shows one segment in full, from its manifest.  SEGMENT is its id "
        "or the beginning of\none; --json gives the manifest itself, also of a segment that "
        "was destroyed.";
    char **words;
    int count;
    bool help;
    if (!job_parse_options(ctx->job, "SEGMENT", text, NULL, argc, argv, &words, &count, &help, err))
        return false;
    *ret_exit = JOB_DONE;
    if (help)
        return true;
    if (count != 1)
        return error_set(err, ERR_USAGE, "give one segment; waarborg archive list shows them");
    return show(ctx, words[0], err);
}
