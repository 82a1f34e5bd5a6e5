#include "jobs/breach/affected_show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/local_time.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/render.h"
#include "jobs/breach/affected_keys.h"
#include "jobs/breach/clock_state.h"
#include "jobs/breach/register.h"
#include "sql.h"

#define SHOWN 512 /* bytes of an officer's words at most */

static int64_t figure(const json_t *state, const char *name)
{
    return (int64_t)json_integer_value(json_object_get(state, name));
}

static const char *text(const json_t *state, const char *name)
{
    return json_string_value(json_object_get(state, name));
}

static const char *customers(int64_t count)
{
    return count == 1 ? "customer" : "customers";
}

static void print_table(const json_t *state)
{
    static const struct {
        const char *name, *title;
    } states[] = {{"to_tell", "still to be told"},
                  {"returned", "told, and it came back"},
                  {"told", "told"},
                  {"exempt", "need not be told"},
                  {"disposed", "disposed of before they were told"},
                  {"customers", "together"}};
    static const struct render_column columns[] = {{"affected", "state", RENDER_LEFT},
                                                   {"customers", "customers", RENDER_RIGHT},
                                                   {"last told", "last_told", RENDER_LEFT},
                                                   {NULL, NULL, RENDER_LEFT}};
    json_t *rows = json_array();
    int64_t told = register_instant(state, "last_told");
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        char at[LOCAL_TIME_SIZE];
        bool shows = strcmp(states[i].name, "told") == 0 && told != CLOCK_NO_INSTANT;
        json_array_append_new(rows,
                              json_pack("{s:s,s:I,s:s?}", "state", states[i].title, "customers",
                                        (json_int_t)figure(state, states[i].name), "last_told",
                                        shows ? local_time_format(told, at) : NULL));
    }
    render_table(stdout, columns, rows);
    json_decref(rows);
}

static void print_gone(const json_t *state)
{
    char at[LOCAL_TIME_SIZE], records[32], registered[32];
    int64_t gone = figure(state, "gone_since");
    local_time_format(register_instant(state, "since"), at);
    printf("Disposed of since %s (%s): ", at,
           json_is_true(json_object_get(state, "began_unknown")) ? "the moment of awareness"
                                                                 : "when it began");
    if (gone == 0)
        printf("nobody.\n");
    else
        printf("%s %s, %s of whom are registered as affected; --list shows their references.\n",
               render_count(records, sizeof records, gone), customers(gone),
               render_count(registered, sizeof registered, figure(state, "gone_registered")));
}

static void print_next(const json_t *state)
{
    const char *reference = text(state, "breach");
    const json_t *notify = json_object_get(state, "notify");
    int64_t open = figure(state, "to_tell") + figure(state, "returned");
    char count[32];
    if (json_is_true(json_object_get(state, "closed"))) {
        printf("%s is closed: retention keeps nobody for it.\n", reference);
        return;
    }
    if (open == 0)
        return;
    if (json_is_false(notify)) {
        printf("It was decided that customers are not told, so retention keeps nobody for it.\n");
        return;
    }
    printf("Retention keeps %s %s until %s told, or exempt, or it is decided that customers are "
           "not told.\n",
           render_count(count, sizeof count, open), customers(open),
           open == 1 ? "that one is" : "they are");
    if (!json_is_true(notify))
        printf("It is not decided yet whether they are told: waarborg breach assess %s\n",
               reference);
    else
        printf(
            "Letters: waarborg breach letters %s.  Told in another way: waarborg breach affected "
            "%s --told --keys FILE --channel \"phone\"\n",
            reference, reference);
}

void affected_show_print(const struct job_ctx *ctx, const json_t *state)
{
    char low[32], high[32];
    (void)ctx;
    print_table(state);
    printf("\n");
    if (json_is_integer(json_object_get(state, "persons_min")) &&
        json_is_integer(json_object_get(state, "persons_max")))
        printf("The register says %s to %s persons.\n",
               render_count(low, sizeof low, figure(state, "persons_min")),
               render_count(high, sizeof high, figure(state, "persons_max")));
    print_gone(state);
    print_next(state);
}

json_t *affected_show_json(const json_t *state)
{
    static const char *const instants[] = {"last_told", "since"};
    json_t *copy = json_deep_copy(state);
    for (size_t i = 0; i < COUNT_OF(instants); i++) {
        char at[LOCAL_TIME_SIZE];
        int64_t instant = register_instant(state, instants[i]);
        if (instant != CLOCK_NO_INSTANT)
            json_object_set_new(copy, instants[i], json_string(local_time_format_iso(instant, at)));
    }
    return copy;
}

/* ---- One by one --------------------------------------------------------------------------- */

enum { L_STATE, L_TABLE, L_KEY, L_REFERENCE, L_TOLD, L_CHANNEL, L_EXEMPT };
enum { G_POLICY, G_REFERENCE, G_AT, G_AFFECTED };

struct listing {
    bool json;
    size_t shown;
};

typedef bool print_row(struct listing *l, const struct db_result *r, size_t row, struct error *err);

static void print_object(struct listing *l, json_t *object)
{
    char *line = json_dumps(object, JSON_SORT_KEYS | JSON_COMPACT);
    printf("%s\n    %s", l->shown == 0 ? "" : ",", line);
    free(line);
    json_decref(object);
}

static const char *instant(const struct db_result *r, size_t row, int column, bool iso,
                           char dst[static LOCAL_TIME_SIZE])
{
    if (db_text(r, row, column) == NULL)
        return NULL;
    return iso ? local_time_format_iso(db_int(r, row, column), dst)
               : local_time_format(db_int(r, row, column), dst);
}

static bool print_affected(struct listing *l, const struct db_result *r, size_t row,
                           struct error *err)
{
    CLEANUP(text_free) struct text key = {0};
    char at[LOCAL_TIME_SIZE], words[SHOWN];
    const char *told = instant(r, row, L_TOLD, l->json, at);
    const char *state = db_text(r, row, L_STATE);
    const char *why = db_text(r, row, strcmp(state, "exempt") == 0 ? L_EXEMPT : L_CHANNEL);
    if (db_text(r, row, L_KEY) != NULL && !affected_key_show(db_text(r, row, L_KEY), &key, err))
        return false;
    if (l->json) {
        print_object(
            l, json_pack("{s:s,s:s,s:s?,s:s?,s:s?,s:s?,s:s?}", "state", state, "subject_table",
                         db_text(r, row, L_TABLE), "key", key.length == 0 ? NULL : text_get(&key),
                         "reference", db_text(r, row, L_REFERENCE), "told_at", told, "channel",
                         db_text(r, row, L_CHANNEL), "exempt_because", db_text(r, row, L_EXEMPT)));
        return true;
    }
    log_escape(words, sizeof words, why == NULL ? "" : why);
    printf("%-8s  %s%s%s%s%s%s%s\n", state, db_text(r, row, L_TABLE),
           db_text(r, row, L_KEY) != NULL ? " " : " reference ",
           key.length > 0 ? text_get(&key) : db_text(r, row, L_REFERENCE),
           told != NULL ? "  told " : "", told != NULL ? told : "", why != NULL ? "  " : "", words);
    return true;
}

static bool print_gone_row(struct listing *l, const struct db_result *r, size_t row,
                           struct error *err)
{
    char at[LOCAL_TIME_SIZE];
    const char *when = instant(r, row, G_AT, l->json, at);
    (void)err;
    if (l->json)
        print_object(l, json_pack("{s:s,s:s,s:s,s:b}", "policy", db_text(r, row, G_POLICY),
                                  "reference", db_text(r, row, G_REFERENCE), "disposed_at", when,
                                  "affected", (int)db_bool(r, row, G_AFFECTED)));
    else
        printf("%s  %s%s\n", db_text(r, row, G_REFERENCE), when,
               db_bool(r, row, G_AFFECTED) ? "  affected" : "");
    return true;
}

static bool list(struct listing *l, struct db *db, const char *statement, const char *reference,
                 print_row *print, struct error *err)
{
    CLEANUP(memory_release)
    char *declare = memory_format("DECLARE listed NO SCROLL CURSOR FOR %s", statement);
    const char *params[] = {reference};
    size_t got;
    l->shown = 0;
    if (!db_exec(db, declare, COUNT_OF(params), params, err))
        return false;
    do {
        CLEANUP(db_result_free) struct db_result *r = NULL;
        if (!db_query(db, DB_ROWS, "FETCH 5000 FROM listed", 0, NULL, &r, err))
            return false;
        got = db_rows(r);
        for (size_t i = 0; i < got; i++, l->shown++)
            if (!print(l, r, i, err))
                return false;
    } while (got > 0);
    return db_exec(db, "CLOSE listed", 0, NULL, err);
}

/* The object without its closing brace: the lists follow. */
static void begin_json(const json_t *state)
{
    json_t *object = affected_show_json(state);
    char *shown = json_dumps(object, JSON_SORT_KEYS | JSON_INDENT(2));
    printf("%.*s", (int)strlen(shown) - 2, shown);
    free(shown);
    json_decref(object);
}

bool affected_show_list(const struct job_ctx *ctx, struct db *db, const char *reference,
                        const json_t *state, struct error *err)
{
    CLEANUP(db_tx_rollback) struct db_tx *tx = NULL;
    struct listing l = {.json = ctx->json};
    if (!db_tx_begin(db, DB_REPEATABLE_READ_ONLY, &tx, err))
        return false;
    if (l.json) {
        begin_json(state);
        printf(",\n  \"list\": [");
    }
    if (!list(&l, db, sql_breach_affected_list, reference, print_affected, err))
        return error_context(err, "list who is affected");
    if (l.json)
        printf("],\n  \"gone\": [");
    else if (figure(state, "gone_since") > 0)
        printf("\nDisposed of since, by reference:\n");
    if (!list(&l, db, sql_breach_affected_list_gone, reference, print_gone_row, err))
        return error_context(err, "list who was disposed of since");
    if (l.json)
        printf("]\n}\n");
    return true;
}
