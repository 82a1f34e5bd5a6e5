#include "jobs/breach/letter_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/fault_point.h"
#include "common/log.h"
#include "common/memory.h"
#include "jobs/breach/register.h"
#include "sql.h"

#define COUNT_AT_ONCE 5000

void letter_ids_add(struct letter_ids *ids, int64_t id)
{
    MEMORY_GROW(ids->items, ids->count, ids->capacity);
    ids->items[ids->count++] = id;
}

void letter_ids_free(struct letter_ids *ids)
{
    free(ids->items);
    *ids = (struct letter_ids){0};
}

static const char *ids_array(const struct letter_ids *ids, struct text *t)
{
    for (size_t i = 0; i < ids->count; i++)
        text_addf(t, "%s%" PRId64, i == 0 ? "{" : ",", ids->items[i]);
    text_add(t, ids->count == 0 ? "{}" : "}");
    return text_get(t);
}

/* A run may go on for hours; what it records has to say when. */
int64_t letter_run_now(const struct letter_run *run)
{
    return run->ctx->now + (clock_monotonic_ms() - run->started_ms) / 1000;
}

static bool tell_time(const struct letter_run *run, struct error *err)
{
    char now[21];
    const char *params[] = {now};
    clock_format_utc(letter_run_now(run), now);
    return db_exec(run->db, sql_breach_tell_time, COUNT_OF(params), params, err);
}

bool letter_run_begin(struct letter_run *run, const struct letter_ids *ids,
                      enum letter_channel channel, struct letter_ids *ret_begun, struct error *err)
{
    CLEANUP(text_free) struct text array = {0};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    const char *params[] = {ids_array(ids, &array), letter_channel_code(channel),
                            run->again ? "true" : "false"};
    if (!tell_time(run, err) ||
        !db_query(run->db, DB_ROWS, sql_breach_start_letters, COUNT_OF(params), params, &r, err))
        return false;
    for (size_t i = 0; i < db_rows(r); i++)
        letter_ids_add(ret_begun, db_int(r, i, 0));
    run->settled += (int64_t)(ids->count - db_rows(r));
    FAULT_POINT("letters.begun");
    return true;
}

bool letter_run_unbegin(struct letter_run *run, const struct letter_ids *ids, struct error *err)
{
    CLEANUP(text_free) struct text array = {0};
    const char *params[] = {ids_array(ids, &array)};
    if (ids->count > 0 &&
        !db_exec(run->db, sql_breach_unstart_letters, COUNT_OF(params), params, err))
        return false;
    FAULT_POINT("letters.not_begun");
    return true;
}

bool letter_run_finish(struct letter_run *run, const struct letter_ids *ids,
                       enum letter_channel channel, struct error *err)
{
    CLEANUP(text_free) struct text array = {0};
    const char *params[] = {ids_array(ids, &array), letter_channel_code(channel)};
    if (ids->count == 0)
        return true;
    if (!tell_time(run, err) ||
        !db_exec(run->db, sql_breach_finish_letters, COUNT_OF(params), params, err))
        return error_context(err,
                             "%zu letters were handed over and could not be recorded; run the "
                             "same command again",
                             ids->count);
    run->handed_over += (int64_t)ids->count;
    FAULT_POINT("letters.done");
    return true;
}

bool letter_run_goes(struct letter_run *run, const struct letter_customer *c,
                     enum letter_channel channel)
{
    enum letter_way way = letter_way_of(c, channel, run->again);
    run->customers++;
    run->ways[way]++;
    if (way == LETTER_GOES)
        run->languages[run->use[c->language]]++;
    return way == LETTER_GOES;
}

bool letter_run_make(struct letter_run *run, const struct letter_customer *c, struct letter *ret)
{
    struct error err = {0};
    if (letter_make(run->texts, run->use[c->language], &c->to, ret, &err))
        return true;
    if (run->unmade++ == 0)
        log_event(LOG_WARNING, "breach.letter.unmade",
                  "breach=%s letter=%" PRId64 " message=\"%s\"", run->reference, c->letter,
                  err.message);
    return false;
}

static void forget_figures(struct letter_run *run)
{
    run->customers = 0;
    memset(run->languages, 0, sizeof run->languages);
    memset(run->ways, 0, sizeof run->ways);
}

bool letter_run_count(struct letter_run *run, enum letter_channel channel, struct error *err)
{
    CLEANUP(letter_batch_free) struct letter_batch batch = {0};
    forget_figures(run);
    letter_list_rewind(run->list);
    do {
        if (!letter_list_next(run->list, COUNT_AT_ONCE, &batch, err))
            return false;
        for (size_t i = 0; i < batch.count; i++)
            (void)letter_run_goes(run, &batch.items[i], channel);
    } while (batch.count > 0);
    return true;
}

bool letter_run_prepare(struct letter_run *run, struct error *err)
{
    const char *params[] = {run->reference};
    CLEANUP(db_result_free) struct db_result *r = NULL;
    if (!db_query(run->db, DB_ONE_ROW, sql_breach_prepare_letters, COUNT_OF(params), params, &r,
                  err))
        return register_fail(err);
    FAULT_POINT("letters.prepared");
    forget_figures(run);
    letter_list_rewind(run->list);
    return true;
}
