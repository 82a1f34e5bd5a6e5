#include "jobs/settings/policy.h"

#include <jansson.h>
#include <stdlib.h>

#include "common/text.h"

/* A value that jansson could not make is NULL and makes everything it would go into NULL as well,
 * so only the last one is looked at: a fingerprint of half a policy must not exist. */
static void append(json_t **array, json_t *value)
{
    if (json_array_append_new(*array, value) != 0) {
        json_decref(*array);
        *array = NULL;
    }
}

static void add_quoted(struct text *t, const char *name)
{
    text_add(t, "\"");
    for (const char *p = name; *p != '\0'; p++) {
        if (*p == '"')
            text_add(t, "\"");
        text_add_bytes(t, p, 1);
    }
    text_add(t, "\"");
}

static json_t *table_json(const struct table_name *table)
{
    CLEANUP(text_free) struct text name = {0};
    add_quoted(&name, table->schema);
    text_add(&name, ".");
    add_quoted(&name, table->table);
    return json_string(text_get(&name));
}

static json_t *names_json(const struct name_list *list)
{
    json_t *names = json_array();
    for (size_t i = 0; i < list->count; i++)
        append(&names, json_string(list->items[i]));
    return names;
}

static json_t *tables_json(const struct policy_table *tables, size_t count)
{
    json_t *names = json_array();
    for (size_t i = 0; i < count; i++)
        append(&names, table_json(&tables[i].table));
    return names;
}

static json_t *rule_json(const struct policy_rule *rule)
{
    json_t *clocks = json_array();
    for (size_t i = 0; i < rule->clock_count; i++)
        append(&clocks, json_pack("{s:o, s:s}", "table", table_json(&rule->clocks[i].table), "ends",
                                  rule->clocks[i].ends));
    json_t *requires = json_array();
    for (size_t i = 0; i < rule->require_count; i++)
        append(&requires, table_json(&rule->requires[i]));
    return json_pack("{s:s, s:{s:i, s:i}, s:s, s:o, s:o}", "name", rule->name, "window", "months",
                     rule->window.months, "days", rule->window.days, "start",
                     rule->start == WINDOW_EXACT ? "exact" : "calendar_year_end", "clocks", clocks,
                     "requires", requires);
}

static json_t *rules_json(const struct policy *p)
{
    json_t *rules = json_array();
    for (size_t i = 0; i < p->rule_count; i++)
        append(&rules, rule_json(&p->rules[i]));
    return rules;
}

static json_t *links_json(const struct policy *p)
{
    json_t *links = json_array();
    for (size_t i = 0; i < p->link_count; i++) {
        const struct policy_link *link = &p->links[i];
        json_array_append_new(
            links, json_pack("{s:o, s:o, s:o, s:o}", "table", table_json(&link->table), "columns",
                             names_json(&link->columns), "references",
                             table_json(&link->references), "to", names_json(&link->to)));
    }
    return links;
}

static json_t *detach_json(const struct policy *p)
{
    json_t *columns = json_array();
    for (size_t i = 0; i < p->detach_count; i++)
        append(&columns, json_pack("{s:o, s:s}", "table", table_json(&p->detach[i].table), "column",
                                   p->detach[i].column));
    return columns;
}

bool policy_make_canonical(struct policy *p, struct error *err)
{
    json_t *whole =
        json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name", p->name, "version",
                  p->version, "legal_basis", p->legal_basis, "subject", table_json(&p->subject),
                  "key", names_json(&p->key), "rules", rules_json(p), "links", links_json(p),
                  "owns", tables_json(p->owns, p->own_count), "detach", detach_json(p), "outside",
                  tables_json(p->outside, p->outside_count));
    char *text = json_dumps(whole, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(whole);
    if (text == NULL)
        return error_set(err, ERR_USAGE, "policy '%s' cannot be written as JSON", p->name);
    free(p->canonical);
    p->canonical = text;
    return true;
}
