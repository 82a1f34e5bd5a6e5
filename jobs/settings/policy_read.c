#include "jobs/settings/policy_read.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

typedef const struct config_setting_t node;

#define NAME_ALLOWED "1 to 63 of the characters a-z, 0-9, _ and -"
#define TABLE_ALLOWED "\"schema.table\""
#define COLUMN_ALLOWED "a column's name"
#define LONGEST_NAME 63 /* NAMEDATALEN - 1 of a stock server */

static bool is_name(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    return length > 0 && length <= LONGEST_NAME && text[length] == '\0';
}

static void check_name(struct conf *c, node *group, const char *name)
{
    if (name != NULL && !is_name(name))
        conf_fault(c, group, "name", "'%s' is no name here; allowed is " NAME_ALLOWED, name);
}

/* The table named by group's member `setting`, or by the element `group` itself when that is NULL.
 * written may be NULL: already reported. */
static void read_table(struct conf *c, node *group, const char *setting, const char *written,
                       struct table_name *ret_table)
{
    struct error err = {0};
    if (written != NULL && !table_name_parse(written, ret_table, &err))
        conf_fault(c, group, setting, "%s", err.message);
}

static void check_column(struct conf *c, node *group, const char *setting, const char *column)
{
    if (column != NULL && strlen(column) > LONGEST_NAME)
        conf_fault(c, group, setting, "is longer than %d bytes; allowed is " COLUMN_ALLOWED,
                   LONGEST_NAME);
}

static bool has_name(const struct name_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], name) == 0)
            return true;
    return false;
}

/* Columns of a key or a link: names, each once. */
static void read_columns(struct conf *c, node *seq, struct name_list *ret_list)
{
    ret_list->items = memory_alloc(conf_count(seq) * sizeof *ret_list->items);
    for (size_t i = 0; i < conf_count(seq); i++) {
        const char *column = conf_item_text(seq, i);
        if (column == NULL)
            continue;
        check_column(c, conf_element(seq, i), NULL, column);
        if (has_name(ret_list, column))
            conf_fault(c, conf_element(seq, i), NULL,
                       "'%s' stands here twice; allowed is each column once", column);
        ret_list->items[ret_list->count++] = memory_copy_text(column);
    }
}

static void read_clock(struct conf *c, node *group, struct policy_clock *ret_clock)
{
    CLEANUP(memory_release) char *table = NULL;
    const struct conf_spec specs[] = {
        {"table", &table, TABLE_ALLOWED, .kind = CONF_TEXT, .required = true},
        {"ends", &ret_clock->ends, "the column with the end date", .kind = CONF_TEXT,
         .required = true},
        {0}};
    conf_read_group(c, group, specs);
    read_table(c, group, "table", table, &ret_clock->table);
    check_column(c, group, "ends", ret_clock->ends);
    ret_clock->line = conf_line(group);
}

static void read_start(struct conf *c, node *group, const char *start, enum window_start *ret_start)
{
    if (start == NULL || strcmp(start, "exact") == 0)
        *ret_start = WINDOW_EXACT;
    else if (strcmp(start, "calendar_year_end") == 0)
        *ret_start = WINDOW_CALENDAR_YEAR_END;
    else
        conf_fault(c, group, "start",
                   "'%s' is no start of a window; allowed is \"exact\" or \"calendar_year_end\"",
                   start);
}

static void read_requires(struct conf *c, node *seq, struct policy_rule *rule)
{
    size_t count = conf_count(seq);
    rule->requires = memory_alloc(count * sizeof *rule->requires);
    for (size_t i = 0; i < count; i++)
        read_table(c, conf_element(seq, i), NULL, conf_item_text(seq, i),
                   &rule->requires[rule->require_count++]);
}

static void read_rule(struct conf *c, node *group, struct policy_rule *ret_rule)
{
    CLEANUP(memory_release) char *window = NULL;
    CLEANUP(memory_release) char *start = NULL;
    node *clocks = NULL;
    node *requires = NULL;
    const struct conf_spec specs[] = {
        {"name", &ret_rule->name, NAME_ALLOWED, .kind = CONF_TEXT, .required = true},
        {"window", &window, "a window such as \"7 years\"", .kind = CONF_TEXT, .required = true},
        {"start", &start, "\"exact\" or \"calendar_year_end\"", .kind = CONF_TEXT},
        {"clocks", &clocks, "each { table = \"schema.table\"; ends = \"column\"; }",
         .kind = CONF_GROUPS, .required = true},
        {"requires", &requires, TABLE_ALLOWED, .kind = CONF_TEXTS, .may_be_empty = true},
        {0}};
    struct error err = {0};
    conf_read_group(c, group, specs);
    check_name(c, group, ret_rule->name);
    if (window != NULL && !retention_window_parse(window, &ret_rule->window, &err))
        conf_fault(c, group, "window", "%s", err.message);
    read_start(c, group, start, &ret_rule->start);
    read_requires(c, requires, ret_rule);
    ret_rule->clocks = memory_alloc(conf_count(clocks) * sizeof *ret_rule->clocks);
    for (size_t i = 0; i < conf_count(clocks); i++)
        if (conf_item(clocks, i) != NULL)
            read_clock(c, conf_item(clocks, i), &ret_rule->clocks[ret_rule->clock_count++]);
    ret_rule->line = conf_line(group);
}

static void read_rules(struct conf *c, node *seq, struct policy *p)
{
    p->rules = memory_alloc(conf_count(seq) * sizeof *p->rules);
    for (size_t i = 0; i < conf_count(seq); i++) {
        node *group = conf_item(seq, i);
        if (group == NULL)
            continue;
        struct policy_rule *rule = &p->rules[p->rule_count++];
        read_rule(c, group, rule);
        for (struct policy_rule *other = p->rules; other < rule; other++)
            if (rule->name != NULL && other->name != NULL && strcmp(other->name, rule->name) == 0)
                conf_fault(c, group, "name",
                           "'%s' is the name of the rule of line %u too; each rule has its own",
                           rule->name, other->line);
    }
}

static void read_link(struct conf *c, node *group, struct policy_link *ret_link)
{
    CLEANUP(memory_release) char *table = NULL;
    CLEANUP(memory_release) char *references = NULL;
    node *columns = NULL;
    node *to = NULL;
    const struct conf_spec specs[] = {
        {"table", &table, TABLE_ALLOWED, .kind = CONF_TEXT, .required = true},
        {"columns", &columns, COLUMN_ALLOWED, .kind = CONF_TEXTS, .required = true},
        {"references", &references, TABLE_ALLOWED, .kind = CONF_TEXT, .required = true},
        {"to", &to, COLUMN_ALLOWED, .kind = CONF_TEXTS, .required = true},
        {0}};
    conf_read_group(c, group, specs);
    read_table(c, group, "table", table, &ret_link->table);
    read_table(c, group, "references", references, &ret_link->references);
    read_columns(c, columns, &ret_link->columns);
    read_columns(c, to, &ret_link->to);
    if (columns != NULL && to != NULL && conf_count(columns) != conf_count(to))
        conf_fault(c, group, "to",
                   "names %zu columns and `columns` names %zu; allowed is the same number",
                   conf_count(to), conf_count(columns));
    ret_link->line = conf_line(group);
}

static void read_links(struct conf *c, node *seq, struct policy *p)
{
    p->links = memory_alloc(conf_count(seq) * sizeof *p->links);
    for (size_t i = 0; i < conf_count(seq); i++)
        if (conf_item(seq, i) != NULL)
            read_link(c, conf_item(seq, i), &p->links[p->link_count++]);
}

static void read_tables(struct conf *c, node *seq, struct policy_table **ret_tables,
                        size_t *ret_count)
{
    size_t count = conf_count(seq);
    *ret_tables = memory_alloc(count * sizeof **ret_tables);
    for (size_t i = 0; i < count; i++) {
        (*ret_tables)[i].line = conf_line(conf_element(seq, i));
        read_table(c, conf_element(seq, i), NULL, conf_item_text(seq, i), &(*ret_tables)[i].table);
    }
    *ret_count = count;
}

static void read_detach(struct conf *c, node *seq, struct policy *p)
{
    p->detach = memory_alloc(conf_count(seq) * sizeof *p->detach);
    for (size_t i = 0; i < conf_count(seq); i++) {
        struct policy_column *column = &p->detach[p->detach_count++];
        const char *written = conf_item_text(seq, i);
        struct error err = {0};
        column->line = conf_line(conf_element(seq, i));
        if (written != NULL && !column_name_parse(written, &column->table, &column->column, &err))
            conf_fault(c, conf_element(seq, i), NULL, "%s", err.message);
    }
}

/* ( "street", [ "postcode", "city" ] ): two lines of an address */
static void read_lines(struct conf *c, node *seq, struct policy_contact *contact)
{
    struct name_list *all = &contact->address;
    for (size_t i = 0; i < conf_count(seq); i++) {
        const char *column = conf_item_text(seq, i);
        node *line = conf_element(seq, i);
        size_t count = column != NULL ? 1 : conf_count(line);
        all->items = memory_resize(all->items, all->count + count + 1, sizeof *all->items);
        contact->address_joined = memory_resize(contact->address_joined, all->count + count + 1,
                                                sizeof *contact->address_joined);
        for (size_t k = 0; k < count; k++) {
            const char *name = column != NULL ? column : conf_item_text(line, k);
            if (name == NULL)
                continue;
            check_column(c, line, NULL, name);
            if (has_name(all, name))
                conf_fault(c, line, NULL, "'%s' stands here twice; allowed is each column once",
                           name);
            contact->address_joined[all->count] = k > 0;
            all->items[all->count++] = memory_copy_text(name);
        }
    }
}

static void read_contact(struct conf *c, node *group, struct policy_contact *contact)
{
    CLEANUP(memory_release) char *table = NULL;
    node *address = NULL;
    const struct conf_spec specs[] = {
        {"table", &table, TABLE_ALLOWED " (default: the subject's)", .kind = CONF_TEXT},
        {"name", &contact->name, "the column with the name", .kind = CONF_TEXT, .required = true},
        {"salutation", &contact->salutation, COLUMN_ALLOWED, .kind = CONF_TEXT},
        {"address", &address, "a column for each line, or several", .kind = CONF_LINES},
        {"email", &contact->email, COLUMN_ALLOWED, .kind = CONF_TEXT},
        {"language", &contact->language, COLUMN_ALLOWED, .kind = CONF_TEXT},
        {0}};
    if (group == NULL)
        return;
    conf_read_group(c, group, specs);
    read_table(c, group, "table", table, &contact->table);
    check_column(c, group, "name", contact->name);
    check_column(c, group, "salutation", contact->salutation);
    check_column(c, group, "email", contact->email);
    check_column(c, group, "language", contact->language);
    read_lines(c, address, contact);
    if (address == NULL && contact->email == NULL)
        conf_fault(c, group, NULL,
                   "has neither address nor email, so no letter could go; allowed is one or both");
    contact->line = conf_line(group);
}

static void read_subject(struct conf *c, node *group, struct policy *p)
{
    CLEANUP(memory_release) char *table = NULL;
    node *key = NULL;
    node *contact = NULL;
    const struct conf_spec specs[] = {
        {"table", &table, TABLE_ALLOWED, .kind = CONF_TEXT, .required = true},
        {"key", &key, "a column of its primary key", .kind = CONF_TEXTS, .required = true},
        {"contact", &contact, "{ name = ...; address = ...; email = ...; language = ...; }",
         .kind = CONF_GROUP},
        {0}};
    if (group == NULL)
        return;
    conf_read_group(c, group, specs);
    read_table(c, group, "table", table, &p->subject);
    read_columns(c, key, &p->key);
    read_contact(c, contact, &p->contact);
}

static void read_category(struct conf *c, node *group, struct policy_category *category)
{
    CLEANUP(memory_release) char *table = NULL;
    const struct conf_spec specs[] = {
        {"table", &table, TABLE_ALLOWED, .kind = CONF_TEXT, .required = true},
        {"name", &category->name, "what people call these data", .kind = CONF_TEXT},
        {"purpose", &category->purpose, "what they are for", .kind = CONF_TEXT},
        {"legal_basis", &category->legal_basis, "the articles of law it rests on",
         .kind = CONF_TEXT},
        {0}};
    conf_read_group(c, group, specs);
    read_table(c, group, "table", table, &category->table);
    if (category->name == NULL && category->purpose == NULL && category->legal_basis == NULL)
        conf_fault(
            c, group, NULL,
            "says nothing about its table; allowed is name, purpose, legal_basis, or several");
    category->line = conf_line(group);
}

static bool is_same_table(const struct table_name *a, const struct table_name *b)
{
    return a->schema != NULL && b->schema != NULL && strcmp(a->schema, b->schema) == 0 &&
           strcmp(a->table, b->table) == 0;
}

static void read_categories(struct conf *c, node *seq, struct policy *p)
{
    p->categories = memory_alloc(conf_count(seq) * sizeof *p->categories);
    for (size_t i = 0; i < conf_count(seq); i++) {
        if (conf_item(seq, i) == NULL)
            continue;
        struct policy_category *category = &p->categories[p->category_count++];
        read_category(c, conf_item(seq, i), category);
        for (struct policy_category *other = p->categories; other < category; other++)
            if (is_same_table(&category->table, &other->table))
                conf_fault(c, conf_item(seq, i), "table",
                           "is described in line %u too; allowed is each table once", other->line);
    }
}

void policy_read(struct conf *c, const struct config_setting_t *group, struct policy *ret_policy)
{
    struct policy *p = ret_policy;
    node *subject = NULL;
    node *rules = NULL;
    node *links = NULL;
    node *owns = NULL;
    node *detach = NULL;
    node *outside = NULL;
    node *categories = NULL;
    const struct conf_spec specs[] = {
        {"name", &p->name, NAME_ALLOWED, .kind = CONF_TEXT, .required = true},
        {"version", &p->version, "the version that is approved, such as \"2026-1\"",
         .kind = CONF_TEXT, .required = true},
        {"legal_basis", &p->legal_basis, "the articles of law it rests on", .kind = CONF_TEXT,
         .required = true},
        {"subject", &subject, "{ table = \"schema.table\"; key = [ \"column\" ]; }",
         .kind = CONF_GROUP, .required = true},
        {"rules", &rules, "each { name = ...; window = ...; clocks = ...; }", .kind = CONF_GROUPS,
         .required = true},
        {"links", &links, "each { table = ...; columns = ...; references = ...; to = ...; }",
         .kind = CONF_GROUPS, .may_be_empty = true},
        {"owns", &owns, TABLE_ALLOWED, .kind = CONF_TEXTS, .may_be_empty = true},
        {"detach", &detach, "\"schema.table.column\"", .kind = CONF_TEXTS, .may_be_empty = true},
        {"outside", &outside, TABLE_ALLOWED, .kind = CONF_TEXTS, .may_be_empty = true},
        {"purpose", &p->purpose, "what the data are for", .kind = CONF_TEXT},
        {"categories", &categories, "each { table = \"schema.table\"; name = ...; purpose = ...; }",
         .kind = CONF_GROUPS, .may_be_empty = true},
        {0}};
    conf_read_group(c, group, specs);
    check_name(c, group, p->name);
    read_subject(c, subject, p);
    read_rules(c, rules, p);
    read_links(c, links, p);
    read_tables(c, owns, &p->owns, &p->own_count);
    read_detach(c, detach, p);
    read_tables(c, outside, &p->outside, &p->outside_count);
    read_categories(c, categories, p);
    p->line = conf_line(group);
}
