/* policy: what an organisation promised about one kind of subject, as read from `policies` in the
 * configuration.  Names are as written there; nothing here has looked at a database yet.
 * Owned by struct settings; every string is released with it. */
#pragma once

#include <stddef.h>

#include "common/error.h"
#include "jobs/settings/rule_date.h"

/* A table as written: "schema.table", each part as in the catalogue, or in double quotes where the
 * name holds a dot or a quote ("a ""b""".c).  A name without schema is an error. */
struct table_name {
    char *schema;
    char *table;
};

struct name_list {
    char **items;
    size_t count;
};

struct policy_clock { /* a table and its end-date column; NULL there = still running */
    struct table_name table;
    char *ends;
    unsigned line; /* of the configuration, for later complaints */
};

struct policy_rule {
    char *name;
    struct retention_window window;
    enum window_start start;
    struct policy_clock *clocks;
    size_t clock_count;
    struct table_name *requires; /* the rule speaks only of subjects with a row in each of these */
    size_t require_count;
    unsigned line;
};

struct policy_link { /* a relation that has no foreign key */
    struct table_name table;
    struct name_list columns;
    struct table_name references;
    struct name_list to; /* as many as columns */
    unsigned line;
};

struct policy_column { /* "schema.table.column" */
    struct table_name table;
    char *column;
    unsigned line;
};

struct policy_table {
    struct table_name table;
    unsigned line;
};

/* How to reach a subject, for letters.  Deletes nothing: no part of what is approved. */
struct policy_contact {
    struct table_name table; /* schema NULL: the subject's own */
    char *name;
    char *salutation, *email, *language; /* NULL when not given, but email or address is there */
    struct name_list address;
    bool *address_joined; /* of each: it stands on the line of the one before */
    unsigned line;        /* 0: the policy has no contact */
};

/* For the record of processing (GDPR art. 30).  Deletes nothing: no part of what is approved. */
struct policy_category {
    struct table_name table;
    char *name, *purpose, *legal_basis; /* NULL when not given, but one of them is there */
    unsigned line;
};

struct policy {
    char *name; /* [a-z0-9_-]{1,63} */
    char *version, *legal_basis;
    char *purpose; /* NULL when not given; like categories no part of what is approved */
    struct policy_category *categories;
    size_t category_count;
    struct table_name subject;
    struct name_list key;
    struct policy_contact contact;
    struct policy_rule *rules;
    size_t rule_count;
    struct policy_link *links;
    size_t link_count;
    struct policy_table *owns;
    size_t own_count;
    struct policy_column *detach;
    size_t detach_count;
    struct policy_table *outside;
    size_t outside_count;
    unsigned line;
    char *canonical; /* all of it as JSON with sorted keys: what an approval is given for */
};

/* Is this table one of the rule's clocks? */
bool policy_rule_reads(const struct policy_rule *r, const char *schema, const char *table);

/* Releases what the policy holds and leaves it {0}. */
void policy_free(struct policy *p);

/* Fills p->canonical (allocated) from everything that influences what is deleted.  Tables are
 * written "schema"."table", windows as months and days; lists keep the order of the file. */
MUST_CHECK bool policy_make_canonical(struct policy *p, struct error *err);

/* Reads "schema.table"; ERR_USAGE says what is wrong and what is allowed. */
MUST_CHECK bool table_name_parse(const char *text, struct table_name *ret_name, struct error *err);
/* Reads "schema.table.column" into *ret_name and *ret_column (allocated). */
MUST_CHECK bool column_name_parse(const char *text, struct table_name *ret_name, char **ret_column,
                                  struct error *err);
void table_name_free(struct table_name *t);

#define TABLE_NAME_TEXT_SIZE 264 /* holds every table_name_format */

/* For people: schema.table, a part in double quotes only when it is not [a-z_][a-z0-9_$]*.  The
 * form table_name_parse reads; not for SQL, where libpq quotes. */
void table_name_format(const struct table_name *t, char *dst, size_t size);
