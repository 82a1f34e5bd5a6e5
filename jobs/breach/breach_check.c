#include "jobs/breach/breach_check.h"

#include <stdio.h>

#include <stdlib.h>

#include "common/memory.h"
#include "jobs/breach/clock_state.h"
#include "jobs/breach/faults.h"
#include "sql.h"

static int64_t instant(const struct db_result *r, size_t row, int column)
{
    return db_text(r, row, column) == NULL ? CLOCK_NO_INSTANT : db_int(r, row, column);
}

static struct breach_check read_row(const struct db_result *r, size_t row)
{
    struct breach_check c = {
        .title = memory_copy_text(db_text(r, row, 1)),
        .known = db_bool(r, row, 2),
        .closed = db_bool(r, row, 3),
        .aware_at = instant(r, row, 4),
        .ap_due_at = instant(r, row, 5),
        .ap_met_at = instant(r, row, 6),
        .has_delay_reason = db_bool(r, row, 7),
        .persons_max = db_int(r, row, 8),
        .affected = db_int(r, row, 9),
        .assessments = db_int(r, row, 10),
        .assessed = db_bool(r, row, 11),
        .nis2 = db_bool(r, row, 12),
        .dora = db_bool(r, row, 13),
    };
    snprintf(c.reference, sizeof c.reference, "%s", db_text(r, row, 0));
    return c;
}

void breach_check_free(struct breach_check_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].title);
    free(list->items);
    *list = (struct breach_check_list){0};
}

static void refuse(struct text *faults, const struct breach_check *c)
{
    if (!c->known)
        fault_add(faults, "breach", "there is no breach %s; waarborg breach list --all shows them",
                  c->reference);
    else
        fault_add(
            faults, "breach",
            "%s is closed; waarborg breach amend %s --reopen --because \"...\" opens it again",
            c->reference, c->reference);
}

bool breach_check_load(struct db *db, char **words, size_t word_count, struct text *faults,
                       struct breach_check_list *ret, struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    CLEANUP(text_free) struct text references = {0};
    for (size_t i = 0; i < word_count; i++) {
        char reference[REGISTER_REFERENCE_SIZE];
        struct error wrong = {0};
        if (register_parse_reference(words[i], reference, &wrong))
            db_array_add(&references, reference);
        else
            fault_add(faults, "breach", "%s", wrong.message);
    }
    const char *params[] = {db_array_close(&references)};
    if (!db_query(db, DB_ROWS, sql_breach_check_breaches, COUNT_OF(params), params, &r, err))
        return false;
    struct breach_check_list list = {.items = memory_alloc((db_rows(r) + 1) * sizeof *list.items)};
    for (size_t i = 0; i < db_rows(r); i++) {
        struct breach_check c = read_row(r, i);
        if (c.known && !c.closed) {
            list.items[list.count++] = c;
            continue;
        }
        refuse(faults, &c);
        free(c.title);
    }
    *ret = list;
    return true;
}
