#include "jobs/breach/letter_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mail.h"
#include "common/memory.h"
#include "jobs/breach/register.h"
#include "jobs/retention/contact.h"
#include "jobs/retention/graph.h"
#include "sql.h"

struct source { /* of one policy */
    struct graph graph;
    char *key_columns; /* text of an array */
};

struct letter_list {
    struct db *db; /* borrowed */
    char breach[24];
    struct source *sources;
    size_t count;
    size_t at;     /* the source that is read */
    int64_t after; /* the last one of it that was given */
};

const char *letter_channel_code(enum letter_channel c)
{
    return c == LETTER_BY_MAIL ? "mail" : "file";
}

enum letter_way letter_way_of(const struct letter_customer *c, enum letter_channel channel,
                              bool again)
{
    bool other = !again && c->begun != NULL && strcmp(c->begun, letter_channel_code(channel)) != 0;
    if (other)
        return channel == LETTER_BY_MAIL ? LETTER_BEGUN_FILE : LETTER_BEGUN_MAIL;
    if (c->gone)
        return LETTER_GONE;
    if (channel == LETTER_BY_FILE)
        return c->to.address == NULL ? LETTER_NO_ADDRESS : LETTER_GOES;
    if (c->came_back)
        return LETTER_CAME_BACK;
    return c->email == NULL || mail_check_address(c->email) != NULL ? LETTER_NO_EMAIL : LETTER_GOES;
}

/* ---- Opening ----------------------------------------------------------------------------------
 */

static void free_sources(struct source *sources, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        graph_free(&sources[i].graph);
        free(sources[i].key_columns);
    }
    free(sources);
}

void letter_list_close(struct letter_list **list)
{
    if (*list != NULL)
        free_sources((*list)->sources, (*list)->count);
    free(*list);
    *list = NULL;
}

static const struct policy *find_policy(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->policy_count; i++)
        if (strcmp(settings->policies[i].name, name) == 0)
            return &settings->policies[i];
    return NULL;
}

static bool same_columns(const struct policy *policy, const json_t *columns)
{
    bool same = json_array_size(columns) == policy->key.count;
    for (size_t i = 0; same && i < policy->key.count; i++)
        same = strcmp(json_string_value(json_array_get(columns, i)), policy->key.items[i]) == 0;
    return same;
}

static void add_problems(const struct policy *policy, const struct problem_list *problems,
                         struct text *faults)
{
    for (size_t i = 0; i < problems->count; i++)
        if (problems->items[i].weight == PROBLEM_REFUSAL)
            text_addf(faults, "policy %s: %s; %s\n", policy->name, problems->items[i].what,
                      problems->items[i].mend);
}

static bool add_source(struct letter_list *list, const struct policy *policy, const json_t *columns,
                       struct text *faults, struct error *err)
{
    CLEANUP(problem_list_free) struct problem_list problems = {0};
    struct source *s = &list->sources[list->count++];
    struct text array = {0};
    size_t i;
    json_t *column;
    json_array_foreach(columns, i, column) db_array_add(&array, json_string_value(column));
    (void)db_array_close(&array);
    s->key_columns = text_take(&array);
    if (!graph_build(list->db, policy, &s->graph, &problems, err))
        return false;
    if (problems.refusals == 0)
        contact_check(&s->graph, &problems);
    add_problems(policy, &problems, faults);
    return true;
}

static bool open_policy(struct letter_list *list, const struct settings *settings, const json_t *of,
                        struct text *faults, struct error *err)
{
    const char *name = json_string_value(json_object_get(of, "policy"));
    const json_t *columns = json_object_get(of, "key_columns");
    const struct policy *policy = find_policy(settings, name);
    if (policy == NULL)
        text_addf(faults,
                  "policies: customers of policy %s are affected, and %s has no policy of that "
                  "name\n",
                  name, settings->path);
    else if (!same_columns(policy, columns))
        text_addf(faults,
                  "policies: customers of policy %s were registered with another key than it has "
                  "now; register them anew with waarborg breach affected\n",
                  name);
    else if (policy->contact.line == 0)
        text_addf(faults,
                  "policy %s: nothing says how to reach a subject; add to `subject` in line %u of "
                  "%s: contact = { name = \"COLUMN\"; address = ( \"COLUMN\", [ \"COLUMN\", "
                  "\"COLUMN\" ] ); email = \"COLUMN\"; language = \"COLUMN\"; };\n",
                  name, policy->line, settings->path);
    else
        return add_source(list, policy, columns, faults, err);
    return true;
}

bool letter_list_open(struct db *db, const struct settings *settings, const json_t *breach,
                      struct text *faults, struct letter_list **ret, struct error *err)
{
    const json_t *policies = json_object_get(breach, "policies");
    CLEANUP(letter_list_close) struct letter_list *list = memory_alloc(sizeof *list);
    size_t before = faults->length;
    list->db = db;
    snprintf(list->breach, sizeof list->breach, "%" JSON_INTEGER_FORMAT,
             json_integer_value(json_object_get(breach, "id")));
    list->sources = memory_alloc((json_array_size(policies) + 1) * sizeof *list->sources);
    for (size_t i = 0; i < json_array_size(policies); i++)
        if (!open_policy(list, settings, json_array_get(policies, i), faults, err))
            return false;
    if (faults->length > before)
        return true;
    *ret = list;
    list = NULL;
    return true;
}

/* ---- Reading ----------------------------------------------------------------------------------
 */

void letter_batch_free(struct letter_batch *b)
{
    free(b->items);
    db_result_free(&b->rows);
    db_result_free(&b->contacts);
    *b = (struct letter_batch){0};
}

void letter_list_rewind(struct letter_list *list)
{
    list->at = 0;
    list->after = 0;
}

/* Their columns, from the end of the rows on for those who are there. */
static void read_contacts(struct letter_batch *b)
{
    for (size_t row = 0; row < db_rows(b->contacts); row++) {
        struct letter_customer *c = &b->items[db_int(b->contacts, row, CONTACT_N) - 1];
        c->gone = false;
        c->to =
            (struct letter_recipient){.name = db_text(b->contacts, row, CONTACT_NAME),
                                      .salutation = db_text(b->contacts, row, CONTACT_SALUTATION),
                                      .address = db_text(b->contacts, row, CONTACT_ADDRESS)};
        c->email = db_text(b->contacts, row, CONTACT_EMAIL);
        c->language = letter_language_of(db_text(b->contacts, row, CONTACT_LANGUAGE));
    }
}

/* Who keeps the register need not see customers; who sends the letters must. */
static bool explain_contacts(const struct graph *g, struct error *err)
{
    const struct error server = *err;
    const struct graph_table *subject = &g->tables[0];
    const struct table_name *other = &g->policy->contact.table;
    char name[TABLE_NAME_TEXT_SIZE] = "";
    if (strcmp(server.sqlstate, "42501") != 0)
        return error_context(err, "read how to reach the customers");
    if (other->schema != NULL)
        table_name_format(other, name, sizeof name);
    return error_set(err, ERR_USAGE,
                     "letters read how to reach the customers, which this user may not: %s; the "
                     "owner of these tables says GRANT USAGE ON SCHEMA %s TO this user and "
                     "GRANT SELECT ON %s%s%s TO this user",
                     server.message, subject->schema, subject->display, name[0] == '\0' ? "" : ", ",
                     name);
}

static bool find_contacts(struct letter_list *list, struct letter_batch *b, struct error *err)
{
    const struct graph *g = &list->sources[list->at].graph;
    CLEANUP(key_list_free) struct key_list keys = {.width = g->subject_key_count};
    CLEANUP(text_free) struct text sql = {0};
    for (size_t i = 0; i < b->count; i++) {
        char **key = NULL;
        size_t width = 0;
        if (!db_array_parse(db_text(b->rows, i, 1), &key, &width, err))
            return false;
        bool fits = width == keys.width;
        if (fits)
            key_list_add(&keys, (const char *const *)key);
        db_items_free(key, width);
        if (!fits)
            return error_set(err, ERR_INTEGRITY, "an affected customer has a key of %zu columns",
                             width);
    }
    CLEANUP(key_literals_free)
    struct key_literals all = key_literals_of(&keys, g->subject_key_types, 0, keys.count);
    contact_select(&sql, g, &all);
    if (!db_query(list->db, DB_ROWS, text_get(&sql), 0, NULL, &b->contacts, err))
        return explain_contacts(g, err);
    read_contacts(b);
    return true;
}

static bool read_rows(struct letter_list *list, size_t limit, struct letter_batch *b,
                      struct error *err)
{
    const struct source *s = &list->sources[list->at];
    char after[24], most[24];
    snprintf(after, sizeof after, "%" PRId64, list->after);
    snprintf(most, sizeof most, "%zu", limit);
    const char *params[] = {list->breach, s->graph.policy->name, s->key_columns, after, most};
    if (!db_query(list->db, DB_ROWS, sql_breach_list_letters, COUNT_OF(params), params, &b->rows,
                  err))
        return false;
    b->count = db_rows(b->rows);
    b->items = memory_alloc((b->count + 1) * sizeof *b->items);
    for (size_t i = 0; i < b->count; i++)
        b->items[i] = (struct letter_customer){.affected = db_int(b->rows, i, 0),
                                               .came_back = db_bool(b->rows, i, 2),
                                               .letter = db_int(b->rows, i, 3),
                                               .token = db_text(b->rows, i, 4),
                                               .begun = db_text(b->rows, i, 5),
                                               .gone = true};
    return true;
}

bool letter_list_next(struct letter_list *list, size_t limit, struct letter_batch *batch,
                      struct error *err)
{
    letter_batch_free(batch);
    for (; list->at < list->count; list->at++, list->after = 0) {
        letter_batch_free(batch);
        if (!read_rows(list, limit, batch, err))
            return false;
        if (batch->count == 0)
            continue;
        list->after = batch->items[batch->count - 1].affected;
        return find_contacts(list, batch, err);
    }
    return true;
}
