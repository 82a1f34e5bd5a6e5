#include "jobs/settings/policy.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"

#define LONGEST_NAME 63 /* NAMEDATALEN - 1 of a stock server */
#define MOST_PARTS 3

void table_name_free(struct table_name *t)
{
    free(t->schema);
    free(t->table);
    *t = (struct table_name){0};
}

static void free_names(struct name_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
}

static void free_rule(struct policy_rule *rule)
{
    for (size_t i = 0; i < rule->clock_count; i++) {
        table_name_free(&rule->clocks[i].table);
        free(rule->clocks[i].ends);
    }
    for (size_t i = 0; i < rule->require_count; i++)
        table_name_free(&rule->requires[i]);
    free(rule->clocks);
    free(rule->requires);
    free(rule->name);
}

static void free_link(struct policy_link *link)
{
    table_name_free(&link->table);
    table_name_free(&link->references);
    free_names(&link->columns);
    free_names(&link->to);
}

static void free_contact(struct policy_contact *contact)
{
    table_name_free(&contact->table);
    free_names(&contact->address);
    free(contact->address_joined);
    free(contact->name);
    free(contact->salutation);
    free(contact->email);
    free(contact->language);
}

static void free_category(struct policy_category *category)
{
    table_name_free(&category->table);
    free(category->name);
    free(category->purpose);
    free(category->legal_basis);
}

void policy_free(struct policy *p)
{
    for (size_t i = 0; i < p->rule_count; i++)
        free_rule(&p->rules[i]);
    for (size_t i = 0; i < p->link_count; i++)
        free_link(&p->links[i]);
    for (size_t i = 0; i < p->own_count; i++)
        table_name_free(&p->owns[i].table);
    for (size_t i = 0; i < p->detach_count; i++) {
        table_name_free(&p->detach[i].table);
        free(p->detach[i].column);
    }
    for (size_t i = 0; i < p->outside_count; i++)
        table_name_free(&p->outside[i].table);
    for (size_t i = 0; i < p->category_count; i++)
        free_category(&p->categories[i]);
    free(p->rules);
    free(p->links);
    free(p->owns);
    free(p->detach);
    free(p->outside);
    free(p->categories);
    free(p->purpose);
    free(p->name);
    free(p->version);
    free(p->legal_basis);
    table_name_free(&p->subject);
    free_names(&p->key);
    free_contact(&p->contact);
    free(p->canonical);
    *p = (struct policy){0};
}

/* A quoted part at *cursor: "" stands for a quote.  False when it does not end. */
static bool read_quoted(const char **cursor, struct text *part)
{
    const char *p = *cursor + 1;
    for (; *p != '\0'; p++) {
        if (*p == '"' && p[1] != '"') {
            *cursor = p + 1;
            return true;
        }
        if (*p == '"')
            p++;
        text_add_bytes(part, p, 1);
    }
    return false;
}

static bool read_part(const char **cursor, struct text *part)
{
    if (**cursor == '"')
        return read_quoted(cursor, part);
    size_t length = strcspn(*cursor, ".\"");
    text_add_bytes(part, *cursor, length);
    /* A space at either end is a slip of the pen; a name that has one is written in quotes. */
    bool spaced = length > 0 && ((*cursor)[0] == ' ' || (*cursor)[length - 1] == ' ');
    *cursor += length;
    return !spaced;
}

/* Splits text into at most MOST_PARTS names; 0 when it is not made of names and dots. */
static size_t split_name(const char *text, char *parts[MOST_PARTS])
{
    size_t count = 0;
    for (const char *cursor = text; count < MOST_PARTS; cursor++) {
        CLEANUP(text_free) struct text part = {0};
        if (!read_part(&cursor, &part) || part.length == 0 || part.length > LONGEST_NAME)
            break;
        parts[count++] = text_take(&part);
        if (*cursor == '\0')
            return count;
        if (*cursor != '.')
            break;
    }
    while (count > 0)
        free(parts[--count]);
    return 0;
}

static void free_parts(char *parts[MOST_PARTS], size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(parts[i]);
}

bool table_name_parse(const char *text, struct table_name *ret_name, struct error *err)
{
    char *parts[MOST_PARTS];
    size_t count = split_name(text, parts);
    if (count != 2) {
        free_parts(parts, count);
        return error_set(err, ERR_USAGE,
                         "'%s' %s; write it with its schema, \"schema.table\", and in double "
                         "quotes a part that holds a dot or a quote",
                         text, count == 1 ? "has no schema" : "is no table's name");
    }
    *ret_name = (struct table_name){.schema = parts[0], .table = parts[1]};
    return true;
}

bool column_name_parse(const char *text, struct table_name *ret_name, char **ret_column,
                       struct error *err)
{
    char *parts[MOST_PARTS];
    size_t count = split_name(text, parts);
    if (count != 3) {
        free_parts(parts, count);
        return error_set(err, ERR_USAGE,
                         "'%s' is no column's name; write it with table and schema, "
                         "\"schema.table.column\"",
                         text);
    }
    *ret_name = (struct table_name){.schema = parts[0], .table = parts[1]};
    *ret_column = parts[2];
    return true;
}

static bool is_plain(const char *name)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyz_";
    static const char later[] = "abcdefghijklmnopqrstuvwxyz_0123456789$";
    return strchr(first, name[0]) != NULL && name[0] != '\0' && name[strspn(name, later)] == '\0';
}

static void add_part(struct text *t, const char *name)
{
    if (is_plain(name)) {
        text_add(t, name);
        return;
    }
    text_add(t, "\"");
    for (const char *p = name; *p != '\0'; p++) {
        if (*p == '"')
            text_add(t, "\"");
        text_add_bytes(t, p, 1);
    }
    text_add(t, "\"");
}

void table_name_format(const struct table_name *t, char *dst, size_t size)
{
    CLEANUP(text_free) struct text whole = {0};
    add_part(&whole, t->schema);
    text_add(&whole, ".");
    add_part(&whole, t->table);
    if (size == 0)
        return;
    size_t length = whole.length < size ? whole.length : size - 1;
    memcpy(dst, text_get(&whole), length);
    dst[length] = '\0';
}

bool policy_rule_reads(const struct policy_rule *r, const char *schema, const char *table)
{
    for (size_t i = 0; i < r->clock_count; i++)
        if (strcmp(r->clocks[i].table.schema, schema) == 0 &&
            strcmp(r->clocks[i].table.table, table) == 0)
            return true;
    return false;
}
