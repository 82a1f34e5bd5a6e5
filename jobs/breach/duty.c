#include "jobs/breach/duty.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/memory.h"
#include "sql.h"

#define SENT " --sent \"YYYY-MM-DD HH:MM\""

/* Behind "waarborg breach "; %s is the reference. */
static const struct {
    const char *duty, *command;
} commands[] = {
    {"assess", "assess %s --ap yes|no --customers yes|no --because \"...\""},
    {"ap", "notify %s ap --kind initial" SENT},
    {"follow_up", "notify %s ap --kind follow-up --complete" SENT},
    {"nis2_warning", "notify %s nis2 --kind warning" SENT},
    {"nis2_notification", "notify %s nis2 --kind initial" SENT},
    {"nis2_final", "notify %s nis2 --kind final" SENT},
    {"dora_initial", "notify %s dora --kind initial" SENT},
    {"dora_intermediate", "notify %s dora --kind follow-up" SENT},
    {"dora_final", "notify %s dora --kind final" SENT},
    {"effects", "amend %s --set consequences_description=\"...\" --because \"...\""},
    {"measures", "amend %s --measure \"repair taken: ...\" --because \"...\""},
};

static char *make_command(const char *duty, const char *reference, bool has_affected, bool is_late)
{
    if (strcmp(duty, "customers") == 0)
        return memory_format(has_affected ? "waarborg breach letters %s"
                                          : "waarborg breach affected %s --keys FILE",
                             reference);
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (strcmp(duty, commands[i].duty) == 0) {
            const char *after = strstr(commands[i].command, "%s") + 2;
            return memory_format(
                "waarborg breach %.*s%s%s%s", (int)(after - 2 - commands[i].command),
                commands[i].command, reference, after,
                is_late && strcmp(duty, "ap") == 0 ? " --late-because \"...\"" : "");
        }
    return NULL;
}

/* Customers who are registered are told one by one; others by a notice to all. */
static char *make_or_else(const char *duty, const char *reference, bool has_affected)
{
    if (strcmp(duty, "customers") != 0 || has_affected)
        return NULL;
    return memory_format("waarborg breach notify %s customers --kind initial" SENT, reference);
}

bool duty_load(struct db *db, const char *reference, int64_t now, struct duty_list *ret,
               struct error *err)
{
    CLEANUP(db_result_free) struct db_result *r = NULL;
    char at[21];
    clock_format_utc(now, at);
    const char *params[] = {reference, at};
    if (!db_query(db, DB_ROWS, sql_breach_list_duties, COUNT_OF(params), params, &r, err))
        return false;
    struct duty_list list = {.count = db_rows(r)};
    list.items = memory_alloc((list.count + 1) * sizeof *list.items);
    for (size_t i = 0; i < list.count; i++)
        list.items[i] = (struct duty){
            .name = memory_copy_text(db_text(r, i, 0)),
            .sentence = memory_copy_text(db_text(r, i, 1)),
            .command =
                make_command(db_text(r, i, 0), reference, db_bool(r, i, 2), db_bool(r, i, 3)),
            .or_else = make_or_else(db_text(r, i, 0), reference, db_bool(r, i, 2)),
        };
    *ret = list;
    return true;
}

void duty_free(struct duty_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].name);
        free(list->items[i].sentence);
        free(list->items[i].command);
        free(list->items[i].or_else);
    }
    free(list->items);
    *list = (struct duty_list){0};
}

void duty_print(FILE *out, const struct duty_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct duty *d = &list->items[i];
        fprintf(out, "  %s\n", d->sentence);
        if (d->command != NULL)
            fprintf(out, "      %s\n", d->command);
        if (d->or_else != NULL)
            fprintf(out, "      or, after a notice to all of them: %s\n", d->or_else);
    }
}

json_t *duty_to_json(const struct duty_list *list)
{
    json_t *all = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(all,
                              json_pack("{s:s,s:s,s:s?,s:s?}", "duty", list->items[i].name,
                                        "sentence", list->items[i].sentence, "command",
                                        list->items[i].command, "or_else", list->items[i].or_else));
    return all;
}
