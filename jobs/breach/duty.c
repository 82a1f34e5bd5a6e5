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

/* Customers who are registered are told one by one, others by a notice to all; when all of those
 * who are registered need not be told, or are gone, it has to be decided anew. */
static const struct {
    const char *sentence; /* NULL: that of the view */
    const char *command, *or_else;
} ways_to_customers[] = {
    {"the customers were not told, and nobody is registered as affected",
     "waarborg breach affected %s --keys FILE",
     "waarborg breach notify %s customers --kind initial" SENT},
    {NULL, "waarborg breach letters %s", NULL},
    {"nobody was told: all who are affected need not be, or were disposed of",
     "waarborg breach assess %s --ap yes|no --customers no --because \"...\"",
     "waarborg breach notify %s customers --kind initial" SENT},
};

static char *make_command(const char *duty, const char *reference, bool is_late)
{
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

/* Puts the reference in the place of %s. */
static char *fill_in(const char *words, const char *reference)
{
    const char *at = words == NULL ? NULL : strstr(words, "%s");
    if (at == NULL)
        return NULL;
    return memory_format("%.*s%s%s", (int)(at - words), words, reference, at + 2);
}

static struct duty read_duty(const struct db_result *r, size_t row, const char *reference)
{
    const char *duty = db_text(r, row, 0), *sentence = db_text(r, row, 1);
    bool has_affected = db_bool(r, row, 2), is_late = db_bool(r, row, 3);
    if (strcmp(duty, "customers") != 0)
        return (struct duty){.name = memory_copy_text(duty),
                             .sentence = memory_copy_text(sentence),
                             .command = make_command(duty, reference, is_late)};
    size_t way = !has_affected ? 0 : db_bool(r, row, 4) ? 1 : 2;
    const char *own = ways_to_customers[way].sentence;
    return (struct duty){.name = memory_copy_text(duty),
                         .sentence = memory_copy_text(own != NULL ? own : sentence),
                         .command = fill_in(ways_to_customers[way].command, reference),
                         .or_else = fill_in(ways_to_customers[way].or_else, reference)};
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
        list.items[i] = read_duty(r, i, reference);
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
