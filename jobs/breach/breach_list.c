#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/local_time.h"
#include "common/options.h"
#include "common/render.h"
#include "jobs/breach/breach_jobs.h"
#include "jobs/breach/clock_state.h"
#include "jobs/breach/register.h"
#include "sql.h"

#define TITLE_SHOWN 40 /* characters */

static const struct render_column columns[] = {{"breach", "breach", RENDER_LEFT},
                                               {"title", "shown_title", RENDER_LEFT},
                                               {"aware", "shown_aware", RENDER_LEFT},
                                               {"AP", "shown_ap", RENDER_LEFT},
                                               {"customers", "customers", RENDER_LEFT},
                                               {"affected", "affected", RENDER_RIGHT},
                                               {"to tell", "to_tell", RENDER_RIGHT},
                                               {"closed", "shown_closed", RENDER_LEFT},
                                               {NULL, NULL, RENDER_LEFT}};

static int64_t instant(const struct db_result *r, size_t row, int column)
{
    return db_text(r, row, column) == NULL ? CLOCK_NO_INSTANT : db_int(r, row, column);
}

static void set_instant(json_t *object, const char *key, int64_t at)
{
    char text[LOCAL_TIME_SIZE];
    json_object_set_new(object, key,
                        at == CLOCK_NO_INSTANT ? json_null()
                                               : json_string(local_time_format_iso(at, text)));
}

/* "71 h 42 m left", "met", "not needed" */
static json_t *shown_clock(const struct breach_clock *c, int64_t now)
{
    char left[40];
    enum clock_state state = clock_state_at(c, now, CLOCK_NEAR_SECONDS);
    if (clock_state_is_open(state) && state != CLOCK_NO_LIMIT)
        return json_string(clock_left(left, sizeof left, c->due_at, now, "en"));
    return json_string(clock_state_word(state, "en"));
}

/* What was decided about telling them. */
static const char *customers_word(const struct db_result *r, size_t row)
{
    if (!db_bool(r, row, 7))
        return "undecided";
    return db_bool(r, row, 8) ? "yes" : "no";
}

/* For people only: cut, and without what the other columns say. */
static void add_shown(json_t *object, const struct db_result *r, size_t row,
                      const struct breach_clock *ap, int64_t now)
{
    char text[LOCAL_TIME_SIZE];
    const char *title = db_text(r, row, 1);
    size_t length = 0, characters = 0;
    while (title[length] != '\0' && characters < TITLE_SHOWN) {
        length++;
        characters += ((unsigned char)title[length] & 0xc0) != 0x80;
    }
    json_object_set_new(
        object, "shown_title",
        json_sprintf("%.*s%s", (int)length, title, title[length] == '\0' ? "" : "..."));
    json_object_set_new(object, "shown_aware",
                        json_string(local_time_format(db_int(r, row, 2), text)));
    json_object_set_new(object, "shown_ap", shown_clock(ap, now));
    if (db_text(r, row, 3) != NULL)
        json_object_set_new(object, "shown_closed",
                            json_string(local_time_format(db_int(r, row, 3), text)));
}

static json_t *make_row(const struct job_ctx *ctx, const struct db_result *r, size_t row)
{
    const struct breach_clock ap = {.started_at = db_int(r, row, 2),
                                    .due_at = instant(r, row, 4),
                                    .met_at = instant(r, row, 5),
                                    .not_needed = !db_bool(r, row, 6)};
    json_t *object = json_pack(
        "{s:s,s:s,s:s,s:s,s:I,s:I}", "breach", db_text(r, row, 0), "title", db_text(r, row, 1),
        "ap", clock_state_code(clock_state_at(&ap, ctx->now, CLOCK_NEAR_SECONDS)), "customers",
        customers_word(r, row), "affected", (json_int_t)db_int(r, row, 9), "to_tell",
        (json_int_t)db_int(r, row, 10));
    if (!ctx->json) {
        add_shown(object, r, row, &ap, ctx->now);
        return object;
    }
    set_instant(object, "aware_at", ap.started_at);
    set_instant(object, "closed_at", instant(r, row, 3));
    set_instant(object, "ap_due_at", ap.due_at);
    set_instant(object, "ap_met_at", ap.met_at);
    return object;
}

static bool list(const struct job_ctx *ctx, bool all, struct error *err)
{
    CLEANUP(db_close) struct db *db = NULL;
    CLEANUP(db_result_free) struct db_result *r = NULL;
    CLEANUP(json_decrefp) json_t *rows = json_array();
    const char *params[] = {all ? "true" : "false"};
    if (!register_open_db(ctx, "breach", &db, err) ||
        !db_query(db, DB_ROWS, sql_breach_list_breaches, COUNT_OF(params), params, &r, err))
        return false;
    for (size_t row = 0; row < db_rows(r); row++) {
        json_t *object = make_row(ctx, r, row);
        if (object == NULL)
            return error_set(err, ERR_DB,
                             "the title of a breach is not UTF-8: the encoding of the database is "
                             "SQL_ASCII");
        json_array_append_new(rows, object);
    }
    if (ctx->json) {
        CLEANUP(json_decrefp) json_t *result = json_pack("{s:O}", "breaches", rows);
        render_json(stdout, result);
        return true;
    }
    if (db_rows(r) == 0)
        printf(all ? "The register is empty; waarborg breach open registers a breach.\n"
                   : "No breach is open.\n");
    render_table(stdout, columns, rows);
    return true;
}

bool breach_list(const struct job_ctx *ctx, int argc, char **argv, int *ret_exit, struct error *err)
{
    static const char text[] =
        "Shows the open breaches, the one whose limit for the AP is nearest first, then those of "
        "which the AP was told.  AP is how much is left of the 72 hours, or how it ended; "
        "customers, whether they are to be told; affected, how many are registered.\n\n"
        "waarborg breach show REF shows one of them, waarborg breach due every open clock.";
    bool all = false;
    const struct option_spec specs[] = {
        {"all", 'a', OPTION_FLAG, NULL, "closed ones too", &all, 0, 0}, {0}};
    char **words;
    int count;
    bool help;
    if (!job_parse_options(ctx->job, NULL, text, specs, argc, argv, &words, &count, &help, err))
        return false;
    *ret_exit = JOB_DONE;
    return help || list(ctx, all, err);
}
